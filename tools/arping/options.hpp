// The command line of diag-arping as plain values.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/craft/link_frame.hpp"
#include "libdiag/report/style.hpp"
#include "libdiag/report/threshold.hpp"
#include "tools/common/options.hpp"
#include "tools/common/shared_options.hpp"
#include "tools/common/target_set.hpp"

namespace diag::arping {

using tools::output_format;

/// What is asked; see mode_of().
enum class run_mode : std::uint8_t {
  series,  ///< who has it? Every target again and again
  sweep,   ///< every target once, the silent ones again
  search,  ///< which addresses has this hardware address?
  claim,   ///< may I have it? (--dad), I have it (-U, -A), and I keep it (--defend)
};

/// Whether second looks are sent, and waited for.
enum class look_mode : std::uint8_t { ask, await, none };
enum class manner : std::uint8_t { broadcast, unicast };

/// --expect-count.
struct count_range {
  std::uint64_t low = 0, high = std::numeric_limits<std::uint64_t>::max();
  [[nodiscard]] bool holds(std::uint64_t count) const { return count >= low && count <= high; }
};

struct arping_options {
  // targets
  tools::target_request targets{};
  bool local = false;
  std::optional<mac_address> wanted{};                           ///< a hardware address to be found
  bool by_inverse = true, by_reverse = false, by_asking = true;  ///< ways to find it
  // where from and how
  std::string interface {};
  ip_address source{};
  std::optional<mac_address> source_mac{}, dest_mac{};
  std::vector<craft::vlan_fields> tags{};  ///< outermost first
  std::optional<std::uint16_t> ether_type{};
  craft::link_framing framing = craft::link_framing::ethernet_2;
  manner how = manner::broadcast;
  // how often, how long
  std::uint64_t count = 0;  ///< 0: not given
  std::optional<duration> interval{};
  std::optional<duration> timeout{};
  std::optional<duration> deadline{};
  std::optional<double> rate{};  ///< 0: no cap
  std::optional<std::uint32_t> retries{};
  std::uint64_t replies = 0;  ///< 0: not given
  duration linger = 10ms;
  look_mode looks = look_mode::ask;
  bool watch = false;
  // claims
  bool dad = false, defend = false;
  enum class announcement : std::uint8_t { none, request, reply };
  announcement announce = announcement::none;
  // what is shown
  output_format format = output_format::text;
  bool packets = false;
  std::string pcap{};
  bool numeric = false;
  bool quiet = false;
  bool verbose = false;
  bool audible = false;
  report::color_when color = report::color_when::automatic;
  // judgement
  std::optional<mac_address> expect_mac{};
  std::optional<count_range> expect_count{};
  bool expect_free = false;
  std::string save{}, compare{};
  std::optional<report::threshold> warn{}, crit{};

  bool help = false;
  bool version = false;
};

result<arping_options, tools::usage_error> parse_options(int argc, const char* const* argv);

run_mode mode_of(const arping_options& options);

/// Every option name there is, for the tests of help, manual and completion.
std::vector<std::string> option_names();

/// The text of --help: fits a screen, ends with three examples.
std::string_view help_text();

}  // namespace diag::arping

// The command line of diag-tcp as plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/report/style.hpp"
#include "libdiag/report/threshold.hpp"
#include "libdiag/wire/tcp.hpp"
#include "tools/common/options.hpp"
#include "tools/common/shared_options.hpp"
#include "tools/tcp/gather.hpp"
#include "tools/tcp/policy_line.hpp"
#include "tools/tcp/policy_report.hpp"
#include "tools/tcp/resume_token.hpp"

namespace diag::tcp {

using tools::output_format;
using tools::port_interval;

/// How a port is asked.
enum class probe_method : std::uint8_t {
  automatic,  ///< syn where this process may open a raw socket, else connect
  syn,
  connect,
  ack,
  fin,
  null,
  flags,
};
std::string_view describe(probe_method method);

struct tcp_options {
  // targets
  plan_request targets{};  ///< but its ports, which are read once privileges are gone
  std::string ports{};     ///< -p, of a form that parse_ports() takes
  // where from and how
  std::string interface {};
  ip_address source{};
  std::optional<std::uint32_t> mark{};
  std::optional<std::uint8_t> traffic_class{};
  std::optional<std::uint8_t> hop_limit{};
  std::optional<port_interval> source_ports{};
  // how often, how long
  std::uint64_t rounds = 1;  ///< 0: until interrupted
  duration interval = 1s;
  duration timeout = 1s;
  std::optional<duration> deadline{};
  std::optional<double> rate{};  ///< 0: no cap
  std::uint32_t retries = 2;
  duration linger{};
  bool in_order = false;
  std::optional<resume_point> resume{};
  // what is sent
  probe_method method = probe_method::automatic;
  std::uint16_t flags = wire::tcp_flag::syn;
  std::string profile = "linux";  ///< a name, or the path of a file
  bool profile_given = false;
  std::optional<std::uint16_t> mss{};
  std::optional<std::uint16_t> window_scale{};
  std::vector<std::byte> data{};
  bool banner = false;
  // suites
  std::string policy{};
  std::string baseline{};
  std::string compare{};
  report_kind report = report_kind::text;
  bool dry_run = false;
  // what is shown
  output_format format = output_format::text;
  bool open_only = false;
  bool packets = false;
  std::string pcap{};
  bool numeric = false;
  bool quiet = false;
  bool verbose = false;
  report::color_when color = report::color_when::automatic;
  // judgement
  expectation expected{};
  std::optional<report::threshold> warn{}, crit{};

  bool help = false;
  bool version = false;

  [[nodiscard]] bool asks_syn() const { return (flags & wire::tcp_flag::syn) != 0; }
  /// Something on the command line that only a crafted segment can do.
  [[nodiscard]] bool needs_raw() const;
  /// Rows are judged, by a policy or a baseline.
  [[nodiscard]] bool is_suite() const { return !policy.empty() || !compare.empty(); }
};

result<tcp_options, tools::usage_error> parse_options(int argc, const char* const* argv);

/// Every option name there is, for the tests of help, manual and completion.
std::vector<std::string> option_names();

/// The text of --help: fits a screen, ends with examples.
std::string_view help_text();

}  // namespace diag::tcp

// The command line of diag-ping as plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/io/probe_socket.hpp"
#include "libdiag/probe/ping.hpp"
#include "libdiag/report/style.hpp"
#include "libdiag/report/threshold.hpp"
#include "tools/common/options.hpp"
#include "tools/common/shared_options.hpp"
#include "tools/common/target_set.hpp"

namespace diag::ping {

using tools::output_format;
enum class sort_key : std::uint8_t { target, address, rtt, loss };
/// Which targets of a sweep are listed, one address a line.
enum class listing : std::uint8_t { none, alive, unreachable };
/// What kind of run it is; see mode_of().
enum class run_mode : std::uint8_t {
  series,  ///< every target again and again
  sweep,   ///< every target once, the silent ones again
  mtu,     ///< path MTU, targets one after the other
};

struct ping_options {
  // targets
  tools::target_request targets{};
  // where from and how
  std::string interface {};
  ip_address source{};
  std::optional<std::uint32_t> mark{};
  std::optional<std::uint8_t> traffic_class{};  ///< -Q, --dscp
  std::optional<std::uint8_t> hop_limit{};
  io::socket_kind socket = io::socket_kind::best;
  io::path_mtu_mode path_mtu = io::path_mtu_mode::system;
  bool loopback = true;
  bool broadcast = false;
  std::uint16_t size = 56;
  std::vector<std::byte> pattern{};
  // how often, how long
  std::uint64_t count = 0;             ///< 0: not given
  std::optional<duration> interval{};  ///< not given: 1 s
  duration timeout = 1s;
  std::optional<duration> deadline{};
  std::optional<double> rate{};  ///< 0: no cap
  std::uint32_t retries = 1;
  bool retries_given = false;
  probe::ping_rhythm rhythm = probe::ping_rhythm::steady;
  probe::ping_condition until{};
  bool timestamp = false;
  bool mtu = false;
  // what is shown
  output_format format = output_format::text;
  bool packets = false;
  std::string pcap{};
  std::string plot{};
  bool numeric = false;
  bool quiet = false;
  bool verbose = false;
  bool audible = false;
  bool timestamps = false;   ///< -D
  bool outstanding = false;  ///< -O
  bool live = false;
  report::color_when color = report::color_when::automatic;
  listing list = listing::none;
  std::optional<sort_key> sort{};
  // judgement
  std::optional<report::threshold> warn{}, crit{};
  std::optional<double> max_loss{};
  bool strict = false;

  bool help = false;
  bool version = false;
};

/// Reads argv. `privileged`: real user id 0, for whom the limits against flooding are lifted.
result<ping_options, tools::usage_error> parse_options(int argc, const char* const* argv, bool privileged);

run_mode mode_of(const ping_options& options);

/// Every option name there is, for the tests of help, manual and completion.
std::vector<std::string> option_names();

/// The text of --help: fits a screen, ends with three examples.
std::string_view help_text();

}  // namespace diag::ping

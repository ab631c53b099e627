// The command line of diag-traceroute as plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/probe/path_answer.hpp"
#include "libdiag/report/style.hpp"
#include "libdiag/report/threshold.hpp"
#include "tools/common/options.hpp"
#include "tools/common/shared_options.hpp"
#include "tools/common/target_set.hpp"

namespace diag::traceroute {

using tools::output_format;

/// What the run is for.
enum class run_mode : std::uint8_t {
  trace,
  mtu,     ///< --mtu
  mda,     ///< --mda
  locate,  ///< --locate
  report,  ///< --report
  live,    ///< --live
};

struct trace_options {
  tools::target_request targets{};
  run_mode mode = run_mode::trace;
  // what is sent
  probe::path_method method = probe::path_method::udp;
  std::uint16_t port = 33434;
  bool fixed_port = false;  ///< UDP to a port that may answer (-U, -p)
  std::uint16_t queries = 3;
  std::uint8_t first_hop = 1, last_hop = 30;
  std::uint8_t window = 16;
  std::uint16_t flows = 1;
  std::optional<std::uint16_t> size{};  ///< of the whole packet
  bool dont_fragment = false;
  std::uint8_t traffic_class = 0;
  std::optional<std::uint32_t> flow_label{};
  std::optional<std::uint16_t> source_port{};
  std::string profile = "linux";  ///< a name, or the path of a file
  // where from
  std::string interface {};
  ip_address source{};
  std::optional<std::uint32_t> mark{};
  // how fast, how long
  duration send_wait{};  ///< least time between two probes
  duration timeout = 3s;
  std::optional<duration> deadline{};
  std::optional<double> rate{};  ///< 0: no cap
  // modes
  bool locate_udp = false;      ///< --locate with -U
  std::string locate_ports{};   ///< of a form that parse_ports() takes
  std::string control_ports{};  ///< the same; empty: the usual ones
  std::uint64_t rounds = 10;    ///< of --report; 0: until interrupted
  duration interval = 1s;       ///< from round to round
  bool doubletree = false;
  // what is shown
  output_format format = output_format::text;
  bool numeric = false;
  bool extensions = false;
  bool as_numbers = false;
  std::string asn_file{};  ///< with as_numbers: where from; empty: nowhere
  bool packets = false;
  std::string pcap{};
  std::string plot{};
  std::string dot{};
  bool quiet = false;
  bool verbose = false;
  report::color_when color = report::color_when::automatic;
  // judgement
  std::string expect{};
  std::string save{};
  std::optional<report::threshold> warn{}, crit{};

  bool help = false;
  bool version = false;

  /// The same hops again and again, with figures.
  [[nodiscard]] bool rounds_mode() const { return mode == run_mode::report || mode == run_mode::live; }
  [[nodiscard]] bool is_tcp() const {
    return method == probe::path_method::tcp_syn || method == probe::path_method::tcp_ack;
  }
  /// Something on the command line that only whole packets can do; empty: nothing.
  [[nodiscard]] std::string_view needs_raw() const;
  /// Octets of a usual probe to an address of that family.
  [[nodiscard]] std::uint16_t packet_size(ip_family family) const;
};

/// `asn_environment`: the value of DIAG_ASN, nullptr when not set.
result<trace_options, tools::usage_error> parse_options(int argc, const char* const* argv,
                                                        const char* asn_environment = nullptr);

/// Every option name there is, for the tests of help, manual and completion.
std::vector<std::string> option_names();

/// The text of --help: fits a screen, ends with examples.
std::string_view help_text();

}  // namespace diag::traceroute

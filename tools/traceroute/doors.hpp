// What a run opens while it may: sockets to send whole packets with and to hear of them, ports, a capture.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "libdiag/core/random.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/io/capture.hpp"
#include "libdiag/io/port_lease.hpp"
#include "libdiag/io/probe_socket.hpp"
#include "libdiag/io/source_finder.hpp"
#include "tools/traceroute/options.hpp"

namespace diag::traceroute {

/// What nobody may guess: whoever does not see our probes cannot answer them.
struct run_identity {
  hash_key key{};
  std::uint16_t identifier_base = 0;
  std::uint32_t flow_label = 0;
  std::uint64_t lease_seed = 0;
};
result<run_identity> make_identity();

/// The sockets of one address family. With privileges: `sender`, `errors` and, where targets answer that way,
/// `segments` or `datagrams`; without: one of `datagrams` and `errors`, which does it all.
struct family_doors {
  std::optional<io::probe_socket> sender{}, errors{}, segments{}, datagrams{};
  std::optional<io::source_finder> sources{};
  [[nodiscard]] bool usable() const { return sources.has_value(); }
};

struct doors {
  bool whole_packets = true;  ///< false: this process may not have raw sockets
  run_identity identity{};
  family_doors v4{}, v6{};
  /// Why there is none, where one was wanted.
  std::optional<failure> without_v4{}, without_v6{};
  std::optional<io::port_lease> ports{};
  std::uint16_t port_base = 0;  ///< UDP and TCP: flow f goes from there + f
  std::optional<io::capture> tap{};

  [[nodiscard]] family_doors& of(ip_family family) { return family == ip_family::v6 ? v6 : v4; }
  [[nodiscard]] bool have(ip_family family) const { return (family == ip_family::v6 ? v6 : v4).usable(); }
};

/// Opens what the command line can need, and no more: a trace should not take longer to start than a ping.
/// One family missing is no failure while there is the other.
result<doors> open_doors(const trace_options& options);

/// Flows that a run may use: source ports, or identifiers.
std::uint16_t flow_count(const trace_options& options);

/// What is not seen without raw sockets, for people and records.
std::string_view unprivileged_note(const trace_options& options);

/// pcap-filter(7) for what these probes are and what is answered to them.
std::string capture_filter(const trace_options& options, io::port_range ports);

}  // namespace diag::traceroute

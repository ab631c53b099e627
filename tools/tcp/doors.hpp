// What a run opens while it may: raw sockets and ports to send from, or the kernel's connections; a capture.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "libdiag/core/random.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/io/capture.hpp"
#include "libdiag/io/port_lease.hpp"
#include "libdiag/io/probe_socket.hpp"
#include "libdiag/io/stream_set.hpp"
#include "tools/tcp/options.hpp"

namespace diag::tcp {

/// What nobody may guess: whoever does not see our segments cannot answer them.
struct run_identity {
  hash_key key{};
  std::uint64_t order_seed = 0;  ///< told in a resume token
  std::uint32_t timestamp_base = 0;
  std::uint64_t lease_seed = 0;
};
result<run_identity> make_identity();

/// The sockets of one address family.
struct family_doors {
  std::optional<io::probe_socket> segments{}, errors{};
};

struct doors {
  probe_method method = probe_method::syn;  ///< never automatic
  bool fell_back = false;                   ///< connect for want of privilege
  run_identity identity{};
  family_doors v4{}, v6{};  ///< crafted
  /// Why there is none, where one was wanted beside the other.
  std::optional<failure> without_v4{}, without_v6{};
  std::optional<io::port_lease> ports{};  ///< crafted
  std::uint32_t most_streams = 256;       ///< connect
  std::optional<io::capture> tap{};

  [[nodiscard]] bool connects() const { return method == probe_method::connect; }
  [[nodiscard]] bool have(ip_family family) const {
    return connects() || (family == ip_family::v4 ? v4 : v6).segments.has_value();
  }
};

/// Opens what the command line can need. One family missing is no failure while there is the other.
result<doors> open_doors(const tcp_options& options);

/// How many ports a run sends from, so that a retry is another connection to a firewall.
std::uint16_t lease_size(const tcp_options& options);

/// pcap-filter(7) for segments from and to these ports, and for the ICMP errors that may be about them.
std::string capture_filter(io::port_range ports);
/// For all connections of this host, with `whole` their data too: whose they are is found out later.
std::string connection_filter(bool whole);

}  // namespace diag::tcp

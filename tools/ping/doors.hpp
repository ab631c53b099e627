// What a run opens while it may: sockets, and a capture if one is asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "libdiag/core/random.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/io/capture.hpp"
#include "libdiag/io/probe_socket.hpp"
#include "tools/ping/options.hpp"

namespace diag::ping {

/// How this run knows its own packets. Unpredictable, so that nobody who does not see them can answer.
struct run_identity {
  std::uint16_t identifier_base = 0;
  std::uint32_t identifiers = 4;
  std::uint32_t nonce = 0;
  hash_key key{};
};
result<run_identity> make_identity();

struct doors {
  run_identity identity{};
  std::optional<io::probe_socket> v4{}, v6{};
  /// Why there is none, where one was wanted beside the other.
  std::optional<failure> without_v4{}, without_v6{};
  std::optional<io::capture> tap{};

  [[nodiscard]] bool raw() const {
    return (!v4 || v4->kind() == io::socket_kind::raw) && (!v6 || v6->kind() == io::socket_kind::raw);
  }
};

/// Opens what the words of the command line can need. One family missing is no failure while there is the
/// other.
result<doors> open_doors(const ping_options& options);

/// pcap-filter(7) for our own echoes, and for the ICMP errors that may be about them.
std::string capture_filter(const run_identity& identity);

/// Settles which identifiers the run uses. Datagram sockets have one each, chosen by the kernel, so such a
/// run has one family: the socket of the other is closed. Fails when the targets are of both.
result<void> settle_identity(doors& open, const probe::target_list& targets);

}  // namespace diag::ping

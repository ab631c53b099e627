// The contract between a probe machine and its host.
//
// A machine is pure: it is told what happened and when, and asked what to send, what to report and when to be
// woken. It owns no file descriptor, reads no clock, and never fails on a stranger's packet. The host
// (io::driver with real sockets, sim::run with a virtual clock) does, for ever:
//
//   feed(now, what happened) -> drain next_effect(now) -> drain the machine's events -> sleep until
//   deadline()
//
// `now` never decreases. The machine is finished when deadline() is nullopt and no effect is pending.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <variant>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/probe/stimulus.hpp"

namespace diag::probe {

/// Send one packet. `bytes` are borrowed until the next call of next_effect() or feed().
struct transmit {
  enum class layer_kind : std::uint8_t {
    transport,  ///< IP payload; the host's socket adds the IP header
    network,    ///< a whole IP packet
    link,       ///< a whole frame
  };
  probe_token token = 0;
  layer_kind layer = layer_kind::transport;
  std::uint8_t protocol = 0;  ///< IP protocol number of `bytes` when layer is transport
  ip_address destination{};
  std::optional<std::uint8_t> hop_limit{};  ///< nullopt: the socket's
  bool want_stamp = true;                   ///< ask the kernel when it left (costs one more system call)
  std::uint32_t interface = 0;  ///< layer link: index of the one it leaves by; 0: the host's only one
  /// Layer transport: the host writes the checksum there, over the pseudo-header with the source address it
  /// sends from; the two octets are zero. none: `bytes` are ready.
  std::optional<std::uint16_t> checksum_at{};
  byte_view bytes;
};

/// Connect to `destination` and `port`.
struct open_stream {
  probe_token token = 0;
  ip_address destination{};
  std::uint16_t port = 0;
  std::uint16_t source_port = 0;  ///< 0: the kernel chooses
  std::optional<std::uint8_t> hop_limit{};
};
/// Queue octets to be sent; borrowed until the next call of next_effect() or feed(). At most 64 KiB unsent at
/// a time.
struct write_stream {
  probe_token token = 0;
  byte_view bytes;
};
struct close_stream {
  enum class manner : std::uint8_t {
    finish,   ///< send FIN and go on reading: the stream lives until another close_stream
    release,  ///< close(2), and forget it
    reset,    ///< RST, and forget it; also gives up a connection under way
  };
  probe_token token = 0;
  manner how = manner::release;
};

using effect = std::variant<transmit, open_stream, write_stream, close_stream>;

/// What a host drives. Events are read through the concrete machine's own next_event().
class machine {
 public:
  machine() = default;
  machine(const machine&) = delete;
  machine& operator=(const machine&) = delete;
  virtual ~machine() = default;

  virtual void feed(mono_time now, const stimulus& what) = 0;
  virtual std::optional<effect> next_effect(mono_time now) = 0;
  /// When to feed `wakeup`; nullopt with no effect pending means finished.
  [[nodiscard]] virtual std::optional<mono_time> deadline() const = 0;
};

template <class M>
concept probe_machine = std::derived_from<M, machine> && requires(M m) {
  { m.next_event() } -> std::same_as<std::optional<typename M::event>>;
};

}  // namespace diag::probe

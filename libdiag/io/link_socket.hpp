// Whole frames out of and into interfaces: packet(7), SOCK_RAW.
//
// Opened with protocol 0 it receives nothing and is open at once; socket(2) with a protocol would wait some
// milliseconds for the kernel. Only opening needs privilege: listen() may come after it was dropped, when
// interface and targets are known.
//
// Arrivals are framing::ethernet_frame with their interface. A VLAN tag that the kernel took off is put back
// in its place. Our own frames do not come back, whoever of this host sent them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "libdiag/core/result.hpp"
#include "libdiag/io/clock.hpp"
#include "libdiag/io/link_filter.hpp"
#include "libdiag/probe/machine.hpp"

namespace diag::io {

class link_socket {
 public:
  static constexpr std::size_t batch_size = 64;

  link_socket(link_socket&&) noexcept;
  link_socket& operator=(link_socket&&) noexcept;
  ~link_socket();

  /// Begins to receive from `interface` (index; 0: from every one). Once, before anything is sent. An
  /// interface that is down is no failure: link_watch tells. `receive_buffer` is octets of socket buffer, 0:
  /// as it is; beyond sysctl net.core.rmem_max only before privileges are dropped, and if they permit it.
  result<void> listen(std::uint32_t interface, const link_filter& wanted, bool promiscuous = false,
                      std::size_t receive_buffer = 0);

  [[nodiscard]] int fd() const;
  /// Index it listens to; 0: every one, or listen() has not been called.
  [[nodiscard]] std::uint32_t interface() const;

  /// Copies one whole frame into the outgoing batch, which must not be full(). It leaves by
  /// transmit::interface, or by the one listened to; where neither is known it fails with ENXIO.
  void queue(const probe::transmit& packet);
  [[nodiscard]] std::size_t queued() const;
  /// 64 frames, or 64 KiB of them.
  [[nodiscard]] bool full() const;
  /// As probe_socket's: `sent` (user stamp) or `send_failed` for each frame in order, with stamps that were
  /// read in between; borrowed until the next call. ENOBUFS and EAGAIN are waited out within a bound (20 ms
  /// for the batch), ENETDOWN and ENXIO are not.
  std::span<const probe::stimulus> flush(clock_bridge& clocks);

  /// Stamps are still to come: receive_errors() is worth calling.
  [[nodiscard]] bool awaits_stamps() const;
  /// Up to 64 pending frames as `arrival`s, preceded by `receiver_dropped` when the socket lost some; empty:
  /// nothing is pending. Borrowed until the next receive(). Never blocks. An interface that went down or away
  /// is no news here.
  std::span<const probe::stimulus> receive(clock_bridge& clocks);
  /// Up to 64 kernel stamps as `sent`; empty: nothing pending. Borrowed until the next call or flush().
  std::span<const probe::stimulus> receive_errors(clock_bridge& clocks);
  /// Frames lost for want of buffer space since the last call of this or of receive().
  std::uint64_t take_drops();

 private:
  struct state;
  explicit link_socket(std::unique_ptr<state> made);
  friend result<link_socket> open_link_socket(std::size_t receive_buffer);
  friend void close_in_child(link_socket socket);
  std::unique_ptr<state> state_;
};

/// Opens, raising CAP_NET_RAW for the moment if file capabilities only permit it. `receive_buffer` as in
/// listen().
result<link_socket> open_link_socket(std::size_t receive_buffer = 0);

/// The last thing a process does: see close_in_child.hpp. Even one that never listened takes its time.
void close_in_child(link_socket socket);

}  // namespace diag::io

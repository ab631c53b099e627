// What a probe_socket holds: the batches it sends from and receives into, allocated once, at first use.
#pragma once

#include <memory>
#include <optional>
#include <sys/socket.h>
#include <sys/uio.h>
#include <vector>

#include "libdiag/io/probe_socket.hpp"
#include "libdiag/io/probe_socket_open.hpp"
#include "libdiag/io/socket_address.hpp"
#include "libdiag/io/stamp_ring.hpp"

namespace diag::io {

/// recvmmsg(2) into slots of one size.
class message_batch {
 public:
  /// Before each packet there are `headroom` octets for the caller.
  message_batch(std::size_t slots, std::size_t slot_size, std::size_t headroom = 0);

  /// Number received, or -1 with errno.
  int receive(int fd, int flags);
  [[nodiscard]] msghdr& header(std::size_t i) { return headers_[i].msg_hdr; }
  [[nodiscard]] std::size_t slots() const { return headers_.size(); }
  /// What was kept of packet `i`.
  [[nodiscard]] byte_view bytes(std::size_t i) const;
  /// The same with the headroom in front.
  [[nodiscard]] byte_span with_headroom(std::size_t i);
  /// Its true size: MSG_TRUNC was asked for.
  [[nodiscard]] std::size_t true_size(std::size_t i) const { return headers_[i].msg_len; }
  [[nodiscard]] const socket_address& address(std::size_t i) const { return addresses_[i]; }

 private:
  static constexpr std::size_t control_size = 512;
  struct alignas(cmsghdr) control_room {
    std::byte octets[control_size];
  };

  std::size_t slot_size_;
  std::size_t headroom_;
  std::unique_ptr<std::byte[]> storage_;  // not cleared: only touched pages cost memory
  std::unique_ptr<control_room[]> controls_;
  std::vector<socket_address> addresses_;
  std::vector<iovec> vectors_;
  std::vector<mmsghdr> headers_;
  std::size_t dirty_ = 0;
};

/// The packets queued for one sendmmsg(2).
class outgoing_batch {
 public:
  static constexpr std::size_t octet_limit = 65536;

  explicit outgoing_batch(ip_family family) : family_{family} {}
  void add(const probe::transmit& packet, bool stamped, std::uint16_t destination_port = 0);
  /// The same; writes the checksum of the newest packet, which goes from `source`. `pin`: the kernel has to
  /// be told.
  void add(const probe::transmit& packet, bool stamped, const ip_address& source, bool pin);
  /// The pointers, once nothing moves any more. What goes from `bound` needs no telling.
  void prepare(const ip_address& bound);
  void clear();
  /// Sends from packet `first` on; number sent, or -1 with errno.
  int send(int fd, std::size_t first, std::size_t most = probe_socket::batch_size);
  void without_stamp(std::size_t i);

  [[nodiscard]] std::size_t size() const { return packets_.size(); }
  [[nodiscard]] bool full() const {
    return size() == probe_socket::batch_size || octets_.size() >= octet_limit;
  }
  [[nodiscard]] probe::probe_token token(std::size_t i) const { return packets_[i].token; }
  [[nodiscard]] bool stamped(std::size_t i) const { return packets_[i].stamped; }

 private:
  struct entry {
    probe::probe_token token = 0;
    std::size_t offset = 0;
    std::size_t size = 0;
    bool stamped = false;
    std::optional<std::uint8_t> hop_limit{};
    ip_address pinned{};  ///< source address; none: the kernel's choice
    socket_address destination{};
    alignas(cmsghdr) std::byte control[2 * CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(in6_pktinfo))];
  };

  ip_family family_;
  std::vector<entry> packets_;
  std::vector<std::byte> octets_;
  std::vector<iovec> vectors_;
  std::vector<mmsghdr> headers_;
};

struct probe_socket::state {
  state(opened_probe_socket from, const probe_socket_config& config);

  /// Appends to `results` what one read of the error queue gave; true when that emptied it.
  bool read_errors(clock_bridge& clocks);
  /// Packets [first, first + count) were handed over between `began` and `ended`.
  void note_sent(std::size_t first, std::size_t count, mono_time began, mono_time ended);
  /// The kernel's count of stamped packets is unknown from here on.
  void doubt_stamps(std::size_t from, clock_bridge& clocks);
  void restart_stamps();
  void queue_summed(const probe::transmit& packet, bool stamped);
  /// `packet` with its UDP header, which the kernel writes anew.
  void queue_datagram(const probe::transmit& packet, bool stamped);
  /// As long as all packets go from one address the socket is bound to it, which costs nothing on each.
  void settle_binding(const ip_address& wanted);
  /// Appends to `arrivals` those of `count` received packets that are let in.
  void take_in(std::size_t count, clock_bridge& clocks);
  [[nodiscard]] bool lets_in(byte_view packet) const;
  void filter_in_kernel() const;
  /// What its packets begin with.
  [[nodiscard]] probe::framing form() const;
  [[nodiscard]] byte_view with_udp_header(std::size_t i);

  opened_probe_socket opened;
  ip_family family;
  probe_protocol protocol;
  identifier_range identifiers;
  port_range ports;
  bool every_error;
  ip_address source;  ///< configured; none: found for each destination
  std::size_t snap_length;
  outgoing_batch outgoing;
  std::optional<message_batch> incoming{};
  std::optional<message_batch> errors{};
  std::vector<probe::send_failed> refused{};  ///< by queue(), since the last flush()
  ip_address bound{};                         ///< by settle_binding()
  bool binding_settled = false;               ///< bound, or never to be
  std::vector<probe::stimulus> results{};     ///< of flush() and receive_errors()
  std::vector<probe::stimulus> arrivals{};    ///< of receive()
  stamp_ring stamps{};
  bool stamps_uncertain = false;  ///< a send failed: see stamp_ring
  bool errors_read = false;       ///< by this flush(): what `results` borrows must not be overwritten
  std::uint32_t drops_seen = 0;
  std::uint32_t strangers = 0;  ///< packets not let in
};

}  // namespace diag::io

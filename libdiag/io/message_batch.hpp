// recvmmsg(2) and sendmmsg(2) with their buffers, allocated once.
#pragma once

#include <memory>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <sys/uio.h>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/io/socket_address.hpp"
#include "libdiag/probe/machine.hpp"

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
  static constexpr std::size_t batch_size = 64;
  static constexpr std::size_t octet_limit = 65536;

  /// `family`: whose control messages carry a hop limit.
  explicit outgoing_batch(ip_family family) : family_{family} {}
  /// `destination` of size 0: where the socket is bound or connected to.
  void add(const probe::transmit& packet, bool stamped, const socket_address& destination);
  /// The same; writes the checksum of the newest packet, which goes from `source`. `pin`: the kernel has to
  /// be told.
  void add(const probe::transmit& packet, bool stamped, const ip_address& source, bool pin);
  /// The pointers, once nothing moves any more. What goes from `bound` needs no telling.
  void prepare(const ip_address& bound);
  void clear();
  /// Sends from packet `first` on; number sent, or -1 with errno.
  int send(int fd, std::size_t first, std::size_t most = batch_size);
  void without_stamp(std::size_t i);

  [[nodiscard]] std::size_t size() const { return packets_.size(); }
  [[nodiscard]] bool full() const { return size() == batch_size || octets_.size() >= octet_limit; }
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

}  // namespace diag::io

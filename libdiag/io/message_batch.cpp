// recvmmsg(2) and sendmmsg(2): what they want filled in, and when.
#include "libdiag/io/message_batch.hpp"

#include <algorithm>
#include <cstring>
#include <linux/net_tstamp.h>

#include "libdiag/core/checksum.hpp"
#include "libdiag/io/control_messages.hpp"

namespace diag::io {
namespace {

void pin_source(control_writer& control, const ip_address& source, const socket_address& destination) {
  if (source.is_v4()) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, source.bytes().data(), sizeof info.ipi_spec_dst);
    return control.add(SOL_IP, IP_PKTINFO, info);
  }
  in6_pktinfo info{};
  std::memcpy(&info.ipi6_addr, source.bytes().data(), sizeof info.ipi6_addr);
  // RFC 4007 §6: a link-local source means nothing without its link.
  if (source.is_link_local()) info.ipi6_ifindex = destination.v6.sin6_scope_id;
  control.add(SOL_IPV6, IPV6_PKTINFO, info);
}

}  // namespace

message_batch::message_batch(std::size_t slots, std::size_t slot_size, std::size_t headroom)
    : slot_size_{slot_size},
      headroom_{headroom},
      storage_{std::make_unique_for_overwrite<std::byte[]>(slots * (headroom + slot_size))},
      controls_{std::make_unique_for_overwrite<control_room[]>(slots)},
      addresses_(slots),
      vectors_(slots),
      headers_(slots) {
  for (std::size_t i = 0; i < slots; ++i) {
    vectors_[i] = {storage_.get() + i * (headroom + slot_size) + headroom, slot_size};
    auto& header = headers_[i].msg_hdr;
    header.msg_name = &addresses_[i].any;
    header.msg_control = controls_[i].octets;
    header.msg_iov = &vectors_[i];
    header.msg_iovlen = 1;
  }
  dirty_ = slots;
}

int message_batch::receive(int fd, int flags) {
  // The kernel has written sizes over those of the last batch's headers only.
  for (std::size_t i = 0; i < dirty_; ++i) {
    headers_[i].msg_hdr.msg_namelen = sizeof(sockaddr_in6);
    headers_[i].msg_hdr.msg_controllen = control_size;
    headers_[i].msg_hdr.msg_flags = 0;
    addresses_[i].any.sa_family = AF_UNSPEC;
  }
  const int count = ::recvmmsg(fd, headers_.data(), static_cast<unsigned>(headers_.size()), flags, nullptr);
  dirty_ = count > 0 ? static_cast<std::size_t>(count) : 0;
  return count;
}

byte_view message_batch::bytes(std::size_t i) const {
  const auto at = storage_.get() + i * (headroom_ + slot_size_) + headroom_;
  return {at, std::min<std::size_t>(headers_[i].msg_len, slot_size_)};
}

byte_span message_batch::with_headroom(std::size_t i) {
  return {storage_.get() + i * (headroom_ + slot_size_), headroom_ + bytes(i).size()};
}

void outgoing_batch::add(const probe::transmit& packet, bool stamped, const socket_address& destination) {
  auto& added = packets_.emplace_back();
  added.token = packet.token;
  added.offset = octets_.size();
  added.size = packet.bytes.size();
  added.stamped = stamped;
  added.hop_limit = packet.hop_limit;
  added.destination = destination;
  octets_.insert(octets_.end(), packet.bytes.begin(), packet.bytes.end());
}

void outgoing_batch::add(const probe::transmit& packet, bool stamped, const ip_address& source, bool pin) {
  add(packet, stamped, to_socket_address(packet.destination));
  auto& added = packets_.back();
  if (pin) added.pinned = source;
  const auto at = std::size_t{*packet.checksum_at};
  if (at + 2 > added.size) return;
  const auto octets = byte_span{octets_}.subspan(added.offset, added.size);
  checksum_sum sum;
  sum.add_pseudo_header(source, packet.destination, packet.protocol, static_cast<std::uint32_t>(added.size));
  store_be16(octets, at, sum.add(octets).finish());
}

void outgoing_batch::prepare(const ip_address& bound) {
  headers_.resize(std::max(headers_.size(), packets_.size()));
  vectors_.resize(headers_.size());
  for (std::size_t i = 0; i < packets_.size(); ++i) {
    auto& packet = packets_[i];
    vectors_[i] = {octets_.data() + packet.offset, packet.size};
    auto& header = headers_[i].msg_hdr;
    header = {};
    header.msg_name = &packet.destination.any;
    header.msg_namelen = packet.destination.size;
    header.msg_iov = &vectors_[i];
    header.msg_iovlen = 1;
    const bool pin = packet.pinned && !(packet.pinned == bound);
    if (!packet.hop_limit && !packet.stamped && !pin) continue;
    control_writer control{header, packet.control};
    if (packet.hop_limit && family_ == ip_family::v4) control.add(SOL_IP, IP_TTL, int{*packet.hop_limit});
    if (packet.hop_limit && family_ == ip_family::v6)
      control.add(SOL_IPV6, IPV6_HOPLIMIT, int{*packet.hop_limit});
    if (pin) pin_source(control, packet.pinned, packet.destination);
    // Last, so that without_stamp() can cut it off.
    if (packet.stamped) control.add(SOL_SOCKET, SO_TIMESTAMPING, std::uint32_t{SOF_TIMESTAMPING_TX_SCHED});
  }
}

void outgoing_batch::without_stamp(std::size_t i) {
  if (!packets_[i].stamped) return;
  packets_[i].stamped = false;
  headers_[i].msg_hdr.msg_controllen -= CMSG_SPACE(sizeof(std::uint32_t));
}

void outgoing_batch::clear() {
  packets_.clear();
  octets_.clear();
}

int outgoing_batch::send(int fd, std::size_t first, std::size_t most) {
  const auto count = std::min(packets_.size() - first, most);
  return ::sendmmsg(fd, headers_.data() + first, static_cast<unsigned>(count), MSG_DONTWAIT);
}

}  // namespace diag::io

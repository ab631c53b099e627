// One question to rtnetlink and its answers: the socket, the sequence number, the reading loop.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <linux/rtnetlink.h>
#include <memory>

#include <libmnl/libmnl.h>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"

namespace diag::io {

/// A request being written: fixed header first, then attributes.
class netlink_request {
 public:
  netlink_request(std::uint16_t type, std::uint16_t flags) : header_{::mnl_nlmsg_put_header(room_.data())} {
    header_->nlmsg_type = type;
    header_->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    header_->nlmsg_seq = 1;
  }
  template <class Header>
  Header& body() {
    return *static_cast<Header*>(::mnl_nlmsg_put_extra_header(header_, sizeof(Header)));
  }
  void add(std::uint16_t type, std::uint32_t value) { ::mnl_attr_put_u32(header_, type, value); }
  void add(std::uint16_t type, const ip_address& address) {
    ::mnl_attr_put(header_, type, address.bytes().size(), address.bytes().data());
  }
  void add(std::uint16_t type, const char* text) { ::mnl_attr_put_strz(header_, type, text); }
  [[nodiscard]] nlmsghdr* header() { return header_; }

 private:
  // Requests here stay far below: a header, a route message and a handful of attributes.
  alignas(nlmsghdr) std::array<char, 512> room_{};
  nlmsghdr* header_;
};

/// Netlink pads to four octets.
constexpr std::size_t netlink_padded(std::size_t size) {
  return (size + 3) / 4 * 4;
}

/// Attributes in a row: visit(type, octets). Stops at the first that does not fit.
template <class Visit>
void for_each_attribute(byte_view row, Visit visit) {
  while (row.size() >= sizeof(nlattr)) {
    nlattr header;
    std::memcpy(&header, row.data(), sizeof header);
    if (header.nla_len < sizeof header || header.nla_len > row.size()) return;
    visit(int{header.nla_type} & NLA_TYPE_MASK, row.subspan(sizeof header, header.nla_len - sizeof header));
    row = row.subspan(std::min<std::size_t>(row.size(), netlink_padded(header.nla_len)));
  }
}

/// The attributes behind the fixed header of type `Header`.
template <class Header>
byte_view attributes_of(const nlmsghdr* message) {
  const auto* octets = static_cast<const std::byte*>(::mnl_nlmsg_get_payload(message));
  const byte_view payload{octets, ::mnl_nlmsg_get_payload_len(message)};
  return payload.subspan(std::min<std::size_t>(payload.size(), netlink_padded(sizeof(Header))));
}

/// Calls each(message) for every answer; 0, or the errno value the kernel answered with.
template <class Each>
int ask_netlink(netlink_request& request, Each each) {
  using socket_ptr = std::unique_ptr<mnl_socket, int (*)(mnl_socket*)>;
  const socket_ptr socket{::mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC), &::mnl_socket_close};
  if (!socket || ::mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) != 0) return errno;
  if (::mnl_socket_sendto(socket.get(), request.header(), request.header()->nlmsg_len) < 0) return errno;
  const auto port = ::mnl_socket_get_portid(socket.get());
  const auto forward = [](const nlmsghdr* message, void* to) {
    (*static_cast<Each*>(to))(message);
    return int{MNL_CB_OK};
  };
  alignas(nlmsghdr) std::array<char, 32768> room;
  for (;;) {
    const auto got = ::mnl_socket_recvfrom(socket.get(), room.data(), room.size());
    if (got < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    const int more = ::mnl_cb_run(room.data(), static_cast<std::size_t>(got), 1, port, forward, &each);
    if (more < 0) return errno;
    // A dump ends with NLMSG_DONE and an acknowledged request with its acknowledgement: both stop the run.
    if (more == MNL_CB_STOP) return 0;
  }
}

}  // namespace diag::io

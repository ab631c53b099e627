// RTM_NEWLINK and RTM_DELLINK: only the fixed header of a message is needed.
#include "libdiag/io/link_watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "libdiag/io/netlink.hpp"
#include "libdiag/io/netlink_query.hpp"

// After libc's headers: it has the same flags in other words.
#include <net/if.h>

namespace diag::io {
namespace {

/// As the kernel says it is now; one that cannot be asked for counts as gone.
probe::link_changed ask_state(std::uint32_t interface) {
  probe::link_changed found{.interface = interface, .gone = true};
  const auto there = link_at(interface);
  if (!there || !*there) return found;
  found.gone = false;
  found.up = (*there)->up;
  found.running = (*there)->running;
  return found;
}

bool same(const probe::link_changed& a, const probe::link_changed& b) {
  return a.up == b.up && a.running == b.running && a.gone == b.gone;
}

}  // namespace

struct link_watch::state {
  using socket_ptr = std::unique_ptr<mnl_socket, int (*)(mnl_socket*)>;

  void note(const probe::link_changed& is);
  void read(byte_view messages);

  socket_ptr socket{nullptr, &::mnl_socket_close};
  std::vector<probe::link_changed> known{};
  std::vector<probe::link_changed> changes{};
};

void link_watch::state::note(const probe::link_changed& is) {
  const auto found = std::ranges::find(known, is.interface, &probe::link_changed::interface);
  if (found == known.end() || same(*found, is)) return;
  *found = is;
  changes.push_back(is);
}

void link_watch::state::read(byte_view messages) {
  while (messages.size() >= sizeof(nlmsghdr) + sizeof(ifinfomsg)) {
    nlmsghdr header;
    std::memcpy(&header, messages.data(), sizeof header);
    if (header.nlmsg_len < sizeof(nlmsghdr) || header.nlmsg_len > messages.size()) return;
    const auto size = std::min<std::size_t>(messages.size(), netlink_padded(header.nlmsg_len));
    const bool about_link = header.nlmsg_type == RTM_NEWLINK || header.nlmsg_type == RTM_DELLINK;
    if (about_link && header.nlmsg_len >= sizeof(nlmsghdr) + sizeof(ifinfomsg)) {
      ifinfomsg body;
      std::memcpy(&body, messages.data() + sizeof header, sizeof body);
      const bool gone = header.nlmsg_type == RTM_DELLINK;
      // A bridge says of a port that left it RTM_DELLINK, too, in a family of its own.
      if (body.ifi_family == AF_UNSPEC)
        note({static_cast<std::uint32_t>(body.ifi_index), !gone && (body.ifi_flags & IFF_UP) != 0,
              !gone && (body.ifi_flags & IFF_RUNNING) != 0, gone});
    }
    messages = messages.subspan(size);
  }
}

link_watch::link_watch(std::unique_ptr<state> made) : state_{std::move(made)} {}
link_watch::link_watch(link_watch&&) noexcept = default;
link_watch& link_watch::operator=(link_watch&&) noexcept = default;
link_watch::~link_watch() = default;

int link_watch::fd() const {
  return ::mnl_socket_get_fd(state_->socket.get());
}

std::span<const probe::link_changed> link_watch::states() const {
  return state_->known;
}

std::span<const probe::link_changed> link_watch::receive() {
  auto& s = *state_;
  s.changes.clear();
  alignas(nlmsghdr) std::array<std::byte, 32768> room;
  for (;;) {
    const auto got = ::mnl_socket_recvfrom(s.socket.get(), room.data(), room.size());
    if (got > 0) {
      s.read(byte_view{room}.first(static_cast<std::size_t>(got)));
      continue;
    }
    if (got < 0 && errno == EINTR) continue;
    // Messages were lost: what they said is how the interfaces are now.
    if (got >= 0 || errno != ENOBUFS) return s.changes;
    for (std::size_t i = 0; i < s.known.size(); ++i) s.note(ask_state(s.known[i].interface));
  }
}

result<link_watch> open_link_watch(std::vector<std::uint32_t> interfaces) {
  auto made = std::make_unique<link_watch::state>();
  made->socket.reset(::mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!made->socket || ::mnl_socket_bind(made->socket.get(), RTMGRP_LINK, MNL_SOCKET_AUTOPID) != 0)
    return system_failure(errno, "watch interfaces");
  // Asked after listening has begun: a change in between is told, at worst twice.
  for (const auto interface : interfaces) made->known.push_back(ask_state(interface));
  return link_watch{std::move(made)};
}

}  // namespace diag::io

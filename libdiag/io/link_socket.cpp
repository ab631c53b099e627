// packet(7): opening, binding, and the octets of VLAN tags.
#include "libdiag/io/link_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <linux/if_ether.h>
#include <net/if.h>
#include <optional>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include "libdiag/io/close_in_child.hpp"
#include "libdiag/io/control_messages.hpp"
#include "libdiag/io/error_queue.hpp"
#include "libdiag/io/message_batch.hpp"
#include "libdiag/io/privilege.hpp"
#include "libdiag/io/probe_socket_open.hpp"
#include "libdiag/io/stamped_sender.hpp"
#include "libdiag/io/unique_fd.hpp"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif
#ifndef TP_STATUS_CSUM_VALID
#define TP_STATUS_CSUM_VALID (1 << 7)
#endif

namespace diag::io {
namespace {

constexpr std::size_t addresses_size = 12;  ///< both MAC addresses
constexpr std::size_t tag_size = 4;
/// The largest Ethernet frame with two tags left in it fits; ICMPv6 checksums want the whole packet.
constexpr std::size_t slot_size = 1536;
/// Stamps come without the packet they are about (OPT_TSONLY).
constexpr std::size_t stamp_slot_size = 64;

bool set_flag(int fd, int level, int name) {
  const int on = 1;
  return ::setsockopt(fd, level, name, &on, sizeof on) == 0;
}

bool join(int fd, std::uint32_t interface, unsigned short kind) {
  packet_mreq request{};
  request.mr_ifindex = static_cast<int>(interface);
  request.mr_type = kind;
  return ::setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof request) == 0;
}

std::string name_of(std::uint32_t interface) {
  std::array<char, IF_NAMESIZE> name{};
  if (interface == 0) return "every interface";
  if (::if_indextoname(interface, name.data()) != nullptr) return name.data();
  return "interface " + std::to_string(interface);
}

failure listen_failure(int error, std::uint32_t interface) {
  const bool missing = error == ENODEV || error == ENXIO;
  return system_failure(error, "listen on", name_of(interface),
                        missing ? "no such interface; see: ip link" : "");
}

probe::checksum_trust trust_of(std::uint32_t status) {
  if ((status & TP_STATUS_CSUMNOTREADY) != 0) return probe::checksum_trust::unfinished;
  if ((status & TP_STATUS_CSUM_VALID) != 0) return probe::checksum_trust::verified;
  return probe::checksum_trust::verify;
}

}  // namespace

struct link_socket::state {
  state(unique_fd opened, bool kernel_stamps)
      : fd{std::move(opened)}, sender{fd.get(), ip_family::v4, kernel_stamps} {}

  bool read_stamps(clock_bridge& clocks);
  [[nodiscard]] probe::arrival read_frame(std::size_t i, const clock_bridge& clocks, mono_time read_at);
  /// The frame with the tag the kernel has taken off: IEEE 802.1Q §9.3, behind the source address.
  [[nodiscard]] byte_view with_tag(std::size_t i, const tpacket_auxdata& facts);

  unique_fd fd;
  stamped_sender sender;
  std::uint32_t interface = 0;
  link_filter wanted{};
  bool filtered = false;  ///< by the kernel
  std::optional<message_batch> incoming{};
  std::optional<message_batch> stamps{};
  std::vector<probe::stimulus> arrivals{};  ///< of receive()
};

bool link_socket::state::read_stamps(clock_bridge& clocks) {
  if (!stamps) stamps.emplace(batch_size, stamp_slot_size);
  const int count = stamps->receive(fd.get(), MSG_ERRQUEUE | MSG_DONTWAIT);
  if (count > 0) clocks.refresh();
  for (std::size_t i = 0; count > 0 && i < static_cast<std::size_t>(count); ++i)
    sender.take_stamp(read_error_entry(stamps->header(i)), clocks);
  return count < static_cast<int>(batch_size);
}

byte_view link_socket::state::with_tag(std::size_t i, const tpacket_auxdata& facts) {
  const auto roomy = incoming->with_headroom(i);
  const auto frame = roomy.subspan(tag_size);
  if (frame.size() < addresses_size) return frame;
  const bool has_type = (facts.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;
  std::memmove(roomy.data(), frame.data(), addresses_size);
  store_be16(roomy, addresses_size, has_type ? facts.tp_vlan_tpid : std::uint16_t{ETH_P_8021Q});
  store_be16(roomy, addresses_size + 2, facts.tp_vlan_tci);
  return roomy;
}

probe::arrival link_socket::state::read_frame(std::size_t i, const clock_bridge& clocks, mono_time read_at) {
  probe::arrival packet;
  packet.form = probe::framing::ethernet_frame;
  packet.bytes = incoming->bytes(i);
  packet.wire_size = incoming->true_size(i);
  packet.interface = static_cast<std::uint32_t>(incoming->address(i).link.sll_ifindex);
  packet.kernel = {read_at, probe::stamp_source::user};
  packet.read_at = read_at;
  for_each_control(incoming->header(i), [&](int level, int type, byte_view octets) {
    if (const auto stamp = software_stamp(level, type, octets)) {
      if (const auto at = clocks.to_mono(*stamp)) packet.kernel = {*at, probe::stamp_source::socket};
      return;
    }
    if (level != SOL_PACKET || type != PACKET_AUXDATA) return;
    const auto facts = load_control<tpacket_auxdata>(octets);
    if (!facts) return;
    packet.checksum = trust_of(facts->tp_status);
    if ((facts->tp_status & TP_STATUS_VLAN_VALID) == 0) return;
    const auto untagged = packet.bytes.size();
    packet.bytes = with_tag(i, *facts);
    packet.wire_size += packet.bytes.size() - untagged;
  });
  return packet;
}

link_socket::link_socket(std::unique_ptr<state> made) : state_{std::move(made)} {}
link_socket::link_socket(link_socket&&) noexcept = default;
link_socket& link_socket::operator=(link_socket&&) noexcept = default;
link_socket::~link_socket() = default;

int link_socket::fd() const {
  return state_->fd.get();
}
std::uint32_t link_socket::interface() const {
  return state_->interface;
}
std::size_t link_socket::queued() const {
  return state_->sender.queued();
}
bool link_socket::full() const {
  return state_->sender.full();
}
bool link_socket::awaits_stamps() const {
  return state_->sender.awaits_stamps();
}

result<void> link_socket::listen(std::uint32_t interface, const link_filter& wanted, bool promiscuous,
                                 std::size_t receive_buffer) {
  auto& s = *state_;
  if ((promiscuous || wanted.others) && interface == 0)
    return system_failure(EINVAL, "listen on", name_of(0), "frames for others come from one interface only");
  {
    const raised_privileges for_the_moment;
    set_receive_buffer(fd(), receive_buffer);
  }
  // All before the first frame can come, so that none has to be thrown away.
  auto code = link_filter_program(wanted);
  s.filtered = attach_filter(fd(), code);
  s.wanted = wanted;
  if (!set_flag(fd(), SOL_PACKET, PACKET_AUXDATA)) return listen_failure(errno, interface);
  set_flag(fd(), SOL_PACKET, PACKET_IGNORE_OUTGOING);  // since Linux 4.20; receive() drops them, too
  if (promiscuous && !join(fd(), interface, PACKET_MR_PROMISC)) return listen_failure(errno, interface);
  if (wanted.every_group && interface != 0 && !join(fd(), interface, PACKET_MR_ALLMULTI))
    return listen_failure(errno, interface);
  const auto where = to_link_address(interface, ETH_P_ALL);
  if (::bind(fd(), &where.any, where.size) != 0) return listen_failure(errno, interface);
  s.interface = interface;
  return {};
}

void link_socket::queue(const probe::transmit& packet) {
  auto& s = *state_;
  const auto by = packet.interface != 0 ? packet.interface : s.interface;
  if (by == 0) return s.sender.refuse(packet.token, ENXIO);
  // Where the socket is bound needs no telling, and saves the kernel a search.
  s.sender.outgoing().add(packet, s.sender.may_stamp(packet),
                          by == s.interface ? socket_address{} : to_link_address(by));
}

std::span<const probe::stimulus> link_socket::flush(clock_bridge& clocks) {
  auto& s = *state_;
  s.sender.outgoing().prepare({});
  return s.sender.flush(false, [&s, &clocks] { return s.read_stamps(clocks); });
}

std::span<const probe::stimulus> link_socket::receive_errors(clock_bridge& clocks) {
  auto& s = *state_;
  return s.sender.read_queue([&s, &clocks] { return s.read_stamps(clocks); });
}

std::span<const probe::stimulus> link_socket::receive(clock_bridge& clocks) {
  auto& s = *state_;
  s.arrivals.clear();
  if (!s.incoming) s.incoming.emplace(batch_size, slot_size, tag_size);
  for (bool more = true; more && s.arrivals.empty();) {
    int count = s.incoming->receive(fd(), MSG_DONTWAIT | MSG_TRUNC);
    // ENETDOWN, once, when an interface has gone down: reading it has cleared it.
    if (count < 0 && errno != EAGAIN) count = s.incoming->receive(fd(), MSG_DONTWAIT | MSG_TRUNC);
    if (count <= 0) break;
    if (const auto lost = take_drops()) s.arrivals.emplace_back(probe::receiver_dropped{lost});
    clocks.refresh();
    const auto read_at = now();
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      if (s.incoming->address(i).link.sll_pkttype == PACKET_OUTGOING) continue;
      if (!s.filtered && !admits_frame(s.incoming->bytes(i), s.wanted)) continue;
      s.arrivals.emplace_back(s.read_frame(i, clocks, read_at));
    }
    more = static_cast<std::size_t>(count) == s.incoming->slots();
  }
  return s.arrivals;
}

std::uint64_t link_socket::take_drops() {
  // Reading sets the kernel's counters back to 0.
  tpacket_stats counted{};
  socklen_t size = sizeof counted;
  if (::getsockopt(fd(), SOL_PACKET, PACKET_STATISTICS, &counted, &size) != 0) return 0;
  return counted.tp_drops;
}

result<link_socket> open_link_socket(std::size_t receive_buffer) {
  const raised_privileges for_the_moment;
  unique_fd fd{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!fd)
    return system_failure(errno, "open packet socket", {},
                          errno == EPERM ? "needs CAP_NET_RAW; see diag(7)" : "");
  set_receive_buffer(fd.get(), receive_buffer);
  const bool stamps = set_stamping(fd.get(), true);
  return link_socket{std::make_unique<link_socket::state>(std::move(fd), stamps)};
}

void close_in_child(link_socket socket) {
  if (socket.state_) close_in_child(std::move(socket.state_->fd));
}

}  // namespace diag::io

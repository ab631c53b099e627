// libdiag/io/driver.hpp with whole packets and with UDP sockets, raw and datagram, over loopback: what Linux
// says of them is what path probing relies on.
#include <algorithm>
#include <cerrno>
#include <fstream>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <utility>
#include <vector>

#include "libdiag/core/checksum.hpp"
#include "libdiag/io/clock.hpp"
#include "libdiag/io/driver.hpp"
#include "libdiag/io/port_lease.hpp"
#include "libdiag/wire/udp.hpp"

#include "tests/catch.hpp"
#include "tests/io/child.hpp"
#include "tests/io/kernel_stamps.hpp"
#include "tests/io/loopback.hpp"

using namespace diag;

namespace {

using octets = std::vector<std::byte>;

octets operator+(octets left, const octets& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

octets words(std::size_t size) {
  octets out(size);
  for (std::size_t i = 0; i < size; ++i) store_u8(out, i, static_cast<std::uint8_t>('a' + i % 26));
  return out;
}

octets udp(std::uint16_t from, std::uint16_t to, const octets& payload) {
  octets out(8);
  store_be16(out, 0, from);
  store_be16(out, 2, to);
  store_be16(out, 4, static_cast<std::uint16_t>(8 + payload.size()));
  return out + payload;
}

octets sealed(octets datagram, const ip_address& own) {
  checksum_sum sum;
  sum.add_pseudo_header(own, own, IPPROTO_UDP, static_cast<std::uint32_t>(datagram.size()));
  store_be16(datagram, 6, sum.add(datagram).finish());
  return datagram;
}

std::uint8_t icmp_of(const ip_address& address) {
  return address.is_v4() ? std::uint8_t{IPPROTO_ICMP} : std::uint8_t{IPPROTO_ICMPV6};
}

/// From a loopback address to itself.
octets whole(const ip_address& own, std::uint8_t protocol, const octets& inside, std::uint8_t hops = 9) {
  const auto address = own.bytes();
  octets out(own.is_v4() ? 20 : 40);
  if (own.is_v4()) {
    store_u8(out, 0, 0x45);
    store_be16(out, 4, 0x1234);
    store_u8(out, 8, hops);
    store_u8(out, 9, protocol);
    std::copy(address.begin(), address.end(), out.begin() + 12);
    std::copy(address.begin(), address.end(), out.begin() + 16);
  } else {
    store_u8(out, 0, 0x60);
    store_be16(out, 4, static_cast<std::uint16_t>(inside.size()));
    store_u8(out, 6, protocol);
    store_u8(out, 7, hops);
    std::copy(address.begin(), address.end(), out.begin() + 8);
    std::copy(address.begin(), address.end(), out.begin() + 24);
  }
  return out + inside;
}

/// Sends what it is given, keeps what it hears, and is done after so many answers (arrivals and notices of
/// others), or after two seconds.
class listening_machine final : public probe::machine {
 public:
  listening_machine(std::vector<probe::transmit> what, std::size_t answers)
      : what_{std::move(what)}, wanted_{answers}, give_up_{io::now() + 2s} {}

  struct heard {
    probe::arrival packet;
    octets bytes;
  };
  struct noticed {
    probe::path_notice what;
    octets quoted;
  };

  void feed(mono_time at, const probe::stimulus& what) override {
    if (const auto* one = std::get_if<probe::sent>(&what))
      (one->when.source == probe::stamp_source::socket ? stamped : sent).push_back(one->token);
    if (const auto* one = std::get_if<probe::send_failed>(&what)) errors.push_back(one->error);
    if (const auto* one = std::get_if<probe::arrival>(&what))
      arrivals.push_back({*one, {one->bytes.begin(), one->bytes.end()}});
    answer_before_stamp = answer_before_stamp || arrivals.size() > stamped.size();
    if (const auto* one = std::get_if<probe::path_notice>(&what))
      notices.push_back({*one, {one->quoted.begin(), one->quoted.end()}});
    over_ = (next_ == what_.size() && arrivals.size() + notices.size() + errors.size() >= wanted_) ||
            at >= give_up_;
  }
  std::optional<probe::effect> next_effect(mono_time) override {
    if (next_ == what_.size()) return std::nullopt;
    return what_[next_++];
  }
  [[nodiscard]] std::optional<mono_time> deadline() const override {
    if (over_) return std::nullopt;
    return give_up_;
  }

  std::vector<probe::probe_token> sent, stamped;
  std::vector<int> errors;
  std::vector<heard> arrivals;
  std::vector<noticed> notices;
  bool answer_before_stamp = false;

 private:
  std::vector<probe::transmit> what_;
  std::size_t wanted_;
  mono_time give_up_;
  std::size_t next_ = 0;
  bool over_ = false;
};

std::optional<io::probe_socket> open(const ip_address& at, io::probe_protocol protocol, io::socket_kind kind,
                                     io::port_range ports = {}) {
  io::probe_socket_config config;
  config.family = at.family();
  config.protocol = protocol;
  config.kind = kind;
  config.ports = ports;
  auto socket = io::open_probe_socket(config);
  if (!socket) {
    WARN("not permitted here: " << describe(socket.error()));
    return std::nullopt;
  }
  return std::move(*socket);
}

probe::transmit network(const ip_address& to, const octets& packet, probe::probe_token token = 1) {
  probe::transmit out;
  out.token = token;
  out.layer = probe::transmit::layer_kind::network;
  out.destination = to;
  out.bytes = packet;
  return out;
}

probe::transmit datagram(const ip_address& to, const octets& bytes, probe::probe_token token = 1) {
  probe::transmit out;
  out.token = token;
  out.protocol = IPPROTO_UDP;
  out.destination = to;
  out.hop_limit = std::uint8_t{7};
  out.bytes = bytes;
  return out;
}

/// A UDP port that is open, and one that nobody has any more.
struct udp_ports {
  explicit udp_ports(const ip_address& at) {
    auto socket = ::open(at, io::probe_protocol::udp, io::socket_kind::datagram);
    if (socket) closed = socket->ports().base;
    auto own = io::to_socket_address(at);
    server.reset(::socket(at.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (::bind(server.get(), &own.any, own.size) != 0) return;
    own.size = sizeof own.v6;
    if (::getsockname(server.get(), &own.any, &own.size) == 0) open = io::port_of(own);
  }
  explicit operator bool() const { return open != 0 && closed != 0; }
  io::unique_fd server;
  std::uint16_t open = 0, closed = 0;
};

}  // namespace

TEST_CASE("driver: a whole packet goes out stamped, and a raw ICMP socket hears what became of it",
          "[io][driver]") {
  const auto to = GENERATE(test::loopback_v4, test::loopback_v6);
  const udp_ports ports{to};
  const auto lease = io::lease_ports(2, 20260811, io::port_kind::both);
  REQUIRE(lease.has_value());
  auto packets = open(to, io::probe_protocol::whole, io::socket_kind::raw);
  auto errors = open(to, io::probe_protocol::icmp, io::socket_kind::raw, lease->ports());
  if (!packets || !errors || !ports) return;
  CHECK(packets->kind() == io::socket_kind::raw);
  io::driver host;
  host.attach(std::move(*packets));
  host.attach(std::move(*errors));
  std::vector<octets> sent;
  std::vector<probe::transmit> orders;
  for (std::uint16_t i = 0; i < 70; ++i)  // more than a batch
    sent.push_back(whole(to, IPPROTO_UDP, sealed(udp(lease->base(), ports.closed, words(8 + i)), to)));
  for (const auto& one : sent) orders.push_back(network(to, one, orders.size()));
  listening_machine machine{orders, 70};
  host.run(machine, {});
  CHECK(machine.errors.empty());
  REQUIRE(machine.sent.size() == 70);
  // Linux limits the errors it sends (net.ipv4.icmp_ratelimit spares loopback, not icmp_msgs_per_sec).
  REQUIRE(machine.arrivals.size() >= 20);
  REQUIRE(machine.stamped.size() == 70);
  for (std::size_t i = 0; i < 70; ++i) CHECK(machine.stamped[i] == i);
  CHECK_FALSE(machine.answer_before_stamp);
  const auto& first = machine.arrivals.front();
  const auto quote = octets(first.bytes.begin() + (to.is_v4() ? 28 : 8), first.bytes.end());
  auto expected = sent.front();
  if (to.is_v4()) {
    store_be16(expected, 2, static_cast<std::uint16_t>(expected.size()));  // the kernel's part
    store_be16(expected, 10, load_be16(quote, 10));
  }
  CHECK(quote == expected);
}

TEST_CASE("driver: a socket for whole packets hears nothing", "[io][driver]") {
  const auto to = GENERATE(test::loopback_v4, test::loopback_v6);
  auto packets = open(to, io::probe_protocol::whole, io::socket_kind::raw, {1, 65535});
  if (!packets) return;
  const auto fd = packets->fd();
  io::driver host;
  host.attach(std::move(*packets));
  const auto as_raw = whole(to, IPPROTO_RAW, words(20));
  const auto as_udp = whole(to, IPPROTO_UDP, udp(9, 9, words(4)));
  listening_machine machine{{network(to, as_raw), network(to, as_udp)}, 100};
  io::driver_hooks hooks;
  hooks.on_progress = [&](mono_time) {
    if (machine.sent.size() == 2) host.stop();
  };
  host.run(machine, hooks);
  CHECK(machine.arrivals.empty());
  std::byte octet{};
  CHECK(::recv(fd, &octet, 1, MSG_DONTWAIT) < 0);
  CHECK(errno == EAGAIN);
}

TEST_CASE("driver: what no socket can send is said to have failed", "[io][driver]") {
  io::driver host;
  const auto packet = whole(test::loopback_v4, IPPROTO_UDP, udp(9, 9, {}));
  listening_machine machine{{network(test::loopback_v4, packet), datagram(test::loopback_v4, packet)}, 2};
  host.run(machine, {});
  CHECK(machine.errors == std::vector{EAFNOSUPPORT, EAFNOSUPPORT});
}

TEST_CASE("driver: a raw UDP socket hears datagrams to its ports, and only hears", "[io][driver]") {
  const auto to = GENERATE(test::loopback_v4, test::loopback_v6);
  const test::kernel_stamps on;
  const udp_ports ports{to};
  const auto lease = io::lease_ports(2, 20260812, io::port_kind::udp);
  REQUIRE(lease.has_value());
  auto packets = open(to, io::probe_protocol::whole, io::socket_kind::raw);
  auto answers = open(to, io::probe_protocol::udp, io::socket_kind::raw, lease->ports());
  if (!packets || !answers || !ports) return;
  CHECK(answers->ports() == lease->ports());
  const auto second = static_cast<std::uint16_t>(lease->base() + 1);
  const auto other = static_cast<std::uint16_t>(lease->base() + 2);
  io::driver host;
  host.attach(std::move(*packets));
  host.attach(std::move(*answers));
  const auto foreign = whole(to, IPPROTO_UDP, sealed(udp(53, other, words(9)), to));
  const auto answer = whole(to, IPPROTO_UDP, sealed(udp(53, second, words(9)), to), 42);
  const auto refused = udp(second, 53, {});
  listening_machine machine{{network(to, foreign), network(to, answer), datagram(to, refused)}, 2};
  host.run(machine, {});
  CHECK(machine.errors == std::vector{EOPNOTSUPP});
  REQUIRE(machine.arrivals.size() == 1);
  const auto& [packet, bytes] = machine.arrivals[0];
  CHECK(packet.kernel.source == probe::stamp_source::socket);
  CHECK(packet.checksum == probe::checksum_trust::verify);
  const auto parsed = wire::udp_view::parse(byte_view{bytes}.subspan(to.is_v4() ? 20 : 0));
  REQUIRE(parsed.has_value());
  CHECK(parsed->destination_port() == second);
  if (to.is_v4()) {
    CHECK(packet.form == probe::framing::ipv4_packet);
    CHECK(load_u8(bytes, 8) == 42);
  } else {
    CHECK(packet.form == probe::framing::udp_datagram);
    CHECK(packet.source == to);
    CHECK(packet.destination == to);
    CHECK(packet.hop_limit == std::uint8_t{42});
  }
}

TEST_CASE("driver: without privileges a UDP probe is timed, and its refusal told by the error queue",
          "[io][driver]") {
  const auto to = GENERATE(test::loopback_v4, test::loopback_v6);
  const test::kernel_stamps on;
  const udp_ports ports{to};
  auto socket = open(to, io::probe_protocol::udp, io::socket_kind::datagram);
  if (!socket || !ports) return;
  const auto own = socket->ports();
  CHECK(own.base != 0);
  CHECK(own.count == 1);
  io::driver host;
  host.attach(std::move(*socket));
  std::vector<octets> sent;
  std::vector<probe::transmit> orders;
  for (std::size_t i = 0; i < 20; ++i) sent.push_back(udp(own.base, ports.closed, words(12 + i)));
  for (const auto& one : sent) orders.push_back(datagram(to, one, orders.size()));
  const auto began = io::now();
  listening_machine machine{orders, 20};
  host.run(machine, {});
  // Each refusal is there before the next probe goes out, and must neither stop it nor confuse the stamps.
  CHECK(machine.errors.empty());
  REQUIRE(machine.sent.size() == 20);
  REQUIRE(machine.stamped.size() == 20);
  for (std::size_t i = 0; i < 20; ++i) CHECK(machine.stamped[i] == i);
  REQUIRE(machine.notices.size() == 20);
  for (std::size_t i = 0; i < 20; ++i) {
    const auto& [notice, quoted] = machine.notices[i];
    CHECK(notice.origin ==
          (to.is_v4() ? probe::path_notice::origin_kind::icmpv4 : probe::path_notice::origin_kind::icmpv6));
    CHECK(notice.type == (to.is_v4() ? ICMP_DEST_UNREACH : ICMP6_DST_UNREACH));
    CHECK(notice.code == (to.is_v4() ? ICMP_PORT_UNREACH : ICMP6_DST_UNREACH_NOPORT));
    CHECK(notice.error == ECONNREFUSED);
    CHECK(notice.protocol == IPPROTO_UDP);
    CHECK(notice.offender == to);
    CHECK(notice.destination == to);
    CHECK(notice.destination_port == ports.closed);
    CHECK(quoted == words(12 + i));
    CHECK(notice.extension_at == 0);
    CHECK(notice.hop_limit.has_value());
    CHECK(notice.kernel.source == probe::stamp_source::socket);
    CHECK(notice.kernel.at >= began);
    CHECK(notice.kernel.at <= notice.read_at + 1ms);
  }
}

TEST_CASE("driver: an answer to an unprivileged UDP probe arrives with a header", "[io][driver]") {
  const auto to = GENERATE(test::loopback_v4, test::loopback_v6);
  const test::kernel_stamps on;
  const udp_ports ports{to};
  auto socket = open(to, io::probe_protocol::udp, io::socket_kind::datagram);
  if (!socket || !ports) return;
  const auto own = socket->ports().base;
  io::driver host;
  host.attach(std::move(*socket));
  const auto question = udp(own, ports.open, words(5));
  const auto too_short = octets(7);
  listening_machine machine{{datagram(to, question), datagram(to, too_short)}, 2};
  bool answered = false;
  io::driver_hooks hooks;
  hooks.on_progress = [&](mono_time) {
    if (std::exchange(answered, true)) return;
    const auto there = io::to_socket_address(to, own);
    (void)!::sendto(ports.server.get(), "answer", 6, 0, &there.any, there.size);
  };
  host.run(machine, hooks);
  CHECK(machine.errors == std::vector{EINVAL});
  REQUIRE(machine.arrivals.size() == 1);
  const auto& [packet, bytes] = machine.arrivals[0];
  CHECK(packet.form == probe::framing::udp_datagram);
  CHECK(packet.checksum == probe::checksum_trust::verified);
  CHECK(packet.source == to);
  CHECK(packet.destination == to);
  CHECK(packet.hop_limit.has_value());
  CHECK(packet.kernel.source == probe::stamp_source::socket);
  CHECK(packet.wire_size == 14);
  const auto parsed = wire::udp_view::parse(bytes);
  REQUIRE(parsed.has_value());
  CHECK(parsed->source_port() == ports.open);
  CHECK(parsed->destination_port() == own);
  CHECK(parsed->length() == 14);
  CHECK(std::ranges::equal(parsed->payload(), as_bytes("answer")));
}

TEST_CASE("driver: a UDP probe leaves with its own hop limit", "[io][driver]") {
  const auto to = GENERATE(test::loopback_v4, test::loopback_v6);
  const udp_ports ports{to};
  auto observer = open(to, io::probe_protocol::udp, io::socket_kind::raw, {ports.open, 1});
  auto socket = open(to, io::probe_protocol::udp, io::socket_kind::datagram);
  if (!socket || !observer || !ports) return;
  io::driver host;
  host.attach(std::move(*socket));
  const auto question = udp(1, ports.open, words(5));
  listening_machine machine{{datagram(to, question)}, 100};
  io::driver_hooks hooks;
  hooks.on_progress = [&](mono_time) { host.stop(); };
  host.run(machine, hooks);
  io::clock_bridge clocks;
  const auto seen = observer->receive(clocks);
  REQUIRE(seen.size() == 1);
  const auto& packet = std::get<probe::arrival>(seen[0]);
  CHECK((to.is_v4() ? load_u8(packet.bytes, 8) : packet.hop_limit.value_or(0)) == 7);
}

namespace {

/// "Time exceeded" about `packet` of a loopback address, with a structure as RFC 4884 §7 has it behind the
/// quote, which fills 128 octets.
octets time_exceeded(const ip_address& own, octets packet) {
  packet.resize(128);
  octets structure(12);
  store_u8(structure, 0, 0x20);
  store_be16(structure, 4, 8);
  store_u8(structure, 6, 1);
  store_u8(structure, 7, 1);
  checksum_sum inside;
  store_be16(structure, 2, inside.add(structure).finish());
  octets message(8);
  store_u8(message, 0, own.is_v4() ? ICMP_TIME_EXCEEDED : ICMP6_TIME_EXCEEDED);
  own.is_v4() ? store_u8(message, 5, 128 / 4) : store_u8(message, 4, 128 / 8);
  message = message + packet + structure;
  checksum_sum sum;
  if (own.is_v6())
    sum.add_pseudo_header(own, own, IPPROTO_ICMPV6, static_cast<std::uint32_t>(message.size()));
  store_be16(message, 2, sum.add(message).finish());
  return whole(own, icmp_of(own), message, 61);
}

/// What the error queue of `socket` gives once `message` has come.
std::optional<probe::path_notice> notice_of(io::probe_socket& socket, const ip_address& own,
                                            const octets& message) {
  auto packets = open(own, io::probe_protocol::whole, io::socket_kind::raw);
  if (!packets) return std::nullopt;
  io::clock_bridge clocks;
  packets->queue(network(own, message));
  packets->flush(clocks);
  for (const auto& what : socket.receive_errors(clocks))
    if (const auto* one = std::get_if<probe::path_notice>(&what)) return *one;
  return std::nullopt;
}

/// A child in a network of its own, in which everybody may open ICMP datagram sockets; 77: not permitted.
template <class Body>
int in_open_network(Body body) {
  return test::in_child([&] {
    if (::unshare(CLONE_NEWNET) != 0) return 77;
    if (std::ofstream range{"/proc/sys/net/ipv4/ping_group_range"}; !(range << "0 0" << std::flush))
      return 77;
    const io::unique_fd any{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    ifreq request{};
    request.ifr_name[0] = 'l';
    request.ifr_name[1] = 'o';
    request.ifr_flags = IFF_UP;
    if (::ioctl(any.get(), SIOCSIFFLAGS, &request) != 0) return 77;
    return body();
  });
}

}  // namespace

TEST_CASE("driver: a notice tells where the extension structure begins", "[io][driver]") {
  const auto to = GENERATE(test::loopback_v4, test::loopback_v6);
  auto socket = open(to, io::probe_protocol::udp, io::socket_kind::datagram);
  if (!socket) return;
  const auto sent = udp(socket->ports().base, 33434, words(32));
  const auto notice = notice_of(*socket, to, time_exceeded(to, whole(to, IPPROTO_UDP, sent, 1)));
  if (!notice) return;  // no raw socket, or no IPv6
  CHECK(notice->type == (to.is_v4() ? ICMP_TIME_EXCEEDED : ICMP6_TIME_EXCEEDED));
  CHECK(notice->error == EHOSTUNREACH);
  CHECK(notice->hop_limit == std::uint8_t{61});
  CHECK(notice->destination_port == 33434);
  // The quote is 128 octets long; headers do not come with it.
  const std::size_t expected = 128 - (to.is_v4() ? 28 : 48);
  REQUIRE(notice->extension_at == expected);
  REQUIRE(notice->quoted.size() == expected + 12);
  CHECK(load_u8(notice->quoted, expected) == 0x20);
  CHECK(std::ranges::equal(notice->quoted.first(32), words(32)));
}

TEST_CASE("driver: a notice about an unprivileged echo request tells as much", "[io][driver]") {
  const auto status = in_open_network([] {
    const test::kernel_stamps on;
    for (const auto& to : {test::loopback_v4, test::loopback_v6}) {
      auto socket = open(to, io::probe_protocol::icmp, io::socket_kind::datagram);
      if (!socket) return 1;
      octets echo(40);
      store_u8(echo, 0, to.is_v4() ? ICMP_ECHO : ICMP6_ECHO_REQUEST);
      store_be16(echo, 4, socket->identifier());
      const auto protocol = icmp_of(to);
      const auto notice = notice_of(*socket, to, time_exceeded(to, whole(to, protocol, echo, 1)));
      if (!notice) return 2;
      if (notice->protocol != protocol || notice->destination_port != 0) return 3;
      if (notice->hop_limit != std::uint8_t{61} || notice->offender != to) return 4;
      if (notice->kernel.source != probe::stamp_source::socket) return 5;
      if (notice->read_at == mono_time{}) return 6;
      const std::size_t expected = 128 - (to.is_v4() ? 20 : 40);
      if (notice->extension_at != expected || notice->quoted.size() != expected + 12) return 7;
      if (load_be16(notice->quoted, 4) != socket->identifier()) return 8;
    }
    return 0;
  });
  if (status == 77) return;
  CHECK(status == 0);
}

TEST_CASE("probe_socket: a UDP port that somebody has is named", "[io][probe_socket]") {
  const udp_ports ports{test::loopback_v4};
  io::probe_socket_config config;
  config.protocol = io::probe_protocol::udp;
  config.kind = io::socket_kind::datagram;
  config.ports = {ports.open, 1};
  const auto refused = io::open_probe_socket(config);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code.value() == EADDRINUSE);
  CHECK(refused.error().subject == std::to_string(ports.open));
  // The same port in both families.
  config.ports = {};
  const auto v4 = io::open_probe_socket(config);
  REQUIRE(v4.has_value());
  config.family = ip_family::v6;
  config.ports = v4->ports();
  const auto v6 = io::open_probe_socket(config);
  if (v6) CHECK(v6->ports() == v4->ports());
}

// libdiag/io/driver.hpp with raw TCP sockets and with streams, over loopback: what Linux does with crafted
// segments is what the tools rely on.
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <vector>

#include "libdiag/io/clock.hpp"
#include "libdiag/io/driver.hpp"
#include "libdiag/io/port_lease.hpp"
#include "libdiag/wire/tcp.hpp"

#include "tests/catch.hpp"
#include "tests/io/kernel_stamps.hpp"
#include "tests/io/loopback.hpp"

using namespace diag;
using test::bound_port;

namespace {

constexpr std::uint32_t first_sequence = 0x10000000;

/// Sends one bare SYN to each port and is done when each was answered, or after two seconds.
class syn_machine final : public probe::machine {
 public:
  struct answer {
    std::uint16_t port = 0;
    std::uint16_t flags = 0;
    std::uint32_t acknowledgment = 0;
    ip_address source{};
    wire::checksum_validity checksum{};
    probe::framing form{};
    probe::checksum_trust trust{};
    probe::stamp_source stamp{};
    bool hop_limit = false;
  };

  syn_machine(const ip_address& to, std::uint16_t source_port, std::vector<std::uint16_t> ports)
      : to_{to}, source_port_{source_port}, ports_{std::move(ports)}, give_up_{io::now() + 2s} {}

  void feed(mono_time at, const probe::stimulus& what) override {
    if (const auto* one = std::get_if<probe::sent>(&what))
      ++(one->when.source == probe::stamp_source::socket ? stamped : sent);
    if (const auto* one = std::get_if<probe::send_failed>(&what)) errors.push_back(one->error);
    if (const auto* one = std::get_if<probe::arrival>(&what)) take(*one);
    over_ = answers.size() + errors.size() >= ports_.size() || at >= give_up_;
  }
  std::optional<probe::effect> next_effect(mono_time) override {
    if (over_ || next_ == ports_.size()) return std::nullopt;
    segment_ = {};
    store_be16(segment_, 0, source_port_);
    store_be16(segment_, 2, ports_[next_]);
    store_be32(segment_, 4, first_sequence + static_cast<std::uint32_t>(next_));
    store_be16(segment_, 12, 5 << 12 | wire::tcp_flag::syn);
    store_be16(segment_, 14, 1024);
    probe::transmit packet;
    packet.token = next_++;
    packet.protocol = IPPROTO_TCP;
    packet.destination = to_;
    packet.checksum_at = std::uint16_t{16};
    packet.bytes = segment_;
    return packet;
  }
  [[nodiscard]] std::optional<mono_time> deadline() const override {
    if (over_) return std::nullopt;
    return give_up_;
  }

  std::vector<answer> answers;
  std::vector<int> errors;
  std::uint64_t sent = 0, stamped = 0;

 private:
  void take(const probe::arrival& one) {
    const bool v4 = one.form == probe::framing::ipv4_packet;
    const auto segment = wire::tcp_view::parse(one.bytes.subspan(v4 ? 20 : 0));
    if (!segment) return;
    answer got;
    got.port = segment->source_port();
    got.flags = segment->flags();
    got.acknowledgment = segment->acknowledgment();
    got.source = v4 ? ip_address::from_bytes(one.bytes.subspan(12, 4)) : one.source;
    const auto own = v4 ? ip_address::from_bytes(one.bytes.subspan(16, 4)) : one.destination;
    got.checksum = segment->verify(got.source, own);
    got.form = one.form;
    got.trust = one.checksum;
    got.stamp = one.kernel.source;
    got.hop_limit = v4 || one.hop_limit.has_value();
    answers.push_back(got);
  }

  ip_address to_;
  std::uint16_t source_port_;
  std::vector<std::uint16_t> ports_;
  mono_time give_up_;
  std::array<std::byte, 20> segment_{};
  std::size_t next_ = 0;
  bool over_ = false;
};

std::optional<io::probe_socket> open_tcp(ip_family family, io::port_range ports) {
  io::probe_socket_config config;
  config.family = family;
  config.protocol = io::probe_protocol::tcp;
  config.ports = ports;
  auto socket = io::open_probe_socket(config);
  if (!socket) {
    WARN("not permitted here: " << describe(socket.error()));
    return std::nullopt;
  }
  return std::move(*socket);
}

bool sums_up(wire::checksum_validity validity) {
  // Over loopback nobody finishes a checksum that the hardware would.
  return validity == wire::checksum_validity::good || validity == wire::checksum_validity::unfinished;
}

}  // namespace

TEST_CASE("driver: a crafted SYN is answered by an open and by a closed port", "[io][driver]") {
  const auto to = GENERATE(test::loopback_v4, test::loopback_v6);
  const test::kernel_stamps on;
  const bound_port open{to};
  const bound_port closed{to, -1};
  const auto lease = io::lease_ports(1, 20260802);
  REQUIRE(lease.has_value());
  auto socket = open_tcp(to.family(), lease->ports());
  if (!socket || !open) return;
  CHECK(socket->protocol() == io::probe_protocol::tcp);
  CHECK(socket->ports() == lease->ports());
  io::driver host;
  host.attach(std::move(*socket));
  CHECK(host.socket(to.family()) == nullptr);
  REQUIRE(host.socket(to.family(), io::probe_protocol::tcp) != nullptr);
  syn_machine machine{to, lease->base(), {open.port, closed.port}};
  const auto outcome = host.run(machine, {});
  CHECK_FALSE(outcome.stopped);
  CHECK(machine.errors.empty());
  CHECK(machine.sent == 2);
  CHECK(machine.stamped == 2);
  REQUIRE(machine.answers.size() == 2);
  for (const auto& got : machine.answers) {
    const bool is_open = got.port == open.port;
    CHECK(got.flags ==
          (is_open ? wire::tcp_flag::syn | wire::tcp_flag::ack : wire::tcp_flag::rst | wire::tcp_flag::ack));
    CHECK(got.acknowledgment == first_sequence + (is_open ? 1 : 2));
    CHECK(got.source == to);
    CHECK(sums_up(got.checksum));
    CHECK(got.trust == probe::checksum_trust::verify);
    CHECK(got.form == (to.is_v4() ? probe::framing::ipv4_packet : probe::framing::tcp_segment));
    CHECK(got.stamp == probe::stamp_source::socket);
    CHECK(got.hop_limit);
  }
}

TEST_CASE("driver: the kernel resets what a SYN from a leased port opened", "[io][driver]") {
  const auto to = GENERATE(test::loopback_v4, test::loopback_v6);
  const bound_port open{to};
  const auto lease = io::lease_ports(1, 20260803);
  REQUIRE(lease.has_value());
  auto socket = open_tcp(to.family(), lease->ports());
  auto observer = open_tcp(to.family(), {open.port, 1});
  if (!socket || !observer || !open) return;
  io::driver host;
  host.attach(std::move(*socket));
  syn_machine machine{to, lease->base(), {open.port}};
  host.run(machine, {});
  REQUIRE(machine.answers.size() == 1);
  io::clock_bridge clocks;
  std::vector<std::uint16_t> flags;
  for (const auto& what : observer->receive(clocks)) {
    const auto* one = std::get_if<probe::arrival>(&what);
    REQUIRE(one != nullptr);
    const auto segment = wire::tcp_view::parse(one->bytes.subspan(to.is_v4() ? 20 : 0));
    REQUIRE(segment.has_value());
    flags.push_back(segment->flags());
  }
  CHECK(flags == std::vector<std::uint16_t>{wire::tcp_flag::syn, wire::tcp_flag::rst});
}

TEST_CASE("driver: a raw TCP socket hears nothing of the talk of others", "[io][driver]") {
  const bound_port open{test::loopback_v4};
  const bound_port client{test::loopback_v4, -1};
  auto socket = open_tcp(ip_family::v4, {1, 1});
  if (!socket) return;
  const auto to = io::to_socket_address(test::loopback_v4, open.port);
  REQUIRE(::connect(client.socket.get(), &to.any, to.size) == 0);
  io::clock_bridge clocks;
  CHECK(socket->receive(clocks).empty());
  CHECK(socket->take_drops() == 0);
}

TEST_CASE("driver: a segment for which there is no source is not sent, and said so", "[io][driver]") {
  auto socket = open_tcp(ip_family::v4, {61000, 1});
  if (!socket) return;
  io::driver host;
  host.attach(std::move(*socket));
  syn_machine machine{ip_address::v4(0xffffffff), 61000, std::vector<std::uint16_t>(100, 80)};
  const auto outcome = host.run(machine, {});
  CHECK_FALSE(outcome.stopped);
  CHECK(machine.errors.size() == 100);
  CHECK(machine.sent == 0);
}

TEST_CASE("driver: sends from the source address it is given", "[io][driver]") {
  const bound_port open{test::loopback_v4};
  const auto lease = io::lease_ports(1, 20260804);
  REQUIRE(lease.has_value());
  io::probe_socket_config config;
  config.protocol = io::probe_protocol::tcp;
  config.ports = lease->ports();
  config.source = ip_address::v4(0x7f000005);
  auto socket = io::open_probe_socket(config);
  if (!socket) return;
  auto observer = open_tcp(ip_family::v4, {open.port, 1});
  REQUIRE(observer.has_value());
  io::driver host;
  host.attach(std::move(*socket));
  syn_machine machine{test::loopback_v4, lease->base(), {open.port}};
  host.run(machine, {});
  REQUIRE(machine.answers.size() == 1);
  io::clock_bridge clocks;
  const auto seen = observer->receive(clocks);
  REQUIRE_FALSE(seen.empty());
  const auto& syn = std::get<probe::arrival>(seen[0]);
  CHECK(ip_address::from_bytes(syn.bytes.subspan(12, 4)) == config.source);
  const auto segment = wire::tcp_view::parse(syn.bytes.subspan(20));
  REQUIRE(segment.has_value());
  CHECK(segment->verify(config.source, test::loopback_v4) == wire::checksum_validity::good);
}

namespace {

/// Opens one stream, says a word when it stands and closes when it is answered.
class talking_machine final : public probe::machine {
 public:
  explicit talking_machine(std::uint16_t port) : port_{port}, give_up_{io::now() + 2s} {}

  void feed(mono_time at, const probe::stimulus& what) override {
    if (std::holds_alternative<probe::stream_started>(what)) ++started;
    if (std::holds_alternative<probe::stream_opened>(what)) step_ = step::write;
    if (const auto* one = std::get_if<probe::stream_failed>(&what)) {
      error = one->error;
      step_ = step::over;
    }
    if (const auto* one = std::get_if<probe::stream_data>(&what)) {
      heard += one->bytes.size();
      step_ = step::close;
    }
    if (at >= give_up_) step_ = step::over;
  }
  std::optional<probe::effect> next_effect(mono_time) override {
    const auto now_is = step_;
    step_ = now_is == step::close ? step::over : now_is == step::over ? step::over : step::wait;
    if (now_is == step::open) return probe::open_stream{1, test::loopback_v4, port_};
    if (now_is == step::write) return probe::write_stream{1, as_bytes("ping")};
    if (now_is == step::close) return probe::close_stream{1};
    return std::nullopt;
  }
  [[nodiscard]] std::optional<mono_time> deadline() const override {
    if (step_ == step::over) return std::nullopt;
    return give_up_;
  }
  int started = 0;
  int error = 0;
  std::size_t heard = 0;

 private:
  enum class step { open, wait, write, close, over };
  std::uint16_t port_;
  mono_time give_up_;
  step step_ = step::open;
};

}  // namespace

TEST_CASE("driver: carries a stream from open to close", "[io][driver]") {
  const bound_port server{test::loopback_v4};
  io::driver host;
  REQUIRE(host.attach(io::stream_config{}).has_value());
  talking_machine machine{server.port};
  io::unique_fd peer;
  io::driver_hooks hooks;
  hooks.on_progress = [&](mono_time) {
    if (!peer && machine.started != 0) {
      peer = server.accept();
      (void)!::send(peer.get(), "pong!", 5, 0);
    }
  };
  const auto outcome = host.run(machine, hooks);
  CHECK_FALSE(outcome.stopped);
  CHECK(machine.heard == 5);
  std::array<char, 8> said{};
  CHECK(::recv(peer.get(), said.data(), said.size(), MSG_WAITALL) == 4);
}

TEST_CASE("driver: without streams an opening fails, and is said to", "[io][driver]") {
  io::driver host;
  talking_machine machine{9};
  const auto outcome = host.run(machine, {});
  CHECK_FALSE(outcome.stopped);
  CHECK(machine.error == EOPNOTSUPP);
  CHECK(machine.started == 0);
}

// libdiag/io/link_socket.hpp: both ends of a cable in a network namespace.
#include "libdiag/io/link_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <poll.h>
#include <vector>

#include "libdiag/core/bytes.hpp"
#include "libdiag/io/privilege.hpp"

#include "tests/catch.hpp"
#include "tests/io/child.hpp"
#include "tests/io/own_network.hpp"

using namespace diag;

namespace {

using octets = std::vector<std::byte>;

/// A broadcast ARP request behind `tags` (TPID and TCI in turn), `size` octets of it.
octets request(std::initializer_list<std::uint16_t> tags = {}, std::size_t size = 60) {
  octets frame(size);
  std::fill_n(frame.begin(), 6, std::byte{0xff});
  store_u8(frame, 6, 0x02);
  std::size_t at = 12;
  for (const auto half : tags) store_be16(frame, std::exchange(at, at + 2), half);
  store_be16(frame, at, 0x0806);
  for (std::size_t i = at + 2; i < size; ++i) frame[i] = static_cast<std::byte>(i);
  return frame;
}

io::link_socket listening(std::uint32_t interface, const io::link_filter& wanted = {},
                          std::size_t buffer = 0) {
  auto made = io::open_link_socket();
  REQUIRE(made.has_value());
  REQUIRE(made->listen(interface, wanted, false, buffer).has_value());
  return std::move(*made);
}

probe::transmit carrying(const octets& frame, probe::probe_token token = 0, std::uint32_t interface = 0) {
  probe::transmit packet;
  packet.token = token;
  packet.layer = probe::transmit::layer_kind::link;
  packet.interface = interface;
  packet.bytes = frame;
  return packet;
}

/// What one frame sent alone was said to have come to: 0, or an errno value.
int send(io::link_socket& from, const probe::transmit& packet) {
  io::clock_bridge clocks;
  from.queue(packet);
  bool told = false;
  int error = 0;
  for (const auto& one : from.flush(clocks)) {  // stamps of earlier ones may be among it
    if (const auto* failed = std::get_if<probe::send_failed>(&one)) error = failed->error;
    const auto* left = std::get_if<probe::sent>(&one);
    told = told || error != 0 || (left != nullptr && left->token == packet.token);
  }
  REQUIRE(told);
  return error;
}

struct received {
  octets bytes;
  probe::arrival facts;
};

/// The next frame, waited for; none after ten seconds.
std::optional<received> next(io::link_socket& at) {
  io::clock_bridge clocks;
  const auto give_up = io::now() + 10s;
  while (io::now() < give_up) {
    for (const auto& one : at.receive(clocks))
      if (const auto* came = std::get_if<probe::arrival>(&one))
        return received{octets{came->bytes.begin(), came->bytes.end()}, *came};
    pollfd readable{at.fd(), POLLIN, 0};  // a stamp wakes it, too
    (void)::poll(&readable, 1, 100);
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("link_socket: a frame arrives as it left, and says where", "[io][link_socket]") {
  test::in_own_network([](const test::cable& cable) {
    auto near = listening(cable.near);
    auto everywhere = listening(0);
    auto far = listening(cable.far);
    CHECK(far.interface() == cable.far);
    const auto frame = request();
    const auto before = io::now();
    REQUIRE(send(near, carrying(frame)) == 0);
    for (auto* at : {&far, &everywhere}) {
      const auto came = next(*at);
      REQUIRE(came);
      CHECK(came->bytes == frame);
      CHECK(came->facts.form == probe::framing::ethernet_frame);
      CHECK(came->facts.wire_size == frame.size());
      CHECK(came->facts.interface == cable.far);
      CHECK(came->facts.kernel.at >= before - 500us);
      CHECK(came->facts.kernel.at <= came->facts.read_at);
    }
    // What this host sends comes back to none of its sockets.
    io::clock_bridge clocks;
    CHECK(near.receive(clocks).empty());
    CHECK(everywhere.receive(clocks).empty());
  });
}

TEST_CASE("link_socket: VLAN tags are where they were sent", "[io][link_socket]") {
  test::in_own_network([](const test::cable& cable) {
    auto near = listening(cable.near);
    auto far = listening(cable.far);
    for (const auto& frame : {request({0x8100, 0x6005}), request({0x88a8, 0x0007, 0x8100, 0x0008})}) {
      REQUIRE(send(near, carrying(frame)) == 0);
      const auto came = next(far);
      REQUIRE(came);
      CHECK(came->bytes == frame);
      CHECK(came->facts.wire_size == frame.size());
    }
  });
}

TEST_CASE("link_socket: only what the filter wants comes in", "[io][link_socket]") {
  test::in_own_network([](const test::cable& cable) {
    auto near = listening(cable.near);
    io::link_filter wanted;
    auto far = listening(cable.far, wanted);
    wanted.others = true;
    auto open = listening(cable.far, wanted);
    auto frame = request();
    store_be16(frame, 12, 0x0800);
    REQUIRE(send(near, carrying(frame)) == 0);
    auto for_another = request();
    store_u8(for_another, 0, 0x0a);
    REQUIRE(send(near, carrying(for_another)) == 0);
    REQUIRE(send(near, carrying(request())) == 0);
    const auto ours = next(far);
    REQUIRE(ours);
    CHECK(ours->bytes == request());
    const auto first = next(open);
    REQUIRE(first);
    CHECK(first->bytes == for_another);
  });
}

TEST_CASE("link_socket: a batch gets its stamps, each token its own", "[io][link_socket]") {
  test::in_own_network([](const test::cable& cable) {
    auto near = listening(cable.near);
    io::clock_bridge clocks;
    const auto frame = request();
    for (probe::probe_token token = 100; token < 100 + io::link_socket::batch_size; ++token)
      near.queue(carrying(frame, token));
    CHECK(near.full());
    std::vector<probe::probe_token> left, stamped;
    for (const auto& one : near.flush(clocks)) left.push_back(std::get<probe::sent>(one).token);
    CHECK(near.awaits_stamps());
    for (auto some = near.receive_errors(clocks); !some.empty(); some = near.receive_errors(clocks))
      for (const auto& one : some) {
        const auto& said = std::get<probe::sent>(one);
        CHECK(said.when.source == probe::stamp_source::socket);
        stamped.push_back(said.token);
      }
    CHECK(left.size() == io::link_socket::batch_size);
    CHECK(stamped == left);
    CHECK_FALSE(near.awaits_stamps());
  });
}

TEST_CASE("link_socket: one that listens everywhere sends where it is told", "[io][link_socket]") {
  test::in_own_network([](const test::cable& cable) {
    auto all = listening(0);
    const auto frame = request();
    CHECK(send(all, carrying(frame)) == ENXIO);
    REQUIRE(send(all, carrying(frame, 1, cable.near)) == 0);
    auto came = next(all);
    REQUIRE(came);
    CHECK(came->facts.interface == cable.far);
    REQUIRE(send(all, carrying(frame, 2, cable.far)) == 0);
    came = next(all);
    REQUIRE(came);
    CHECK(came->facts.interface == cable.near);
    CHECK(send(all, carrying(frame, 3, 4711)) == ENXIO);
  });
}

TEST_CASE("link_socket: an interface that went down refuses, and is no end of receiving",
          "[io][link_socket]") {
  test::in_own_network([](const test::cable& cable) {
    auto near = listening(cable.near);
    auto far = listening(cable.far);
    io::clock_bridge clocks;
    REQUIRE(test::ip("link set near down"));
    CHECK(near.receive(clocks).empty());
    CHECK(send(near, carrying(request())) == ENETDOWN);
    CHECK(near.awaits_stamps());
    CHECK(near.receive_errors(clocks).empty());
    REQUIRE(test::ip("link set near up"));
    REQUIRE(test::wait_running(cable.near));
    REQUIRE(test::wait_running(cable.far));
    CHECK(send(near, carrying(request())) == 0);
    REQUIRE(send(far, carrying(request())) == 0);
    CHECK(next(near));
    // Stamps are asked for again after the failure, and find their probes.
    CHECK(near.receive_errors(clocks).size() == 1);
    CHECK_FALSE(near.awaits_stamps());
  });
}

TEST_CASE("link_socket: what is cut short tells its size", "[io][link_socket]") {
  test::in_own_network([](const test::cable& cable) {
    REQUIRE(test::ip("link set near mtu 9000"));
    REQUIRE(test::ip("link set far mtu 9000"));
    auto near = listening(cable.near);
    auto far = listening(cable.far);
    const auto frame = request({0x8100, 5}, 4000);
    REQUIRE(send(near, carrying(frame)) == 0);
    const auto came = next(far);
    REQUIRE(came);
    CHECK(came->facts.wire_size == 4000);
    CHECK(came->bytes.size() > 1500);
    CHECK(std::equal(came->bytes.begin(), came->bytes.end(), frame.begin()));
  });
}

TEST_CASE("link_socket: frames there was no room for are counted", "[io][link_socket]") {
  test::in_own_network([](const test::cable& cable) {
    auto near = listening(cable.near);
    auto far = listening(cable.far, {}, 4096);
    const auto frame = request();
    constexpr std::uint64_t sent = 256;
    for (std::uint64_t i = 0; i < sent; ++i) REQUIRE(send(near, carrying(frame)) == 0);
    io::clock_bridge clocks;
    std::uint64_t came = 0, lost = 0;
    for (auto some = far.receive(clocks); !some.empty(); some = far.receive(clocks))
      for (const auto& one : some) {
        if (const auto* drops = std::get_if<probe::receiver_dropped>(&one)) lost += drops->count;
        if (std::holds_alternative<probe::arrival>(one)) ++came;
      }
    CHECK(lost > 0);
    CHECK(came + lost == sent);
    CHECK(far.take_drops() == 0);
  });
}

TEST_CASE("link_socket: listening needs no privilege, opening does", "[io][link_socket]") {
  test::in_own_network([](const test::cable& cable) {
    CHECK(test::in_child([&] {
            auto opened = io::open_link_socket(1 << 20);
            if (!opened || !io::drop_privileges()) return 1;
            io::link_filter wanted;
            wanted.others = wanted.every_group = true;
            if (!opened->listen(cable.far, wanted, true, 1 << 20)) return 2;
            const auto again = io::open_link_socket();
            if (again || again.error().hint.find("CAP_NET_RAW") == std::string::npos) return 3;
            return send(*opened, carrying(request())) == 0 ? 0 : 4;
          }) == 0);
  });
}

TEST_CASE("link_socket: an interface that is not there is named", "[io][link_socket]") {
  test::in_own_network([](const test::cable&) {
    auto opened = io::open_link_socket();
    REQUIRE(opened.has_value());
    const auto failed = opened->listen(4711, {});
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().code.value() == ENODEV);
    CHECK(failed.error().subject == "interface 4711");
    CHECK_FALSE(opened->listen(0, {}, true).has_value());
  });
}

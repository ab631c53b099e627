// libdiag/io/driver.hpp with a link socket and a link watch: whole frames out and in, in the order of things.
#include <algorithm>
#include <cerrno>
#include <vector>

#include "libdiag/core/bytes.hpp"
#include "libdiag/io/clock.hpp"
#include "libdiag/io/driver.hpp"

#include "tests/catch.hpp"
#include "tests/io/own_network.hpp"

using namespace diag;

namespace {

/// Sends `frames` ARP requests out of `by` and is done when it has heard of each what there is to hear.
class asker final : public probe::machine {
 public:
  asker(std::uint64_t frames, std::uint32_t by) : frames_{frames}, by_{by} {
    std::fill_n(frame_.begin(), 6, std::byte{0xff});
    store_be16(frame_, 12, 0x0806);
  }
  void feed(mono_time at, const probe::stimulus& what) override {
    now_ = at;
    if (const auto* link = std::get_if<probe::link_changed>(&what)) {
      links.push_back(*link);
      told_before_asked = told_before_asked || handed_ == 0;
    }
    if (const auto* one = std::get_if<probe::sent>(&what)) {
      if (one->when.source == probe::stamp_source::socket) ++stamped;
      if (one->when.source == probe::stamp_source::user) ++left;
    }
    if (const auto* one = std::get_if<probe::send_failed>(&what)) {
      ++failed;
      error = one->error;
    }
    if (const auto* one = std::get_if<probe::arrival>(&what)) {
      ++arrived;
      came_before_stamp = came_before_stamp || arrived > stamped;
      interface = one->interface;
    }
  }
  std::optional<probe::effect> next_effect(mono_time at) override {
    if (give_up_ == mono_time{}) give_up_ = at + 10s;
    if (handed_ == frames_) return std::nullopt;
    probe::transmit packet;
    packet.token = handed_++;
    packet.layer = probe::transmit::layer_kind::link;
    packet.interface = by_;
    packet.bytes = frame_;
    return packet;
  }
  [[nodiscard]] std::optional<mono_time> deadline() const override {
    const bool done = failed == frames_ || (arrived == frames_ && stamped == frames_);
    if (done || now_ >= give_up_) return std::nullopt;
    return give_up_;
  }

  std::vector<probe::link_changed> links{};
  bool told_before_asked = false, came_before_stamp = false;
  std::uint64_t left = 0, stamped = 0, failed = 0, arrived = 0;
  std::uint32_t interface = 0;
  int error = 0;

 private:
  std::uint64_t frames_;
  std::uint32_t by_;
  std::uint64_t handed_ = 0;
  std::vector<std::byte> frame_ = std::vector<std::byte>(60);
  mono_time now_{}, give_up_ = mono_time{};
};

io::link_socket everywhere() {
  auto made = io::open_link_socket();
  REQUIRE(made.has_value());
  REQUIRE(made->listen(0, {}, false, 1 << 20).has_value());
  return std::move(*made);
}

}  // namespace

TEST_CASE("driver: frames leave in batches and arrive behind their stamps", "[io][driver][link_socket]") {
  test::in_own_network([](const test::cable& cable) {
    io::driver host;
    host.attach(everywhere());
    REQUIRE(host.watch_links({cable.near, cable.far}).has_value());
    asker machine{150, cable.near};
    const auto outcome = host.run(machine, {});
    CHECK_FALSE(outcome.stopped);
    CHECK(machine.left == 150);
    CHECK(machine.arrived == 150);
    CHECK(machine.interface == cable.far);
    CHECK_FALSE(machine.came_before_stamp);
    // How the links are is known before anything is sent, and told once.
    CHECK(machine.told_before_asked);
    REQUIRE(machine.links.size() >= 2);
    CHECK(machine.links[0].interface == cable.near);
    CHECK(machine.links[0].up);
    CHECK(machine.links[1].interface == cable.far);
    CHECK(host.detach_link());
    CHECK_FALSE(host.detach_link());
  });
}

TEST_CASE("driver: an interface that is down is told first, and every frame fails",
          "[io][driver][link_socket]") {
  test::in_own_network([](const test::cable& cable) {
    REQUIRE(test::ip("link set near down"));
    io::driver host;
    host.attach(everywhere());
    REQUIRE(host.watch_links({cable.near}).has_value());
    asker machine{3, cable.near};
    CHECK_FALSE(host.run(machine, {}).trouble.has_value());
    CHECK(machine.failed == 3);
    CHECK(machine.error == ENETDOWN);
    REQUIRE_FALSE(machine.links.empty());
    CHECK_FALSE(machine.links.front().up);
  });
}

TEST_CASE("driver: a frame for which there is no socket is not sent, and said so", "[io][driver]") {
  io::driver host;
  asker machine{2, 1};
  host.run(machine, {});
  CHECK(machine.failed == 2);
  CHECK(machine.error == EOPNOTSUPP);
}

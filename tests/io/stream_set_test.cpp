// libdiag/io/stream_set.hpp: connections over loopback, which needs no privilege.
#include "libdiag/io/stream_set.hpp"

#include <array>
#include <cerrno>
#include <functional>
#include <poll.h>
#include <string>
#include <sys/resource.h>
#include <vector>

#include "libdiag/core/checksum.hpp"
#include "libdiag/io/clock.hpp"
#include "libdiag/io/privilege.hpp"
#include "libdiag/io/probe_socket.hpp"
#include "libdiag/io/stream_socket.hpp"

#include "tests/catch.hpp"
#include "tests/io/child.hpp"
#include "tests/io/loopback.hpp"

using namespace diag;
using test::bound_port;

namespace {

using close_manner = probe::close_stream::manner;
using end_manner = probe::stream_closed::manner;

/// Keeps what a set tells, and waits for it on the set's descriptor as a loop would.
struct listener_log {
  explicit listener_log(const io::stream_config& config = {}) : set{*io::open_streams(config)} {}

  void take(std::span<const probe::stimulus> news) {
    for (const auto& one : news) {
      if (const auto* what = std::get_if<probe::stream_started>(&one)) started.push_back(*what);
      if (const auto* what = std::get_if<probe::stream_opened>(&one)) opened.push_back(*what);
      if (const auto* what = std::get_if<probe::stream_failed>(&one)) failed.push_back(*what);
      if (const auto* what = std::get_if<probe::stream_closed>(&one)) closed.push_back(*what);
      if (const auto* what = std::get_if<probe::stream_data>(&one))
        for (const auto octet : what->bytes) text.push_back(static_cast<char>(octet));
    }
  }
  void open(probe::probe_token token, const ip_address& to, std::uint16_t port) {
    probe::open_stream wanted;
    wanted.token = token;
    wanted.destination = to;
    wanted.port = port;
    take(set.open(wanted));
  }
  void write(probe::probe_token token, std::string_view words) { take(set.write({token, as_bytes(words)})); }
  /// Until `done`; false when nothing more came within two seconds.
  bool until(const std::function<bool()>& done) {
    while (!done()) {
      pollfd waiting{set.fd(), POLLIN, 0};
      if (::poll(&waiting, 1, 2000) <= 0) return false;
      take(set.receive());
    }
    return true;
  }
  [[nodiscard]] bool quiet() const {
    pollfd waiting{set.fd(), POLLIN, 0};
    return ::poll(&waiting, 1, 0) == 0;
  }

  io::stream_set set;
  std::vector<probe::stream_started> started;
  std::vector<probe::stream_opened> opened;
  std::vector<probe::stream_failed> failed;
  std::vector<probe::stream_closed> closed;
  std::string text;
};

void say(const io::unique_fd& to, std::string_view words) {
  REQUIRE(::send(to.get(), words.data(), words.size(), MSG_NOSIGNAL) == std::ssize(words));
}

}  // namespace

TEST_CASE("stream_set: opens, talks both ways and sees the peer's FIN", "[io][stream_set]") {
  const auto at = GENERATE(test::loopback_v4, test::loopback_v6);
  const bound_port server{at};
  if (!server) {
    WARN("no loopback of this family");
    return;
  }
  listener_log log;
  const auto before = io::now();
  log.open(7, at, server.port);
  REQUIRE(log.started.size() == 1);
  CHECK(log.started[0].token == 7);
  CHECK(log.started[0].source == at);
  CHECK(log.started[0].source_port != 0);
  CHECK(log.started[0].at >= before);
  REQUIRE(log.until([&] { return !log.opened.empty(); }));
  CHECK(log.opened[0].token == 7);
  CHECK(log.opened[0].at >= log.started[0].at);
  const auto& facts = log.opened[0].facts;
  REQUIRE(facts.rtt.has_value());
  CHECK(*facts.rtt < 1s);
  CHECK(facts.retransmits == 0);
  CHECK(facts.maximum_segment > 1000);

  const auto peer = server.accept();
  log.write(7, "hello");
  std::array<char, 16> heard{};
  CHECK(::recv(peer.get(), heard.data(), heard.size(), 0) == 5);
  say(peer, "220 ready\r\n");
  REQUIRE(log.until([&] { return log.text.size() == 11; }));
  CHECK(log.text == "220 ready\r\n");
  REQUIRE(::shutdown(peer.get(), SHUT_WR) == 0);
  REQUIRE(log.until([&] { return !log.closed.empty(); }));
  CHECK(log.closed[0].how == end_manner::finished);
  CHECK(log.quiet());  // a hang-up would wake the loop for ever
  CHECK(log.set.size() == 1);
  log.write(7, "bye");
  CHECK(::recv(peer.get(), heard.data(), heard.size(), 0) == 3);
  log.set.close({7, close_manner::release});
  CHECK(::recv(peer.get(), heard.data(), heard.size(), 0) == 0);
  CHECK(log.set.size() == 0);
}

TEST_CASE("stream_set: a closed port refuses", "[io][stream_set]") {
  const auto at = GENERATE(test::loopback_v4, test::loopback_v6);
  const bound_port nobody{at, -1};
  if (!nobody) {
    WARN("no loopback of this family");
    return;
  }
  listener_log log;
  log.open(1, at, nobody.port);
  REQUIRE(log.until([&] { return !log.failed.empty(); }));
  CHECK(log.failed[0].token == 1);
  CHECK(log.failed[0].error == ECONNREFUSED);
  CHECK(log.failed[0].started);
  CHECK_FALSE(log.failed[0].notice.has_value());
  CHECK(log.set.size() == 0);
}

TEST_CASE("stream_set: a reset by the peer ends the stream", "[io][stream_set]") {
  const bound_port server{test::loopback_v4};
  listener_log log;
  log.open(1, test::loopback_v4, server.port);
  REQUIRE(log.until([&] { return !log.opened.empty(); }));
  auto peer = server.accept();
  io::make_close_reset(peer.get());
  peer.reset();
  REQUIRE(log.until([&] { return !log.closed.empty(); }));
  CHECK(log.closed[0].how == end_manner::reset);
  CHECK(log.closed[0].error == ECONNRESET);
  CHECK(log.set.size() == 0);
}

TEST_CASE("stream_set: our own reset reaches the peer, our own FIN leaves us reading", "[io][stream_set]") {
  const bound_port server{test::loopback_v4};
  listener_log log;
  log.open(1, test::loopback_v4, server.port);
  log.open(2, test::loopback_v4, server.port);
  REQUIRE(log.until([&] { return log.opened.size() == 2; }));
  const auto first = server.accept();
  const auto second = server.accept();
  log.set.close({1, close_manner::reset});
  log.set.close({2, close_manner::finish});
  std::array<char, 8> heard{};
  CHECK(::recv(first.get(), heard.data(), heard.size(), 0) < 0);
  CHECK(errno == ECONNRESET);
  CHECK(::recv(second.get(), heard.data(), heard.size(), 0) == 0);
  say(second, "still here");
  REQUIRE(log.until([&] { return log.text == "still here"; }));
  CHECK(log.set.size() == 1);
}

TEST_CASE("stream_set: what is written before it stands is sent when it does", "[io][stream_set]") {
  const bound_port server{test::loopback_v4};
  listener_log log;
  log.open(1, test::loopback_v4, server.port);
  log.write(1, "GET ");
  log.write(1, "/");
  REQUIRE(log.until([&] { return !log.opened.empty(); }));
  const auto peer = server.accept();
  std::array<char, 8> heard{};
  CHECK(::recv(peer.get(), heard.data(), heard.size(), 0) == 5);
}

TEST_CASE("stream_set: octets wait for a slow reader up to a limit", "[io][stream_set]") {
  const bound_port server{test::loopback_v4};
  listener_log log;
  log.open(1, test::loopback_v4, server.port);
  const std::string most(io::stream_set::write_limit, 'x');
  log.write(1, most);
  CHECK(log.closed.empty());
  log.write(1, "y");
  REQUIRE(log.closed.size() == 1);
  CHECK(log.closed[0].how == end_manner::failed);
  CHECK(log.closed[0].error == ENOBUFS);
}

TEST_CASE("stream_set: what the kernel refuses at once was not started", "[io][stream_set]") {
  listener_log broadcast;
  broadcast.open(3, ip_address::v4(0xffffffff), 80);
  REQUIRE(broadcast.failed.size() == 1);
  CHECK(broadcast.failed[0].token == 3);
  CHECK_FALSE(broadcast.failed[0].started);
  CHECK(broadcast.failed[0].error != 0);

  io::stream_config foreign;
  foreign.source = ip_address::v4(0xC0000201);  // 192.0.2.1: no address of a sane host
  listener_log unbound{foreign};
  unbound.open(4, test::loopback_v4, 80);
  REQUIRE(unbound.failed.size() == 1);
  CHECK(unbound.failed[0].error == EADDRNOTAVAIL);
  CHECK_FALSE(unbound.failed[0].started);
}

TEST_CASE("stream_set: leaves from the source address and port asked for", "[io][stream_set]") {
  const bound_port server{test::loopback_v4};
  io::stream_config config;
  config.source = ip_address::v4(0x7f000009);
  listener_log log{config};
  const bound_port free{ip_address::v4(0x7f000009), -1};
  probe::open_stream wanted;
  wanted.token = 1;
  wanted.destination = test::loopback_v4;
  wanted.port = server.port;
  wanted.source_port = free.port;
  log.take(log.set.open(wanted));
  REQUIRE(log.failed.size() == 1);
  CHECK(log.failed[0].error == EADDRINUSE);
  wanted.source_port = 0;
  wanted.hop_limit = std::uint8_t{7};
  log.take(log.set.open(wanted));
  REQUIRE(log.started.size() == 1);
  CHECK(log.started[0].source == config.source);
  CHECK(log.until([&] { return !log.opened.empty(); }));
}

TEST_CASE("stream_set: a thousand streams cost one descriptor to watch", "[io][stream_set]") {
  CHECK(test::in_child([] {
          if (io::raise_descriptor_limit() < 2100) return 0;
          const bound_port server{test::loopback_v4, 1024};
          listener_log log;
          std::vector<io::unique_fd> peers;
          for (probe::probe_token token = 1; token <= 1000; ++token) {
            log.open(token, test::loopback_v4, server.port);
            peers.push_back(server.accept());
          }
          if (!log.until([&] { return log.opened.size() == 1000; })) return 1;
          for (const auto& peer : peers) ::send(peer.get(), "x", 1, 0);
          return log.until([&] { return log.text.size() == 1000; }) ? 0 : 2;
        }) == 0);
}

TEST_CASE("stream_set: no descriptor left is the stream's failure, not the program's", "[io][stream_set]") {
  CHECK(test::in_child([] {
          listener_log log;
          const rlimit none{3, 3};
          if (::setrlimit(RLIMIT_NOFILE, &none) != 0) return 1;
          log.open(1, test::loopback_v4, 9);
          return log.failed.size() == 1 && log.failed[0].error == EMFILE && !log.failed[0].started ? 0 : 2;
        }) == 0);
}

TEST_CASE("stream_set: works after privileges are dropped", "[io][stream_set]") {
  CHECK(test::in_child([] {
          const bound_port server{test::loopback_v4};
          const bound_port nobody{test::loopback_v4, -1};
          if (!io::drop_privileges()) return 0;  // privilege_test says whether it may fail
          listener_log log;
          log.open(1, test::loopback_v4, server.port);
          log.open(2, test::loopback_v4, nobody.port);
          if (!log.until([&] { return log.opened.size() + log.failed.size() == 2; })) return 1;
          const auto peer = server.accept();
          ::send(peer.get(), "x", 1, 0);
          return log.until([&] { return log.text == "x"; }) && log.failed.size() == 1 ? 0 : 2;
        }) == 0);
}

TEST_CASE("stream_set: an ICMP error ends a connection under way, and says who sent it", "[io][stream_set]") {
  // A listener whose backlog is full answers no SYN: the connection stays under way.
  const bound_port server{test::loopback_v4, 0};
  io::probe_socket_config config;
  config.protocol = io::probe_protocol::tcp;
  config.ports = {server.port, 1};
  auto observer = io::open_probe_socket(config);
  io::probe_socket_config sender_config;
  auto sender = io::open_probe_socket(sender_config);
  if (!observer || !sender) {
    WARN("raw sockets are not permitted here");
    return;
  }
  listener_log log;
  log.open(1, test::loopback_v4, server.port);
  REQUIRE(log.until([&] { return !log.opened.empty(); }));
  io::clock_bridge clocks;
  while (!observer->receive(clocks).empty()) {
  }
  log.open(2, test::loopback_v4, server.port);
  const auto seen = observer->receive(clocks);
  REQUIRE(seen.size() == 1);
  const auto& syn = std::get<probe::arrival>(seen[0]);
  const auto quote = syn.bytes.first(28);
  std::vector<std::byte> error(8);
  store_u8(error, 0, 3);
  store_u8(error, 1, 13);
  error.insert(error.end(), quote.begin(), quote.end());
  probe::transmit packet;
  packet.protocol = 1;
  packet.destination = test::loopback_v4;
  store_be16(error, 2, internet_checksum(error));
  packet.bytes = error;
  sender->queue(packet);
  sender->flush(clocks);
  REQUIRE(log.until([&] { return !log.failed.empty(); }));
  CHECK(log.failed[0].token == 2);
  CHECK(log.failed[0].started);
  CHECK(log.failed[0].error == EHOSTUNREACH);
  REQUIRE(log.failed[0].notice.has_value());
  const auto& notice = *log.failed[0].notice;
  CHECK(notice.origin == probe::path_notice::origin_kind::icmpv4);
  CHECK(notice.type == 3);
  CHECK(notice.code == 13);
  CHECK(notice.offender == test::loopback_v4);
  CHECK(notice.destination == test::loopback_v4);
}

// Echo replies, right and wrong, one by one: what is believed, what is rejected and why.
#include "tests/catch.hpp"
#include "tests/sim/stage.hpp"

using namespace diag;
using namespace diag::sim;
using probe::anomaly;
using probe::ping_rejected;
using probe::ping_reply;
using probe::ping_timeout;
using probe::reject_reason;

namespace {

constexpr std::size_t icmp_at = 20;

/// Rejected for `why`, once, with the probe still open; then answered by the true reply.
void rejects_and_goes_on(by_hand& bench, const packet& good, const packet& bad, reject_reason why) {
  bench.feed(bad);
  CHECK(bench.rejected(why) == 1);
  CHECK(bench.book.rejected() == 1);
  CHECK(bench.machine().account(0, bench.now).pending == 1);
  bench.feed(good);
  bench.finish();
  CHECK(bench.book.summary().received == 1);
  CHECK(bench.book.breach() == "");
}

packet with_options(const packet& reply, const std::vector<int>& octets) {
  std::vector<std::byte> options;
  for (const auto octet : octets) options.push_back(static_cast<std::byte>(octet));
  const auto header = *look(reply);
  return make_ip(header, header.payload, options);
}

}  // namespace

TEST_CASE("ping: believes a clean reply", "[sim][ping]") {
  const auto* address = GENERATE("198.51.100.1", "2001:db8:1::1");
  by_hand bench{address};
  const auto request = bench.request();
  bench.feed(echo_reply(request, 57), 12345us);
  bench.finish();
  const auto replies = bench.seen<ping_reply>();
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].what == ping_reply::kind::in_time);
  CHECK(replies[0].rtt == 12345us);
  CHECK(replies[0].source == probe::stamp_source::socket);
  CHECK(replies[0].hop_limit == 57);
  CHECK(replies[0].size == 64);
  CHECK(replies[0].odd == 0);
  CHECK(replies[0].from == parse_ip(address));
  CHECK(bench.book.breach() == "");
}

TEST_CASE("ping P1: rejects a total length that cannot be", "[sim][ping]") {
  const auto length = GENERATE(19, 85, 65535);
  by_hand bench;
  const auto good = echo_reply(bench.request());
  auto bad = good;
  store_be16(bad, 2, static_cast<std::uint16_t>(length));
  finish_ip(bad);
  rejects_and_goes_on(bench, good, bad, reject_reason::bad_ip_header);
}

TEST_CASE("ping P2, P3: rejects a header length that cannot be", "[sim][ping]") {
  by_hand bench;
  const auto good = echo_reply(bench.request());
  auto bad = good;
  SECTION("the packet ends before its header does") {
    store_u8(bad, 0, 0x4f);
    bad.resize(59);
  }
  SECTION("five words are the least") {
    store_u8(bad, 0, 0x44);
  }
  SECTION("no octet at all") {
    bad.clear();
  }
  rejects_and_goes_on(bench, good, bad, reject_reason::bad_ip_header);
}

TEST_CASE("ping P4, P5: accepts a reply whatever its IP options say", "[sim][ping]") {
  const auto options = GENERATE(std::vector<int>(40, 1),          // forty NOPs
                                std::vector<int>{7, 3, 4, 0},     // record route without room
                                std::vector<int>{68, 4, 5, 0},    // timestamp too short
                                std::vector<int>{7, 0, 4, 0},     // length 0: a loop in careless hands
                                std::vector<int>{7, 255, 4, 0},   // past the end
                                std::vector<int>{148, 4, 0, 0});  // router alert
  by_hand bench;
  bench.feed(with_options(echo_reply(bench.request()), options));
  bench.finish();
  CHECK(bench.book.summary().received == 1);
  CHECK(bench.seen<ping_reply>().at(0).odd == 0);
  CHECK(bench.book.breach() == "");
}

TEST_CASE("ping P6, P35: a bad ICMP checksum is rejected and the probe is lost", "[sim][ping]") {
  const auto* address = GENERATE("198.51.100.1", "2001:db8:1::1");
  by_hand bench{address};
  auto bad = echo_reply(bench.request());
  bad.back() ^= std::byte{1};
  bench.feed(bad);
  bench.finish();
  CHECK(bench.rejected(reject_reason::bad_checksum) == 1);
  CHECK(bench.book.summary().lost == 1);
  CHECK(bench.book.breach() == "");
}

TEST_CASE("ping P7: an unfinished checksum of an offloading sender is accepted and marked", "[sim][ping]") {
  by_hand bench;
  auto reply = echo_reply(bench.request());
  store_be16(reply, icmp_at + 2, 0xbeef);
  bench.feed(reply, 1ms, probe::checksum_trust::unfinished);
  bench.finish();
  REQUIRE(bench.book.summary().received == 1);
  CHECK(has(bench.seen<ping_reply>().at(0).odd, anomaly::checksum_unverified));
}

TEST_CASE("ping P8: rejects an echo reply with a code", "[sim][ping]") {
  by_hand bench;
  const auto good = echo_reply(bench.request());
  auto bad = good;
  store_u8(bad, icmp_at + 1, 1);
  finish_icmp(bad);
  rejects_and_goes_on(bench, good, bad, reject_reason::bad_code);
}

TEST_CASE("ping P9: a reply without payload is answered, truncated, with the RTT from the send table",
          "[sim][ping]") {
  by_hand bench;
  const auto request = bench.request();
  const auto cut = GENERATE(8U, 12U, 40U);
  auto reply = echo_reply(request);
  reply.resize(icmp_at + cut);
  store_be16(reply, 2, static_cast<std::uint16_t>(reply.size()));
  finish_ip(reply);
  finish_icmp(reply);
  bench.feed(reply, 3ms);
  bench.finish();
  const auto replies = bench.seen<ping_reply>();
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].what == ping_reply::kind::in_time);
  CHECK(replies[0].odd == (probe::anomalies{} | anomaly::truncated));
  CHECK(replies[0].rtt == 3ms);
  CHECK(replies[0].size == cut);
  CHECK(bench.book.summary().corrupt == 1);
}

TEST_CASE("ping P10: names the first payload octet that differs", "[sim][ping]") {
  by_hand bench;
  auto reply = echo_reply(bench.request());
  reply[icmp_at + 8 + 33] ^= std::byte{0x40};
  finish_icmp(reply);
  bench.feed(reply);
  bench.finish();
  const auto replies = bench.seen<ping_reply>();
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].odd == (probe::anomalies{} | anomaly::corrupt));
  CHECK(replies[0].first_odd_octet == 33);
  CHECK(bench.book.summary().corrupt == 1);
  CHECK(bench.book.summary().received == 1);
}

TEST_CASE("ping P11: a reply longer than the request is marked and its true size told", "[sim][ping]") {
  by_hand bench;
  const auto request = bench.request();
  auto reply = echo_reply(request);
  reply.resize(reply.size() + 1000, std::byte{0xee});
  store_be16(reply, 2, static_cast<std::uint16_t>(reply.size()));
  finish_ip(reply);
  finish_icmp(reply);
  SECTION("read whole") {
    bench.feed(reply);
  }
  SECTION("cut by the receive buffer: the checksum cannot be judged") {
    const auto size = reply.size();
    reply.resize(172);
    bench.feed(reply, 1ms, probe::checksum_trust::verify, size);
  }
  bench.finish();
  const auto replies = bench.seen<ping_reply>();
  REQUIRE(replies.size() == 1);
  CHECK(has(replies[0].odd, anomaly::longer));
  CHECK_FALSE(has(replies[0].odd, anomaly::corrupt));
  CHECK(replies[0].size == 1064);
}

TEST_CASE("ping P12: no octet of the payload is taken for a time", "[sim][ping]") {
  const auto filling = GENERATE(0x00, 0xff, 0x7f, 0x80);
  by_hand bench;
  const auto good = echo_reply(bench.request());
  auto bad = good;
  std::fill(bad.begin() + icmp_at + 8, bad.end(), static_cast<std::byte>(filling));
  finish_icmp(bad);
  rejects_and_goes_on(bench, good, bad, reject_reason::wrong_token);
  const auto replies = bench.seen<ping_reply>();
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].rtt == 2ms);
}

TEST_CASE("ping P13: our nonce under another identifier is rejected, a stranger's reply is none of ours",
          "[sim][ping]") {
  by_hand bench;
  const auto good = echo_reply(bench.request());
  auto bad = good;
  store_be16(bad, icmp_at + 4, 0x1234);
  SECTION("our nonce") {
    finish_icmp(bad);
    rejects_and_goes_on(bench, good, bad, reject_reason::wrong_id);
  }
  SECTION("a stranger's payload") {
    store_be32(bad, icmp_at + 8, 0);
    finish_icmp(bad);
    bench.feed(bad);
    CHECK(bench.book.rejected() == 0);
    bench.feed(good);
    bench.finish();
    CHECK(bench.book.summary().received == 1);
  }
}

TEST_CASE("ping P14: the right identifier and sequence with a wrong token is foreign", "[sim][ping]") {
  by_hand bench;
  const auto good = echo_reply(bench.request());
  auto bad = good;
  const auto octet = GENERATE(0U, 3U, 4U, 7U);
  bad[icmp_at + 8 + octet] ^= std::byte{0x10};
  bad[icmp_at + 8 + (octet + 1) % 8] ^= std::byte{0x01};
  finish_icmp(bad);
  rejects_and_goes_on(bench, good, bad, reject_reason::wrong_token);
}

TEST_CASE("ping P10: one damaged octet of the token is a corrupt answer, not a stranger's", "[sim][ping]") {
  by_hand bench;
  auto damaged = echo_reply(bench.request());
  const auto octet = GENERATE(0U, 3U, 7U);
  damaged[icmp_at + 8 + octet] ^= std::byte{0xff};
  finish_icmp(damaged);
  bench.feed(damaged);
  bench.finish();
  const auto replies = bench.seen<ping_reply>();
  REQUIRE(replies.size() == 1);
  CHECK(has(replies[0].odd, anomaly::corrupt));
  CHECK(replies[0].first_odd_octet == octet);
  CHECK(bench.book.summary().corrupt == 1);
  CHECK(bench.book.breach() == "");
}

TEST_CASE("ping P15: a sequence never sent is from the future", "[sim][ping]") {
  by_hand bench;
  const auto good = echo_reply(bench.request());
  auto bad = good;
  store_be16(bad, icmp_at + 6, 3);
  finish_icmp(bad);
  rejects_and_goes_on(bench, good, bad, reject_reason::future_sequence);
}

TEST_CASE("ping P16, P17: a thousand duplicates change no statistics", "[sim][ping]") {
  auto config = by_hand::quiet();
  config.count = 2;
  by_hand bench{"198.51.100.1", config};
  const auto reply = echo_reply(bench.request());
  bench.feed(reply, 5ms);
  for (int i = 0; i < 1000; ++i) bench.feed(reply, 100us);
  const auto account = bench.machine().account(0, bench.now);
  CHECK(account.received == 1);
  CHECK(account.duplicates == 1000);
  CHECK(account.rtt->count() == 1);
  CHECK(account.rtt->max() == 5ms);
  bench.now = after(2s);
  bench.feed(echo_reply(bench.request()));
  bench.finish();
  CHECK(bench.book.summary().received == 2);
  CHECK(bench.book.breach() == "");
}

TEST_CASE("ping P18: a reply after the timeout is late, its probe stays lost", "[sim][ping]") {
  auto config = by_hand::quiet();
  config.count = 2;
  by_hand bench{"198.51.100.1", config};
  const auto reply = echo_reply(bench.request());
  const auto woken = GENERATE(true, false);
  if (woken) bench.feed(probe::wakeup{}, 1001ms);
  bench.feed(reply, woken ? 1ms : 1002ms);
  auto account = bench.machine().account(0, bench.now);
  CHECK(account.lost == 1);
  CHECK(account.late == 1);
  CHECK(account.rtt->count() == 0);
  CHECK(account.loss_percent() == 100.0);
  bench.feed(reply);
  account = bench.machine().account(0, bench.now);
  CHECK(account.late == 1);
  CHECK(account.duplicates == 1);
  bench.feed(echo_reply(bench.request()));
  bench.finish();
  CHECK(bench.book.summary().received == 1);
  CHECK(bench.book.breach() == "");
}

TEST_CASE("ping P20: another address with our token is rejected as a wrong source", "[sim][ping]") {
  by_hand bench;
  const auto good = echo_reply(bench.request());
  auto bad = good;
  store_be32(bad, 12, 0xC6336463);
  finish_ip(bad);
  rejects_and_goes_on(bench, good, bad, reject_reason::wrong_source);
  const auto seen = bench.seen<ping_rejected>();
  CHECK(seen.at(0).from == parse_ip("198.51.100.99"));
  CHECK(seen.at(0).target == 0U);
  CHECK(seen.at(0).number == 1);
}

TEST_CASE("ping P21: to a group everybody may answer", "[sim][ping]") {
  const auto broadcast = GENERATE(true, false);
  auto config = by_hand::quiet();
  config.echo.any_source = broadcast;
  by_hand bench{broadcast ? "198.51.100.255" : "224.0.0.1", config};
  config.count = 2;
  const auto request = bench.request();
  std::vector<ip_address> from;
  by_hand two{broadcast ? "198.51.100.255" : "224.0.0.1", config};
  const auto asked = two.request();
  for (std::uint32_t i = 1; i <= 3; ++i) {
    auto reply = echo_reply(asked);
    store_be32(reply, 12, 0xC6336400 + i);
    finish_ip(reply);
    two.feed(reply);
  }
  for (const auto& reply : two.seen<ping_reply>()) from.push_back(reply.from);
  CHECK(from == std::vector{*parse_ip("198.51.100.1"), *parse_ip("198.51.100.2"), *parse_ip("198.51.100.3")});
  CHECK(two.machine().account(0, two.now).received == 1);
  CHECK(two.machine().account(0, two.now).duplicates == 2);
}

TEST_CASE("ping P23, P24: instances with the same identifier do not cross-talk", "[sim][ping]") {
  auto other = by_hand::quiet();
  other.echo = test_echo(99);
  other.echo.identifier_base = by_hand::quiet().echo.identifier_base;
  by_hand one;
  by_hand two{"198.51.100.1", other};
  const auto first = echo_reply(one.request());
  const auto second = echo_reply(two.request());
  one.feed(second);
  two.feed(first);
  CHECK(one.rejected(reject_reason::wrong_token) == 1);
  CHECK(two.rejected(reject_reason::wrong_token) == 1);
  one.feed(first, 1ms);
  two.feed(second, 6ms);
  one.finish();
  two.finish();
  CHECK(one.seen<ping_reply>().at(0).rtt == 2ms);
  CHECK(two.seen<ping_reply>().at(0).rtt == 7ms);
}

TEST_CASE("ping: its own requests, seen on loopback, answer nothing", "[sim][ping]") {
  by_hand bench;
  const auto request = bench.request();
  bench.feed(request);
  CHECK(bench.book.rejected() == 0);
  CHECK(bench.machine().account(0, bench.now).pending == 1);
}

TEST_CASE("ping P38: a reply is in time up to the timeout itself", "[sim][ping]") {
  const auto rtt =
      GENERATE(duration{0}, duration{1s} - 1us, duration{1s}, duration{1s} + 1ns, duration{1s} + 1us);
  by_hand bench;
  const auto reply = echo_reply(bench.request());
  const auto woken = GENERATE(false, true);
  // A wakeup at the same instant, read first, changes nothing.
  bench.now += rtt;
  if (woken) bench.feed(probe::wakeup{});
  bench.feed(reply, 0ns);
  bench.finish();
  CHECK(bench.book.summary().received == (rtt <= 1s ? 1U : 0U));
  CHECK(bench.book.summary().lost == (rtt <= 1s ? 0U : 1U));
  if (rtt <= 1s) CHECK(bench.seen<ping_reply>().at(0).rtt == rtt);
  CHECK(bench.book.breach() == "");
}

TEST_CASE("ping P39: an RTT of a minute is measured exactly", "[sim][ping]") {
  auto config = by_hand::quiet();
  config.timeout = 120s;
  by_hand bench{"198.51.100.1", config};
  bench.feed(echo_reply(bench.request()), 60s + 7ns);
  bench.finish();
  CHECK(bench.seen<ping_reply>().at(0).rtt == 60s + 7ns);
}

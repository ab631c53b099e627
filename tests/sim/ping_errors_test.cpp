// ICMP errors, redirects and refusals of this host: which of them close a probe, and what they are called.
#include <cerrno>

#include "tests/catch.hpp"
#include "tests/sim/stage.hpp"

using namespace diag;
using namespace diag::sim;
using probe::ping_error;
using probe::ping_rejected;
using probe::ping_reply;
using probe::reason;
using probe::reject_reason;

namespace {

constexpr std::size_t quote_at = 28;  // IPv4 and ICMP headers of the error
const auto router_v4 = *parse_ip("203.0.113.1");
const auto router_v6 = *parse_ip("2001:db8:ff::1");

packet error_about(const packet& request, std::uint8_t type, std::uint8_t code, std::uint32_t rest = 0,
                   std::size_t quote = 0) {
  icmp_error_fields fields;
  fields.from = look(request)->source.is_v4() ? router_v4 : router_v6;
  fields.type = type;
  fields.code = code;
  fields.rest = rest;
  fields.quote = quote;
  return icmp_error(request, fields);
}

/// Rejected for `why`, and the probe goes on until its true answer.
void rejects_and_goes_on(by_hand& bench, const packet& request, const packet& bad, reject_reason why) {
  bench.feed(bad);
  CHECK(bench.rejected(why) == 1);
  CHECK(bench.book.rejected() == 1);
  CHECK(bench.book.of(0).errors == 0);
  bench.feed(echo_reply(request));
  bench.finish();
  CHECK(bench.book.summary().received == 1);
  CHECK(bench.book.breach() == "");
}

}  // namespace

TEST_CASE("ping: an ICMP error closes its probe and names who sent it", "[sim][ping]") {
  const auto v6 = GENERATE(false, true);
  by_hand bench{v6 ? "2001:db8:1::1" : "198.51.100.1"};
  const auto request = bench.request();
  bench.feed(error_about(request, v6 ? 1 : 3, v6 ? 3 : 1));
  bench.finish();
  const auto errors = bench.seen<ping_error>();
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].closes);
  CHECK(errors[0].why == reason::host_unreachable);
  CHECK(errors[0].from == (v6 ? router_v6 : router_v4));
  CHECK(errors[0].type == (v6 ? 1 : 3));
  CHECK(bench.book.summary().errors == 1);
  CHECK(bench.book.summary().last_error == reason::host_unreachable);
  CHECK(bench.book.breach() == "");
}

TEST_CASE("ping: an error closes only the probe it quotes", "[sim][ping]") {
  auto config = by_hand::quiet();
  config.count = 3;
  config.interval = 10ms;
  by_hand bench{"198.51.100.1", config};
  std::vector<packet> requests;
  for (int i = 0; i < 3; ++i, bench.now += 10ms) requests.push_back(bench.request());
  bench.feed(error_about(requests[1], 11, 0));
  bench.feed(echo_reply(requests[2]));
  bench.feed(echo_reply(requests[0]));
  bench.feed(error_about(requests[0], 3, 1));
  bench.finish();
  CHECK(bench.seen<ping_error>().at(0).number == 2);
  CHECK(bench.seen<ping_error>().at(0).why == reason::hop_limit_exceeded);
  CHECK(bench.book.summary().received == 2);
  CHECK(bench.book.summary().errors == 1);
  CHECK(bench.book.summary().reordered == 1);
  CHECK(bench.book.breach() == "");
}

TEST_CASE("ping: an answer after an error is late, an error after an answer a remark", "[sim][ping]") {
  auto config = by_hand::quiet();
  config.count = 2;
  by_hand bench{"198.51.100.1", config};
  const auto first = bench.request();
  bench.feed(error_about(first, 3, 1));
  bench.feed(echo_reply(first));
  CHECK(bench.machine().account(0, bench.now).errors == 1);
  CHECK(bench.machine().account(0, bench.now).late == 1);
  bench.now = after(2s);
  const auto second = bench.request();
  bench.feed(echo_reply(second));
  bench.finish();
  CHECK(bench.book.summary().received == 1);
  CHECK(bench.book.breach() == "");
}

TEST_CASE("ping P25, P26: an error whose quote cannot be read is rejected", "[sim][ping]") {
  by_hand bench;
  const auto request = bench.request();
  auto bad = error_about(request, 3, 1, 0, 28);
  SECTION("no quote") {
    bad = error_about(request, 3, 1, 0, 0), bad.resize(quote_at);
  }
  SECTION("half a header") {
    bad.resize(quote_at + 10);
  }
  SECTION("fifteen words of header in 28 octets") {
    store_u8(bad, quote_at, 0x4f);
  }
  SECTION("three words of header") {
    store_u8(bad, quote_at, 0x43);
  }
  SECTION("another family") {
    store_u8(bad, quote_at, 0x65);
  }
  SECTION("six of the eight octets") {
    bad.resize(quote_at + 26);
  }
  store_be16(bad, 2, static_cast<std::uint16_t>(bad.size()));
  finish_ip(bad);
  finish_icmp(bad);
  rejects_and_goes_on(bench, request, bad, reject_reason::bad_quote);
}

TEST_CASE("ping P27: a quote with IP options is matched", "[sim][ping]") {
  const auto words = GENERATE(1U, 10U);
  by_hand bench;
  const auto request = bench.request();
  const auto header = *look(request);
  const std::vector<std::byte> options(std::size_t{words} * 4, std::byte{1});
  const auto travelled = make_ip(header, header.payload, options);
  bench.feed(error_about(travelled, 3, 13, 0, 20 + options.size() + 8));
  bench.finish();
  CHECK(bench.book.summary().errors == 1);
  CHECK(bench.seen<ping_error>().at(0).why == reason::admin_prohibited);
}

TEST_CASE("ping P28, P29: errors about other packets close nothing", "[sim][ping]") {
  by_hand bench;
  const auto request = bench.request();
  auto travelled = request;
  SECTION("another process's identifier") {
    store_be16(travelled, 24, 0x7777);
    bench.feed(error_about(travelled, 3, 1));
    CHECK(bench.book.rejected() == 0);
    CHECK(bench.machine().account(0, bench.now).pending == 1);
  }
  SECTION("another protocol") {
    store_u8(travelled, 9, 17);
    bench.feed(error_about(travelled, 3, 3));
    CHECK(bench.book.rejected() == 0);
    CHECK(bench.machine().account(0, bench.now).pending == 1);
  }
  SECTION("another destination") {
    store_be32(travelled, 16, 0xC6336463);
    rejects_and_goes_on(bench, request, error_about(travelled, 3, 1), reject_reason::foreign_quote);
  }
  SECTION("another token") {
    store_be32(travelled, 32, 0);
    rejects_and_goes_on(bench, request, error_about(travelled, 3, 1), reject_reason::foreign_quote);
  }
  SECTION("a sequence never sent") {
    store_be16(travelled, 26, 9);
    rejects_and_goes_on(bench, request, error_about(travelled, 3, 1), reject_reason::foreign_quote);
  }
  SECTION("an echo reply of ours, which we never send") {
    store_u8(travelled, 20, 0);
    rejects_and_goes_on(bench, request, error_about(travelled, 3, 1), reject_reason::foreign_quote);
  }
  SECTION("its own checksum is wrong") {
    auto bad = error_about(travelled, 3, 1);
    bad.back() ^= std::byte{1};
    rejects_and_goes_on(bench, request, bad, reject_reason::bad_checksum);
  }
}

TEST_CASE("ping P30: a redirect is a remark", "[sim][ping]") {
  by_hand bench;
  const auto request = bench.request();
  bench.feed(error_about(request, 5, 1, 0xCB007109));
  const auto remarks = bench.seen<ping_error>();
  REQUIRE(remarks.size() == 1);
  CHECK_FALSE(remarks[0].closes);
  CHECK(remarks[0].gateway == parse_ip("203.0.113.9"));
  bench.feed(echo_reply(request));
  bench.finish();
  CHECK(bench.book.summary().received == 1);
  CHECK(bench.book.summary().errors == 0);
}

TEST_CASE("ping P31: administratively prohibited has its own word", "[sim][ping]") {
  const auto v6 = GENERATE(false, true);
  by_hand bench{v6 ? "2001:db8:1::1" : "198.51.100.1"};
  const auto request = bench.request();
  const auto code = v6 ? 1 : GENERATE(9, 10, 13);
  bench.feed(error_about(request, v6 ? 1 : 3, static_cast<std::uint8_t>(code)));
  CHECK(bench.seen<ping_error>().at(0).why == reason::admin_prohibited);
}

TEST_CASE("ping P32: the next-hop MTU is told as it came", "[sim][ping]") {
  const auto mtu = GENERATE(0U, 68U, 1400U, 65535U);
  by_hand bench;
  bench.feed(error_about(bench.request(), 3, 4, mtu));
  bench.finish();
  const auto errors = bench.seen<ping_error>();
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].why == reason::fragmentation_needed);
  CHECK(errors[0].mtu == mtu);
}

TEST_CASE("ping P33: what no echo request can provoke closes nothing", "[sim][ping]") {
  SECTION("source quench") {
    by_hand bench;
    const auto request = bench.request();
    rejects_and_goes_on(bench, request, error_about(request, 4, 0), reject_reason::source_quench);
  }
  SECTION("parameter problem") {
    by_hand bench;
    const auto request = bench.request();
    rejects_and_goes_on(bench, request, error_about(request, 12, 0), reject_reason::unexpected_type);
  }
  SECTION("every type there is, carrying our octets") {
    const auto v6 = GENERATE(false, true);
    const std::size_t at = v6 ? 40 : 20;
    for (int type = 0; type < 256; ++type) {
      if (type == (v6 ? 129 : 0)) continue;
      by_hand bench{v6 ? "2001:db8:1::1" : "198.51.100.1"};
      const auto request = bench.request();
      auto odd = echo_reply(request);
      store_u8(odd, at, static_cast<std::uint8_t>(type));
      finish_icmp(odd);
      bench.feed(odd);
      INFO("type " << type);
      CHECK(bench.machine().account(0, bench.now).pending == 1);
      bench.feed(echo_reply(request));
      bench.finish();
      CHECK(bench.book.summary().received == 1);
      CHECK(bench.book.breach() == "");
    }
  }
}

TEST_CASE("ping P34: IPv6 extension headers are walked, within reason", "[sim][ping]") {
  const auto with_headers = [](const packet& reply, std::size_t count) {
    const auto header = *look(reply);
    std::vector<std::byte> chain(count * 8);
    for (std::size_t i = 0; i < count; ++i) {
      chain[i * 8] = static_cast<std::byte>(i + 1 == count ? protocol_icmpv6 : 60);
      chain[i * 8 + 2] = std::byte{1};  // PadN of four
      chain[i * 8 + 3] = std::byte{4};
    }
    chain.insert(chain.end(), header.payload.begin(), header.payload.end());
    auto outer = header;
    outer.protocol = 60;
    return make_ip(outer, chain);
  };
  by_hand bench{"2001:db8:1::1"};
  const auto request = bench.request();
  const auto good = echo_reply(request);
  SECTION("two are fine") {
    bench.feed(with_headers(good, 2));
    bench.finish();
    CHECK(bench.book.summary().received == 1);
  }
  SECTION("a hundred are not") {
    rejects_and_goes_on(bench, request, with_headers(good, 100), reject_reason::bad_ip_header);
  }
  SECTION("cut inside the chain") {
    auto bad = with_headers(good, 3);
    bad.resize(40 + 12);
    store_be16(bad, 4, 12);
    rejects_and_goes_on(bench, request, bad, reject_reason::bad_ip_header);
  }
  SECTION("a payload length past the octets") {
    auto bad = good;
    store_be16(bad, 4, 2000);
    rejects_and_goes_on(bench, request, bad, reject_reason::bad_ip_header);
  }
}

TEST_CASE("ping P36: a packet too big below 1280 is rejected", "[sim][ping]") {
  by_hand bench{"2001:db8:1::1"};
  const auto request = bench.request();
  rejects_and_goes_on(bench, request, error_about(request, 2, 0, 1279), reject_reason::bad_mtu);
  by_hand other{"2001:db8:1::1"};
  other.feed(error_about(other.request(), 2, 0, 1280));
  CHECK(other.seen<ping_error>().at(0).why == reason::packet_too_big);
}

TEST_CASE("ping: a quote in front of an RFC 4884 extension is matched", "[sim][ping]") {
  by_hand bench;
  const auto request = bench.request();
  const auto header = *look(error_about(request, 11, 0));
  std::vector<std::byte> body(128 + 12);
  std::copy(request.begin(), request.end(), body.begin());
  // The length octet counts words; an older node's rest of an unused octet counts nothing.
  const auto words = GENERATE(32U, 2U, 255U);
  ip_header outer;
  outer.source = header.source;
  outer.destination = header.destination;
  bench.feed(make_icmp(outer, 11, 0, words << 16, body));
  CHECK(bench.book.of(0).errors == 1);
}

TEST_CASE("ping: this host's own refusals are not sent, never lost", "[sim][ping]") {
  const auto [error, why] = GENERATE(table<int, reason>({{EPERM, reason::local_firewall},
                                                         {ENETUNREACH, reason::no_route},
                                                         {EINVAL, reason::blackhole_route},
                                                         {EACCES, reason::prohibited_route},
                                                         {EMSGSIZE, reason::message_too_long},
                                                         {ENOBUFS, reason::local_queue_full},
                                                         {ENETDOWN, reason::interface_down},
                                                         {ENXIO, reason::interface_gone},
                                                         {EIO, reason::system_error}}));
  by_hand bench;
  bench.request();
  bench.feed(probe::send_failed{1, error});
  bench.feed(probe::send_failed{1, error});   // said twice
  bench.feed(probe::send_failed{77, error});  // of a probe that never was
  bench.finish();
  const auto errors = bench.seen<ping_error>();
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].why == why);
  CHECK(errors[0].error == error);
  CHECK(bench.book.summary().not_sent == 1);
  CHECK(bench.book.summary().lost == 0);
  CHECK(bench.book.summary().loss_percent() == 0.0);
  CHECK(bench.book.breach() == "");
}

TEST_CASE("ping: a notice of the error queue is ours only when it provably is", "[sim][ping]") {
  by_hand bench;
  const auto request = bench.request();
  probe::path_notice notice;
  notice.origin = probe::path_notice::origin_kind::icmpv4;
  notice.type = 3;
  notice.code = 13;
  notice.offender = router_v4;
  notice.destination = *parse_ip("198.51.100.1");
  auto quoted = packet(request.begin() + 20, request.end());
  SECTION("it is") {
    notice.quoted = quoted;
    bench.feed(notice);
    CHECK(bench.seen<ping_error>().at(0).why == reason::admin_prohibited);
    CHECK(bench.seen<ping_error>().at(0).from == router_v4);
  }
  SECTION("another destination") {
    notice.destination = *parse_ip("198.51.100.2");
  }
  SECTION("another token") {
    quoted[8] ^= std::byte{1};
  }
  SECTION("another type") {
    quoted[0] = std::byte{0};
  }
  SECTION("too short") {
    quoted.resize(7);
  }
  if (bench.seen<ping_error>().empty()) {
    notice.quoted = quoted;
    bench.feed(notice);
    CHECK(bench.seen<ping_error>().empty());
    CHECK(bench.machine().account(0, bench.now).pending == 1);
  }
}

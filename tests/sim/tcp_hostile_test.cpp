// Hostile and broken answers, by hand: nothing that is not a right answer decides, and the anomaly says why.
#include <algorithm>

#include "libdiag/core/checksum.hpp"

#include "tests/catch.hpp"
#include "tests/sim/tcp_forgeries.hpp"
#include "tests/sim/tcp_stage.hpp"

using namespace diag;
using namespace diag::sim;
using probe::reason;
using probe::reject_reason;
using probe::tcp_finding;
using probe::tcp_oddity;
using probe::tcp_state;
using namespace diag::sim::tcp_flag;
using reasons = std::vector<reject_reason>;

namespace {

ip_family either() {
  return GENERATE(ip_family::v4, ip_family::v6);
}

/// A SYN-ACK with these option octets.
packet syn_ack_with(const packet& asked, const std::vector<std::uint8_t>& options) {
  const auto octets = std::as_bytes(std::span{options});
  return answer_with(asked, syn | ack, [&](segment& made) { made.options = octets; });
}

probe::tcp_result answered_by(const std::function<packet(const packet&)>& answer,
                              const char* address = "198.51.100.1") {
  tcp_by_hand bench{address};
  bench.feed(answer(bench.request()));
  bench.finish();
  CHECK(bench.breach() == "");
  return bench.result();
}

}  // namespace

TEST_CASE("tcp: believes no answer that does not prove itself, and says why", "[sim][tcp]") {
  const auto family = either();
  const auto ends_open = GENERATE(true, false);
  for (const auto& forgery : tcp_forgeries()) {
    INFO(forgery.name << ", IPv" << (family == ip_family::v4 ? 4 : 6));
    tcp_by_hand bench{far_address(family)};
    const auto asked = bench.request();
    const auto forged = forgery.make(asked);
    if (forged.empty()) continue;
    bench.feed(forged);
    CHECK(bench.results().empty());
    CHECK(bench.anomalies() == (forgery.why ? reasons{*forgery.why} : reasons{}));
    // The true answer is heard all the same.
    bench.feed(answer_with(asked, ends_open ? syn | ack : rst | ack), 4ms);
    bench.finish();
    const auto result = bench.result();
    CHECK(result.state == (ends_open ? tcp_state::open : tcp_state::closed));
    CHECK(result.rtt == 5ms);
    CHECK(bench.breach() == "");
  }
}

TEST_CASE("tcp: is filtered when nothing but forgeries came", "[sim][tcp]") {
  tcp_by_hand bench{far_address(either())};
  const auto asked = bench.request();
  for (const auto& forgery : tcp_forgeries())
    if (const auto forged = forgery.make(asked); !forged.empty()) bench.feed(forged);
  bench.finish();
  const auto result = bench.result();
  CHECK(result.state == tcp_state::filtered);
  CHECK(result.why == reason::no_answer);
  CHECK(bench.breach() == "");
}

TEST_CASE("tcp: an IP header that lies about its length decides nothing", "[sim][tcp]") {
  tcp_by_hand bench{"198.51.100.1"};
  const auto asked = bench.request();
  auto short_total = answer_with(asked, syn | ack);
  store_be16(short_total, 2, 10);
  bench.feed(short_total);
  auto long_total = answer_with(asked, syn | ack);
  store_be16(long_total, 2, 4000);
  bench.feed(long_total);
  auto lying_header = answer_with(asked, syn | ack);
  store_u8(lying_header, 0, 0x4f);
  bench.feed(lying_header);
  CHECK(bench.results().empty());
  for (const auto why : bench.anomalies())
    CHECK((why == reject_reason::bad_ip_header || why == reject_reason::bad_tcp_header ||
           why == reject_reason::bad_checksum));
  bench.finish();
  CHECK(bench.result().state == tcp_state::filtered);
}

TEST_CASE("tcp: every cut of a right answer decides nothing", "[sim][tcp]") {
  const auto family = either();
  tcp_by_hand bench{far_address(family)};
  const auto whole = answer_with(bench.request(), syn | ack);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size << " octets");
    bench.feed(packet(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), 10us);
    CHECK(bench.results().empty());
  }
  bench.feed(whole);
  bench.finish();
  CHECK(bench.result().state == tcp_state::open);
}

TEST_CASE("tcp: every bit flipped in a right answer decides nothing", "[sim][tcp]") {
  const auto family = either();
  const auto flags = GENERATE(std::uint16_t{syn | ack}, std::uint16_t{rst | ack});
  tcp_by_hand bench{far_address(family)};
  const auto whole = answer_with(bench.request(), flags);
  const auto header = look(whole)->header_size;
  for (std::size_t bit = header * 8; bit < whole.size() * 8; ++bit) {
    INFO("bit " << bit);
    auto octets = whole;
    octets[bit / 8] ^= std::byte{1} << bit % 8;
    bench.feed(octets, 1us);
    CHECK(bench.results().empty());
  }
  bench.finish();
  CHECK(bench.result().state == tcp_state::filtered);
}

TEST_CASE("tcp: a checksum not yet finished is believed, and noted", "[sim][tcp]") {
  tcp_by_hand bench{far_address(either())};
  auto answer = answer_with(bench.request(), syn | ack);
  answer[look(answer)->header_size + 16] ^= std::byte{0x55};
  bench.feed(answer, 1ms, probe::checksum_trust::unfinished);
  bench.finish();
  CHECK(bench.result().state == tcp_state::open);
  CHECK(has(bench.result().odd, tcp_oddity::checksum_unverified));
}

TEST_CASE("tcp: the sum of the pseudo-header alone never met the hardware that was to finish it",
          "[sim][tcp]") {
  tcp_by_hand bench{far_address(either())};
  auto answer = answer_with(bench.request(), syn | ack);
  const auto header = *look(answer);
  const auto sum = checksum_sum{}
                       .add_pseudo_header(header.source, header.destination, protocol_tcp,
                                          static_cast<std::uint32_t>(header.payload.size()))
                       .folded();
  store_be16(answer, header.header_size + 16, sum);
  bench.feed(answer);
  bench.finish();
  CHECK(bench.result().state == tcp_state::open);
  CHECK(bench.breach() == "");
}

TEST_CASE("tcp: options that cannot be read do not close a port", "[sim][tcp]") {
  const auto* address = far_address(either());
  // Length 0, length 1, past the end, and a good option before a bad one.
  for (const auto& options : {std::vector<std::uint8_t>{2, 0, 5, 0xb4},
                              {2, 1, 5, 0xb4},
                              {2, 40, 5, 0xb4},
                              {2, 4, 5, 0xb4, 3, 0, 0, 0}}) {
    const auto result =
        answered_by([&](const packet& asked) { return syn_ack_with(asked, options); }, address);
    CHECK(result.state == tcp_state::open);
    CHECK(has(result.odd, tcp_oddity::malformed_options));
    REQUIRE(result.offer);
    CHECK(result.offer->malformed);
  }
}

TEST_CASE("tcp: an answer that is strange is open, and the oddity named", "[sim][tcp]") {
  const auto* address = far_address(either());
  const auto closed_window = answered_by(
      [](const packet& asked) {
        return answer_with(asked, syn | ack, [](segment& made) { made.window = 0; });
      },
      address);
  CHECK(closed_window.state == tcp_state::open);
  CHECK(has(closed_window.odd, tcp_oddity::zero_window));
  const auto no_mss = answered_by(
      [](const packet& asked) {
        return syn_ack_with(asked, {2, 4, 0, 0});
      },
      address);
  CHECK(no_mss.state == tcp_state::open);
  CHECK(has(no_mss.odd, tcp_oddity::zero_mss));
  const auto cookie = answered_by(
      [](const packet& asked) {
        return syn_ack_with(asked, {2, 4, 5, 0xb4});
      },
      address);
  CHECK(cookie.state == tcp_state::open);
  CHECK(has(cookie.odd, tcp_oddity::cookie_like));
  const auto fast_open = answered_by(
      [](const packet& asked) {
        return syn_ack_with(asked, {2, 4, 5, 0xb4, 34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 3, 3, 7});
      },
      address);
  CHECK(fast_open.state == tcp_state::open);
  REQUIRE(fast_open.offer);
  CHECK(fast_open.offer->fast_open_cookie == 8);
  CHECK_FALSE(has(fast_open.odd, tcp_oddity::cookie_like));
}

TEST_CASE("tcp: the first of two contradictory answers counts, the second is a conflict", "[sim][tcp]") {
  const auto family = either();
  const auto reset_first = GENERATE(true, false);
  tcp_street_config street;
  street.host.ports = [&](const ip_address&, std::uint16_t port) {
    if (port == 80) return tcp_manner::silent;
    return reset_first ? tcp_manner::reset_then_open : tcp_manner::open_then_reset;
  };
  // Port 80 keeps the run going while the second answer comes.
  tcp_stage trial{tcp_questions(far_address(family), {80, 443}), street};
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.result(443).state == (reset_first ? tcp_state::closed : tcp_state::open));
  CHECK(trial.book->anomalies() == 1);
  CHECK(trial.book->anomalies(reject_reason::conflicting_answer) == 1);
  CHECK(has(trial.book->summary().found, tcp_finding::conflict));
}

TEST_CASE("tcp: further copies of an answer are duplicates", "[sim][tcp]") {
  tcp_street_config street;
  street.host.repeats = 2;
  tcp_stage trial{tcp_questions(far_address(either())), street};
  trial.config.pacing.linger = 10s;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.result().state == tcp_state::open);
  CHECK(trial.book->anomalies(reject_reason::duplicate_answer) == 2);
}

TEST_CASE("tcp: a simultaneous open is no answer", "[sim][tcp]") {
  tcp_street_config street;
  street.host.ports = [](const ip_address&, std::uint16_t) { return tcp_manner::simultaneous_open; };
  tcp_stage trial{tcp_questions(far_address(either())), street};
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.result().state == tcp_state::filtered);
  CHECK(trial.book->anomalies(reject_reason::simultaneous_open) == 1);
}

TEST_CASE("tcp: the late answer to an older probe from the same port is not the newer one's", "[sim][tcp]") {
  auto config = quiet_tcp();
  config.pacing.rounds = 2;
  config.pacing.interval = 3s;
  tcp_by_hand bench{far_address(either()), config};
  bench.pass_time(bench.now + 3500ms);
  REQUIRE(bench.requests.size() == 2);
  const auto first = *look_tcp(bench.requests[0]);
  const auto second = *look_tcp(bench.requests[1]);
  CHECK(first.source_port == second.source_port);
  CHECK(first.sequence != second.sequence);
  bench.feed(answer_with(bench.requests[0], syn | ack));
  REQUIRE(bench.results().size() == 1);
  CHECK(bench.anomalies() == reasons{reject_reason::late_answer});
  bench.feed(answer_with(bench.requests[1], rst | ack));
  bench.finish();
  REQUIRE(bench.results().size() == 2);
  CHECK(bench.results()[0].state == tcp_state::filtered);
  CHECK(bench.results()[1].state == tcp_state::closed);
  CHECK(bench.breach() == "");
}

TEST_CASE("tcp: our own segment on loopback is not an answer", "[sim][tcp]") {
  tcp_by_hand bench{far_address(either())};
  bench.feed(bench.request());
  bench.finish();
  CHECK(bench.anomalies().empty());
  CHECK(bench.result().state == tcp_state::filtered);
}

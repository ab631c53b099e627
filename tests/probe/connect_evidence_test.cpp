// What a capture adds to a connection of the kernel's: exact times, TTL, options, and what is odd.
#include "libdiag/probe/connect_evidence.hpp"

#include "libdiag/craft/frame.hpp"

#include "tests/probe/connect_rig.hpp"

using namespace diag;
using namespace diag::probe;
using namespace diag::wire::tcp_flag;

namespace {

const auto here = connect_rig::here;
const auto there = connect_rig::there;
constexpr std::uint16_t our_port = 50001;

struct tap_rig : connect_rig {
  tap_rig() {
    config.captured = true;
    config.pacing.retries = 1;
  }
  void go() {
    begin();
    start(1);
    feed(sent{1, {now, stamp_source::capture}});
  }
  void frame(std::initializer_list<craft::layer> layers) {
    const auto packet = craft::build_frame(layers);
    REQUIRE(packet.has_value());
    arrival what;
    what.bytes = *packet;
    what.wire_size = packet->size();
    what.kernel = {now, stamp_source::capture};
    what.read_at = now + 1ms;
    feed(what);
  }
  void segment(std::uint16_t flags, std::uint32_t acknowledgment = 1001,
               std::optional<std::uint16_t> checksum = {}) {
    craft::tcp_fields fields;
    fields.source_port = 443;
    fields.destination_port = our_port;
    fields.acknowledgment = acknowledgment;
    fields.flags = flags;
    fields.window = 29200;
    fields.checksum = checksum;
    frame({craft::ipv4_fields{.ttl = 57, .identification = 4711, .source = there, .destination = here},
           fields});
  }
  /// Our own SYN, as a capture on loopback shows it.
  void own_syn(std::uint32_t sequence) {
    craft::tcp_fields fields;
    fields.source_port = our_port;
    fields.destination_port = 443;
    fields.sequence = sequence;
    fields.flags = syn;
    frame({craft::ipv4_fields{.source = here, .destination = there}, fields});
  }
  void refusal(std::uint8_t type, std::uint8_t code, std::uint32_t sequence = 1000) {
    craft::tcp_fields quoted;
    quoted.source_port = our_port;
    quoted.destination_port = 443;
    quoted.sequence = sequence;
    quoted.flags = syn;
    frame({craft::ipv4_fields{.ttl = 61, .source = *parse_ip("203.0.113.9"), .destination = here},
           craft::icmpv4_fields{.type = type, .code = code},
           craft::ipv4_fields{.ttl = 3, .source = here, .destination = there}, quoted});
  }
  [[nodiscard]] reject_reason only_anomaly() const {
    REQUIRE(anomalies.size() == 1);
    return anomalies.front().why;
  }
};

}  // namespace

TEST_CASE("connect capture: a SYN-ACK gives TTL, IP ID, offer and the exact time", "[probe][tcp]") {
  tap_rig rig;
  const bool frame_first = GENERATE(true, false);
  rig.go();
  rig.pass(4ms);
  if (frame_first) rig.segment(syn | ack);
  rig.pass(1ms);
  rig.open(1, {.rtt = 5ms});
  if (!frame_first) {
    CHECK(rig.results.empty());  // it waits for its frame
    rig.segment(syn | ack);
  }
  const auto& result = rig.only();
  CHECK(result.hop_limit == std::uint8_t{57});
  CHECK(result.identification == std::uint16_t{4711});
  REQUIRE(result.offer);
  CHECK(result.offer->window == 29200);
  CHECK(has(result.odd, tcp_oddity::cookie_like));
  CHECK(result.source == stamp_source::capture);
  CHECK_FALSE(result.kernel_rtt);
  CHECK(result.rtt == (frame_first ? duration{4ms} : duration{5ms}));
}

TEST_CASE("connect capture: knows whose a connection is, and when it was done with", "[probe][tcp]") {
  tap_rig rig;
  const auto done = [&] { return rig.machine->done_with(here, our_port, there, 443); };
  rig.begin();
  CHECK_FALSE(done());
  rig.start(1);
  CHECK(done() == mono_time::max());
  CHECK_FALSE(rig.machine->done_with(here, our_port + 1, there, 443));
  CHECK_FALSE(rig.machine->done_with(here, our_port, there, 444));
  CHECK_FALSE(rig.machine->done_with(ip_address::v4(0xC0000202), our_port, there, 443));
  rig.feed(sent{1, {rig.now, stamp_source::capture}});
  rig.pass(4ms);
  rig.segment(syn | ack);
  rig.open(1, {.rtt = 4ms});
  CHECK(done() == rig.now);
}

TEST_CASE("connect capture: a frame that never comes is not waited for long", "[probe][tcp]") {
  tap_rig rig;
  rig.go();
  rig.pass(5ms);
  rig.open(1, {.rtt = 5ms});
  rig.pass(49ms);
  CHECK(rig.results.empty());
  rig.pass(1ms);
  CHECK(rig.only().kernel_rtt);
  CHECK_FALSE(rig.only().hop_limit);
  CHECK(rig.finished());
}

TEST_CASE("connect capture: a RST gives its TTL", "[probe][tcp]") {
  tap_rig rig;
  rig.go();
  rig.pass(2ms);
  rig.fail(1, ECONNREFUSED);
  rig.segment(rst | ack);
  CHECK(rig.only().state == tcp_state::closed);
  CHECK(rig.only().hop_limit == std::uint8_t{57});
  CHECK(rig.only().rtt == duration{2ms});
  CHECK(rig.only().source == stamp_source::capture);
  CHECK_FALSE(rig.only().offer);
}

TEST_CASE("connect capture: an ICMP error shows what was left of our TTL", "[probe][tcp]") {
  tap_rig rig;
  rig.go();
  rig.refusal(3, 13);
  rig.fail(1, EHOSTUNREACH, icmp_notice(3, 13, *parse_ip("203.0.113.9")));
  CHECK(rig.only().state == tcp_state::rejected);
  CHECK(rig.only().hop_limit == std::uint8_t{61});
  CHECK(rig.only().quoted_hop_limit == std::uint8_t{3});
  CHECK(rig.anomalies.empty());
}

TEST_CASE("connect capture: two SYNs and one answer are no RTT", "[probe][tcp]") {
  tap_rig rig;
  rig.config.pacing.timeout = 3s;
  rig.go();
  rig.pass(1s);
  rig.feed(sent{1, {rig.now, stamp_source::capture}});
  rig.pass(5ms);
  rig.segment(syn | ack);
  rig.open(1, {.retransmits = 1});
  CHECK(rig.only().attempts == 2);
  CHECK_FALSE(rig.only().rtt);
  CHECK(rig.only().hop_limit == std::uint8_t{57});
}

TEST_CASE("connect capture: what the kernel sent again unseen by TCP_INFO is counted", "[probe][tcp]") {
  tap_rig rig;
  rig.config.pacing.timeout = 3s;
  rig.config.pacing.retries = 0;
  rig.go();
  rig.pass(1s);
  rig.feed(sent{1, {rig.now, stamp_source::capture}});
  rig.pass(2s + 1ns);
  CHECK(rig.only().state == tcp_state::filtered);
  CHECK(rig.only().attempts == 2);
  CHECK(rig.machine->totals().sent == 2);
}

TEST_CASE("connect capture: a second SYN-ACK is a duplicate", "[probe][tcp]") {
  tap_rig rig;
  rig.config.pacing.linger = 1s;
  rig.go();
  rig.segment(syn | ack);
  rig.segment(syn | ack);
  rig.open(1);
  rig.segment(syn | ack);
  CHECK(rig.results.size() == 1);
  REQUIRE(rig.anomalies.size() == 2);
  for (const auto& odd : rig.anomalies) {
    CHECK(odd.why == reject_reason::duplicate_answer);
    CHECK(odd.flags == (syn | ack));
    CHECK(odd.target == 0U);
    CHECK(odd.port == 443);
    CHECK(odd.source_port == our_port);
    CHECK(odd.from == there);
    CHECK(odd.hop_limit == std::uint8_t{57});
  }
  CHECK(rig.machine->totals().duplicates == 2);
  CHECK_FALSE(rig.finished());
  rig.pass(1s);
  CHECK(rig.finished());
}

TEST_CASE("connect capture: an answer to an attempt given up is late", "[probe][tcp]") {
  tap_rig rig;
  rig.go();
  rig.pass(1s + 1ns);
  REQUIRE(rig.opens.size() == 2);
  rig.feed(stream_started{2, here, 50002, rig.now});
  rig.pass(200ms);
  rig.segment(syn | ack);
  CHECK(rig.only_anomaly() == reject_reason::late_answer);
  CHECK(rig.anomalies[0].rtt == duration{1200ms + 1ns});
  CHECK(rig.results.empty());
  CHECK(rig.machine->recognise(our_port, there, 443) == probe_token{1});
}

TEST_CASE("connect capture: RST, then a SYN-ACK, contradict each other", "[probe][tcp]") {
  tap_rig rig;
  rig.go();
  rig.segment(rst | ack);
  rig.segment(syn | ack);
  CHECK(rig.only_anomaly() == reject_reason::conflicting_answer);
  rig.fail(1, ECONNREFUSED);
  CHECK(rig.only().state == tcp_state::closed);
  CHECK(has(rig.machine->totals().found, tcp_finding::conflict));
}

TEST_CASE("connect capture: a RST after the SYN-ACK is the end of a connection", "[probe][tcp]") {
  tap_rig rig;
  rig.config.pacing.linger = 1s;
  rig.go();
  rig.segment(syn | ack);
  rig.open(1);
  rig.segment(rst);
  rig.segment(rst | ack);
  CHECK(rig.anomalies.empty());
}

TEST_CASE("connect capture: forged answers are told and change nothing", "[probe][tcp]") {
  tap_rig rig;
  rig.go();
  SECTION("bad checksum") {
    rig.segment(syn | ack, 1001, 0xdead);
    CHECK(rig.only_anomaly() == reject_reason::bad_checksum);
  }
  SECTION("SYN with RST") {
    rig.segment(syn | ack | rst);
    CHECK(rig.only_anomaly() == reject_reason::bad_flags);
  }
  SECTION("a SYN where a SYN-ACK was due") {
    rig.segment(syn);
    CHECK(rig.only_anomaly() == reject_reason::simultaneous_open);
  }
  SECTION("a RST without ACK") {
    rig.segment(rst);
    CHECK(rig.only_anomaly() == reject_reason::reset_without_ack);
  }
  SECTION("a wrong acknowledgment, when our SYN was seen") {
    rig.own_syn(1000);
    rig.segment(syn | ack, 2000);
    CHECK(rig.only_anomaly() == reject_reason::wrong_ack);
  }
  SECTION("a RST with a wrong acknowledgment, when our SYN was seen") {
    rig.own_syn(1000);
    rig.segment(rst | ack, 2000);
    CHECK(rig.only_anomaly() == reject_reason::wrong_ack);
  }
  SECTION("an ICMP error that quotes another sequence number") {
    rig.own_syn(1000);
    rig.refusal(3, 13, 999);
    CHECK(rig.only_anomaly() == reject_reason::foreign_quote);
  }
  CHECK(rig.results.empty());
  rig.segment(syn | ack);
  rig.open(1);
  CHECK(rig.only().state == tcp_state::open);
  CHECK(rig.only().hop_limit == std::uint8_t{57});
}

TEST_CASE("connect capture: strangers are nothing to us", "[probe][tcp]") {
  tap_rig rig;
  rig.go();
  craft::tcp_fields fields;
  fields.source_port = 443;
  fields.destination_port = our_port + 1;
  fields.flags = syn | ack;
  rig.frame({craft::ipv4_fields{.source = there, .destination = here}, fields});
  fields.destination_port = our_port;
  rig.frame({craft::ipv4_fields{.source = *parse_ip("203.0.113.9"), .destination = here}, fields});
  rig.frame({craft::ipv4_fields{.source = there, .destination = *parse_ip("192.0.2.77")}, fields});
  fields.flags = ack;
  rig.frame({craft::ipv4_fields{.source = there, .destination = here}, fields});
  rig.feed(arrival{});
  CHECK(rig.anomalies.empty());
  CHECK(rig.results.empty());
}

TEST_CASE("connect capture: stamps that cannot be true are not subtracted", "[probe][tcp]") {
  tap_rig rig;
  rig.begin();
  rig.start(1);
  rig.feed(sent{1, {rig.now + 1s, stamp_source::capture}});
  rig.segment(syn | ack);
  rig.pass(3ms);
  rig.open(1, {.rtt = 3ms});
  CHECK(has(rig.only().odd, tcp_oddity::clock_step));
  CHECK(rig.only().rtt == duration{3ms});
  CHECK(rig.only().kernel_rtt);
}

TEST_CASE("connect capture: attempts long past are forgotten", "[probe][tcp]") {
  connect_evidence evidence{true};
  connect_evidence::trace trace;
  trace.destination = there;
  trace.pair.port = 443;
  for (probe_token attempt = 1; attempt <= 5000; ++attempt) {
    trace.source_port = static_cast<std::uint16_t>(10'000 + attempt);
    evidence.began(attempt, trace);
    evidence.ended(mono_time{}, attempt, tcp_state::closed);
  }
  CHECK(evidence.of(1) == nullptr);
  CHECK_FALSE(evidence.recognise(10'001, there, 443));
  CHECK(evidence.of(5000) != nullptr);
  trace.source_port = 60'000;
  evidence.began(6000, trace);
  evidence.ended(mono_time{} + 11s, 6000, tcp_state::open);
  CHECK(evidence.of(5000) == nullptr);
  CHECK(evidence.of(6000) != nullptr);
}

TEST_CASE("connect capture: a source port used again belongs to the later attempt", "[probe][tcp]") {
  connect_evidence evidence{false};
  connect_evidence::trace trace;
  trace.destination = there;
  trace.pair.port = 443;
  trace.source_port = 40'000;
  evidence.began(1, trace);
  evidence.began(2, trace);
  evidence.ended(mono_time{}, 1, tcp_state::filtered);
  CHECK(evidence.recognise(40'000, there, 443) == probe_token{2});
}

// The enciphered number, the segment, and each way in which an answer can be wrong.
#include "libdiag/probe/tcp_exchange.hpp"

#include <set>

#include "libdiag/core/checksum.hpp"
#include "libdiag/craft/frame.hpp"
#include "libdiag/probe/segment_reader.hpp"
#include "libdiag/wire/tcp_options.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::probe;
using namespace diag::wire::tcp_flag;

namespace {

const auto here = *parse_ip("192.0.2.1");
const auto there = *parse_ip("192.0.2.80");

struct bench {
  tcp_plan plan;
  std::optional<segment_exchange> exchange;
  std::vector<std::byte> segment;
  segment_record* attempt = nullptr;

  explicit bench(std::uint16_t flags = syn) {
    plan.add(there, 1, std::vector<std::uint16_t>{443});
    plan.seal();
    segment_config config;
    config.flags = flags;
    config.profile = craft::linux_profile();
    config.source_port_base = 61000;
    config.source_port_count = 2;
    config.key = {1, 2};
    exchange.emplace(config, plan);
    REQUIRE(exchange->table().has_room({}));
    attempt = &exchange->table().add({});
    attempt->pair = plan.at(0);
    attempt->source_port = exchange->port_for(attempt->pair, 1, 1);
    const auto sent = exchange->request({}, *attempt, false);
    segment.assign(sent.bytes.begin(), sent.bytes.end());
    CHECK(sent.destination == there);
    CHECK(sent.checksum_at == std::uint16_t{16});
  }
  [[nodiscard]] std::uint32_t sequence() const { return load_be32(segment, 4); }

  /// A right SYN-ACK, before anything is changed.
  [[nodiscard]] craft::tcp_fields syn_ack_fields() const {
    craft::tcp_fields fields;
    fields.source_port = 443;
    fields.destination_port = attempt->source_port;
    fields.sequence = 777;
    fields.acknowledgment = sequence() + 1;
    fields.flags = syn | ack;
    return fields;
  }
  [[nodiscard]] craft::tcp_fields reset_fields() const {
    auto fields = syn_ack_fields();
    fields.flags = rst | ack;
    fields.sequence = 0;
    return fields;
  }
  segment_exchange::judgement judge(const craft::tcp_fields& fields, const ip_address& from = there) {
    const auto packet =
        craft::build_frame({craft::ipv4_fields{.ttl = 60, .source = from, .destination = here}, fields});
    REQUIRE(packet.has_value());
    arrival what;
    what.bytes = *packet;
    what.wire_size = packet->size();
    what.read_at = mono_time{} + 3ms;
    return exchange->judge(what);
  }
  reject_reason refusal(const craft::tcp_fields& fields, const ip_address& from = there) {
    const auto judged = judge(fields, from);
    REQUIRE(std::holds_alternative<tcp_anomaly>(judged));
    return std::get<tcp_anomaly>(judged).why;
  }
};

}  // namespace

TEST_CASE("tcp token: every attempt its own number, and back", "[probe][tcp]") {
  const tcp_token token{{3, 4}};
  std::set<std::uint32_t> seen;
  for (probe_token attempt = 1; attempt <= 20'000; ++attempt) {
    const auto sequence = token.sequence_of(attempt);
    CHECK(token.attempt_of(sequence) == attempt);
    seen.insert(sequence);
  }
  CHECK(seen.size() == 20'000);
  CHECK(token.attempt_of(token.sequence_of(0xffff'ffff)) == 0xffff'ffff);
  CHECK(tcp_token{{3, 5}}.sequence_of(1) != token.sequence_of(1));
}

TEST_CASE("tcp exchange: the hop limit is the one configured, or the socket's", "[probe][tcp]") {
  // Who configures has chosen between the profile's and the user's, which may be the socket's already.
  segment_config config;
  config.profile = craft::windows_profile();
  tcp_plan plan;
  plan.add(there, 1, std::vector<std::uint16_t>{443});
  plan.seal();
  const auto hop_limit_of = [&] {
    segment_exchange exchange{config, plan};
    return exchange.request({}, exchange.table().add({}), false).hop_limit;
  };
  CHECK_FALSE(hop_limit_of().has_value());
  config.hop_limit = std::uint8_t{5};
  CHECK(hop_limit_of() == std::uint8_t{5});
}

TEST_CASE("tcp exchange: the SYN is as the profile says", "[probe][tcp]") {
  bench b;
  const auto tcp = wire::tcp_view::parse(b.segment);
  REQUIRE(tcp.has_value());
  CHECK(tcp->destination_port() == 443);
  CHECK(tcp->source_port() == b.attempt->source_port);
  CHECK(tcp->flags() == syn);
  CHECK(tcp->checksum() == 0);
  const auto options = wire::summarize_tcp_options(tcp->options());
  CHECK(options.maximum_segment_size == std::uint16_t{1460});
  CHECK(options.window_scale == std::uint8_t{7});
  CHECK(options.sack_permitted);
  CHECK(options.timestamps.has_value());
}

TEST_CASE("tcp exchange: a right SYN-ACK is open, with what it offers", "[probe][tcp]") {
  bench b;
  craft::tcp_options options;
  options.mss(1200).no_operation().window_scale(9).sack_permitted();
  auto fields = b.syn_ack_fields();
  fields.window = 5000;
  fields.options = options.bytes();
  const auto judged = b.judge(fields);
  REQUIRE(std::holds_alternative<segment_exchange::answer>(judged));
  const auto& result = std::get<segment_exchange::answer>(judged).result;
  CHECK(result.state == tcp_state::open);
  CHECK(result.why == reason::syn_ack);
  CHECK(result.hop_limit == std::uint8_t{60});
  CHECK(result.rtt == duration{3ms});
  REQUIRE(result.offer.has_value());
  CHECK(result.offer->window == 5000);
  CHECK(result.offer->maximum_segment_size == std::uint16_t{1200});
  CHECK(result.offer->window_scale == std::uint8_t{9});
  CHECK(result.offer->sack_permitted);
  CHECK_FALSE(result.offer->timestamps);
  CHECK(result.odd == 0);
}

TEST_CASE("tcp exchange: oddities of a SYN-ACK that is believed", "[probe][tcp]") {
  bench b;
  auto fields = b.syn_ack_fields();
  fields.window = 0;
  const std::array broken{std::byte{2}, std::byte{0}, std::byte{0}, std::byte{0}};
  SECTION("no options at all") {
    const auto judged = b.judge(fields);
    const auto& result = std::get<segment_exchange::answer>(judged).result;
    CHECK(has(result.odd, tcp_oddity::zero_window));
    CHECK(has(result.odd, tcp_oddity::cookie_like));
  }
  SECTION("options that cannot be read: open all the same") {
    fields.options = broken;
    const auto judged = b.judge(fields);
    const auto& result = std::get<segment_exchange::answer>(judged).result;
    CHECK(result.state == tcp_state::open);
    CHECK(has(result.odd, tcp_oddity::malformed_options));
  }
}

TEST_CASE("tcp exchange: a right RST is closed", "[probe][tcp]") {
  bench b;
  const auto judged = b.judge(b.reset_fields());
  REQUIRE(std::holds_alternative<segment_exchange::answer>(judged));
  CHECK(std::get<segment_exchange::answer>(judged).result.state == tcp_state::closed);
}

TEST_CASE("tcp exchange: what is wrong with an answer is named", "[probe][tcp]") {
  bench b;
  auto open = b.syn_ack_fields();
  auto closed = b.reset_fields();
  SECTION("acknowledges what was not sent") {
    open.acknowledgment += 1000;
    CHECK(b.refusal(open) == reject_reason::wrong_ack);
    closed.acknowledgment -= 1;
    CHECK(b.refusal(closed) == reject_reason::wrong_ack);
  }
  SECTION("checksum") {
    open.checksum = std::uint16_t{0x1234};
    CHECK(b.refusal(open) == reject_reason::bad_checksum);
  }
  SECTION("flags") {
    open.flags = syn | ack | rst;
    CHECK(b.refusal(open) == reject_reason::bad_flags);
    open.flags = ack;
    CHECK(b.refusal(open) == reject_reason::bad_flags);
    open.flags = 0;
    CHECK(b.refusal(open) == reject_reason::bad_flags);
    open.flags = syn;
    CHECK(b.refusal(open) == reject_reason::simultaneous_open);
    closed.flags = rst;
    CHECK(b.refusal(closed) == reject_reason::reset_without_ack);
  }
  SECTION("from elsewhere") {
    CHECK(b.refusal(open, *parse_ip("192.0.2.81")) == reject_reason::wrong_source);
    open.source_port = 444;
    CHECK(b.refusal(open) == reject_reason::wrong_port);
  }
  SECTION("to a port of ours that the attempt did not use") {
    open.destination_port = static_cast<std::uint16_t>(b.attempt->source_port == 61000 ? 61001 : 61000);
    CHECK(b.refusal(open) == reject_reason::wrong_port);
  }
  SECTION("to a port that is not ours") {
    open.destination_port = 61002;
    CHECK(std::holds_alternative<segment_exchange::nothing>(b.judge(open)));
  }
  SECTION("data offset") {
    open.data_offset = std::uint8_t{4};
    CHECK(b.refusal(open) == reject_reason::bad_tcp_header);
    open.data_offset = std::uint8_t{15};
    CHECK(b.refusal(open) == reject_reason::bad_tcp_header);
  }
}

TEST_CASE("tcp exchange: a segment with ACK is answered by a RST that carries its number", "[probe][tcp]") {
  bench b{ack};
  CHECK(load_be32(b.segment, 8) == b.sequence());
  auto fields = b.reset_fields();
  fields.flags = rst;
  fields.sequence = b.sequence();
  fields.acknowledgment = 0;
  const auto judged = b.judge(fields);
  REQUIRE(std::holds_alternative<segment_exchange::answer>(judged));
  CHECK(std::get<segment_exchange::answer>(judged).result.why == reason::unfiltered);
  fields.sequence += 1;
  CHECK(b.refusal(fields) == reject_reason::wrong_ack);
  auto open = b.syn_ack_fields();
  CHECK(b.refusal(open) == reject_reason::bad_flags);
}

TEST_CASE("tcp exchange: FIN occupies a number, nothing does not", "[probe][tcp]") {
  const auto flags = GENERATE(std::uint16_t{fin}, std::uint16_t{0}, std::uint16_t{syn | fin});
  bench b{flags};
  auto fields = b.reset_fields();
  fields.acknowledgment = b.sequence() + ((flags & fin) != 0 ? 1U : 0U) + ((flags & syn) != 0 ? 1U : 0U);
  CHECK(std::holds_alternative<segment_exchange::answer>(b.judge(fields)));
  fields.acknowledgment += 1;
  CHECK(b.refusal(fields) == reject_reason::wrong_ack);
}

TEST_CASE("tcp exchange: our own segment on loopback answers nothing", "[probe][tcp]") {
  bench b;
  auto own = b.syn_ack_fields();
  own.source_port = b.attempt->source_port;
  own.destination_port = 443;
  own.flags = syn;
  own.sequence = b.sequence();
  CHECK(std::holds_alternative<segment_exchange::nothing>(b.judge(own)));
}

TEST_CASE("tcp exchange: flows keep their port, attempts take turns", "[probe][tcp]") {
  tcp_plan plan;
  plan.add(there, 1, std::vector<std::uint16_t>{1});
  plan.set_flows(3);
  plan.seal();
  segment_config config;
  config.source_port_base = 65530;
  config.source_port_count = 3;
  const segment_exchange many{config, plan};
  CHECK(many.port_for(plan.at(1), 1, 1) == 65531);
  CHECK(many.port_for(plan.at(1), 1, 2) == 65531);
  tcp_plan one;
  one.add(there, 1, std::vector<std::uint16_t>{1});
  one.seal();
  const segment_exchange single{config, one};
  CHECK(single.port_for(one.at(0), 1, 1) == 65530);
  CHECK(single.port_for(one.at(0), 1, 2) == 65531);
  CHECK(single.port_for(one.at(0), 2, 3) == 65530);
}

// The simulated internet itself: what its links, routers, firewalls and translators do to packets.
#include <algorithm>
#include <array>
#include <cmath>

#include "tests/catch.hpp"
#include "tests/sim/stage.hpp"

using namespace diag;
using namespace diag::sim;

namespace {

const auto far_v4 = *parse_ip("198.51.100.1");
const auto far_v6 = *parse_ip("2001:db8:1::1");

packet echo_request(const ip_address& to, std::uint8_t hop_limit = 64, std::size_t payload = 56,
                    std::uint32_t rest = 0x12340001) {
  ip_header header;
  header.source = *parse_ip(to.is_v4() ? "192.0.2.1" : "2001:db8::1");
  header.destination = to;
  header.hop_limit = hop_limit;
  header.dont_fragment = true;
  return make_icmp(header, to.is_v4() ? 8 : 128, 0, rest, packet(payload, std::byte{0x55}));
}

/// Sends one packet and gives back what arrives within ten seconds.
std::vector<prober::received> exchange(world& net, prober& here, const packet& request) {
  here.inbox.clear();
  here.send(net, request);
  net.advance(net.now() + 10s);
  return {here.inbox.begin(), here.inbox.end()};
}

std::uint8_t icmp_octet(const packet& octets, std::size_t at) {
  return load_u8(octets, icmp_offset(octets) + at);
}

bool sound(packet octets) {
  const auto before = octets;
  finish_ip(octets);
  finish_icmp(octets);
  return octets == before;
}

street_config three_hops() {
  street_config config;
  config.hops = 3;
  config.wire.delay = latency::fixed(1ms);
  return config;
}

}  // namespace

TEST_CASE("world: a street answers, hop by hop and at its end", "[sim][world]") {
  world net{1};
  auto way = build_street(net, three_hops());
  const auto& far = GENERATE(far_v4, far_v6);
  const auto whole = exchange(net, *way.here, echo_request(far));
  REQUIRE(whole.size() == 1);
  CHECK(whole[0].at == after(8ms));
  CHECK(look(whole[0].octets)->source == far);
  CHECK(look(whole[0].octets)->hop_limit == 61);
  CHECK(sound(whole[0].octets));
  for (std::uint8_t hop = 1; hop <= 3; ++hop) {
    const auto stopped = exchange(net, *way.here, echo_request(far, hop));
    REQUIRE(stopped.size() == 1);
    CHECK(icmp_octet(stopped[0].octets, 0) == (far.is_v4() ? 11 : 3));
    CHECK(look(stopped[0].octets)->source ==
          parse_ip(far.is_v4() ? "203.0.113.0" : "2001:db8:ff::")->plus(hop));
    CHECK(sound(stopped[0].octets));
  }
}

TEST_CASE("world: a silent hop forwards and says nothing", "[sim][world]") {
  world net{1};
  auto config = three_hops();
  config.routers.silent = true;
  auto way = build_street(net, config);
  CHECK(exchange(net, *way.here, echo_request(far_v4, 2)).empty());
  CHECK(exchange(net, *way.here, echo_request(far_v4)).size() == 1);
}

TEST_CASE("world: firewalls drop, reject and reset", "[sim][world]") {
  world net{1};
  auto way = build_street(net, three_hops());
  const auto& far = GENERATE(far_v4, far_v6);
  filter_rule rule;
  rule.to = {far, static_cast<std::uint8_t>(far.is_v4() ? 32 : 128)};
  SECTION("drop") {
    way.routers[1]->filter(rule);
    CHECK(exchange(net, *way.here, echo_request(far)).empty());
    CHECK(exchange(net, *way.here, echo_request(far.plus(1))).size() == 1);
  }
  SECTION("reject") {
    rule.what = filter_rule::verdict::reject;
    rule.type = far.is_v4() ? 3 : 1;
    rule.code = far.is_v4() ? 13 : 1;
    way.routers[1]->filter(rule);
    const auto answer = exchange(net, *way.here, echo_request(far));
    REQUIRE(answer.size() == 1);
    CHECK(icmp_octet(answer[0].octets, 0) == rule.type);
    CHECK(icmp_octet(answer[0].octets, 1) == rule.code);
  }
  SECTION("TCP reset") {
    rule.what = filter_rule::verdict::tcp_reset;
    rule.protocol = protocol_tcp;
    way.routers[1]->filter(rule);
    std::array<std::byte, 20> syn{};
    store_be16(syn, 0, 40000);
    store_be16(syn, 2, 443);
    store_be32(syn, 4, 0xfffffffe);
    store_be16(syn, 12, 0x5002);
    ip_header header;
    header.source = way.here->address(far.family());
    header.destination = far;
    header.protocol = protocol_tcp;
    const auto answer = exchange(net, *way.here, make_ip(header, syn));
    REQUIRE(answer.size() == 1);
    const auto reply = *look(answer[0].octets);
    CHECK(reply.source == far);
    CHECK(load_be16(reply.payload, 2) == 40000);
    CHECK(load_be32(reply.payload, 8) == 0xffffffff);
    CHECK((load_be16(reply.payload, 12) & 0x3f) == 0x14);
    CHECK(exchange(net, *way.here, echo_request(far)).size() == 1);
  }
}

TEST_CASE("world: a small wire is told of, lied about, or a black hole", "[sim][world]") {
  world net{1};
  auto config = three_hops();
  SECTION("told") {}
  SECTION("lied about") {
    config.routers.told_mtu = 68;
  }
  auto way = build_street(net, config);
  way.out[2]->config.mtu = 1400;
  const auto& far = GENERATE(far_v4, far_v6);
  const auto header = far.is_v4() ? 28U : 48U;
  CHECK(exchange(net, *way.here, echo_request(far, 64, 1400 - header)).size() == 1);
  auto answer = exchange(net, *way.here, echo_request(far, 64, 1401 - header));
  REQUIRE(answer.size() == 1);
  CHECK(icmp_octet(answer[0].octets, 0) == (far.is_v4() ? 3 : 2));
  CHECK(load_be16(answer[0].octets, icmp_offset(answer[0].octets) + 6) ==
        config.routers.told_mtu.value_or(1400));
  way.out[2]->config.black_hole = true;
  CHECK(exchange(net, *way.here, echo_request(far, 64, 1401 - header)).empty());
}

TEST_CASE("world: a router may limit the errors it sends", "[sim][world]") {
  world net{1};
  auto config = three_hops();
  config.routers.limit = error_limit{2, 3};
  auto way = build_street(net, config);
  for (int i = 0; i < 10; ++i) way.here->send(net, echo_request(far_v4, 1));
  net.advance(after(10s));
  CHECK(way.here->inbox.size() == 3);
  for (int i = 0; i < 20; ++i)
    net.at(after(20s + i * 100ms), [&] { way.here->send(net, echo_request(far_v4, 1)); });
  net.advance(after(30s));
  // The bucket is full again, then half of what is asked for in two seconds is refilled.
  CHECK(way.routers[0]->errors_sent() == 3 + 3 + 3);
}

TEST_CASE("world: NAT rewrites address and identifier and puts both back", "[sim][world]") {
  world net{1};
  auto& here = net.add<prober>(*parse_ip("192.0.2.1"), *parse_ip("2001:db8::1"));
  router_config own;
  own.v4 = *parse_ip("203.0.113.1");
  const auto outside = *parse_ip("203.0.113.100");
  auto& gate = net.add<nat>(own, *parse_prefix("192.0.2.0/24"), outside);
  own.v4 = *parse_ip("203.0.113.2");
  auto& beyond = net.add<router>(own);
  std::vector<packet> heard;
  host_config answers;
  answers.mangle = [&](packet& reply) { heard.push_back(reply); };
  auto& there = net.add<host>(answers);
  const ip_prefix all{ip_address::v4(0), 0};
  here.route(all, net.connect(gate, {}));
  gate.route(all, net.connect(beyond, {}));
  gate.route(*parse_prefix("192.0.2.0/24"), net.connect(here, {}));
  beyond.route(all, net.connect(there, {}));
  beyond.route({outside, 32}, net.connect(gate, {}));
  there.route(all, net.connect(beyond, {}));

  const auto request = echo_request(far_v4);
  const auto answer = exchange(net, here, request);
  REQUIRE(answer.size() == 1);
  CHECK(look(answer[0].octets)->destination == here.address(ip_family::v4));
  CHECK(load_be16(answer[0].octets, 24) == 0x1234);
  CHECK(sound(answer[0].octets));
  REQUIRE(heard.size() == 1);
  CHECK(look(heard[0])->destination == outside);
  CHECK(load_be16(heard[0], 24) != 0x1234);

  const auto stopped = exchange(net, here, echo_request(far_v4, 2));
  REQUIRE(stopped.size() == 1);
  CHECK(look(stopped[0].octets)->source == parse_ip("203.0.113.2"));
  CHECK(look(stopped[0].octets)->destination == here.address(ip_family::v4));
  CHECK(look(byte_view{stopped[0].octets}.subspan(28))->source == here.address(ip_family::v4));
  CHECK(load_be16(stopped[0].octets, 28 + 24) == 0x1234);
  CHECK(sound(stopped[0].octets));
  CHECK(gate.mappings() == 1);
}

TEST_CASE("world: the way back may be another one", "[sim][world]") {
  world net{1};
  auto config = three_hops();
  auto way = build_street(net, config);
  link_config slow;
  slow.delay = latency::fixed(100ms);
  way.there->route(*parse_prefix("192.0.2.0/28"), net.connect(*way.here, slow));
  const auto answer = exchange(net, *way.here, echo_request(far_v4));
  REQUIRE(answer.size() == 1);
  CHECK(answer[0].at == after(104ms));
  CHECK(look(answer[0].octets)->hop_limit == 64);
}

TEST_CASE("world: links lose, double, damage and reorder as often as told", "[sim][world]") {
  world net{42};
  INFO("seed " << net.seed());
  street_config config;
  config.hops = 0;
  config.wire.delay = latency::fixed(1ms);
  auto way = build_street(net, config);
  auto& wire = way.out[0]->config;
  constexpr int sent = 20'000;
  SECTION("loss") {
    wire.loss = 0.1;
  }
  SECTION("duplication") {
    wire.duplicate = 0.1;
  }
  SECTION("corruption") {
    wire.corrupt = 0.1;
  }
  SECTION("reordering") {
    wire.reorder = 0.1;
  }
  SECTION("bursts") {
    wire.bursts = burst_loss{0.02, 0.18};
  }  // bad a tenth of the time
  for (int i = 0; i < sent; ++i)
    net.at(after(i * 1ms),
           [&, i] { way.here->send(net, echo_request(far_v4, 64, 8, static_cast<std::uint32_t>(i))); });
  net.advance(after(60s));
  const auto& got = way.here->inbox;
  int damaged = 0;
  int overtaken = 0;
  int bursts = 0;
  std::uint32_t newest = 0;
  for (const auto& one : got) {
    if (!sound(one.octets)) ++damaged;
    const auto number = load_be32(one.octets, 24);
    if (damaged == 0 && number < newest) ++overtaken;
    if (number > newest + 1) ++bursts;
    newest = std::max(newest, number);
  }
  const auto tenth = [](auto value) {
    return std::abs(static_cast<double>(value) - sent / 10.0) < sent / 50.0;
  };
  if (wire.loss > 0) {
    CHECK(tenth(sent - got.size()));
    CHECK(bursts > sent / 15);
  }
  if (wire.bursts) {
    CHECK(tenth(sent - got.size()));
    CHECK(bursts < sent / 30);  // as much loss, in a third of the places
  }
  if (wire.duplicate > 0) CHECK(tenth(got.size() - sent));
  if (wire.corrupt > 0) CHECK(damaged + sent - static_cast<int>(got.size()) > sent / 13);
  if (wire.reorder > 0) CHECK(tenth(overtaken));
}

TEST_CASE("world: latencies follow their distributions", "[sim][world]") {
  seeded_random random{3};
  const auto draw = [&](const latency& from) {
    std::vector<double> out(20'000);
    for (auto& one : out) one = milliseconds(from.draw(random));
    std::sort(out.begin(), out.end());
    return out;
  };
  const auto median = [](const auto& sorted) { return sorted[sorted.size() / 2]; };
  CHECK(draw(latency::fixed(5ms)).front() == 5);
  const auto uniform = draw(latency::uniform(10ms, 20ms));
  CHECK(uniform.front() >= 10);
  CHECK(uniform.back() <= 20);
  CHECK(median(uniform) == Approx(15).margin(0.3));
  const auto normal = draw(latency::normal(10ms, 2ms));
  CHECK(median(normal) == Approx(10).margin(0.1));
  CHECK(normal[normal.size() * 84 / 100] == Approx(12).margin(0.2));
  CHECK(draw(latency::normal(1ms, 5ms)).front() == 0);
  const auto pareto = draw(latency::pareto(10ms, 2));
  CHECK(pareto.front() >= 10);
  CHECK(median(pareto) == Approx(10 * std::sqrt(2)).margin(0.3));
  const auto two = draw(latency::bimodal(1ms, 9ms, 0.25));
  CHECK(std::count(two.begin(), two.end(), 9) == Approx(5000).margin(300));
}

TEST_CASE("world: the same seed gives the same run, octet for octet", "[sim][world]") {
  const auto log_of = [](std::uint64_t seed) {
    street_config config;
    config.hops = 2;
    config.wire.delay = latency::pareto(2ms, 1.5);
    config.wire.loss = 0.05;
    config.wire.duplicate = 0.05;
    config.wire.corrupt = 0.05;
    config.wire.reorder = 0.1;
    stage trial{seed, config};
    std::string log;
    trial.options.log = &log;
    trial.options.read_delay = latency::uniform(0us, 300us);
    trial.config.count = 300;
    trial.config.interval = 3ms;
    trial.run();
    INFO("seed " << seed);
    CHECK(trial.result.finished);
    CHECK(trial.book.breach() == "");
    return log;
  };
  const auto first = log_of(11);
  CHECK(first.size() > 50'000);
  CHECK(first == log_of(11));
  CHECK(first != log_of(12));
}

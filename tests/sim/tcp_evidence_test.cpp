// What an answer says beside its state: options, what was rewritten on the way, findings about a target.
#include <algorithm>
#include <map>

#include "tests/catch.hpp"
#include "tests/sim/tcp_stage.hpp"

using namespace diag;
using namespace diag::sim;
using probe::reason;
using probe::tcp_finding;
using probe::tcp_oddity;
using probe::header_change;
using probe::tcp_state;
using field = header_change::field;

namespace {

ip_family either() {
  return GENERATE(ip_family::v4, ip_family::v6);
}

ip_prefix everything(ip_family family) {
  return family == ip_family::v4 ? ip_prefix{ip_address::v4(0), 0} : ip_prefix{*parse_ip("::"), 0};
}

filter_rule reject_all(ip_family family) {
  filter_rule rule;
  rule.to = everything(family);
  rule.what = filter_rule::verdict::reject;
  rule.type = family == ip_family::v4 ? 3 : 1;
  rule.code = 1;
  return rule;
}

/// Every port of a host on a street of two routers.
probe::tcp_result open_port(const tcp_host_config& host, ip_family family = ip_family::v4,
                            const craft::tcp_profile& profile = craft::linux_profile(),
                            std::uint16_t flags = tcp_flag::syn) {
  tcp_street_config street;
  street.host = host;
  tcp_stage trial{tcp_questions(far_address(family)), street};
  trial.config.segment.profile = profile;
  trial.config.segment.flags = flags;
  trial.run();
  CHECK(trial.breach() == "");
  return trial.result();
}

/// The rewrites that the second router's refusal shows when the first is a box that does `touch`.
std::map<field, std::pair<std::optional<std::uint32_t>, std::optional<std::uint32_t>>> rewrites(
    ip_family family, const std::function<void(packet&)>& touch, std::size_t quote = 0) {
  tcp_street_config street;
  street.routers.quote = quote;
  street.router_at = [&](world& net, std::size_t hop, const router_config& own) -> router* {
    return hop == 0 ? &net.add<middlebox>(own, touch) : nullptr;
  };
  tcp_stage trial{tcp_questions(far_address(family)), street};
  trial.way.routers[1]->filter(reject_all(family));
  trial.run();
  CHECK(trial.breach() == "");
  const auto result = trial.result();
  CHECK(result.state == tcp_state::rejected);
  CHECK(result.quoted_hop_limit == 63);
  std::map<field, std::pair<std::optional<std::uint32_t>, std::optional<std::uint32_t>>> out;
  for (std::size_t i = 0; i < result.rewritten_count; ++i)
    out[result.rewritten[i].what] = {result.rewritten[i].sent, result.rewritten[i].seen};
  return out;
}

}  // namespace

TEST_CASE("tcp: says what the SYN-ACK offers", "[sim][tcp]") {
  tcp_host_config host;
  host.offer.window = 28960;
  host.offer.mss = 1380;
  host.offer.scale = 9;
  const auto result = open_port(host, either());
  REQUIRE(result.offer);
  CHECK(result.offer->window == 28960);
  CHECK(result.offer->maximum_segment_size == 1380);
  CHECK(result.offer->window_scale == 9);
  CHECK(result.offer->sack_permitted);
  CHECK(result.offer->timestamps);
  CHECK_FALSE(result.offer->ecn);
  CHECK_FALSE(result.offer->fast_open_cookie.has_value());
  CHECK_FALSE(result.offer->malformed);
  CHECK(result.odd == 0);
}

TEST_CASE("tcp: a bare SYN is offered nothing, which is no oddity", "[sim][tcp]") {
  const auto result = open_port({}, either(), craft::bare_profile());
  REQUIRE(result.offer);
  CHECK_FALSE(result.offer->window_scale.has_value());
  CHECK_FALSE(result.offer->sack_permitted);
  CHECK_FALSE(result.offer->timestamps);
  CHECK_FALSE(has(result.odd, tcp_oddity::cookie_like));
}

TEST_CASE("tcp: ECN is offered to an ECN setup SYN by the host that knows it", "[sim][tcp]") {
  const auto knows = GENERATE(true, false);
  tcp_host_config host;
  host.offer.ecn = knows;
  constexpr auto setup = tcp_flag::syn | tcp_flag::ece | tcp_flag::cwr;
  const auto result = open_port(host, either(), craft::linux_profile(), setup);
  CHECK(result.state == tcp_state::open);
  REQUIRE(result.offer);
  CHECK(result.offer->ecn == knows);
}

TEST_CASE("tcp: a host that mirrors the ECN flags does not know ECN", "[sim][tcp]") {
  tcp_host_config host;
  host.mangle = [](packet& answer) {
    const auto at = look(answer)->header_size + 13;
    answer[at] |= std::byte{tcp_flag::ece | tcp_flag::cwr};
    finish_tcp(answer);
  };
  constexpr auto setup = tcp_flag::syn | tcp_flag::ece | tcp_flag::cwr;
  const auto result = open_port(host, either(), craft::linux_profile(), setup);
  CHECK(result.state == tcp_state::open);
  REQUIRE(result.offer);
  CHECK_FALSE(result.offer->ecn);
}

TEST_CASE("tcp: the identification of an IPv4 answer is told, IPv6 has none", "[sim][tcp]") {
  tcp_host_config host;
  host.mangle = [](packet& answer) {
    if (load_u8(answer, 0) >> 4 != 4) return;
    store_be16(answer, 4, 0xbeef);
    finish_ip(answer);
  };
  CHECK(open_port(host, ip_family::v4).identification == 0xbeef);
  CHECK_FALSE(open_port(host, ip_family::v6).identification.has_value());
}

TEST_CASE("tcp: a quote of what was sent shows no rewriting", "[sim][tcp]") {
  CHECK(rewrites(either(), [](packet&) {}).empty());
}

TEST_CASE("tcp: a quote shows what a box on the way changed", "[sim][tcp]") {
  const auto family = either();
  const auto mss = family == ip_family::v4 ? 1460U : 1440U;
  const auto clamped = rewrites(family, [](packet& octets) { clamp_mss(octets, 1200); });
  REQUIRE(clamped.size() == 1);
  CHECK(clamped.at(field::maximum_segment_size) == std::pair{std::optional{mss}, std::optional{1200U}});

  const auto stripped = rewrites(family, [](packet& octets) {
    strip_option(octets, 8);
    strip_option(octets, 4);
  });
  CHECK(stripped.size() == 2);
  REQUIRE(stripped.contains(field::timestamps));
  REQUIRE(stripped.contains(field::sack_permitted));
  CHECK(stripped.at(field::timestamps).first.has_value());
  CHECK_FALSE(stripped.at(field::timestamps).second.has_value());
  CHECK_FALSE(stripped.at(field::sack_permitted).second.has_value());

  const auto window = rewrites(family, [](packet& octets) {
    store_be16(octets, look(octets)->header_size + 14, 4096);
    finish_tcp(octets);
  });
  REQUIRE(window.size() == 1);
  CHECK(window.at(field::window).second == 4096U);

  const auto flags = rewrites(family, [](packet& octets) {
    octets[look(octets)->header_size + 13] |= std::byte{tcp_flag::ece};
    finish_tcp(octets);
  });
  REQUIRE(flags.size() == 1);
  CHECK(flags.at(field::flags) == std::pair{std::optional{0x02U}, std::optional{0x42U}});

  const auto marked = rewrites(family, [family](packet& octets) {
    if (family == ip_family::v4)
      store_u8(octets, 1, 0x28);
    else
      store_be16(octets, 0, 0x6280);
    finish_ip(octets);
  });
  REQUIRE(marked.size() == 1);
  CHECK(marked.at(field::traffic_class) == std::pair{std::optional{0U}, std::optional{0x28U}});
}

TEST_CASE("tcp: a short quote proves whose it is, and accuses nobody", "[sim][tcp]") {
  const auto family = either();
  const auto header = family == ip_family::v4 ? 20U : 40U;
  // RFC 792: eight octets of TCP and no more; then a header cut within its options.
  for (const auto tcp : {8U, 20U, 24U})
    CHECK(rewrites(
              family, [](packet& octets) { strip_option(octets, 8); }, header + tcp)
              .size() <= (tcp > 20 ? 1 : 0));
}

TEST_CASE("tcp: sixteen ports that are all open may be a middlebox", "[sim][tcp]") {
  const auto family = either();
  const auto last_is_closed = GENERATE(true, false);
  tcp_street_config street;
  street.host.ports = [&](const ip_address&, std::uint16_t port) {
    return last_is_closed && port == 16 ? tcp_manner::closed : tcp_manner::open;
  };
  tcp_stage trial{tcp_questions(far_address(family), {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}),
                  street};
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(has(trial.book->summary().found, tcp_finding::open_everywhere) == !last_is_closed);
}

TEST_CASE("tcp: errors at a limited rate leave silence behind, and the finding says so", "[sim][tcp]") {
  const auto family = either();
  std::vector<std::uint16_t> ports;
  for (std::uint16_t port = 1; port <= 40; ++port) ports.push_back(port);
  probe::tcp_plan plan;
  plan.add(*parse_ip(far_address(family)), 1, ports);
  plan.seal();
  tcp_street_config street;
  street.routers.limit = error_limit{1, 6};
  tcp_stage trial{std::move(plan), street};
  trial.way.routers[1]->filter(reject_all(family));
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.book->count(tcp_state::rejected) == 6);
  CHECK(trial.book->count(tcp_state::filtered) == 34);
  CHECK(has(trial.book->summary().found, tcp_finding::icmp_rate_limited));
  CHECK_FALSE(has(trial.book->summary().found, tcp_finding::loss));
}

TEST_CASE("tcp: a host whose RSTs and SYN-ACKs begin with other TTLs is one host", "[sim][tcp]") {
  const auto family = either();
  tcp_street_config street;
  street.host.reset_hop_limit = 255;
  street.host.ports = [](const ip_address&, std::uint16_t port) {
    return port % 2 == 0 ? tcp_manner::open : tcp_manner::closed;
  };
  tcp_stage trial{tcp_questions(far_address(family), {1, 2, 3, 4}), street};
  trial.config.pacing.rate = 10;
  trial.run();
  CHECK(trial.breach() == "");
  for (const auto& one : trial.seen<probe::tcp_result>())
    CHECK((one.event.why == reason::syn_ack || one.event.why == reason::reset));
  CHECK(trial.book->summary().found == 0);
}

TEST_CASE("tcp: the times of a target are told in its summary", "[sim][tcp]") {
  tcp_street_config street;
  street.wire.delay = latency::fixed(2ms);
  street.host.think = latency::uniform(0ms, 10ms);
  tcp_stage trial{tcp_questions(far_address(either()), {1, 2, 3, 4, 5, 6, 7, 8}), street};
  trial.run();
  CHECK(trial.breach() == "");
  duration least = duration::max();
  duration most{};
  duration sum{};
  for (const auto& one : trial.seen<probe::tcp_result>()) {
    least = std::min(least, *one.event.rtt);
    most = std::max(most, *one.event.rtt);
    sum += *one.event.rtt;
  }
  const auto& summary = trial.book->summary();
  CHECK(summary.rtt_min == least);
  CHECK(summary.rtt_max == most);
  CHECK(summary.rtt_mean == sum / 8);
  CHECK(least >= 12ms);
  CHECK(most <= 22ms);
}

TEST_CASE("tcp: flows keep their source ports, and each has its result", "[sim][tcp]") {
  probe::tcp_plan plan;
  const std::vector<std::uint16_t> ports{443};
  plan.add(*parse_ip(far_address(either())), 1, ports);
  plan.set_flows(4);
  plan.seal();
  tcp_street_config street;
  // Behind a balancer: every second source port leads nowhere.
  const auto lose_odd = [](packet& octets) {
    const auto seen = look_tcp(octets);
    if (seen->destination_port == 443 && seen->source_port % 2 == 1)
      octets[octets.size() - 1] ^= std::byte{1};
  };
  street.router_at = [&](world& net, std::size_t hop, const router_config& own) -> router* {
    return hop == 0 ? &net.add<middlebox>(own, lose_odd) : nullptr;
  };
  tcp_stage trial{std::move(plan), street};
  trial.config.segment.source_port_count = 4;
  trial.config.pacing.retries = 1;
  trial.run();
  CHECK(trial.breach() == "");
  for (const auto& one : trial.seen<probe::tcp_result>()) {
    CHECK(one.event.source_port == 40000 + one.event.flow);
    CHECK(one.event.state == (one.event.flow % 2 == 0 ? tcp_state::open : tcp_state::filtered));
  }
}

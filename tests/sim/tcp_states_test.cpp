// The truth table: what stands there, and what a probe says of it. Every row in IPv4 and in IPv6.
#include <cerrno>

#include "tests/catch.hpp"
#include "tests/sim/tcp_stage.hpp"

using namespace diag;
using namespace diag::sim;
using probe::reason;
using probe::tcp_finding;
using probe::tcp_oddity;
using probe::tcp_state;
using verdict = filter_rule::verdict;

namespace {

ip_family either() {
  return GENERATE(ip_family::v4, ip_family::v6);
}

tcp_manner by_port(const ip_address&, std::uint16_t port) {
  return port == 443 ? tcp_manner::open : port == 23 ? tcp_manner::silent : tcp_manner::closed;
}

/// Three hops, 1 ms each way and link; port 443 is open, 23 silent, the others are closed.
tcp_street_config three_hops() {
  tcp_street_config street;
  street.hops = 3;
  street.wire.delay = latency::fixed(1ms);
  street.host.ports = by_port;
  return street;
}

ip_prefix everything(ip_family family) {
  return family == ip_family::v4 ? ip_prefix{ip_address::v4(0), 0} : ip_prefix{*parse_ip("::"), 0};
}

ip_address router_address(ip_family family, std::uint64_t hop) {
  return parse_ip(family == ip_family::v4 ? "203.0.113.0" : "2001:db8:ff::")->plus(hop);
}

filter_rule block(ip_family family, verdict what, std::uint16_t port = 0) {
  filter_rule rule;
  rule.to = everything(family);
  rule.what = what;
  rule.protocol = protocol_tcp;
  if (port != 0) rule.ports = {port, port};
  return rule;
}

/// One port of one host on that street.
struct question {
  explicit question(ip_family family, std::uint16_t port = 443,
                    const tcp_street_config& street = three_hops())
      : trial{tcp_questions(far_address(family), {port}), street} {}
  probe::tcp_result ask() {
    trial.run();
    CHECK(trial.breach() == "");
    REQUIRE(trial.book->results() == 1);
    return trial.seen<probe::tcp_result>().front().event;
  }
  tcp_stage trial;
};

}  // namespace

TEST_CASE("tcp: an open port is open, by the SYN-ACK of its host", "[sim][tcp]") {
  const auto family = either();
  const auto result = question{family}.ask();
  CHECK(result.state == tcp_state::open);
  CHECK(result.why == reason::syn_ack);
  CHECK(result.from == *parse_ip(far_address(family)));
  CHECK(result.hop_limit == 61);
  CHECK(result.attempts == 1);
  CHECK(result.answered == 1);
  CHECK(result.rtt == 8ms);
  CHECK(result.source_port == 40000);
  CHECK(result.offer.has_value());
  CHECK(result.odd == 0);
}

TEST_CASE("tcp: a port without listener is closed, by the RST of its host", "[sim][tcp]") {
  const auto family = either();
  const auto result = question{family, 80}.ask();
  CHECK(result.state == tcp_state::closed);
  CHECK(result.why == reason::reset);
  CHECK(result.from == *parse_ip(far_address(family)));
  CHECK(result.hop_limit == 61);
  CHECK(result.rtt == 8ms);
  CHECK_FALSE(result.offer.has_value());
}

TEST_CASE("tcp: silence after all attempts is filtered", "[sim][tcp]") {
  const auto family = either();
  const bool dropped = GENERATE(true, false);
  question one{family, static_cast<std::uint16_t>(dropped ? 443 : 23)};
  if (dropped) one.trial.way.routers[1]->filter(block(family, verdict::drop));
  one.trial.config.pacing.retries = 2;
  const auto result = one.ask();
  CHECK(result.state == tcp_state::filtered);
  CHECK(result.why == reason::no_answer);
  CHECK(result.attempts == 3);
  CHECK(result.answered == 0);
  CHECK_FALSE(result.from);
  CHECK(one.trial.way.there->asked() == (dropped ? 0 : 3));
}

TEST_CASE("tcp: a router that refuses is named, with type, code and reason", "[sim][tcp]") {
  struct row {
    ip_family family;
    std::uint8_t code;
    reason why;
  };
  // RFC 792, RFC 1812 §5.2.7.1; RFC 4443 §3.1.
  const auto said = GENERATE(
      row{ip_family::v4, 0, reason::net_unreachable}, row{ip_family::v4, 1, reason::host_unreachable},
      row{ip_family::v4, 2, reason::protocol_unreachable}, row{ip_family::v4, 3, reason::port_unreachable},
      row{ip_family::v4, 9, reason::admin_prohibited}, row{ip_family::v4, 10, reason::admin_prohibited},
      row{ip_family::v4, 13, reason::admin_prohibited}, row{ip_family::v6, 0, reason::net_unreachable},
      row{ip_family::v6, 1, reason::admin_prohibited}, row{ip_family::v6, 2, reason::beyond_scope},
      row{ip_family::v6, 3, reason::host_unreachable}, row{ip_family::v6, 4, reason::port_unreachable},
      row{ip_family::v6, 5, reason::source_address_failed}, row{ip_family::v6, 6, reason::route_rejected});
  INFO("code " << int{said.code});
  question one{said.family};
  auto rule = block(said.family, verdict::reject);
  rule.type = said.family == ip_family::v4 ? 3 : 1;
  rule.code = said.code;
  one.trial.way.routers[1]->filter(rule);
  const auto result = one.ask();
  CHECK(result.state == tcp_state::rejected);
  CHECK(result.why == said.why);
  CHECK(result.from == router_address(said.family, 2));
  CHECK(result.icmp_type == rule.type);
  CHECK(result.icmp_code == said.code);
  CHECK(result.hop_limit == 63);
  CHECK(result.quoted_hop_limit == 63);
  CHECK(result.rtt == 4ms);
  CHECK(result.answered == 1);
  CHECK(one.trial.way.there->asked() == 0);
}

TEST_CASE("tcp: a host that refuses by ICMP is rejected, not closed", "[sim][tcp]") {
  const auto family = either();
  auto street = three_hops();
  street.host.ports = [](const ip_address&, std::uint16_t) { return tcp_manner::refused; };
  street.host.icmp_type = family == ip_family::v4 ? 3 : 1;
  street.host.icmp_code = family == ip_family::v4 ? 3 : 4;
  const auto result = question{family, 443, street}.ask();
  CHECK(result.state == tcp_state::rejected);
  CHECK(result.why == reason::port_unreachable);
  CHECK(result.from == *parse_ip(far_address(family)));
}

TEST_CASE("tcp: a router's RST in the name of a host that answered from farther away", "[sim][tcp]") {
  const auto family = either();
  tcp_stage trial{tcp_questions(far_address(family), {443, 80, 8080}), three_hops()};
  trial.way.routers[0]->filter(block(family, verdict::tcp_reset, 80));
  trial.config.pacing.rate = 10;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.result(443).why == reason::syn_ack);
  const auto reset = trial.result(80);
  CHECK(reset.state == tcp_state::closed);
  CHECK(reset.why == reason::reset_by_device);
  CHECK(reset.from == *parse_ip(far_address(family)));
  CHECK(reset.device_hops == 0);
  CHECK(reset.host_hops == 3);
  CHECK(trial.result(8080).why == reason::reset);
  const auto& summary = trial.book->summary();
  CHECK(has(summary.found, tcp_finding::reset_by_device));
  CHECK(summary.example_port == 80);
  CHECK(summary.device_hops == 0);
  CHECK(summary.host_hops == 3);
}

TEST_CASE("tcp: a RST that came before the host spoke is known by the summary", "[sim][tcp]") {
  const auto family = either();
  tcp_stage trial{tcp_questions(far_address(family), {80, 443}), three_hops()};
  trial.way.routers[0]->filter(block(family, verdict::tcp_reset, 80));
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.result(80).why == reason::reset);
  CHECK(has(trial.book->summary().found, tcp_finding::reset_by_device));
}

TEST_CASE("tcp: what never got there is unreachable", "[sim][tcp]") {
  const auto family = either();
  question one{family};
  one.trial.config.segment.hop_limit = 2;
  const auto result = one.ask();
  CHECK(result.state == tcp_state::unreachable);
  CHECK(result.why == reason::hop_limit_exceeded);
  CHECK(result.from == router_address(family, 2));
  CHECK(result.icmp_type == (family == ip_family::v4 ? 11 : 3));
  CHECK(result.quoted_hop_limit == 1);
}

TEST_CASE("tcp: other ICMP errors are unreachable, with their reason", "[sim][tcp]") {
  struct row {
    ip_family family;
    std::uint8_t type, code;
    reason why;
  };
  const auto said = GENERATE(row{ip_family::v4, 11, 1, reason::reassembly_time_exceeded},
                             row{ip_family::v4, 12, 0, reason::parameter_problem},
                             row{ip_family::v4, 3, 4, reason::fragmentation_needed},
                             row{ip_family::v6, 2, 0, reason::packet_too_big},
                             row{ip_family::v6, 3, 1, reason::reassembly_time_exceeded},
                             row{ip_family::v6, 4, 1, reason::parameter_problem});
  INFO("type " << int{said.type} << " code " << int{said.code});
  tcp_by_hand bench{far_address(said.family)};
  icmp_error_fields fields;
  fields.from = router_address(said.family, 1);
  fields.type = said.type;
  fields.code = said.code;
  fields.rest = said.type == 2 || said.code == 4 ? 1280 : 0;
  bench.feed(icmp_error(bench.request(), fields));
  bench.finish();
  CHECK(bench.result().state == tcp_state::unreachable);
  CHECK(bench.result().why == said.why);
  CHECK(bench.breach() == "");
}

TEST_CASE("tcp: what this host does not send is an error, never filtered", "[sim][tcp]") {
  struct row {
    int error;
    reason why;
  };
  const auto said = GENERATE(row{EPERM, reason::local_firewall}, row{ENETUNREACH, reason::no_route},
                             row{EHOSTUNREACH, reason::no_route}, row{EINVAL, reason::blackhole_route},
                             row{EACCES, reason::prohibited_route}, row{EMSGSIZE, reason::message_too_long},
                             row{ENOBUFS, reason::local_queue_full}, row{ENETDOWN, reason::interface_down},
                             row{ENODEV, reason::interface_gone}, row{EIO, reason::system_error});
  INFO("errno " << said.error);
  question one{either()};
  one.trial.config.pacing.retries = 1;
  one.trial.options.send_error = [&](probe::probe_token, mono_time) { return said.error; };
  const auto result = one.ask();
  CHECK(result.state == tcp_state::error);
  CHECK(result.why == said.why);
  CHECK(result.error == said.error);
  CHECK(result.attempts == 0);
  CHECK_FALSE(result.rtt.has_value());
  CHECK(one.trial.machine->totals().sent == 0);
}

TEST_CASE("tcp: a full local queue is tried again before it counts", "[sim][tcp]") {
  question one{either()};
  one.trial.config.pacing.retries = 2;
  int calls = 0;
  one.trial.options.send_error = [&](probe::probe_token, mono_time) { return ++calls < 3 ? ENOBUFS : 0; };
  const auto result = one.ask();
  CHECK(result.state == tcp_state::open);
  CHECK(result.attempts == 1);
  CHECK(result.answered == 1);
  CHECK_FALSE(has(result.odd, tcp_oddity::answered_retry));
  CHECK(one.trial.machine->totals().sent == 1);
}

TEST_CASE("tcp: the kernel's error queue tells what a socket cannot", "[sim][tcp]") {
  const auto family = either();
  const auto local = GENERATE(true, false);
  tcp_by_hand bench{far_address(family)};
  const auto asked = bench.request();
  probe::path_notice notice;
  using origin = probe::path_notice::origin_kind;
  notice.origin = local ? origin::local : family == ip_family::v4 ? origin::icmpv4 : origin::icmpv6;
  notice.error = local ? EHOSTUNREACH : ECONNREFUSED;
  notice.type = family == ip_family::v4 ? 3 : 1;
  notice.code = family == ip_family::v4 ? 13 : 1;
  if (!local) notice.offender = router_address(family, 1);
  notice.destination = *parse_ip(far_address(family));
  notice.quoted = look(asked)->payload;
  bench.feed(notice, 3ms);
  bench.finish();
  const auto result = bench.result();
  CHECK(result.state == (local ? tcp_state::unreachable : tcp_state::rejected));
  CHECK(result.why == (local ? reason::host_unreachable : reason::admin_prohibited));
  CHECK(result.from == notice.offender);
  CHECK(bench.breach() == "");
}

TEST_CASE("tcp: an ICMP error from our own address is no rejection", "[sim][tcp]") {
  const auto family = either();
  const auto v4 = family == ip_family::v4;
  const auto neighbour = GENERATE(true, false);
  tcp_by_hand bench{far_address(family)};
  const auto asked = bench.request();
  icmp_error_fields fields;
  fields.from = look(asked)->source;
  fields.type = v4 ? 3 : 1;
  // Our neighbour discovery found nobody, or our own firewall rejects.
  fields.code = neighbour ? (v4 ? 1 : 3) : (v4 ? 13 : 1);
  bench.feed(icmp_error(asked, fields));
  bench.finish();
  CHECK(bench.result().state == (neighbour ? tcp_state::unreachable : tcp_state::error));
  CHECK(bench.result().why == (neighbour ? reason::host_unreachable : reason::local_firewall));
  CHECK(bench.breach() == "");
}

TEST_CASE("tcp: a segment with ACK gets through a filter without state, a SYN does not", "[sim][tcp]") {
  const auto family = either();
  struct row {
    std::uint16_t flags;
    std::uint16_t port;
    tcp_state state;
    reason why;
  };
  const auto asked = GENERATE(row{tcp_flag::syn, 443, tcp_state::filtered, reason::no_answer},
                              row{tcp_flag::ack, 443, tcp_state::closed, reason::unfiltered},
                              row{tcp_flag::ack, 80, tcp_state::closed, reason::unfiltered},
                              row{tcp_flag::ack, 23, tcp_state::filtered, reason::no_answer});
  INFO("flags " << asked.flags << " port " << asked.port);
  question one{family, asked.port};
  auto rule = block(family, verdict::drop);
  rule.only_openings = true;
  one.trial.way.routers[1]->filter(rule);
  one.trial.config.segment.flags = asked.flags;
  const auto result = one.ask();
  CHECK(result.state == asked.state);
  CHECK(result.why == asked.why);
}

TEST_CASE("tcp: segments without SYN or ACK are answered by closed ports alone", "[sim][tcp]") {
  const auto family = either();
  // FIN, none, FIN-PSH-URG; RFC 9293 §3.10.7.1 and §3.10.7.2.
  const auto flags = GENERATE(std::uint16_t{0x01}, std::uint16_t{0}, std::uint16_t{0x29});
  for (const auto port : {std::uint16_t{443}, std::uint16_t{80}}) {
    INFO("flags " << flags << " port " << port);
    question one{family, port};
    one.trial.config.segment.flags = flags;
    const auto result = one.ask();
    CHECK(result.state == (port == 443 ? tcp_state::filtered : tcp_state::closed));
    CHECK(result.why == (port == 443 ? reason::no_answer : reason::unfiltered));
  }
}

TEST_CASE("tcp: a RST that does not carry our number answers no ACK", "[sim][tcp]") {
  auto config = quiet_tcp();
  config.segment.flags = tcp_flag::ack;
  tcp_by_hand bench{far_address(either()), config};
  const auto asked = bench.request();
  const auto ours = look_tcp(asked)->acknowledgment;
  const auto reset = [&](std::uint32_t sequence) {
    return answer_with(asked, tcp_flag::rst, [&](segment& made) {
      made.sequence = sequence;
      made.acknowledgment = 0;
    });
  };
  bench.feed(reset(ours + 1));
  bench.feed(answer_with(asked, tcp_flag::syn | tcp_flag::ack));
  CHECK(bench.results().empty());
  bench.feed(reset(ours));
  bench.finish();
  CHECK(bench.result().why == reason::unfiltered);
  CHECK(bench.book.anomalies(probe::reject_reason::wrong_ack) == 1);
  CHECK(bench.book.anomalies(probe::reject_reason::bad_flags) == 1);
}

TEST_CASE("tcp: a SYN proxy looks like a cookie, and stands nearer than the host", "[sim][tcp]") {
  const auto family = either();
  auto street = three_hops();
  street.router_at = [&](world& net, std::size_t hop, const router_config& own) -> router* {
    return hop == 1 ? &net.add<syn_proxy>(own, block(family, verdict::drop, 443)) : nullptr;
  };
  tcp_stage trial{tcp_questions(far_address(family), {80, 443}), street};
  trial.config.pacing.rate = 10;
  trial.run();
  CHECK(trial.breach() == "");
  const auto proxied = trial.result(443);
  CHECK(proxied.state == tcp_state::open);
  CHECK(proxied.why == reason::syn_ack_by_device);
  CHECK(has(proxied.odd, tcp_oddity::cookie_like));
  CHECK(proxied.device_hops == 1);
  CHECK(proxied.host_hops == 3);
  CHECK(has(trial.book->summary().found, tcp_finding::syn_ack_by_device));
  CHECK_FALSE(has(trial.book->summary().found, tcp_finding::reset_by_device));
}

TEST_CASE("tcp: the truth is the same from behind a NAT", "[sim][tcp]") {
  auto street = three_hops();
  const ip_prefix inside{*parse_ip("192.0.2.0"), 24};
  const auto outside = *parse_ip("203.0.113.200");
  tcp_nat* translator = nullptr;
  street.router_at = [&](world& net, std::size_t hop, const router_config& own) -> router* {
    if (hop != 0) return nullptr;
    translator = &net.add<tcp_nat>(own, inside, outside);
    return translator;
  };
  tcp_stage trial{tcp_questions("198.51.100.1", {443, 80, 25}), street};
  // Routers beyond answer the outside address.
  for (std::size_t hop = 1; hop < 3; ++hop)
    trial.way.routers[hop]->route({outside, 32}, *trial.way.back[hop]);
  trial.way.routers[2]->filter(block(ip_family::v4, verdict::reject, 25));
  trial.way.there->route({outside, 32}, *trial.way.back[3]);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.result(443).state == tcp_state::open);
  CHECK(trial.result(80).state == tcp_state::closed);
  const auto rejected = trial.result(25);
  CHECK(rejected.state == tcp_state::rejected);
  CHECK(rejected.from == router_address(ip_family::v4, 3));
  CHECK(rejected.rewritten_count == 0);
  CHECK(trial.book->anomalies() == 0);
  CHECK(translator->mappings() == 1);
}

TEST_CASE("tcp: a way back of another length tells nothing of the way there", "[sim][tcp]") {
  const auto family = either();
  question one{family};
  // The host answers past all routers.
  link_config wire;
  wire.delay = latency::fixed(20ms);
  auto& shortcut = one.trial.net.connect(*one.trial.way.here, wire);
  const auto home = one.trial.way.here->address(family);
  one.trial.way.there->route({home, static_cast<std::uint8_t>(family == ip_family::v4 ? 32 : 128)}, shortcut);
  const auto result = one.ask();
  CHECK(result.state == tcp_state::open);
  CHECK(result.why == reason::syn_ack);
  CHECK(result.hop_limit == 64);
  CHECK(result.rtt == 24ms);
}

// A trace from its first hop to its end: every method, both families, silence, limits, refusals, timing.
#include <cerrno>

#include "tests/catch.hpp"
#include "tests/sim/path_stage.hpp"
#include "tests/sim/tcp_packets.hpp"

using namespace diag;
using namespace diag::sim;
using probe::reason;

namespace {

ip_family either() {
  return GENERATE(ip_family::v4, ip_family::v6);
}
path_method any_method() {
  return GENERATE(path_method::udp, path_method::icmp, path_method::tcp_syn, path_method::tcp_ack);
}

path_street_config silent_hops(std::size_t hops, const std::vector<std::size_t>& silent) {
  path_street_config street;
  street.hops = hops;
  street.shape = [silent](std::size_t hop, path_router_config& own) {
    own.silent = std::ranges::find(silent, hop) != silent.end();
  };
  return street;
}

filter_rule refusal_of(ip_family family, std::uint8_t code) {
  filter_rule rule;
  rule.to = {far_end(family), static_cast<std::uint8_t>(family == ip_family::v4 ? 32 : 128)};
  rule.what = filter_rule::verdict::reject;
  rule.type = family == ip_family::v4 ? 3 : 1;
  rule.code = code;
  return rule;
}

}  // namespace

TEST_CASE("trace: walks the whole path in one round trip, whatever it asks with", "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  INFO("IPv" << (family == ip_family::v4 ? 4 : 6) << ", " << probe::describe(method));
  path_stage trial;
  trial.ask(question(family, method)).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r3 r4 r5 T");
  CHECK(trial.remarks() == "");
  const auto end = trial.end();
  CHECK(end.why == path_stop::reached);
  CHECK(end.hops == 6);
  CHECK(end.target_rtt == 6ms);
  CHECK(trial.counts.silent == 0);
  CHECK(trial.rejects().empty());
  CHECK(trial.flows_seen == 1);
  // Second and third probes of a hop go when something is known to be there: two round trips of hop 5.
  CHECK(trial.elapsed() <= 10ms);
  for (const auto& row : trial.rows())
    for (const auto& one : row.probes) {
      CHECK(one.answer.rtt == row.hop * 1ms);
      CHECK(one.answer.source == probe::stamp_source::socket);
      CHECK(one.answer.hop_limit == 64 - (row.hop - 1));
      CHECK(one.answer.changes.empty());
      if (row.hop == 6) continue;
      CHECK(one.answer.state == hop_state::time_exceeded);
      CHECK(one.answer.quoted_hop_limit == 1);
      CHECK(one.answer.icmp_type == (family == ip_family::v4 ? 11 : 3));
    }
}

TEST_CASE("trace: with one probe a hop one round trip is enough", "[sim][path]") {
  const auto method = any_method();
  path_stage trial{silent_hops(9, {})};
  trial.tracing.probes_per_hop = 1;
  trial.ask(question(either(), method)).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r3 r4 r5 r6 r7 r8 r9 T");
  CHECK(trial.elapsed() == 10ms);
}

TEST_CASE("trace: says what the target answered with", "[sim][path]") {
  const auto family = either();
  const auto v4 = family == ip_family::v4;
  const auto answer_to = [&](path_method method, const path_host_config& host) {
    path_street_config street;
    street.host = host;
    path_stage trial{street};
    trial.ask(question(family, method)).trace();
    CHECK(trial.breach() == "");
    CHECK(trial.path() == "r1 r2 r3 r4 r5 T");
    return trial.row(6).probes.front().answer;
  };
  path_host_config host;
  auto answer = answer_to(path_method::udp, host);
  CHECK(answer.state == hop_state::reached);
  CHECK(answer.icmp_type == (v4 ? 3 : 1));
  CHECK(answer.icmp_code == (v4 ? 3 : 4));
  answer = answer_to(path_method::tcp_syn, host);
  CHECK(answer.state == hop_state::reached);
  CHECK((answer.tcp_flags & 0x3f) == (tcp_flag::syn | tcp_flag::ack));
  answer = answer_to(path_method::tcp_ack, host);
  CHECK((answer.tcp_flags & 0x3f) == tcp_flag::rst);
  host.tcp = port_manner::refuses;
  answer = answer_to(path_method::tcp_syn, host);
  CHECK(answer.state == hop_state::reached);
  CHECK((answer.tcp_flags & 0x3f) == (tcp_flag::rst | tcp_flag::ack));
  host.udp = port_manner::serves;
  answer = answer_to(path_method::udp, host);
  CHECK(answer.state == hop_state::reached);
}

TEST_CASE("trace: a datagram from the served port of the target reaches it", "[sim][path]") {
  path_street_config street;
  street.host.udp = port_manner::serves;
  path_stage trial{street};
  trial.ask(question(either(), path_method::udp, 53)).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.end().why == path_stop::reached);
  CHECK(trial.end().hops == 6);
}

TEST_CASE("trace: silent hops delay nobody, and the wait follows what the others showed", "[sim][path]") {
  const auto family = either();
  path_stage trial{silent_hops(9, {3, 7})};
  trial.ask(question(family, any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 * r4 r5 r6 * r8 r9 T");
  CHECK(trial.remarks() == "");
  CHECK(trial.counts.silent == 6);
  // Ten times the longest RTT of the path, and no more: -W is 3 s.
  CHECK(trial.elapsed() <= 10 * 10ms + 15ms);
  for (const auto& row : trial.rows())
    for (const auto& one : row.probes)
      CHECK(one.answer.rtt ==
            (row.hop == 3 || row.hop == 7 ? std::nullopt : std::optional<duration>{row.hop * 1ms}));
}

TEST_CASE("trace: a silent target ends it when the silence is long enough", "[sim][path]") {
  path_street_config street;
  street.host.udp = port_manner::silent;
  path_stage trial{street};
  trial.tracing.window = 8;
  trial.ask(question(either())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r3 r4 r5 *+");
  CHECK(trial.end().why == path_stop::silence);
  CHECK(trial.end().hops == 5);
  CHECK(trial.end().asked_to == 13);
  CHECK_FALSE(trial.end().target_rtt);
  CHECK(trial.remarks() == "target-silent@5");
  // Behind the last that answered may be an ocean: one timeout, and the pauses before second probes.
  CHECK(trial.elapsed() <= 3s + 200ms);
}

TEST_CASE("trace: a target that answers only once is reached, at its own hop where it quotes",
          "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed << ", " << probe::describe(method));
    path_street_config street;
    street.host.most_answers = 1;
    // Which of the probes that get there comes first is chance.
    street.wire.delay = latency::uniform(200us, 900us);
    path_stage trial{street, seed};
    trial.ask(question(family, method)).trace();
    CHECK(trial.breach() == "");
    CHECK(trial.end().why == path_stop::reached);
    CHECK(trial.path().substr(0, 14) == "r1 r2 r3 r4 r5");
    CHECK(trial.end().hops >= 6);
    if (method == path_method::udp) CHECK(trial.end().hops == 6);
    CHECK(trial.end().target_rtt);
  }
}

TEST_CASE("trace: a target that limits its port unreachables stands at its own hop", "[sim][path]") {
  const auto family = either();
  path_street_config street;
  street.host.limit = error_limit{1, 2};
  street.wire.delay = latency::uniform(200us, 900us);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    path_stage trial{street, seed};
    trial.ask(question(family)).trace();
    CHECK(trial.breach() == "");
    CHECK(trial.end().why == path_stop::reached);
    CHECK(trial.end().hops == 6);
    CHECK(trial.row(6).probes.size() == 3);
  }
}

TEST_CASE("trace: where everything is silent it ends within the timeout and says so", "[sim][path]") {
  auto street = silent_hops(5, {1, 2, 3, 4, 5});
  street.host.udp = port_manner::silent;
  path_stage trial{street};
  trial.config.timeout = 500ms;
  trial.ask(question(either())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "*+");
  CHECK(trial.end().why == path_stop::silence);
  CHECK(trial.end().hops == 0);
  CHECK(trial.counts.answered == 0);
  CHECK(trial.elapsed() <= 2 * 500ms);
}

TEST_CASE("trace: only the target answers: the hops before it are silent", "[sim][path]") {
  path_stage trial{silent_hops(5, {1, 2, 3, 4, 5})};
  trial.ask(question(either(), any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "* * * * * T");
  CHECK(trial.end().why == path_stop::reached);
  CHECK(trial.end().hops == 6);
  CHECK(trial.elapsed() <= 100ms);
}

TEST_CASE("trace: a path longer than the window is walked to its end", "[sim][path]") {
  path_street_config street;
  street.hops = 27;
  path_stage trial{street};
  trial.tracing.window = GENERATE(std::uint8_t{1}, std::uint8_t{4}, std::uint8_t{16});
  trial.ask(question(either(), any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.end().why == path_stop::reached);
  CHECK(trial.end().hops == 28);
  CHECK(trial.rows().size() == 28);
  for (const auto& row : trial.rows())
    if (row.hop < 28)
      CHECK(row.probes.front().answer.from == hop_address(trial.targets[0].address.family(), row.hop));
}

TEST_CASE("trace: heeds the first and the last hop it may ask", "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  const auto between = [&](std::uint8_t first, std::uint8_t last) {
    path_stage trial;
    trial.tracing.first_hop = first;
    trial.tracing.last_hop = last;
    trial.ask(question(family, method)).trace();
    CHECK(trial.breach() == "");
    for (const auto& one : trial.heard) CHECK((one.asked.hop >= first && one.asked.hop <= last));
    return std::pair{trial.path(), trial.end().why};
  };
  CHECK(between(1, 1) == std::pair{std::string{"r1"}, path_stop::last_hop});
  CHECK(between(1, 3) == std::pair{std::string{"r1 r2 r3"}, path_stop::last_hop});
  CHECK(between(1, 6) == std::pair{std::string{"r1 r2 r3 r4 r5 T"}, path_stop::reached});
  CHECK(between(3, 30) == std::pair{std::string{"r3 r4 r5 T"}, path_stop::reached});
  CHECK(between(6, 30) == std::pair{std::string{"T"}, path_stop::reached});
  CHECK(between(5, 5) == std::pair{std::string{"r5"}, path_stop::last_hop});
  CHECK(between(1, 255) == std::pair{std::string{"r1 r2 r3 r4 r5 T"}, path_stop::reached});
  CHECK(between(255, 255) == std::pair{std::string{"T"}, path_stop::reached});
}

TEST_CASE("trace: every code of destination unreachable is told, and ends the path", "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  const auto v4 = family == ip_family::v4;
  const auto before_the_hop_limit = GENERATE(false, true);
  for (std::uint8_t code = 0; code <= (v4 ? 15 : 6); ++code) {
    INFO("code " << unsigned{code} << ", " << probe::describe(method));
    path_street_config street;
    street.shape = [&](std::size_t hop, path_router_config& own) {
      own.filters_first = hop == 4 && before_the_hop_limit;
    };
    path_stage trial{street};
    trial.way.hop(4).filter(refusal_of(family, code));
    trial.ask(question(family, method)).trace();
    CHECK(trial.breach() == "");
    const auto why = probe::icmp_reason(family, v4 ? 3 : 1, code);
    const auto mark = "r4!" + std::string{probe::describe(why)};
    CHECK(trial.path() == "r1 r2 r3 " + (before_the_hop_limit ? mark : "r4 " + mark));
    CHECK(trial.end().why == path_stop::unreachable);
    const auto last = trial.rows().back().probes.front().answer;
    CHECK(last.state == hop_state::unreachable);
    CHECK(last.icmp_type == (v4 ? 3 : 1));
    CHECK(last.icmp_code == code);
    CHECK(trial.elapsed() <= 100ms);
  }
}

TEST_CASE("trace: a host without route says so", "[sim][path]") {
  const auto family = either();
  path_street_config street;
  path_stage trial{street};
  trial.ask(question(family)).trace();
  CHECK(trial.path() == "r1 r2 r3 r4 r5 T");
  // The last router finds no host there: 3/1, ICMPv6 1/3.
  path_stage absent{street};
  absent.way.hop(5).filter(refusal_of(family, family == ip_family::v4 ? 1 : 3));
  absent.ask(question(family)).trace();
  CHECK(absent.breach() == "");
  CHECK(absent.path() == "r1 r2 r3 r4 r5 r5!" + std::string{probe::describe(reason::host_unreachable)});
}

TEST_CASE("trace: an answer that comes twice counts once", "[sim][path]") {
  path_street_config street;
  street.shape = [](std::size_t hop, path_router_config& own) { own.copies = hop == 3 ? 2 : 1; };
  path_stage trial{street};
  trial.ask(question(either(), any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r3 r4 r5 T");
  CHECK(trial.counts.duplicates == 3);
  CHECK(trial.counts.answered == trial.counts.sent);
}

TEST_CASE("trace: an answer after its wait is late, and belongs to its own probe", "[sim][path]") {
  const auto family = either();
  path_street_config street;
  street.shape = [](std::size_t hop, path_router_config& own) {
    if (hop == 3) own.slow = 90ms;
    own.filters_first = hop == 1;
  };
  path_stage trial{street};
  trial.config.timeout = 1s;
  trial.ask(question(family, any_method()));
  // A second target of which nothing is heard keeps the run alive for the whole timeout.
  trial.targets.push_back(trial.targets[0]);
  trial.targets[1].address = far_end(family).plus(1);
  filter_rule swallow;
  swallow.to = {trial.targets[1].address, static_cast<std::uint8_t>(family == ip_family::v4 ? 32 : 128)};
  trial.way.hop(1).filter(swallow);
  trial.trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path(0) == "r1 r2 * r4 r5 T");
  CHECK(trial.path(1) == "*+");
  CHECK(trial.counts.late == 3);
  for (const auto& one : trial.heard)
    if (one.answer.late) {
      CHECK(one.asked.hop == 3);
      CHECK(one.asked.target == 0);
      CHECK(one.answer.from == hop_address(family, 3));
      CHECK(one.answer.rtt == 93ms);
    }
}

TEST_CASE("trace: an interrupt tells what is known", "[sim][path]") {
  path_stage trial{silent_hops(9, {4})};
  trial.options.interrupt_at = mono_time{} + 5s + 6500us;
  trial.ask(question(either(), any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.end().why == path_stop::interrupted);
  CHECK(trial.path() == "r1 r2 r3  r5 r6");
  CHECK(trial.end().hops == 6);
  CHECK(trial.result.ended == mono_time{} + 5s + 6500us);
  CHECK(trial.counts.pending > 0);
}

TEST_CASE("trace: a host that cannot send is told from a network that is silent", "[sim][path]") {
  path_stage trial;
  const auto error = GENERATE(ENETUNREACH, EPERM, EACCES);
  trial.options.send_error = [error](probe::probe_token, mono_time) { return error; };
  trial.ask(question(either(), any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.end().why == path_stop::error);
  CHECK(trial.counts.sent == 0);
  CHECK(trial.counts.not_sent > 0);
  for (const auto& one : trial.heard) {
    CHECK(one.answer.state == hop_state::error);
    CHECK(one.answer.error == error);
    CHECK(one.answer.why == probe::send_reason(error));
  }
}

TEST_CASE("trace: one packet that the queue had no room for costs one probe", "[sim][path]") {
  path_stage trial;
  trial.options.send_error = [](probe::probe_token token, mono_time) { return token == 5 ? ENOBUFS : 0; };
  trial.ask(question(either(), any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.end().why == path_stop::reached);
  CHECK(trial.end().hops == 6);
  CHECK(trial.counts.not_sent == 1);
}

TEST_CASE("trace: without stamps of the kernel the process's own are used", "[sim][path]") {
  path_stage trial;
  trial.options.transmit_stamps = false;
  trial.options.receive_stamps = GENERATE(false, true);
  trial.ask(question(either(), any_method())).trace();
  CHECK(trial.breach() == "");
  for (const auto& row : trial.rows())
    for (const auto& one : row.probes) {
      CHECK(one.answer.source == probe::stamp_source::user);
      CHECK(one.answer.rtt == row.hop * 1ms);
    }
}

TEST_CASE("trace: walks without privileges by what the error queue tells", "[sim][path]") {
  const auto family = either();
  const auto method = GENERATE(path_method::udp, path_method::icmp);
  INFO("IPv" << (family == ip_family::v4 ? 4 : 6) << ", " << probe::describe(method));
  path_street_config street;
  street.shape = [&](std::size_t hop, path_router_config& own) {
    if (hop == 2) own.extension = extension_structure({mpls_object({{100, 0, true, 1}})});
    own.silent = hop == 4;
  };
  path_stage trial{street};
  trial.options.unprivileged = true;
  trial.options.sockets.identifier = trial.config.probes.identifier_base;
  trial.options.sockets.udp_port = trial.config.probes.source_port_base;
  trial.ask(question(family, method)).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r3 * r5 T");
  CHECK(trial.remarks() == "");
  CHECK(trial.end().why == path_stop::reached);
  CHECK(trial.end().hops == 6);
  CHECK(trial.counts.answered + 3 == trial.counts.sent);
  for (const auto& row : trial.rows())
    for (const auto& one : row.probes)
      if (row.hop != 4) CHECK(one.answer.rtt == row.hop * 1ms);
  const auto labels = trial.row(2).probes.front().answer.mpls;
  REQUIRE(labels.size() == 1);
  CHECK(labels[0].label == 100);
}

// What the answers of a path give away beside its hops: rewritten headers, labels, interfaces, tunnels, loops
// and liars.
#include <algorithm>
#include <map>

#include "tests/catch.hpp"
#include "tests/sim/path_stage.hpp"
#include "tests/sim/tcp_packets.hpp"

using namespace diag;
using namespace diag::sim;
using field = probe::header_change::field;
using kind = path_finding_kind;

namespace {

ip_family either() {
  return GENERATE(ip_family::v4, ip_family::v6);
}
path_method any_method() {
  return GENERATE(path_method::udp, path_method::icmp, path_method::tcp_syn, path_method::tcp_ack);
}

/// A street on which one hop has other habits.
template <class Habits>
path_street_config hop_with(std::size_t where, Habits&& habits) {
  path_street_config street;
  street.shape = [where, habits](std::size_t hop, path_router_config& own) {
    if (hop == where) habits(own);
  };
  return street;
}

path_street_config hop_touching(std::size_t where, std::function<void(packet&)> touch) {
  return hop_with(where, [touch = std::move(touch)](path_router_config& own) { own.touch = touch; });
}

/// The changes that the answers of a hop show.
std::map<field, probe::header_change> changes_at(const path_stage& trial, std::uint8_t hop) {
  std::map<field, probe::header_change> out;
  const auto row = trial.row(hop);
  for (const auto& one : row.probes.front().answer.changes) out[one.what] = one;
  return out;
}

}  // namespace

TEST_CASE("evidence: a DSCP bleacher is found between two hops", "[sim][path]") {
  const auto method = any_method();
  path_stage trial{hop_touching(3, [](packet& octets) { set_traffic_class(octets, 0x02); })};
  trial.config.probes.traffic_class = 0xb8;  // EF
  trial.ask(question(either(), method)).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r3 r4 r5 T");
  CHECK(changes_at(trial, 3).empty());
  REQUIRE(changes_at(trial, 4).contains(field::traffic_class));
  const auto change = changes_at(trial, 4)[field::traffic_class];
  CHECK(change.sent == 0xb8);
  CHECK(change.seen == 0x02);
  const auto told = trial.finding(kind::changed);
  CHECK(told.hop == 4);
  CHECK(told.other_hop == 3);
  REQUIRE(told.change);
  CHECK(told.change->what == field::traffic_class);
  CHECK(trial.remarks() == "changed@4:traffic_class");
}

TEST_CASE("evidence: ECN taken out, and nothing else, is told as such", "[sim][path]") {
  path_stage trial{hop_touching(2, [](packet& octets) {
    const auto seen = look(octets)->traffic_class;
    set_traffic_class(octets, static_cast<std::uint8_t>(seen & 0xfcU));
  })};
  trial.config.probes.traffic_class = 0x02;  // ECT(0)
  trial.ask(question(either(), any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.remarks() == "changed@3:traffic_class");
  const auto told = trial.finding(kind::changed);
  CHECK(told.change->sent == 0x02U);
  CHECK(told.change->seen == 0U);
}

TEST_CASE("evidence: a flow label that is rewritten is told", "[sim][path]") {
  path_stage trial{hop_touching(
      2, [](packet& octets) { store_be32(octets, 0, (load_be32(octets, 0) & 0xfff00000U) | 0x12345U); })};
  trial.ask(question(ip_family::v6, any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.remarks() == "changed@3:flow_label");
}

TEST_CASE("evidence: an MSS clamp and an options stripper are found", "[sim][path]") {
  const auto family = either();
  path_stage clamped{hop_touching(2, [](packet& octets) { clamp_mss(octets, 1380); })};
  clamped.ask(question(family, path_method::tcp_syn)).trace();
  CHECK(clamped.breach() == "");
  CHECK(clamped.path() == "r1 r2 r3 r4 r5 T");
  REQUIRE(changes_at(clamped, 3).contains(field::maximum_segment_size));
  CHECK(changes_at(clamped, 3)[field::maximum_segment_size].seen == 1380U);
  CHECK(clamped.remarks() == "changed@3:mss");
  CHECK(clamped.finding(kind::changed).other_hop == 2);

  path_stage stripped{hop_touching(4, [](packet& octets) { strip_option(octets, 8); })};
  stripped.ask(question(family, path_method::tcp_syn)).trace();
  CHECK(stripped.breach() == "");
  REQUIRE(changes_at(stripped, 5).contains(field::timestamps));
  CHECK_FALSE(changes_at(stripped, 5)[field::timestamps].seen);
  CHECK(stripped.remarks() == "changed@5:timestamps");
}

TEST_CASE("evidence: what a quote of eight octets cannot show is not called changed", "[sim][path]") {
  auto street = hop_touching(2, [](packet& octets) { clamp_mss(octets, 1380); });
  const auto family = either();
  street.routers.quote = look(make_ip(ip_header{.destination = far_end(family)}, {}))->header_size + 8;
  path_stage trial{street};
  trial.ask(question(family, path_method::tcp_syn)).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r3 r4 r5 T");
  CHECK(trial.remarks() == "");
}

TEST_CASE("evidence: NAT is walked through, and named where quotes show it", "[sim][path]") {
  const auto method = GENERATE(path_method::udp, path_method::tcp_syn, path_method::tcp_ack);
  const auto mends = GENERATE(true, false);
  const auto quote = GENERATE(std::size_t{0}, std::size_t{128}, std::size_t{28});
  INFO(probe::describe(method) << (mends ? ", mended, " : ", as it is, ") << quote << " octets");
  path_street_config street;
  street.routers.quote = quote;
  street.router_at = [&](world& net, std::size_t hop, const path_router_config& own) -> router* {
    if (hop != 2) return nullptr;
    return &net.add<path_nat>(own, ip_prefix{*parse_ip("192.0.2.0"), 24}, *parse_ip("198.18.0.7"), mends);
  };
  path_stage trial{street};
  // The NAT's outside address lies on its own side of everybody behind it.
  for (std::size_t hop = 3; hop <= 5; ++hop)
    trial.way.hop(hop).route(*parse_prefix("198.18.0.0/15"), *trial.way.back[hop - 1]);
  trial.way.there->route(*parse_prefix("198.18.0.0/15"), *trial.way.back[5]);
  trial.ask(question(ip_family::v4, method)).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r3 r4 r5 T");
  CHECK(trial.end().why == path_stop::reached);
  if (mends) {
    CHECK_FALSE(trial.found(kind::nat));
  } else {
    const auto told = trial.finding(kind::nat);
    CHECK(told.hop == 3);
    CHECK(told.other_hop == 2);
    const auto changes = changes_at(trial, 3);
    REQUIRE(changes.contains(field::source_address));
    CHECK(changes.at(field::source_address).seen_address == *parse_ip("198.18.0.7"));
    CHECK(changes.contains(field::source_port));
  }
}

TEST_CASE("evidence: labels and interfaces of a router are told", "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  const auto own_address = hop_address(family, 77);
  auto street = hop_with(3, [&](path_router_config& own) {
    own.extension = extension_structure({mpls_object({{100, 5, false, 1}, {24321, 0, true, 7}}),
                                         interface_object(2, 15, own_address, "xe-0/0/1", 9000),
                                         extension_object(247, 3, as_bytes("abcd"))});
  });
  path_stage trial{street};
  trial.ask(question(family, method)).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r3 r4 r5 T");
  CHECK(trial.remarks() == "");
  const auto labelled = trial.row(3);
  for (const auto& one : labelled.probes) {
    const auto& answer = one.answer;
    CHECK_FALSE(answer.bad_extension);
    REQUIRE(answer.mpls.size() == 2);
    CHECK(answer.mpls[0].label == 100);
    CHECK(answer.mpls[0].traffic_class == 5);
    CHECK(answer.mpls[1].label == 24321);
    CHECK(answer.mpls[1].bottom);
    CHECK(answer.mpls[1].ttl == 7);
    REQUIRE(answer.interfaces.size() == 1);
    CHECK(answer.interfaces[0].role == wire::interface_role::outgoing);
    CHECK(answer.interfaces[0].index == 15U);
    CHECK(answer.interfaces[0].address == own_address);
    CHECK(answer.interfaces[0].name == "xe-0/0/1");
    CHECK(answer.interfaces[0].mtu == 9000U);
    REQUIRE(answer.other_objects.size() == 1);
    CHECK(answer.other_objects[0] == "247/3:61626364");
    // The padding of the quote is not taken for the probe.
    CHECK(answer.changes.empty());
  }
  CHECK(trial.row(2).probes.front().answer.mpls.empty());
}

TEST_CASE("evidence: an extension that lies costs its objects, not its hop", "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  struct lie {
    const char* name;
    octet_list structure;
    std::optional<std::uint8_t> field{};
  };
  const auto label = mpls_object({{100, 0, true, 1}});
  const auto payload = as_bytes("abcd");
  std::vector<lie> lies{
      {"object of length 0", extension_structure({extension_object(1, 1, payload, std::uint16_t{0})})},
      {"object of length 3", extension_structure({extension_object(1, 1, payload, std::uint16_t{3})})},
      {"object longer than the rest",
       extension_structure({extension_object(1, 1, payload, std::uint16_t{9})})},
      {"object of 65535", extension_structure({extension_object(1, 1, payload, std::uint16_t{65535})})},
      {"1000 objects", extension_structure(std::vector<octet_list>(1000, extension_object(9, 9, {})))},
      {"version 1", extension_structure({label}, 1)},
      {"wrong checksum", extension_structure({label}, 2, 0x0101)},
      {"no bottom of stack",
       extension_structure({mpls_object(std::vector<label_entry>(200, {7, 0, false, 1}))})},
      {"length field past the message", extension_structure({label}), std::uint8_t{255}},
      {"length field below 128 octets", extension_structure({label}), std::uint8_t{3}},
  };
  for (const auto& one : lies) {
    INFO(one.name << ", " << probe::describe(method));
    path_stage trial{hop_with(3, [&](path_router_config& own) {
      own.extension = one.structure;
      own.extension_field = one.field;
    })};
    trial.ask(question(family, method)).trace();
    CHECK(trial.breach() == "");
    CHECK(trial.path() == "r1 r2 r3 r4 r5 T");
    CHECK(trial.row(3).probes.front().answer.bad_extension);
    CHECK(trial.row(3).probes.front().answer.mpls.size() <= wire::mpls_stack::max_labels);
    CHECK(trial.row(3).probes.front().answer.other_objects.size() <=
          wire::icmp_extension_objects::max_objects);
    const auto told = trial.finding(kind::bad_extension);
    CHECK(told.hop == 3);
    CHECK(told.address == hop_address(family, 3));
  }
}

TEST_CASE("evidence: a longer way back is told, not taken for a longer path", "[sim][path]") {
  const auto family = either();
  path_stage trial;
  add_way_back(trial.net, trial.way.hop(4), *trial.way.here, 8);
  trial.ask(question(family, any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r3 r4 r5 T");
  CHECK(trial.end().hops == 6);
  const auto told = trial.finding(kind::longer_return);
  CHECK(told.other_hop == 4);
  CHECK(told.hop == 6);
  CHECK(told.count == 5);
}

TEST_CASE("evidence: routers that quote a hop limit above 1 form an implicit tunnel", "[sim][path]") {
  path_street_config street;
  street.shape = [](std::size_t hop, path_router_config& own) {
    if (hop >= 3 && hop <= 4) own.quoted_hop_limit = static_cast<std::uint8_t>(hop - 1);
  };
  path_stage trial{street};
  trial.ask(question(either(), any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r3 r4 r5 T");
  const auto told = trial.finding(kind::implicit_tunnel);
  CHECK(told.other_hop == 3);
  CHECK(told.hop == 4);
}

TEST_CASE("evidence: a router that forwards what has expired shows as the next one, twice", "[sim][path]") {
  const auto family = either();
  path_stage trial{hop_with(3, [](path_router_config& own) { own.passes_expired = true; })};
  trial.ask(question(family, any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r4 r4 r5 T");
  CHECK(trial.row(3).probes.front().answer.quoted_hop_limit == 0);
  const auto told = trial.finding(kind::zero_hop_limit);
  CHECK(told.hop == 3);
  CHECK(told.address == hop_address(family, 4));
}

TEST_CASE("evidence: routers that take nothing off leave their neighbors on the path", "[sim][path]") {
  path_street_config street;
  street.hops = 7;
  street.shape = [](std::size_t hop, path_router_config& own) {
    if (hop >= 3 && hop <= 5) own.hidden = static_cast<std::uint8_t>(249 + hop);
    own.speaks_with = 255;
  };
  path_stage trial{street};
  trial.ask(question(either(), any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r6 r7 T");
  // What is left of answers that began with 255 tells the three routers that nobody saw.
  const auto told = trial.finding(kind::hidden_tunnel);
  CHECK(told.hop == 3);
  CHECK(told.other_hop == 2);
  CHECK(told.count == 3);
}

TEST_CASE("evidence: a loop is named and stops at the last hop", "[sim][path]") {
  const auto family = either();
  path_stage trial;
  trial.way.hop(4).route({far_end(family), static_cast<std::uint8_t>(family == ip_family::v4 ? 32 : 128)},
                         *trial.way.back[3]);
  trial.ask(question(family, any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path().substr(0, 17) == "r1 r2 r3 r4 r3 r4");
  CHECK(trial.end().why == path_stop::last_hop);
  CHECK(trial.end().hops == 30);
  const auto told = trial.finding(kind::loop);
  CHECK(told.other_hop == 3);
  CHECK(told.hop == 5);
  CHECK(told.address == hop_address(family, 3));
}

TEST_CASE("evidence: a router that answers from other addresses is heard all the same", "[sim][path]") {
  const auto family = either();
  path_stage trial{hop_with(3, [](path_router_config& own) {
    own.speaks_as = [count = std::size_t{0}](ip_family its) mutable {
      return hop_address(its, 40 + count++ % 2);
    };
  })};
  trial.ask(question(family, any_method())).trace();
  CHECK(trial.breach() == "");
  const auto row = trial.row(3);
  REQUIRE(row.probes.size() == 3);
  CHECK(row.probes[0].answer.from == hop_address(family, 40));
  CHECK(row.probes[1].answer.from == hop_address(family, 41));
  CHECK(trial.finding(kind::several_addresses).hop == 3);
  CHECK(trial.end().hops == 6);
}

TEST_CASE("evidence: a port unreachable from the middle is not the target", "[sim][path]") {
  const auto family = either();
  path_stage trial;
  filter_rule rule;
  rule.to = {far_end(family), static_cast<std::uint8_t>(family == ip_family::v4 ? 32 : 128)};
  rule.what = filter_rule::verdict::reject;
  rule.type = family == ip_family::v4 ? 3 : 1;
  rule.code = family == ip_family::v4 ? 3 : 4;
  trial.way.hop(4).filter(rule);
  trial.ask(question(family)).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r3 r4 r4!" + std::string{probe::describe(probe::reason::port_unreachable)});
  CHECK(trial.end().why == path_stop::unreachable);
  const auto told = trial.finding(kind::answers_for_target);
  CHECK(told.address == hop_address(family, 4));
}

TEST_CASE("evidence: a reset in the target's name from nearer than the target", "[sim][path]") {
  const auto family = either();
  path_street_config street;
  street.hops = 6;
  path_stage trial{street};
  filter_rule rule;
  rule.to = {far_end(family), static_cast<std::uint8_t>(family == ip_family::v4 ? 32 : 128)};
  rule.what = filter_rule::verdict::tcp_reset;
  trial.way.hop(4).filter(rule);
  trial.ask(question(family, path_method::tcp_syn, 445)).trace();
  CHECK(trial.breach() == "");
  // It speaks as the target, so the path seems to end behind it.
  CHECK(trial.path() == "r1 r2 r3 r4 T");
  CHECK(trial.end().hops == 5);
}

TEST_CASE("evidence: quotes of every length: eight octets of the probe make a hop", "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  const std::size_t needed = (family == ip_family::v4 ? 20 : 40) + 8;
  for (std::size_t size = 0; size <= 128; ++size) {
    INFO(size << " octets, " << probe::describe(method));
    path_stage trial{hop_with(3, [&](path_router_config& own) { own.quotes = size; })};
    trial.tracing.probes_per_hop = 1;
    trial.ask(question(family, method)).trace();
    CHECK(trial.breach() == "");
    CHECK(trial.path() == (size < needed ? "r1 r2 * r4 r5 T" : "r1 r2 r3 r4 r5 T"));
    // Without ports nobody knows that it is about us.
    CHECK(trial.rejects().size() <= (size < needed ? 1 : 0));
    if (size >= needed) CHECK(trial.row(3).probes.front().answer.changes.empty());
  }
}

TEST_CASE("evidence: a firewall that moves sequence numbers and forgets to in quotes is walked through",
          "[sim][path]") {
  path_stage trial{hop_touching(3, [](packet& octets) {
    const auto at = look(octets)->header_size + 4;
    store_be32(octets, at, load_be32(octets, at) + 0x1234567);
    finish_tcp(octets);
  })};
  trial.ask(question(ip_family::v4, path_method::tcp_syn)).trace();
  // One identification proves nothing; the same distance in a second probe does.
  CHECK(trial.path().substr(0, 14) == "r1 r2 r3 */r4 ");
  CHECK(trial.row(5).probes.front().answer.from == hop_address(ip_family::v4, 5));
  CHECK(trial.rejects().front() == probe::reject_reason::foreign_quote);
}

TEST_CASE("evidence: a quote with IP options is read behind them", "[sim][path]") {
  path_stage trial{hop_touching(2, [](packet& octets) {
    // No-operations and an end, as a box does that records routes.
    octet_list options(8, std::byte{1});
    const auto header = *look(octets);
    const packet payload{header.payload.begin(), header.payload.end()};
    const auto identification = load_be16(octets, 4);
    octets = make_ip(header, payload, options);
    store_be16(octets, 4, identification);
    finish_ip(octets);
  })};
  trial.ask(question(ip_family::v4, any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path().substr(0, 14) == "r1 r2 r3 r4 r5");
}

// Where the firewall sits: the path of what is refused against the path of what passes.
#include "tests/catch.hpp"
#include "tests/sim/path_stage.hpp"
#include "tests/sim/tcp_packets.hpp"

using namespace diag;
using namespace diag::sim;
using probe::locate_verdict;

namespace {

ip_family either() {
  return GENERATE(ip_family::v4, ip_family::v6);
}

/// A street of five routers and a target at hop 6, of which hop 4 filters one port.
struct place {
  ip_family family = ip_family::v4;
  std::uint8_t protocol = protocol_tcp;
  filter_rule::verdict what = filter_rule::verdict::drop;
  std::uint16_t port = 445;
  std::uint8_t code = 13;
  bool before_the_hop_limit = false;
  path_host_config host{};
};

probe::traced_path walk(const place& where, const probe::path_target& asked) {
  path_street_config street;
  street.host = where.host;
  street.shape = [&](std::size_t hop, path_router_config& own) {
    own.filters_first = hop == 4 && where.before_the_hop_limit;
  };
  path_stage trial{street};
  filter_rule rule;
  rule.to = {far_end(where.family), static_cast<std::uint8_t>(where.family == ip_family::v4 ? 32 : 128)};
  rule.what = where.what;
  rule.type = where.family == ip_family::v4 ? 3 : 1;
  rule.code = where.family == ip_family::v4 ? where.code : 1;
  rule.protocol = where.protocol;
  rule.ports = {where.port, where.port};
  trial.way.hop(4).filter(rule);
  trial.ask(asked).trace();
  CHECK(trial.breach() == "");
  return trial.traced();
}

probe::location judge(const place& where, path_method method = path_method::tcp_syn) {
  const std::vector<probe::traced_path> controls{
      walk(where, question(where.family, path_method::tcp_syn, 443)),
      walk(where, question(where.family, path_method::icmp))};
  return probe::locate(walk(where, question(where.family, method, where.port)), controls);
}

}  // namespace

TEST_CASE("locate: a port that is dropped is dropped after the hop that still answered", "[sim][path]") {
  place where;
  where.family = either();
  where.before_the_hop_limit = GENERATE(false, true);
  const std::uint8_t last = where.before_the_hop_limit ? 3 : 4;
  const auto told = judge(where);
  CHECK(told.verdict == locate_verdict::dropped);
  CHECK(told.after_hop == last);
  CHECK(told.after == hop_address(where.family, last));
  CHECK(told.next == hop_address(where.family, last + 1U));
  REQUIRE(told.control);
  CHECK(told.control->port == 443);
  CHECK(told.control_hop == 6);
  CHECK(told.control_shares_path);
}

TEST_CASE("locate: a UDP port is located like any other", "[sim][path]") {
  place where;
  where.family = either();
  where.protocol = protocol_udp;
  where.port = 161;
  const auto told = judge(where, path_method::udp);
  CHECK(told.verdict == locate_verdict::dropped);
  CHECK(told.after_hop == 4);
  CHECK(told.control_hop == 6);
}

TEST_CASE("locate: a port that a router prohibits is rejected by it", "[sim][path]") {
  place where;
  where.family = either();
  where.what = filter_rule::verdict::reject;
  where.before_the_hop_limit = GENERATE(false, true);
  const auto told = judge(where);
  CHECK(told.verdict == locate_verdict::rejected);
  CHECK(told.by == hop_address(where.family, 4));
  CHECK(told.at_hop == std::uint8_t{4});
  CHECK(told.after_hop == (where.before_the_hop_limit ? 3 : 4));
  CHECK(told.answer.why == probe::reason::admin_prohibited);
  CHECK_FALSE(told.in_targets_name);
  CHECK_FALSE(told.by_target);
}

TEST_CASE("locate: a reset in the target's name is rejected, not passed", "[sim][path]") {
  place where;
  where.family = either();
  where.what = filter_rule::verdict::tcp_reset;
  const auto told = judge(where);
  CHECK(told.verdict == locate_verdict::rejected);
  CHECK(told.in_targets_name);
  CHECK(told.after_hop == 4);
  CHECK(told.control_hop == 6);
}

TEST_CASE("locate: a port that the target itself closed passes", "[sim][path]") {
  place where;
  where.family = either();
  where.port = 1;  // the firewall minds another
  where.host.tcp = port_manner::refuses;
  const auto told = probe::locate(walk(where, question(where.family, path_method::tcp_syn, 445)),
                                  std::vector{walk(where, question(where.family, path_method::icmp))});
  CHECK(told.verdict == locate_verdict::passes);
  CHECK(told.at_hop == std::uint8_t{6});
}

TEST_CASE("locate: the port that is open passes at the target's hop", "[sim][path]") {
  place where;
  where.family = either();
  const auto told = probe::locate(walk(where, question(where.family, path_method::tcp_syn, 443)), {});
  CHECK(told.verdict == locate_verdict::passes);
  CHECK(told.at_hop == std::uint8_t{6});
}

TEST_CASE("locate: without a control that passes only the last hop is told", "[sim][path]") {
  place where;
  where.family = either();
  where.host.echo = false;
  const auto told = probe::locate(walk(where, question(where.family, path_method::tcp_syn, 445)),
                                  std::vector{walk(where, question(where.family, path_method::icmp))});
  CHECK(told.verdict == locate_verdict::dropped);
  CHECK(told.after_hop == 4);
  CHECK_FALSE(told.control);
}

TEST_CASE("locate: the second control serves where the first is refused, too", "[sim][path]") {
  place where;
  where.family = either();
  const std::vector<probe::traced_path> controls{
      walk(where, question(where.family, path_method::tcp_syn, 445)),
      walk(where, question(where.family, path_method::icmp))};
  const auto told = probe::locate(walk(where, question(where.family, path_method::tcp_syn, 445)), controls);
  REQUIRE(told.control);
  CHECK(told.control->method == path_method::icmp);
  CHECK(told.after_hop == 4);
  CHECK(told.next == hop_address(where.family, 5));
}

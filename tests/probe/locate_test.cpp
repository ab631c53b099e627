// Where the firewall sits: six hops, a firewall at the fourth, tcp/443 passes and tcp/445 does not.
#include "libdiag/probe/locate.hpp"

#include "tests/catch.hpp"
#include "tests/probe/path_rows.hpp"

namespace {

using namespace diag;
using namespace diag::test;
using probe::locate_verdict;
using probe::path_method;
using probe::reason;

constexpr auto target = "192.0.2.99";

std::string router(int hop) {
  return "198.51.100." + std::to_string(hop);
}

made_path routers(std::uint16_t port, int last, path_method method = path_method::tcp_syn) {
  made_path path{target, method, port};
  for (int hop = 1; hop <= last; ++hop)
    path.hop({expired(router(hop), static_cast<std::uint8_t>(256 - hop))});
  return path;
}

probe::traced_path control(std::uint8_t hop_limit = 59) {
  return routers(443, 5).hop({arrived(target, syn_ack, hop_limit)}).done();
}

probe::location locate(const made_path& asked, std::vector<probe::traced_path> controls = {control()}) {
  return probe::locate(asked.done(), controls);
}

}  // namespace

TEST_CASE("locate: dropped is counted by the last hop that answered", "[probe][locate]") {
  const auto found = locate(routers(445, 4).silent(10));
  CHECK(found.verdict == locate_verdict::dropped);
  CHECK(found.asked.port == 445);
  CHECK(found.after_hop == 4);
  CHECK(found.after == address(router(4)));
  CHECK_FALSE(found.at_hop);
  CHECK_FALSE(found.by);
  REQUIRE(found.control);
  CHECK(found.control->port == 443);
  CHECK(found.control_hop == 6);
  CHECK(found.next == address(router(5)));
  CHECK(found.control_shares_path);
}

TEST_CASE("locate: behind the last router stands the target", "[probe][locate]") {
  const auto found = locate(routers(445, 5).silent(10));
  CHECK(found.after_hop == 5);
  CHECK(found.next == address(target));
}

TEST_CASE("locate: a refusal is placed by whose address sent it", "[probe][locate]") {
  const auto prohibited = refused(router(4), reason::admin_prohibited);
  const auto found = locate(routers(445, 4).hop({prohibited}).spare(30, prohibited));
  CHECK(found.verdict == locate_verdict::rejected);
  CHECK(found.at_hop == std::uint8_t{4});
  CHECK(found.by == address(router(4)));
  CHECK(found.answer.why == reason::admin_prohibited);
  CHECK_FALSE(found.by_target);

  SECTION("a router that refuses before it looks at the hop limit is known from the control") {
    const auto early = locate(routers(445, 3).hop({refused(router(5), reason::net_unreachable)}));
    CHECK(early.at_hop == std::uint8_t{5});
  }
  SECTION("an address seen nowhere is where refusals begin") {
    const auto unknown = locate(routers(445, 3).hop({refused("203.0.113.4", reason::admin_prohibited)}));
    CHECK(unknown.at_hop == std::uint8_t{4});
    CHECK(unknown.by == address("203.0.113.4"));
  }
}

TEST_CASE("locate: a reset in the target's name comes from nearer", "[probe][locate]") {
  // The router at hop 4 answers time exceeded itself, and resets what would go on.
  const auto found = locate(routers(445, 4).hop({arrived(target, reset, 61)}));
  CHECK(found.verdict == locate_verdict::rejected);
  CHECK(found.in_targets_name);
  CHECK(found.at_hop == std::uint8_t{4});
  CHECK(found.by == address(router(4)));
  CHECK(found.control_hop == 6);

  SECTION("a box that looks before it counts stands one further") {
    const auto filter = locate(routers(445, 4).hop({arrived(target, reset, 60)}));
    CHECK(filter.at_hop == std::uint8_t{5});
    CHECK(filter.by == address(router(5)));
  }
  SECTION("right in front of the target its hop limit gives it away") {
    const auto near = locate(routers(445, 5).hop({arrived(target, reset, 60)}));
    CHECK(near.in_targets_name);
    CHECK(near.at_hop == std::uint8_t{5});
  }
  SECTION("whatever number it begins with") {
    CHECK(locate(routers(445, 4).hop({arrived(target, reset, 252)})).at_hop == std::uint8_t{4});
  }
}

TEST_CASE("locate: a closed port passes", "[probe][locate]") {
  const auto found = locate(routers(445, 5).hop({arrived(target, reset, 59)}));
  CHECK(found.verdict == locate_verdict::passes);
  CHECK(found.at_hop == std::uint8_t{6});
  CHECK(found.answer.why == reason::reset);
  CHECK_FALSE(found.in_targets_name);

  SECTION("a target whose resets begin with another number does, too") {
    const auto other = locate(routers(445, 5).hop({arrived(target, reset, 250)}));
    CHECK(other.verdict == locate_verdict::passes);
  }
  SECTION("an open one does without any control") {
    const auto open = locate(routers(80, 5).hop({arrived(target, syn_ack, 59)}), {});
    CHECK(open.verdict == locate_verdict::passes);
    CHECK_FALSE(open.control);
  }
}

TEST_CASE("locate: the target's own filter", "[probe][locate]") {
  const auto found = locate(routers(445, 5).hop({refused(target, reason::admin_prohibited)}));
  CHECK(found.verdict == locate_verdict::rejected);
  CHECK(found.by_target);
  CHECK(found.at_hop == std::uint8_t{6});

  SECTION("no TCP stack says port unreachable") {
    CHECK(locate(routers(445, 5).hop({refused(target, reason::port_unreachable)})).by_target);
  }
  SECTION("every UDP stack does") {
    const auto udp = locate(routers(53, 5, path_method::udp).hop({arrived(target)}));
    CHECK(udp.verdict == locate_verdict::passes);
    CHECK(udp.at_hop == std::uint8_t{6});
  }
}

TEST_CASE("locate: without a control that passes it still says how far it goes", "[probe][locate]") {
  const auto found = locate(routers(445, 4).silent(9), {routers(443, 4).silent(9).done()});
  CHECK(found.verdict == locate_verdict::dropped);
  CHECK(found.after_hop == 4);
  CHECK_FALSE(found.control);
  CHECK_FALSE(found.next);

  const auto nothing = locate(made_path{target, path_method::tcp_syn, 445}.silent(9), {});
  CHECK(nothing.verdict == locate_verdict::dropped);
  CHECK(nothing.after_hop == 0);
}

TEST_CASE("locate: the first control that the target answers for certain", "[probe][locate]") {
  // tcp/22 is reset by the same device as tcp/445: only the echo tells where the target is.
  const auto reset_too = routers(22, 4).hop({arrived(target, reset, 61)}).done();
  const auto echo = routers(0, 5, path_method::icmp).hop({echoed(target, 59)}).done();
  const auto found = locate(routers(445, 4).hop({arrived(target, reset, 61)}), {reset_too, echo});
  CHECK(found.in_targets_name);
  REQUIRE(found.control);
  CHECK(found.control->method == path_method::icmp);

  SECTION("a reset from as far as the echo is the target's") {
    const auto closed = routers(443, 5).hop({arrived(target, reset, 59)}).done();
    const auto first = locate(routers(445, 4).silent(9), {reset_too, closed, echo});
    CHECK(first.control->port == 443);
    CHECK(first.control->method == path_method::tcp_syn);
  }
  SECTION("resets alone: the one that got furthest") {
    const auto closed = routers(80, 5).hop({arrived(target, reset, 59)}).done();
    const auto best = locate(routers(445, 4).hop({arrived(target, reset, 61)}), {reset_too, closed});
    CHECK(best.in_targets_name);
    CHECK(best.control->port == 80);
  }
}

TEST_CASE("locate: another path of the control is told", "[probe][locate]") {
  made_path other{target, path_method::tcp_syn, 443};
  other.hop({expired(router(1))}).hop({expired("203.0.113.2")}).hop({expired("203.0.113.3")});
  other.hop({silence()}).hop({arrived(target, syn_ack)});
  const auto found = locate(routers(445, 3).silent(9), {other.done()});
  CHECK(found.after_hop == 3);
  CHECK_FALSE(found.control_shares_path);
  CHECK_FALSE(found.next);  // it says nothing there

  SECTION("silent hops are no difference") {
    made_path gaps{target, path_method::tcp_syn, 445};
    gaps.hop({silence()}).hop({expired(router(2))}).hop({silence()}).hop({expired(router(4))}).silent(9);
    const auto same = locate(gaps);
    CHECK(same.after_hop == 4);
    CHECK(same.control_shares_path);
  }
}

TEST_CASE("locate: refused by this host is hop 0", "[probe][locate]") {
  probe::path_answer failed;
  failed.state = probe::hop_state::error;
  failed.why = reason::local_firewall;
  made_path path{target, path_method::tcp_syn, 445};
  const auto found = locate(path.hop({failed}));
  CHECK(found.verdict == locate_verdict::rejected);
  CHECK(found.at_hop == std::uint8_t{0});
  CHECK(found.by == address("192.0.2.1"));
  CHECK(found.answer.why == reason::local_firewall);
}

// What was found, to the letter.
#include "tools/traceroute/sentences.hpp"

#include "tests/catch.hpp"
#include "tests/probe/path_rows.hpp"

namespace {

using namespace diag;
using namespace diag::test;
using kind = probe::path_finding_kind;
using field = probe::header_change::field;
using probe::path_method;
using traceroute::change_words;
using traceroute::finding_sentence;
using traceroute::location_sentence;

constexpr auto a = "198.51.100.1", b = "198.51.100.2", c = "198.51.100.3", target = "192.0.2.99";

const traceroute::address_labels no_names;

std::string sentence(probe::path_finding what) {
  return finding_sentence(what, no_names);
}
/// Of the path's only finding.
std::string sentence(const made_path& made) {
  const auto path = made.done();
  const auto found = probe::find_oddities(path.target, path.rows, path.end);
  REQUIRE(found.size() == 1);
  return finding_sentence(found[0], no_names, &path);
}

std::string router(int hop) {
  return "198.51.100." + std::to_string(hop);
}
made_path routers(std::uint16_t port, int last, path_method method = path_method::tcp_syn) {
  made_path path{target, method, port};
  for (int hop = 1; hop <= last; ++hop) path.hop({expired(router(hop))});
  return path;
}
std::string located(const made_path& asked, int target_at = 6) {
  const std::vector<probe::traced_path> controls{
      routers(443, target_at - 1).hop({arrived(target, syn_ack, 59)}).done()};
  return location_sentence(probe::locate(asked.done(), controls));
}

}  // namespace

TEST_CASE("sentences: what becomes of a field", "[tools][traceroute]") {
  const auto words = [](field what, std::optional<std::uint32_t> sent, std::optional<std::uint32_t> seen) {
    return change_words({what, sent, seen, {}, {}});
  };
  CHECK(words(field::traffic_class, 184, 0) == "DSCP 46 becomes 0");
  CHECK(words(field::traffic_class, 2, 0) == "ECN 2 becomes 0");
  CHECK(words(field::traffic_class, 186, 0) == "DSCP 46 becomes 0, ECN 2 becomes 0");
  CHECK(words(field::maximum_segment_size, 1460, 1380) == "MSS 1460 becomes 1380");
  CHECK(words(field::maximum_segment_size, 1460, std::nullopt) == "MSS 1460 is taken out");
  CHECK(words(field::window_scale, std::nullopt, 7) == "window scale 7 is put in");
  CHECK(words(field::sack_permitted, 1, std::nullopt) == "SACK is taken out");
  CHECK(words(field::timestamps, 1, std::nullopt) == "timestamps are taken out");
  CHECK(words(field::flags, 0xc2, 0x02) == "flags SYN,ECE,CWR become SYN");
  CHECK(words(field::dont_fragment, 1, 0) == "don't fragment is cleared");
  CHECK(words(field::flow_label, 0x12345, 0) == "flow label 0x12345 becomes 0x00000");
  CHECK(words(field::source_port, 40000, 5) == "source port 40000 becomes 5");
  CHECK(words(field::identification, 1, 2) == "the IP identification is rewritten");
  CHECK(change_words({field::source_address, {}, {}, address("192.0.2.1"), address("203.0.113.7")}) ==
        "source 192.0.2.1 becomes 203.0.113.7");
}

TEST_CASE("sentences: a change has its two hops", "[tools][traceroute]") {
  const auto bleached = [](std::string_view from) {
    return changed(expired(from), field::traffic_class, 184, 0);
  };
  made_path path;
  path.hop({expired(a)}).hop({expired(b)}).hop({bleached(c)}).hop({arrived(target)});
  CHECK(sentence(path) == "DSCP 46 becomes 0 between hop 2 (198.51.100.2) and hop 3 (198.51.100.3)");
  CHECK(sentence(made_path{}.hop({bleached(a)}).hop({bleached(b)}).hop({arrived(target)})) ==
        "DSCP 46 becomes 0 between this host and hop 1 (198.51.100.1)");
  const auto length = [](std::uint32_t sent, std::uint32_t seen) {
    made_path cut;
    cut.hop({expired(a)}).hop({changed(expired(b), field::total_length, sent, seen)}).hop({arrived(target)});
    const auto whole = cut.done();
    const auto found = probe::find_oddities(whole.target, whole.rows, whole.end);
    REQUIRE_FALSE(found.empty());
    return finding_sentence(found[0], no_names, &whole);
  };
  const std::string where = " between hop 1 (198.51.100.1) and hop 2 (198.51.100.2)";
  CHECK(length(1450, 1396) == "packet length 1450 becomes 1396" + where + ": it is fragmented");
  CHECK(length(1450, 1398) == "packet length 1450 becomes 1398" + where);  // no fragment has that length
  CHECK(length(60, 52) == "packet length 60 becomes 52" + where);          // options taken out
  made_path nat;
  nat.hop({expired(a)}).hop({changed(expired(b), field::source_port, 40000, 5)}).hop({arrived(target)});
  CHECK(sentence(nat) ==
        "source port 40000 becomes 5 between hop 1 (198.51.100.1) and hop 2 (198.51.100.2): NAT");
  made_path mended;
  mended.hop({expired(a)}).hop({changed(expired(b), field::checksum, 9, 8)}).hop({arrived(target)});
  CHECK(
      sentence(mended) ==
      "NAT between hop 1 (198.51.100.1) and hop 2 (198.51.100.2): quotes have our addresses and ports again, "
      "and another checksum");
}

TEST_CASE("sentences: addresses, limits and stand-ins", "[tools][traceroute]") {
  CHECK(sentence({.what = kind::loop, .hop = 4, .other_hop = 2, .count = 4, .address = address(b)}) ==
        "198.51.100.2 answers at hop 2 and again at hop 4: a routing loop");
  CHECK(sentence({.what = kind::repeated_hop, .hop = 3, .other_hop = 2, .count = 2, .address = address(b)}) ==
        "198.51.100.2 answers at hops 2 and 3: it forwards without counting down, or answers for what is "
        "behind "
        "it");
  CHECK(
      sentence({.what = kind::repeated_hop, .hop = 30, .other_hop = 2, .count = 29, .address = address(b)}) ==
      "198.51.100.2 answers at hops 2 to 30: packets circle there, or it answers for all behind it");
  CHECK(sentence({.what = kind::several_paths, .hop = 3, .count = 4, .total = 8}) ==
        "4 addresses answered at hop 3: flows are balanced over several paths");
  CHECK(sentence({.what = kind::rate_limited, .hop = 3, .count = 1, .total = 3, .address = address(c)}) ==
        "hop 3 (198.51.100.3) answered 1 of 3 probes and hops behind it answered: it limits its answers, no "
        "packets are lost there");
  CHECK(sentence({.what = kind::answers_for_target, .hop = 2, .address = address(b)}) ==
        "hop 2 (198.51.100.2) refuses in the target's place");
  CHECK(sentence({.what = kind::reassembly, .hop = 5, .address = address(target)}) ==
        "fragments of the probes at hop 5 are lost: 192.0.2.99 waited for them in vain");
}

TEST_CASE("sentences: the path goes on and the target is silent", "[tools][traceroute]") {
  CHECK(sentence(made_path{}.hop({expired(a)}).hop({expired(b)}).silent(4)) ==
        "the path goes on to hop 2 (198.51.100.2), and 192.0.2.99 says nothing to udp 33434");
  CHECK(sentence({.what = kind::target_silent, .hop = 2}) ==
        "the path goes on to hop 2, and the target says nothing");
}

TEST_CASE("sentences: lengths", "[tools][traceroute]") {
  CHECK(sentence({.what = kind::longer_return, .hop = 6, .other_hop = 3, .count = 3}) ==
        "answers come back over 3 hops more than the probes went, from hop 3 on");
  CHECK(
      sentence({.what = kind::hidden_tunnel, .hop = 3, .other_hop = 2, .count = 1, .address = address(c)}) ==
      "about 1 hop between hop 2 and hop 3 (198.51.100.3) does not show: an MPLS tunnel");
  CHECK(sentence({.what = kind::implicit_tunnel, .hop = 4, .other_hop = 3, .count = 3}) ==
        "hops 3 to 4 quote hop limits above 1: an MPLS tunnel without labels");
}

TEST_CASE("sentences: names are told beside addresses", "[tools][traceroute]") {
  traceroute::label_sources from;
  from.find_name = [](const ip_address&) {
    return std::optional<std::optional<std::string>>{"gw\x1b.example"};
  };
  const traceroute::address_labels labels{from};
  const probe::path_finding what{.what = kind::answers_for_target, .hop = 2, .address = address(b)};
  CHECK(finding_sentence(what, labels) ==
        "hop 2 (gw\\x1b.example 198.51.100.2) refuses in the target's place");
}

TEST_CASE("sentences: every kind has one that says more than its word", "[tools][traceroute]") {
  for (std::size_t i = 0; i < probe::path_finding_kinds; ++i) {
    const auto what = static_cast<kind>(i);
    if (what == kind::changed || what == kind::nat) continue;
    const auto text = sentence({.what = what, .hop = 2, .other_hop = 1, .count = 2, .address = address(b)});
    INFO(text);
    CHECK(text.find(' ') != std::string::npos);
    CHECK_FALSE(text.ends_with('.'));
  }
}

TEST_CASE("sentences: where it is dropped, and what passes beside it", "[tools][traceroute]") {
  CHECK(located(routers(445, 3).silent(9)) ==
        "tcp/445 is dropped after hop 3 (198.51.100.3); tcp/443 passes to the target at hop 6, through hop 4 "
        "(198.51.100.4)");
  CHECK(located(routers(445, 5).silent(9)) ==
        "tcp/445 is dropped after hop 5 (198.51.100.5); tcp/443 passes to the target at hop 6, which may "
        "itself "
        "drop it");
  CHECK(
      located(routers(53, 5, path_method::udp).silent(9)) ==
      "udp/53 is dropped after hop 5 (198.51.100.5); tcp/443 passes to the target at hop 6, which may itself "
      "drop it, or be open and say nothing");
  CHECK(located(made_path{target, path_method::tcp_syn, 445}.silent(9)) ==
        "tcp/445 is dropped before any hop answers; tcp/443 passes to the target at hop 6");
  const auto alone = probe::locate(routers(445, 3).silent(9).done(), {});
  CHECK(location_sentence(alone) ==
        "tcp/445 is dropped after hop 3 (198.51.100.3); nothing else that was asked reaches the target");
  made_path elsewhere{target, path_method::tcp_syn, 445};
  elsewhere.hop({expired("203.0.113.1")}).silent(9);
  CHECK(
      located(elsewhere) ==
      "tcp/445 is dropped after hop 1 (203.0.113.1); tcp/443 passes to the target at hop 6 by another path");
}

TEST_CASE("sentences: who rejects it", "[tools][traceroute]") {
  const auto prohibited = refused(router(4), probe::reason::admin_prohibited);
  CHECK(
      located(routers(445, 4).hop({prohibited})) ==
      "tcp/445 is rejected at hop 4 (198.51.100.4): admin-prohibited; tcp/443 passes to the target at hop 6");
  CHECK(located(routers(445, 4).hop({arrived(target, reset, 61)})) ==
        "tcp/445 is rejected at hop 4 (198.51.100.4) by a reset in the target's name; tcp/443 passes to the "
        "target at hop 6");
  CHECK(
      located(routers(445, 5).hop({refused(target, probe::reason::admin_prohibited)})) ==
      "tcp/445 is rejected by the target itself at hop 6: admin-prohibited; tcp/443 passes to the target at "
      "hop 6");
  probe::path_answer failed;
  failed.state = probe::hop_state::error;
  failed.why = probe::reason::local_firewall;
  CHECK(located(made_path{target, path_method::tcp_syn, 445}.hop({failed})) ==
        "tcp/445 is rejected by this host: local-firewall");
}

TEST_CASE("sentences: what passes is open or closed", "[tools][traceroute]") {
  CHECK(located(routers(22, 5).hop({arrived(target, syn_ack, 59)})) ==
        "tcp/22 passes to the target at hop 6: open");
  CHECK(located(routers(445, 5).hop({arrived(target, reset, 59)})) ==
        "tcp/445 passes to the target at hop 6: closed");
  CHECK(located(routers(53, 5, path_method::udp).hop({arrived(target)})) ==
        "udp/53 passes to the target at hop 6: closed");
  CHECK(located(routers(0, 5, path_method::icmp).hop({echoed(target)})) ==
        "icmp passes to the target at hop 6");
}

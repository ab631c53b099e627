// Each finding, and what looks like it and is not.
#include "libdiag/probe/neighbor_findings.hpp"

#include <chrono>
#include <set>
#include <string>

#include "libdiag/probe/neighbor_rivals.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using namespace diag::probe;
using namespace std::chrono_literals;
using kind = neighbor_finding::kind;

mac_address mac(std::string_view text) {
  return parse_mac(text).value();
}
ip_address ip(std::string_view text) {
  return parse_ip(text).value();
}
constexpr auto a = "00:1b:21:00:00:01", b = "00:1b:21:00:00:02", c = "00:1b:21:00:00:03";

/// Answered one broadcast probe, `after` the start.
neighbor_owner owner(std::string_view who, duration after = 1ms) {
  neighbor_owner out;
  out.mac = out.frame_source = mac(who);
  out.answers = 1;
  out.first = out.last = mono_time{after};
  out.to_broadcast = true;
  out.override_flag = true;
  return out;
}

struct link_story {
  struct row {
    ip_address address{};
    std::vector<neighbor_owner> owners{};
    std::uint64_t received = 1;
  };
  std::vector<row> rows{};
  neighbor_facts facts{};

  link_story& has(std::string_view address, std::vector<neighbor_owner> owners, std::uint64_t received = 1) {
    rows.push_back({ip(address), std::move(owners), received});
    return *this;
  }
  link_story& look(second_look::kind what, std::string_view who, std::string_view address, bool answered,
                   bool waited = true) {
    facts.looks.push_back({what, 0, mac(who), ip(address), {}, true, answered, waited && !answered});
    return *this;
  }
  link_story& saw(neighbor_message::kind what, std::string_view who, std::string_view address,
                  duration at = 5ms, std::uint64_t count = 1) {
    neighbor_message said;
    said.what = what;
    said.owner = mac(who);
    (what == neighbor_message::kind::probe ? said.asked : said.claimed) = ip(address);
    facts.seen.push_back({said, count, mono_time{at}, mono_time{at}});
    return *this;
  }
  [[nodiscard]] std::vector<neighbor_finding> findings() const {
    neighbor_oddities oddities{facts, rows.size()};
    std::uint32_t number = 0;
    for (const auto& one : rows) oddities.take({number++, one.address, one.received, one.owners});
    return oddities.finish();
  }
  /// Their words, in their order.
  [[nodiscard]] std::string words() const {
    std::string out;
    for (const auto& one : findings()) out += (out.empty() ? "" : " ") + std::string{describe(one.what)};
    return out;
  }
};
using look = second_look::kind;
using said = neighbor_message::kind;

}  // namespace

TEST_CASE("neighbor findings: one owner, one address, nothing to say", "[probe][neighbor]") {
  CHECK(link_story{}.has("192.0.2.1", {owner(a)}).has("192.0.2.2", {owner(b)}).words().empty());
  CHECK(link_story{}.has("192.0.2.1", {}, 0).words().empty());
}

TEST_CASE("neighbor findings: two owners are a conflict", "[probe][neighbor]") {
  const auto all =
      link_story{}.has("192.0.2.1", {owner(a)}).has("192.0.2.2", {owner(b), owner(c), owner(a)}).findings();
  REQUIRE(all.size() == 1);
  CHECK(all[0].what == kind::conflict);
  CHECK(all[0].target == 1U);
  CHECK(all[0].address == ip("192.0.2.2"));
  CHECK(all[0].mac == mac(b));
  CHECK(all[0].other == mac(c));
  CHECK(all[0].count == 3);
}

TEST_CASE("neighbor findings: the same two at two addresses are flux, at one a conflict",
          "[probe][neighbor]") {
  const auto all = link_story{}
                       .has("192.0.2.1", {owner(a), owner(b)})
                       .has("192.0.2.2", {owner(b), owner(c)})
                       .has("192.0.2.3", {owner(b), owner(a)})
                       .findings();
  REQUIRE(all.size() == 3);
  CHECK(all[0].what == kind::flux);
  CHECK(all[0].count == 2);
  CHECK(all[1].what == kind::conflict);
  CHECK(all[2].what == kind::flux);
  CHECK(all[2].target == 2U);
}

TEST_CASE("neighbor findings: three interfaces are flux only together", "[probe][neighbor]") {
  const auto three = {owner(a), owner(b), owner(c)};
  CHECK(link_story{}.has("192.0.2.1", three).has("192.0.2.2", three).words() == "flux flux");
  CHECK(link_story{}.has("192.0.2.1", three).has("192.0.2.2", {owner(a), owner(b)}).words() ==
        "conflict flux");
}

TEST_CASE("neighbor findings: two proxies, and neighbour discovery, are no flux", "[probe][neighbor]") {
  const auto both = {owner(a), owner(b)};
  CHECK(link_story{}
            .has("192.0.2.1", both)
            .has("192.0.2.2", both)
            .look(look::impossible, a, "192.0.2.0", true)
            .words() == "conflict conflict proxy-arp");
  CHECK(link_story{}.has("2001:db8::1", both).has("2001:db8::2", both).words() == "conflict conflict");
}

TEST_CASE("neighbor findings: owners who took turns are a move", "[probe][neighbor]") {
  auto before = owner(a), after = owner(b, 4s);
  before.answers = 3;
  before.last = mono_time{3s};
  after.answers = 2;
  after.last = mono_time{5s};
  const auto all = link_story{}.has("192.0.2.1", {before, after}, 5).findings();
  REQUIRE(all.size() == 1);
  CHECK(all[0].what == kind::moved);
  CHECK(all[0].mac == mac(a));
  CHECK(all[0].other == mac(b));
  SECTION("not when a probe was answered by both") {
    CHECK(link_story{}.has("192.0.2.1", {before, after}, 4).words() == "conflict");
  }
  SECTION("not when the first one came back") {
    before.last = mono_time{4500ms};
    CHECK(link_story{}.has("192.0.2.1", {before, after}, 5).words() == "conflict");
  }
  SECTION("not when the second one was only late") {
    after.answers = 0;
    CHECK(link_story{}.has("192.0.2.1", {before, after}, 3).words() == "conflict");
  }
}

TEST_CASE("neighbor findings: who answers for the impossible is a proxy, and not an owner of many",
          "[probe][neighbor]") {
  link_story link;
  link.has("192.0.2.1", {owner(a)}).has("192.0.2.2", {owner(a)}).has("192.0.2.3", {owner(b)});
  link.look(look::impossible, a, "192.0.2.0", true).look(look::impossible, a, "198.51.100.0", true);
  link.look(look::impossible, a, "192.0.2.0", true).look(look::impossible, b, "192.0.2.0", false);
  const auto all = link.findings();
  REQUIRE(all.size() == 1);
  CHECK(all[0].what == kind::proxy_arp);
  CHECK_FALSE(all[0].target.has_value());
  CHECK(all[0].mac == mac(a));
  CHECK(all[0].address == ip("192.0.2.0"));
  CHECK(all[0].count == 2);
}

TEST_CASE("neighbor findings: an owner of many says whether it was seen not to be a proxy",
          "[probe][neighbor]") {
  const auto many = link_story{}.has("192.0.2.1", {owner(a)}).has("192.0.2.2", {owner(a)});
  auto asked = many, unwaited = many, unsent = many;
  const auto proved = [](const link_story& link) {
    const auto all = link.findings();
    REQUIRE(all.size() == 1);
    CHECK(all[0].what == kind::many_addresses);
    CHECK(all[0].mac == mac(a));
    CHECK(all[0].count == 2);
    return all[0].proved;
  };
  CHECK(proved(asked.look(look::impossible, a, "192.0.2.0", false)));
  CHECK_FALSE(proved(unwaited.look(look::impossible, a, "192.0.2.0", false, false)));
  unsent.look(look::impossible, a, "192.0.2.0", false).facts.looks[0].left = false;
  CHECK_FALSE(proved(unsent));
  CHECK_FALSE(proved(many));
}

TEST_CASE("neighbor findings: a proxy of one family may own many of the other", "[probe][neighbor]") {
  link_story link;
  link.has("192.0.2.1", {owner(a)}).has("192.0.2.2", {owner(a)});
  link.look(look::impossible, a, "2001:db8::ffff", true);
  CHECK(link.words() == "proxy-arp many-addresses");
  link.look(look::impossible, a, "192.0.2.0", true);
  CHECK(link.words() == "proxy-arp proxy-arp");
  link_story six;
  for (int at = 1; at <= 9; ++at) six.has("2001:db8::" + std::to_string(at), {owner(a)});
  CHECK_FALSE(six.findings().at(0).proved);
  auto waited = six;
  CHECK(waited.look(look::impossible, a, "2001:db8::ffff", false).findings().at(0).proved);
  CHECK(six.look(look::impossible, a, "2001:db8::ffff", true).words() == "proxy-arp");
}

TEST_CASE("neighbor findings: families are counted apart, and IPv6 hosts have several addresses",
          "[probe][neighbor]") {
  link_story link;
  link.has("192.0.2.1", {owner(a)});
  for (int at = 1; at <= 8; ++at) link.has("2001:db8::" + std::to_string(at), {owner(a)});
  CHECK(link.words().empty());
  link.has("fe80::1", {owner(a)});
  const auto all = link.findings();
  REQUIRE(all.size() == 1);
  CHECK(all[0].what == kind::many_addresses);
  CHECK(all[0].count == 10);
}

TEST_CASE("neighbor findings: contested addresses make nobody an owner of many", "[probe][neighbor]") {
  CHECK(link_story{}.has("192.0.2.1", {owner(a), owner(b)}).has("192.0.2.2", {owner(a), owner(b)}).words() ==
        "flux flux");
}

TEST_CASE("neighbor findings: a frame from elsewhere is spoofed, but a virtual router's is not",
          "[probe][neighbor]") {
  auto other = owner(a);
  other.mismatched = true;
  other.frame_source = mac(b);
  const auto all = link_story{}.has("192.0.2.1", {other}).findings();
  REQUIRE(all.size() == 1);
  CHECK(all[0].what == kind::spoofed);
  CHECK(all[0].mac == mac(a));
  CHECK(all[0].other == mac(b));
  auto router = owner("00:00:5e:00:01:07");
  router.mismatched = true;
  router.frame_source = mac(b);
  CHECK(link_story{}.has("192.0.2.1", {router}).words() == "virtual-router");
}

TEST_CASE("neighbor findings: a reply that names another asker", "[probe][neighbor]") {
  auto wrong = owner(a);
  wrong.wrong_target_hardware = true;
  CHECK(link_story{}.has("192.0.2.1", {wrong}).words() == "wrong-target");
}

TEST_CASE("neighbor findings: announcements of the owner, of another, and of the unasked",
          "[probe][neighbor]") {
  const auto late = owner(a, 9ms);
  CHECK(link_story{}.has("192.0.2.1", {late}).saw(said::announcement, a, "192.0.2.1").words() == "announced");
  SECTION("another, who is silent while the owner answers") {
    const auto all =
        link_story{}.has("192.0.2.1", {late}).saw(said::announcement, b, "192.0.2.1", 5ms, 4).findings();
    REQUIRE(all.size() == 1);
    CHECK(all[0].what == kind::announced_elsewhere);
    CHECK(all[0].target == 0U);
    CHECK(all[0].mac == mac(b));
    CHECK(all[0].other == mac(a));
    CHECK(all[0].count == 4);
  }
  SECTION("another, after the last answer: it may have moved there") {
    const auto all =
        link_story{}.has("192.0.2.1", {owner(a)}).saw(said::announcement, b, "192.0.2.1").findings();
    REQUIRE(all.size() == 1);
    CHECK(all[0].what == kind::announced);
    CHECK(all[0].mac == mac(b));
    CHECK(all[0].other == mac(a));
  }
  SECTION("of a silent target") {
    const auto all = link_story{}.has("192.0.2.1", {}, 0).saw(said::advertisement, b, "192.0.2.1").findings();
    REQUIRE(all.size() == 1);
    CHECK(all[0].what == kind::announced);
    CHECK(all[0].target == 0U);
    CHECK_FALSE(all[0].other.has_value());
  }
  SECTION("of an address that nobody asked for") {
    const auto all =
        link_story{}.has("192.0.2.1", {owner(a)}).saw(said::announcement, b, "192.0.2.9").findings();
    REQUIRE(all.size() == 1);
    CHECK(all[0].what == kind::announced);
    CHECK_FALSE(all[0].target.has_value());
    CHECK(all[0].address == ip("192.0.2.9"));
  }
}

TEST_CASE("neighbor findings: the owner that answered last is the one beside an announcement",
          "[probe][neighbor]") {
  const auto all = link_story{}
                       .has("192.0.2.1", {owner(a, 1ms), owner(b, 9ms)})
                       .saw(said::announcement, c, "192.0.2.1")
                       .findings();
  REQUIRE(all.size() == 2);
  CHECK(all[1].what == kind::announced_elsewhere);
  CHECK(all[1].other == mac(b));
}

TEST_CASE("neighbor findings: who asks in an address's name claims it", "[probe][neighbor]") {
  const auto late = owner(a, 9ms);
  CHECK(link_story{}.has("192.0.2.1", {late}).saw(said::request, b, "192.0.2.1").words() ==
        "announced-elsewhere");
  CHECK(link_story{}.has("192.0.2.1", {late}).saw(said::request, a, "192.0.2.1").words().empty());
  CHECK(link_story{}.has("192.0.2.1", {owner(a)}).saw(said::request, b, "192.0.2.1").words().empty());
  CHECK(link_story{}.saw(said::request, b, "192.0.2.9").words().empty());
}

TEST_CASE("neighbor findings: somebody else's probe", "[probe][neighbor]") {
  const auto all =
      link_story{}.has("192.0.2.1", {owner(a)}).saw(said::probe, b, "192.0.2.1", 5ms, 3).findings();
  REQUIRE(all.size() == 1);
  CHECK(all[0].what == kind::probed);
  CHECK(all[0].target == 0U);
  CHECK(all[0].mac == mac(b));
  CHECK(all[0].count == 3);
  CHECK(link_story{}.saw(said::probe, b, "192.0.2.9").words() == "probed");
}

TEST_CASE("neighbor findings: deaf to unicast", "[probe][neighbor]") {
  const auto plain = link_story{}.has("192.0.2.1", {owner(a)});
  auto deaf = plain, heard = plain, unwaited = plain, elsewhere = plain;
  CHECK(deaf.look(look::unicast, a, "192.0.2.1", false).words() == "broadcast-only");
  CHECK(heard.look(look::unicast, a, "192.0.2.1", true).words().empty());
  CHECK(unwaited.look(look::unicast, a, "192.0.2.1", false, false).words().empty());
  CHECK(deaf.look(look::impossible, a, "192.0.2.0", true).words() == "proxy-arp");
  CHECK(elsewhere.look(look::unicast, b, "192.0.2.1", false).words().empty());
  CHECK(elsewhere.look(look::unicast, a, "192.0.2.2", false).words().empty());
  deaf = plain;
  deaf.look(look::unicast, a, "192.0.2.1", false).rows[0].owners[0].to_unicast = true;
  CHECK(deaf.words().empty());
}

TEST_CASE("neighbor findings: deaf to broadcast", "[probe][neighbor]") {
  auto quiet = owner(a);
  quiet.to_broadcast = false;
  quiet.to_unicast = true;
  const auto plain = link_story{}.has("192.0.2.1", {quiet});
  CHECK(plain.words().empty());  // nobody asked by broadcast
  auto known = plain;
  CHECK(known.look(look::known, a, "192.0.2.2", true).words().empty());
  CHECK(known.look(look::known, a, "192.0.2.1", true).words() == "unicast-only");
  known.rows[0].owners[0].to_broadcast = true;
  CHECK(known.words().empty());
  CHECK(link_story{}.has("192.0.2.1", {}, 0).look(look::known, a, "192.0.2.1", false).words().empty());
}

TEST_CASE("neighbor findings: answers under another tag", "[probe][neighbor]") {
  auto link = link_story{}.has("192.0.2.1", {}, 0);
  link.facts.leaks.push_back({ip("192.0.2.1"), mac(a), wire::vlan_tag{0x8100, 12}, 2});
  link.facts.leaks.push_back({ip("192.0.2.9"), mac(a), {}, 1});
  const auto all = link.findings();
  REQUIRE(all.size() == 2);
  CHECK(all[0].what == kind::vlan_leak);
  CHECK(all[0].target == 0U);
  REQUIRE(all[0].tag.has_value());
  CHECK(all[0].tag->id == 12);
  CHECK(all[0].count == 2);
  CHECK_FALSE(all[1].target.has_value());
  CHECK_FALSE(all[1].tag.has_value());
}

TEST_CASE("neighbor findings: what hardware addresses give away, once an owner", "[probe][neighbor]") {
  CHECK(link_story{}
            .has("192.0.2.1", {owner("52:54:00:00:00:01")})
            .has("2001:db8::1", {owner("52:54:00:00:00:01")})
            .has("192.0.2.2", {owner("03:bf:c0:00:02:02")})
            .has("192.0.2.3", {owner("00:00:0c:07:ac:01")})
            .words() == "locally-administered multicast-hardware virtual-router");
  for (const auto* one : {"00:00:5e:00:01:ff", "00:00:5e:00:02:01", "00:00:0c:07:ac:00", "00:00:0c:9f:ff:ff",
                          "00:05:73:a0:0f:ff", "00:07:b4:03:ff:04"})
    CHECK(is_virtual_router(mac(one)));
  for (const auto* one : {"00:00:5e:00:00:ff", "00:00:5e:00:03:01", "00:00:0c:07:ad:00", "00:00:0c:9f:ef:ff",
                          "00:05:73:a0:1f:ff", "00:07:b4:04:00:01"})
    CHECK_FALSE(is_virtual_router(mac(one)));
}

TEST_CASE("neighbor findings: an advertisement that may be overridden", "[probe][neighbor]") {
  auto proxy = owner(a);
  proxy.override_flag = false;
  CHECK(link_story{}.has("2001:db8::1", {proxy}).words() == "no-override");
  CHECK(link_story{}.has("2001:db8::1", {owner(a)}).words().empty());
  CHECK(link_story{}.has("192.0.2.1", {proxy}).words().empty());
}

TEST_CASE("neighbor findings: by target, then by kind, then those of owners", "[probe][neighbor]") {
  auto odd = owner("52:54:00:00:00:01", 9ms);
  odd.mismatched = odd.wrong_target_hardware = true;
  odd.frame_source = mac(b);
  CHECK(link_story{}
            .has("192.0.2.1", {owner(a, 9ms), odd})
            .has("192.0.2.2", {odd})
            .saw(said::probe, b, "192.0.2.1")
            .saw(said::announcement, c, "192.0.2.1")
            .saw(said::announcement, a, "192.0.2.1")
            .saw(said::announcement, a, "192.0.2.9")
            .words() ==
        "conflict spoofed wrong-target announced announced-elsewhere probed spoofed wrong-target announced "
        "locally-administered");
}

TEST_CASE("neighbor findings: a link-local address on two links is two addresses", "[probe][neighbor]") {
  auto link = link_story{}.has("fe80::1%2", {owner(a, 9ms)}).has("fe80::1%3", {owner(b, 9ms)});
  link.saw(said::probe, c, "fe80::1%3").saw(said::probe, c, "fe80::1%4").saw(said::probe, c, "fe80::1%2");
  const auto all = link.findings();
  REQUIRE(all.size() == 3);
  CHECK(all[0].target == 0U);
  CHECK(all[1].target == 1U);
  CHECK_FALSE(all[2].target.has_value());
}

TEST_CASE("neighbor findings: those of a kind are listed up to a limit, verdicts all", "[probe][neighbor]") {
  const auto odd = [](std::uint32_t number) {
    auto out = owner("02:00:00:00:00:00");
    out.mac.octets[4] = std::byte(number >> 8);
    out.mac.octets[5] = std::byte(number & 0xff);
    return out;
  };
  const neighbor_facts none;
  neighbor_oddities oddities{none};
  for (std::uint32_t at = 0; at < 1'000; ++at) {
    const std::vector owners{odd(2 * at), odd(2 * at + 1)};
    oddities.take({at, ip_address::v4(0xC6120000 + at), 1, owners});
  }
  const auto all = oddities.finish();
  REQUIRE(all.size() == 1'000 + neighbor_oddities::most_listed + 1);
  CHECK(all[999].what == kind::conflict);
  CHECK(all[1'000].what == kind::locally_administered);
  CHECK(all.back().what == kind::locally_administered);
  CHECK(all.back().more);
  CHECK(all.back().count == 2'000 - neighbor_oddities::most_listed);
}

TEST_CASE("neighbor findings: every kind has a word of its own", "[probe][neighbor]") {
  std::set<std::string_view> words;
  for (std::size_t at = 0; at < neighbor_finding_kinds; ++at) words.insert(describe(static_cast<kind>(at)));
  CHECK(words.size() == neighbor_finding_kinds);
  CHECK(words.count("unknown") == 0);
  CHECK(describe(static_cast<kind>(neighbor_finding_kinds)) == "unknown");
}

TEST_CASE("neighbor rivals: only those who meet again are the same owners", "[probe][neighbor]") {
  rival_book book;
  const std::vector first{owner(a), owner(b)}, second{owner(b), owner(c)}, third{owner(b), owner(a)};
  book.add(4, first);
  book.add(5, second);
  book.add(9, third);
  const auto same = book.settle();
  REQUIRE(same.size() == 2);
  CHECK(same[0].finding == 4);
  CHECK(same[1].finding == 9);
  CHECK(same[0].addresses == 2);
}

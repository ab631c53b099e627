// Ways back that are longer than ways there, and hops that do not show.
#include "libdiag/probe/path_findings.hpp"

#include "tests/catch.hpp"
#include "tests/probe/path_rows.hpp"

namespace {

using namespace diag;
using namespace diag::test;
using kind = probe::path_finding_kind;

constexpr auto target = "192.0.2.99";

std::string router(std::size_t hop) {
  return "198.51.100." + std::to_string(hop);
}

/// Routers whose ways back are this much longer than their ways there, and the target's.
made_path with_excess(const std::vector<int>& routers, int of_target, int routers_begin = 255) {
  made_path path;
  int hop = 0;
  for (const int excess : routers) {
    ++hop;
    path.hop({expired(router(static_cast<std::size_t>(hop)),
                      static_cast<std::uint8_t>(routers_begin - (hop - 1) - excess))});
  }
  path.hop({arrived(target, 0, static_cast<std::uint8_t>(64 - hop - of_target))});
  return path;
}

probe::path_answer quoting(std::size_t hop, std::uint8_t limit) {
  auto out = expired(router(hop));
  out.quoted_hop_limit = limit;
  return out;
}
probe::path_answer labelled(probe::path_answer what, std::uint8_t ttl) {
  what.mpls.push_back({.label = 100, .traffic_class = 0, .bottom = true, .ttl = ttl});
  return what;
}

}  // namespace

TEST_CASE("path lengths: what is left of a hop limit is a distance", "[probe][path]") {
  CHECK(probe::hops_back(255) == std::uint8_t{1});
  CHECK(probe::hops_back(64) == std::uint8_t{1});
  CHECK(probe::hops_back(61) == std::uint8_t{4});
  CHECK(probe::hops_back(120) == std::uint8_t{9});
  CHECK(probe::hops_back(30) == std::uint8_t{3});
  CHECK(probe::hops_back(250) == std::uint8_t{6});
  CHECK_FALSE(probe::hops_back(0));
  CHECK_FALSE(probe::hops_back(140));  // 116 hops away
}

TEST_CASE("path lengths: equal ways are nothing to tell", "[probe][path]") {
  CHECK(with_excess({0, 0, 0, 0}, 0).findings().empty());
  CHECK(with_excess({0, 1, 2, 2}, 2).findings().empty());
  CHECK(with_excess({0, 0, 0, 0}, 0, 64).findings().empty());
}

TEST_CASE("path lengths: a longer way back is one that the target shares", "[probe][path]") {
  const auto found = with_excess({0, 0, 3, 3, 3}, 3).findings();
  REQUIRE(found.size() == 1);
  CHECK(found[0].what == kind::longer_return);
  CHECK(found[0].count == 3);
  CHECK(found[0].hop == 6);
  CHECK(found[0].other_hop == 3);

  SECTION("the target alone may count from another number") {
    CHECK(with_excess({0, 0, 0, 0, 0}, 4).findings().empty());
  }
  SECTION("without the target's word three routers do") {
    made_path path;
    for (std::size_t hop = 1; hop <= 5; ++hop)
      path.hop({expired(router(hop), static_cast<std::uint8_t>(256 - hop - (hop > 2 ? 4 : 0)))});
    path.silent(4);
    const auto all = path.findings();
    REQUIRE(all.size() == 2);
    CHECK(all[0].what == kind::longer_return);
    CHECK(all[0].count == 4);
    CHECK(all[0].other_hop == 3);
  }
}

TEST_CASE("path lengths: an excess that shrinks again is a hidden tunnel", "[probe][path]") {
  const auto found = with_excess({0, 0, 4, 3, 2, 1}, 0).findings();
  REQUIRE(found.size() == 1);
  CHECK(found[0].what == kind::hidden_tunnel);
  CHECK(found[0].other_hop == 2);
  CHECK(found[0].hop == 3);
  CHECK(found[0].count == 4);

  SECTION("also when it stays with the routers and the target has none") {
    const auto stays = with_excess({0, 0, 4, 4, 4, 4}, 0).findings();
    REQUIRE(stays.size() == 1);
    CHECK(stays[0].what == kind::hidden_tunnel);
  }
  SECTION("one router alone is a whim") {
    CHECK(with_excess({0, 0, 4, 0, 0, 0}, 0).findings().empty());
  }
}

TEST_CASE("path lengths: answers that disagree are no measure", "[probe][path]") {
  made_path path;
  path.hop({expired(router(1), 255)}).hop({expired(router(2), 250), expired(router(2), 254)});
  path.hop({expired(router(3), 249)}).hop({arrived(target, 0, 61)});
  CHECK(path.findings().empty());
}

TEST_CASE("path lengths: a label that comes from afar is a tunnel that shows its end", "[probe][path]") {
  made_path path;
  path.hop({expired(router(1))}).hop({labelled(expired(router(2)), 251)}).hop({arrived(target)});
  const auto found = path.findings();
  REQUIRE(found.size() == 1);
  CHECK(found[0].what == kind::hidden_tunnel);
  CHECK(found[0].other_hop == 1);
  CHECK(found[0].hop == 2);
  CHECK(found[0].count == 4);

  SECTION("a tunnel that shows every hop hides none") {
    made_path shown;
    shown.hop({labelled(expired(router(1)), 1)})
        .hop({labelled(expired(router(2)), 1)})
        .hop({arrived(target)});
    CHECK(shown.findings().empty());
  }
}

TEST_CASE("path lengths: quoted hop limits that rise are a tunnel without labels", "[probe][path]") {
  made_path path;
  path.hop({quoting(1, 1)}).hop({quoting(2, 1)}).hop({quoting(3, 2)}).hop({quoting(4, 3)});
  path.hop({quoting(5, 1)}).hop({arrived(target)});
  const auto found = path.findings();
  REQUIRE(found.size() == 1);
  CHECK(found[0].what == kind::implicit_tunnel);
  CHECK(found[0].other_hop == 3);
  CHECK(found[0].hop == 4);

  SECTION("silent routers may be its first") {
    made_path silent;
    silent.hop({quoting(1, 1)}).hop({silence()}).hop({quoting(3, 3)}).hop({arrived(target)});
    CHECK(silent.findings().size() == 1);
  }
  SECTION("a number out of nowhere is somebody's invention") {
    made_path odd;
    odd.hop({quoting(1, 1)}).hop({quoting(2, 64)}).hop({quoting(3, 1)}).hop({arrived(target)});
    CHECK(odd.findings().empty());
  }
  SECTION("with labels it shows itself") {
    made_path labels;
    labels.hop({quoting(1, 1)}).hop({labelled(quoting(2, 1), 1)}).hop({labelled(quoting(3, 2), 1)});
    CHECK(labels.hop({arrived(target)}).findings().empty());
  }
}

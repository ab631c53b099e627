// Who answers where, how often, in whose name: the remarks of find_oddities().
#include "libdiag/probe/path_findings.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/probe/path_rows.hpp"

namespace {

using namespace diag;
using namespace diag::test;
using kind = probe::path_finding_kind;

constexpr auto a = "198.51.100.1", b = "198.51.100.2", c = "198.51.100.3", d = "198.51.100.4",
               target = "192.0.2.99";

std::vector<probe::path_answer> three(const probe::path_answer& one) {
  return {one, one, one};
}

probe::path_answer quoting(probe::path_answer what, std::uint8_t hop_limit) {
  what.quoted_hop_limit = hop_limit;
  return what;
}

/// The only finding there is, of this kind.
probe::path_finding only(const std::vector<probe::path_finding>& found, kind what) {
  for (const auto& one : found) UNSCOPED_INFO(probe::describe(one.what) << " at hop " << int{one.hop});
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].what == what);
  return found[0];
}

}  // namespace

TEST_CASE("path findings: a plain path has none", "[probe][path]") {
  const auto path = made_path{}.hop(three(expired(a))).hop(three(expired(b))).hop(three(arrived(target)));
  CHECK(path.findings().empty());
  CHECK(made_path{}.findings().empty());
}

TEST_CASE("path findings: an address that comes back behind another is a loop", "[probe][path]") {
  made_path path;
  path.hop({expired(a)});
  for (int i = 0; i < 4; ++i) path.hop({expired(b)}).hop({expired(c)});
  const auto found = only(path.findings(), kind::loop);
  CHECK(found.other_hop == 2);
  CHECK(found.hop == 4);
  CHECK(found.address == address(b));
  CHECK(found.count == 4);
}

TEST_CASE("path findings: the same addresses on other flows, or refusing, are no loop", "[probe][path]") {
  SECTION("ways of unequal length") {
    made_path path;
    path.flows({expired(a), expired(b)}).flows({expired(c), expired(a)}).flows({expired(b), expired(d)});
    for (const auto& one : path.flows({arrived(target), arrived(target)}).findings())
      CHECK(one.what == kind::several_paths);
  }
  SECTION("a router that cannot go on") {
    made_path path;
    path.hop({expired(a)}).hop({expired(b)}).hop({refused(a, probe::reason::host_unreachable)});
    CHECK(path.findings().empty());
  }
  SECTION("several addresses of one flow") {
    made_path path;
    path.hop({expired(a)}).hop({expired(b), expired(c)}).hop({expired(a)}).hop({arrived(target)});
    CHECK(only(path.findings(), kind::several_addresses).hop == 2);
  }
}

TEST_CASE("path findings: an address at neighboring hops is one finding", "[probe][path]") {
  made_path path;
  path.hop({expired(a)}).hop({expired(b)}).hop({silence()}).hop({expired(b)}).hop({arrived(target)});
  const auto found = only(path.findings(), kind::repeated_hop);
  CHECK(found.other_hop == 2);
  CHECK(found.hop == 4);
  CHECK(found.count == 2);
}

TEST_CASE("path findings: a quoted hop limit of 0 betrays the hop before", "[probe][path]") {
  SECTION("the next hop shows itself twice") {
    made_path path;
    path.hop({expired(a)}).hop({quoting(expired(b), 0)}).hop({expired(b)}).hop({arrived(target)});
    const auto found = only(path.findings(), kind::zero_hop_limit);
    CHECK(found.hop == 2);
    CHECK(found.address == address(b));
  }
  SECTION("and if it does not, it quotes what it made of the packet") {
    made_path path;
    path.hop({quoting(expired(a), 0)}).hop({quoting(expired(b), 0)}).hop({arrived(target)});
    CHECK(path.findings().empty());
  }
}

TEST_CASE("path findings: several addresses are told apart by flow", "[probe][path]") {
  SECTION("one flow") {
    made_path path;
    path.hop({expired(a), expired(b), expired(a)}).hop({arrived(target)});
    const auto found = only(path.findings(), kind::several_addresses);
    CHECK(found.hop == 1);
    CHECK(found.count == 2);
  }
  SECTION("each flow one") {
    made_path path;
    path.flows({expired(a), expired(b), expired(b)}).flows(three(arrived(target)));
    const auto found = only(path.findings(), kind::several_paths);
    CHECK(found.count == 2);
    CHECK(found.total == 3);
  }
  SECTION("hops to spare are no second address") {
    made_path path;
    path.hop({expired(a)}).hop({arrived(target)}).spare(30, arrived(target)).spare(7, arrived(target));
    CHECK(path.findings().empty());
  }
}

TEST_CASE("path findings: less answers than behind is a limit, not loss", "[probe][path]") {
  made_path path;
  path.hop({expired(a), silence(), silence()}).hop(three(expired(b))).hop(three(arrived(target)));
  const auto found = only(path.findings(), kind::rate_limited);
  CHECK(found.hop == 1);
  CHECK(found.count == 1);
  CHECK(found.total == 3);
  CHECK(found.address == address(a));

  SECTION("two neighbors may both limit") {
    made_path both;
    both.hop({expired(a), silence(), silence()}).hop({expired(b), silence(), silence()});
    for (int i = 0; i < 3; ++i) both.hop(three(expired("198.51.100." + std::to_string(30 + i))));
    CHECK(both.hop(three(arrived(target))).findings().size() == 2);
  }
  SECTION("loss that carries on is none") {
    made_path lossy;
    lossy.hop(three(expired(a)));
    for (int i = 0; i < 4; ++i)
      lossy.hop({expired("198.51.100." + std::to_string(30 + i)), silence(),
                 expired("198.51.100." + std::to_string(30 + i))});
    CHECK(lossy.hop({arrived(target), silence(), arrived(target)}).findings().empty());
  }
  SECTION("one answer too few may be chance") {
    made_path lucky;
    lucky.hop({expired(a), silence(), expired(a)}).hop(three(arrived(target)));
    CHECK(lucky.findings().empty());
  }
}

TEST_CASE("path findings: a port unreachable from somebody else stands for the target", "[probe][path]") {
  made_path path;
  path.hop({expired(a)}).hop(three(refused(b, probe::reason::port_unreachable)));
  const auto found = only(path.findings(), kind::answers_for_target);
  CHECK(found.hop == 2);
  CHECK(found.address == address(b));
}

TEST_CASE("path findings: a reset from nearer than the target is a device's", "[probe][path]") {
  using probe::path_method;
  SECTION("the target accepts from farther") {
    made_path path{target, path_method::tcp_syn, 445};
    path.hop({expired(a)}).hop({arrived(target, reset)}).spare(30, arrived(target, syn_ack));
    const auto found = only(path.findings(), kind::reset_by_device);
    CHECK(found.hop == 2);
    CHECK(found.other_hop == 30);
  }
  SECTION("its own hop limit says so") {
    made_path path{target, path_method::tcp_syn, 445};
    path.hop({expired(a)}).hop({arrived(target, reset, 63), arrived(target, syn_ack, 60)});
    CHECK(only(path.findings(), kind::reset_by_device).hop == 2);
  }
  SECTION("routers behind it show themselves") {
    made_path path{target, path_method::tcp_syn, 445};
    path.hop({expired(a)}).hop({arrived(target, reset)}).hop({expired(b)});
    CHECK(only(path.findings(), kind::reset_by_device).hop == 2);
  }
  SECTION("a closed port is none") {
    made_path path{target, path_method::tcp_syn, 445};
    path.hop({expired(a)}).hop(three(arrived(target, reset, 63))).spare(30, arrived(target, reset, 63));
    CHECK(path.findings().empty());
  }
}

TEST_CASE("path findings: a silent target behind a path that goes on", "[probe][path]") {
  made_path path;
  path.hop({expired(a)}).hop({expired(b)}).silent(5);
  const auto found = only(path.findings(), kind::target_silent);
  CHECK(found.hop == 2);
  CHECK(found.address == address(b));

  SECTION("not when the last hop asked is a router") {
    CHECK(made_path{}.hop({expired(a)}).hop({expired(b)}).findings().empty());
  }
  SECTION("not when nothing answered at all") {
    CHECK(made_path{}.silent(5).findings().empty());
  }
  SECTION("not behind a loop, which says it all") {
    made_path loop;
    loop.hop({expired(a)}).hop({expired(b)}).hop({expired(a)}).hop({expired(b)}).silent(3);
    only(loop.findings(), kind::loop);
  }
}

TEST_CASE("path findings: extensions that lie and fragments that are missed are told", "[probe][path]") {
  auto liar = expired(a);
  liar.bad_extension = true;
  made_path path;
  path.hop({liar, liar}).hop({refused(target, probe::reason::reassembly_time_exceeded)}).silent(2);
  const auto found = path.findings();
  REQUIRE(found.size() == 3);
  // Time exceeded in reassembly is no hop: the path goes on to hop 1 only.
  CHECK(found[0].what == kind::target_silent);
  CHECK(found[0].hop == 1);
  CHECK(found[1].what == kind::bad_extension);
  CHECK(found[1].hop == 1);
  CHECK(found[2].what == kind::reassembly);
  CHECK(found[2].hop == 2);
  CHECK(found[2].address == address(target));
}

TEST_CASE("path findings: a path of another trace says nothing of limits", "[probe][path]") {
  made_path path;
  path.hop({expired(a), silence(), silence()}).known();
  path.hop(three(expired(b))).hop(three(arrived(target)));
  CHECK(path.findings().empty());
}

TEST_CASE("path findings: every kind has a word of its own", "[probe][path]") {
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < probe::path_finding_kinds; ++i)
    words.push_back(probe::describe(static_cast<kind>(i)));
  std::sort(words.begin(), words.end());
  CHECK(std::unique(words.begin(), words.end()) == words.end());
  CHECK(std::find(words.begin(), words.end(), "unknown") == words.end());
  CHECK(probe::describe(kind::reassembly) == "reassembly");
  CHECK(probe::describe(static_cast<kind>(200)) == "unknown");
}

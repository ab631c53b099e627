// Where a field was changed, out of quotes long and short.
#include "libdiag/probe/path_findings.hpp"

#include "tests/catch.hpp"
#include "tests/probe/path_rows.hpp"

namespace {

using namespace diag;
using namespace diag::test;
using kind = probe::path_finding_kind;
using field = probe::header_change::field;
using probe::path_method;

constexpr auto a = "198.51.100.1", b = "198.51.100.2", c = "198.51.100.3", d = "198.51.100.4",
               target = "192.0.2.99";

probe::path_answer short_quote(probe::path_answer what) {
  what.quoted = probe::quote_depth::start;
  return what;
}
probe::path_answer bleached(std::string_view from) {
  return changed(expired(from), field::traffic_class, 184, 0);
}
probe::path_answer clamped(std::string_view from) {
  return changed(expired(from), field::maximum_segment_size, 1460, 1380);
}

}  // namespace

TEST_CASE("path changes: a change lies between the hop that had it as sent and the next", "[probe][path]") {
  made_path path;
  path.hop({expired(a)}).hop({expired(b)}).hop({bleached(c)}).hop({bleached(d)}).hop({arrived(target)});
  const auto found = path.findings();
  REQUIRE(found.size() == 1);
  CHECK(found[0].what == kind::changed);
  CHECK(found[0].other_hop == 2);
  CHECK(found[0].hop == 3);
  CHECK(found[0].address == address(c));
  CHECK(found[0].change->what == field::traffic_class);
  CHECK(found[0].change->sent == 184U);
  CHECK(found[0].change->seen == 0U);
}

TEST_CASE("path changes: silent hops and short quotes are no evidence", "[probe][path]") {
  made_path path{target, path_method::tcp_syn, 443};
  path.hop({expired(a)}).hop({short_quote(expired(b))}).hop({silence()}).hop({clamped(d)});
  path.hop({arrived(target, syn_ack)});
  const auto found = path.findings();
  REQUIRE(found.size() == 1);
  CHECK(found[0].other_hop == 1);
  CHECK(found[0].hop == 4);

  SECTION("short quotes do show the IP header") {
    made_path dscp{target, path_method::tcp_syn, 443};
    dscp.hop({expired(a)}).hop({short_quote(expired(b))}).hop({silence()}).hop({bleached(d)});
    CHECK(dscp.hop({arrived(target, syn_ack)}).findings().at(0).other_hop == 2);
  }
  SECTION("nothing as sent: it may be this host's own") {
    made_path early{target, path_method::tcp_syn, 443};
    early.hop({short_quote(expired(a))}).hop({clamped(b)}).hop({arrived(target, syn_ack)});
    CHECK(early.findings().at(0).other_hop == 0);
  }
}

TEST_CASE("path changes: each further change is one more finding", "[probe][path]") {
  made_path path;
  path.hop({expired(a)}).hop({bleached(b)}).hop({changed(expired(c), field::traffic_class, 184, 32)});
  path.hop({changed(expired(d), field::traffic_class, 184, 32)}).hop({arrived(target)});
  const auto found = path.findings();
  REQUIRE(found.size() == 2);
  CHECK(found[1].other_hop == 2);
  CHECK(found[1].hop == 3);
  CHECK(found[1].change->sent == 0U);
  CHECK(found[1].change->seen == 32U);
}

TEST_CASE("path changes: what later hops deny was quoted wrongly", "[probe][path]") {
  made_path path;
  path.hop({expired(a)}).hop({bleached(b)}).hop({expired(c)}).hop({arrived(target)});
  CHECK(path.findings().empty());

  SECTION("but two who agree saw a change that was taken back") {
    made_path back;
    back.hop({expired(a)}).hop({bleached(b)}).hop({bleached(c)}).hop({expired(d)}).hop({arrived(target)});
    const auto found = back.findings();
    REQUIRE(found.size() == 2);
    CHECK(found[1].other_hop == 3);
    CHECK(found[1].hop == 4);
    CHECK(found[1].change->seen == 184U);
  }
}

TEST_CASE("path changes: addresses and ports are NAT", "[probe][path]") {
  const auto translated = [](std::string_view from, std::uint32_t port) {
    return changed(
        changed(changed(expired(from), field::source_port, 40'000, port), field::checksum, 1, port),
        {field::source_address, {}, {}, address("192.0.2.1"), address("203.0.113.7")});
  };
  made_path path;
  path.hop({expired(a)}).hop({translated(b, 5)}).hop({translated(c, 5)}).hop({arrived(target)});
  const auto found = path.findings();
  REQUIRE(found.size() == 2);  // the checksum goes with them
  for (const auto& one : found) {
    CHECK(one.what == kind::nat);
    CHECK(one.other_hop == 1);
    CHECK(one.hop == 2);
  }
  CHECK(found[1].change->seen_address == address("203.0.113.7"));
}

TEST_CASE("path changes: a checksum alone betrays a NAT that mends its quotes", "[probe][path]") {
  made_path path;
  path.hop({expired(a)}).hop({changed(expired(b), field::checksum, 100, 7)});
  path.hop({changed(expired(c), field::checksum, 101, 8)}).hop({arrived(target)});
  const auto found = path.findings();
  REQUIRE(found.size() == 1);
  CHECK(found[0].what == kind::nat);
  CHECK(found[0].hop == 2);
}

TEST_CASE("path changes: the flows of one change agree on its place", "[probe][path]") {
  made_path path;
  path.flows({expired(a), expired(a)}).flows({silence(), expired(b)});
  path.flows({bleached(c), bleached(c)}).flows({arrived(target), arrived(target)});
  const auto found = path.findings();
  REQUIRE(found.size() == 1);
  CHECK(found[0].other_hop == 2);
  CHECK(found[0].hop == 3);
}

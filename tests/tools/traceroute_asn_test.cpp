// Tables of AS numbers in the shapes that are usual, and what is asked of them.
#include "tools/traceroute/asn_lines.hpp"
#include "tools/traceroute/asn_ranges.hpp"
#include "tools/traceroute/asn_table.hpp"
#include "tools/traceroute/mmdb_file.hpp"

#include "tests/catch.hpp"
#include "tests/tools/mmdb_bytes.hpp"
#include "tests/tools/scratch.hpp"

namespace {

using namespace diag;
using traceroute::asn_table;

asn_table table(std::string_view text) {
  auto read = asn_table::parse(text, "asn.tsv");
  if (!read) FAIL(describe(read.error()));
  return std::move(*read);
}
/// "64496 192.0.2.0/24 EXAMPLE", "-": nobody.
std::string who(const asn_table& from, std::string_view address) {
  const auto found = from.find(parse_ip(address).value_or(ip_address{}));
  if (!found) return "-";
  auto text = std::to_string(found->number);
  for (const auto other : found->others) text += '_' + std::to_string(other);
  text += ' ' + (found->prefix ? to_string(*found->prefix) : std::string{"?"});
  return found->name.empty() ? text : text + ' ' + found->name;
}

}  // namespace

TEST_CASE("asn table: every usual shape", "[tools][traceroute]") {
  const auto all = table(
      "; pyasn\n# a comment\n\n"
      "192.0.2.0/24\t64496\n"
      "198.51.100.0/25\tAS64497\tEXAMPLE NET, \"ZZ\"\n"
      "198.51.100.128/25 64498 ANOTHER NET\r\n"
      "203.0.113.0\t24\t64499_64500\n"
      "198.18.0.0\t198.18.255.255\t64501\tZZ\tBENCH NET\n"
      "198.19.0.0\t198.19.0.9\t64502\tZZ\tODD\n"
      "198.19.1.0\t198.19.1.255\t0\tNone\tNot routed\n"
      "2001:db8::/32\t64503\tSIX\n"
      "2001:db8:1::\t48\t64504\n"
      "2001:db8:2::\t2001:db8:2:ffff:ffff:ffff:ffff:ffff\t64505\tZZ\tSIX RANGE\n"
      "192.0.3.1 64506\n");
  CHECK(all.bad_lines() == 0);
  CHECK(all.size() == 10);
  CHECK(who(all, "192.0.2.77") == "64496 192.0.2.0/24");
  CHECK(who(all, "198.51.100.1") == "64497 198.51.100.0/25 EXAMPLE NET, \"ZZ\"");
  CHECK(who(all, "198.51.100.129") == "64498 198.51.100.128/25 ANOTHER NET");
  CHECK(who(all, "203.0.113.255") == "64499_64500 203.0.113.0/24");
  CHECK(who(all, "198.18.4.4") == "64501 198.18.0.0/16 BENCH NET");
  CHECK(who(all, "198.19.0.9") == "64502 ? ODD");
  CHECK(who(all, "198.19.0.10") == "-");
  CHECK(who(all, "198.19.1.1") == "-");
  CHECK(who(all, "2001:db8::1") == "64503 2001:db8::/32 SIX");
  CHECK(who(all, "2001:db8:1::1") == "64504 2001:db8:1::/48");
  CHECK(who(all, "2001:db8:2:3::1") == "64505 2001:db8:2::/48 SIX RANGE");
  CHECK(who(all, "2001:db9::1") == "-");
  CHECK(who(all, "192.0.3.1") == "64506 192.0.3.1/32");
  CHECK_FALSE(all.find({}));
}

TEST_CASE("asn table: the longest prefix wins, whatever the order", "[tools][traceroute]") {
  const auto all = table(
      "10.1.2.0/24 3\n10.0.0.0/8 1\n10.1.0.0/16 2\n10.1.2.128/25 4\n0.0.0.0/0 9\n"
      "255.255.255.255/32 5\n::/0 6\nffff:ffff::/32 7\n");
  CHECK(who(all, "10.0.0.0") == "1 10.0.0.0/8");
  CHECK(who(all, "10.1.1.255") == "2 10.1.0.0/16");
  CHECK(who(all, "10.1.2.127") == "3 10.1.2.0/24");
  CHECK(who(all, "10.1.2.128") == "4 10.1.2.128/25");
  CHECK(who(all, "10.1.3.0") == "2 10.1.0.0/16");
  CHECK(who(all, "10.2.0.0") == "1 10.0.0.0/8");
  CHECK(who(all, "11.0.0.0") == "9 0.0.0.0/0");
  CHECK(who(all, "0.0.0.0") == "9 0.0.0.0/0");
  CHECK(who(all, "255.255.255.254") == "9 0.0.0.0/0");
  CHECK(who(all, "255.255.255.255") == "5 255.255.255.255/32");
  CHECK(who(all, "::") == "6 ::/0");
  CHECK(who(all, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff") == "7 ffff:ffff::/32");
  CHECK(who(all, "ffff:fffe:ffff::") == "6 ::/0");
  SECTION("of the same network the later line") {
    CHECK(who(table("10.0.0.0/8 1\n10.0.0.0/8 2\n"), "10.0.0.1") == "2 10.0.0.0/8");
  }
  SECTION("ranges that overlap") {
    const auto odd = table("10.0.0.0 10.0.0.99 1 ZZ A\n10.0.0.50 10.0.0.149 2 ZZ B\n");
    CHECK(who(odd, "10.0.0.49") == "1 ? A");
    CHECK(who(odd, "10.0.0.50") == "2 ? B");
    CHECK(who(odd, "10.0.0.149") == "2 ? B");
    CHECK(who(odd, "10.0.0.150") == "-");
  }
}

TEST_CASE("asn table: against every address of a small world", "[tools][traceroute]") {
  // Ranges drawn by a fixed rule; the oracle looks at all of them.
  traceroute::range_map<std::uint32_t> map;
  std::vector<traceroute::numbered_range<std::uint32_t>> all;
  std::uint32_t seed = 7;
  const auto draw = [&seed](std::uint32_t below) {
    seed = seed * 1'664'525U + 1'013'904'223U;
    return (seed >> 8) % below;
  };
  for (std::uint32_t i = 0; i < 60; ++i) {
    const auto length = 1U << draw(7);
    const auto first = draw(256 / length) * length;
    all.push_back({first, first + length - 1, i, 0});
    map.add(all.back());
  }
  map.seal();
  for (std::uint32_t key = 0; key < 256; ++key) {
    const traceroute::numbered_range<std::uint32_t>* best = nullptr;
    for (const auto& one : all)
      if (one.first <= key && key <= one.last &&
          (best == nullptr || one.last - one.first <= best->last - best->first))
        best = &one;
    const auto* found = map.find(key);
    INFO(key);
    REQUIRE((found == nullptr) == (best == nullptr));
    if (found != nullptr) CHECK(found->number == best->number);
  }
}

TEST_CASE("asn table: bad lines are counted and the first is told", "[tools][traceroute]") {
  const auto all = table("192.0.2.0/24 64496\nhello world\n192.0.2.0/33 1\n10.0.0.0/8\n");
  CHECK(all.bad_lines() == 3);
  CHECK(all.first_bad() == "asn.tsv:2: 'hello' is no network");

  const auto why = [](std::string_view line) {
    traceroute::asn_line out;
    std::string reason;
    CHECK(parse_asn_line(line, out, reason) == traceroute::asn_line_kind::bad);
    return reason;
  };
  CHECK(why("10.0.0.0/8") == "it has no AS number");
  CHECK(why("10.0.0.0/8 x") == "'x' is no AS number");
  CHECK(why("10.0.0.0/8 4294967296") == "'4294967296' is no AS number");
  CHECK(why("10.0.0.0/8 1_") == "'1_' is no AS number");
  CHECK(why("10.0.0.0/8 -1") == "'-1' is no AS number");
  CHECK(why("10.0.0.9 10.0.0.1 1") == "'10.0.0.1' is no end of a range");
  CHECK(why("10.0.0.9 2001:db8::1 1") == "'2001:db8::1' is no end of a range");
  CHECK(why("10.0.0.0 33 1") == "'33' is no prefix length");
  CHECK(why("\x1b[2J/8 1") == "'\\x1b[2J/8' is no network");
}

TEST_CASE("asn table: a file without a table fails", "[tools][traceroute]") {
  const auto why = [](std::string_view text) {
    const auto read = asn_table::parse(text, "asn.tsv");
    REQUIRE_FALSE(read.has_value());
    return describe(read.error());
  };
  CHECK_THAT(why(""), Catch::Contains("cannot read AS table asn.tsv: it names no network"));
  CHECK_THAT(why("x\n"), Catch::Contains("'x' is no network"));
  CHECK_THAT(why("\x1f\x8b\x08"), Catch::Contains("gunzip"));
  CHECK_FALSE(asn_table::open("/nonexistent/asn.tsv").has_value());
}

TEST_CASE("asn table: labels name all who announce", "[tools][traceroute]") {
  const auto all = table("203.0.113.0 24 64499_64500\n");
  traceroute::label_sources from;
  from.find_origin = [&all](const ip_address& one) { return all.find(one); };
  const traceroute::address_labels labels{from};
  CHECK(labels.text(*parse_ip("203.0.113.9")) == "203.0.113.9 [AS64499/AS64500]");
  CHECK(labels.text(*parse_ip("192.0.2.9")) == "192.0.2.9 [*]");
}

TEST_CASE("asn table: a MaxMind database where its library is installed", "[tools][traceroute]") {
  const test::scratch dir;
  const auto path = dir.file("asn.mmdb", test::mmdb_of(*parse_prefix("192.0.2.0/24"),
                                                       "autonomous_system_number", 64496, "EXAMPLE-NET"));
  const auto read = asn_table::open(path);
  if (!read && describe(read.error()).find("cannot load") != std::string::npos) {
    WARN("libmaxminddb is not installed");
    return;
  }
  if (!read) FAIL(describe(read.error()));
  CHECK(who(*read, "192.0.2.77") == "64496 192.0.2.0/24 EXAMPLE-NET");
  CHECK(who(*read, "192.0.3.1") == "-");
  CHECK(who(*read, "2001:db8::1") == "-");  // an IPv4 database
  CHECK(read->size() == 0);

  const auto wide = asn_table::open(dir.file(
      "six.mmdb", test::mmdb_of(*parse_prefix("2001:db8::/32"), "autonomous_system_number", 64503, "SIX")));
  REQUIRE(wide.has_value());
  CHECK(who(*wide, "2001:db8:1::1") == "64503 2001:db8::/32 SIX");
  CHECK(who(*wide, "2001:db9::1") == "-");

  const auto embedded =
      asn_table::open(dir.file("both.mmdb", test::mmdb_of(*parse_prefix("::c000:200/120"),
                                                          "autonomous_system_number", 64496, "FOUR")));
  REQUIRE(embedded.has_value());
  CHECK(who(*embedded, "192.0.2.77") == "64496 192.0.2.0/24 FOUR");

  const auto other = asn_table::open(
      dir.file("geo.mmdb", test::mmdb_of(*parse_prefix("192.0.2.0/24"), "geoname_id", 5, "X")));
  REQUIRE(other.has_value());
  CHECK(who(*other, "192.0.2.77") == "-");

  CHECK_FALSE(asn_table::open(dir.file("bad.mmdb", "no database")).has_value());
  CHECK_FALSE(asn_table::open(dir.in("none.mmdb")).has_value());
}

// Bitmaps of types: RFC 4034 §4.1.2.
#include "tests/catch.hpp"
#include "tests/wire/dns_vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::from_hex;

namespace {
std::string types_of(std::string_view hex) {
  const auto octets = from_hex(hex);
  std::string text;
  for (const auto type : dns_type_bitmap{octets}.types()) text += (text.empty() ? "" : " ") + describe(type);
  return text;
}
bool well_formed(std::string_view hex) {
  const auto octets = from_hex(hex);
  return dns_type_bitmap{octets}.well_formed();
}
}  // namespace

TEST_CASE("dns type bitmap: reads the example of RFC 4034", "[wire][dns]") {
  // §4.3: A MX RRSIG NSEC TYPE1234.
  const std::string example = "0006 400100000003 041b 000000000000000000000000000000000000000000000000000020";
  CHECK(types_of(example) == "A MX RRSIG NSEC TYPE1234");
  CHECK(well_formed(example));
  const auto octets = from_hex(example);
  const dns_type_bitmap types{octets};
  CHECK(types.contains(dns_type::mx));
  CHECK(types.contains(dns_type{1234}));
  CHECK_FALSE(types.contains(dns_type::aaaa));
  CHECK_FALSE(types.contains(dns_type{1235}));
  CHECK_FALSE(types.contains(dns_type::caa));
}

TEST_CASE("dns type bitmap: none at all is well formed", "[wire][dns]") {
  CHECK(well_formed(""));
  CHECK(types_of("").empty());
  CHECK_FALSE(dns_type_bitmap{}.contains(dns_type::a));
}

TEST_CASE("dns type bitmap: blocks that lie are seen", "[wire][dns][fault]") {
  for (const auto* const bad :
       {"00", "0001", "0000", "0002 40", "0001 40 00", "0001 40 0001 20", "0101 40 0001 40",
        "0021 000000000000000000000000000000000000000000000000000000000000000000"}) {
    CAPTURE(bad);
    CHECK_FALSE(well_formed(bad));
    CHECK(types_of(bad).size() < 20);
  }
}

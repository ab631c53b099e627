// Hexadecimal text and dumps.
#include "libdiag/core/hex.hpp"

#include "tests/catch.hpp"

namespace {

std::string reread(std::string_view text) {
  const auto octets = diag::parse_hex(text);
  if (octets) return diag::hex_text(*octets);
  return std::to_string(octets.error().column) + ": " + octets.error().why;
}

}  // namespace

TEST_CASE("hex: pairs of digits are octets, whatever stands between them", "[core][hex]") {
  CHECK(reread("45000054") == "45000054");
  CHECK(reread("45 00:00\t54\n") == "45000054");
  CHECK(reread("  0xDEADbeef") == "deadbeef");
  CHECK(reread("") == "");
  CHECK(reread(" \n") == "");
  CHECK(reread("0x") == "");
}

TEST_CASE("hex: an error names the column", "[core][hex]") {
  CHECK(reread("45zz") == "3: is not a hexadecimal digit");
  CHECK(reread("4g") == "2: is not a hexadecimal digit");
  CHECK(reread("450") == "4: half an octet: the number of hexadecimal digits is odd");
  CHECK(reread("45 0 00") == "5: half an octet: the number of hexadecimal digits is odd");
  CHECK(reread("45 0x00") == "5: is not a hexadecimal digit");
  CHECK(reread("-1") == "1: is not a hexadecimal digit");
}

TEST_CASE("hex: octets are written with the separator between them", "[core][hex]") {
  const auto octets = diag::parse_hex("00ff10").value();
  CHECK(diag::hex_text(octets) == "00ff10");
  CHECK(diag::hex_text(octets, ":") == "00:ff:10");
  CHECK(diag::hex_text({}, ":") == "");
}

TEST_CASE("hex: a dump has sixteen columns and the text beside them", "[core][hex]") {
  const auto octets = diag::parse_hex("45000054abcd40004001f00dc0000201c0000202 0a7e7f").value();
  CHECK(diag::hex_dump(octets) ==
        "0000  45 00 00 54 ab cd 40 00  40 01 f0 0d c0 00 02 01  E..T..@.@.......\n"
        "0010  c0 00 02 02 0a 7e 7f                              .....~.\n");
  CHECK(diag::hex_dump({}) == "");
  CHECK(diag::hex_dump(diag::as_bytes("A"), 0xfff0).substr(0, 8) == "fff0  41");
  CHECK(diag::hex_dump(diag::as_bytes("A"), 0x10000).substr(0, 9) == "10000  41");
}

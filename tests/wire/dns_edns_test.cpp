// EDNS: RFC 6891 and the options' own specifications.
#include "libdiag/wire/dns_edns.hpp"

#include "tests/catch.hpp"
#include "tests/wire/dns_vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::from_hex;
using test::vector_named;

namespace {

/// The words of an option with these octets.
std::string words_of(std::uint16_t code, std::string_view hex) {
  const auto data = from_hex(hex);
  return describe(dns_option{.code = dns_option_code{code}, .data = data});
}
std::string options_of(const dns_opt& opt) {
  std::string text;
  dns_options options{opt};
  while (const auto option = options.next()) text += (text.empty() ? "" : " | ") + describe(*option);
  return text + (options.flaw() ? " | " + describe(*options.flaw()) : "");
}
dns_option_value value_of(dns_option_code code, byte_view data) {
  return read_option({.code = code, .data = data});
}

}  // namespace

TEST_CASE("dns edns: reads what OPT holds in the fields of a record", "[wire][dns]") {
  const auto opt = read_opt({.udp_size = 4096, .ttl = 0xab02'9234, .rdata = {}, .rdata_offset = 40});
  CHECK(opt.udp_size == 4096);
  CHECK(opt.extended_rcode == 0xab);
  CHECK(opt.version == 2);
  CHECK(opt.dnssec_ok);
  CHECK(opt.z == 0x1234);
  CHECK(opt.options_offset == 40);
  CHECK_FALSE(read_opt({.ttl = 0x7fff}).dnssec_ok);
}

TEST_CASE("dns edns: reads the options real programs send", "[wire][dns]") {
  const auto [file, options] = GENERATE(table<const char*, const char*>({
      {"dns_query_options",
       "NSID | CLIENT-SUBNET: 198.51.100.0/24/0 | COOKIE: c840eb02d1af2602 010000006b0376a415b19f90e0f75508 "
       "| "
       "EXPIRE | PADDING: 33 octets"},
      {"dns_answer_options",
       "NSID: 6e73312e6578616d706c652e6f7267 (ns1.example.org) | COOKIE: c840eb02d1af2602 "
       "010000006b0376a415b19f90e0f75508 | EXPIRE: 1209600 s"},
  }));
  const auto octets = vector_named(file);
  const auto contents = test::read(octets);
  REQUIRE(contents.opt);
  CHECK(options_of(*contents.opt) == options);
  CHECK(contents.flaws.empty());
}

TEST_CASE("dns edns: says each option in words", "[wire][dns]") {
  const auto [code, octets, words] = GENERATE(table<std::uint16_t, const char*, const char*>({
      {std::uint16_t{3}, "", "NSID"},
      {std::uint16_t{3}, "00ff", "NSID: 00ff"},
      {std::uint16_t{8}, "0000 00 00", "CLIENT-SUBNET: 0/0/0"},
      {std::uint16_t{8}, "0001 18 18 c63364", "CLIENT-SUBNET: 198.51.100.0/24/24"},
      {std::uint16_t{8}, "0001 16 00 c63364", "CLIENT-SUBNET: 198.51.100.0/22/0"},
      {std::uint16_t{8}, "0002 38 30 20010db8000100", "CLIENT-SUBNET: 2001:db8:1::/56/48"},
      {std::uint16_t{8}, "0001 00 00", "CLIENT-SUBNET: 0.0.0.0/0/0"},
      {std::uint16_t{10}, "0102030405060708", "COOKIE: 0102030405060708"},
      {std::uint16_t{9}, "00000e10", "EXPIRE: 3600 s"},
      {std::uint16_t{11}, "", "KEEPALIVE"},
      {std::uint16_t{11}, "012c", "KEEPALIVE: 30.0 s"},
      {std::uint16_t{11}, "ffff", "KEEPALIVE: 6553.5 s"},
      {std::uint16_t{12}, "", "PADDING: 0 octets"},
      {std::uint16_t{12}, "00", "PADDING: 1 octet"},
      {std::uint16_t{12}, "0001", "PADDING: 2 octets, not zero"},
      {std::uint16_t{15}, "0007", "EDE: 7 (Signature Expired)"},
      {std::uint16_t{15}, "0016 6e6f1b5b48", "EDE: 22 (No Reachable Authority) no\\x1b[H"},
      {std::uint16_t{15}, "1267", "EDE: 4711 (INFO-CODE 4711)"},
      {std::uint16_t{18}, "0561676e7473 076578616d706c65 00", "REPORT-CHANNEL: agnts.example."},
      {std::uint16_t{19}, "", "ZONEVERSION"},
      {std::uint16_t{19}, "0200 78c3f1f1", "ZONEVERSION: 2 labels, serial 2026107377"},
      {std::uint16_t{19}, "01f6 aabb", "ZONEVERSION: 1 label, type 246 aabb"},
      {std::uint16_t{65001}, "0102", "OPT65001: 0102"},
      {std::uint16_t{5}, "080d", "DAU: 080d"},
  }));
  CAPTURE(code, octets);
  CHECK(words_of(code, octets) == words);
}

TEST_CASE("dns edns: says what is wrong with an option, and shows its octets", "[wire][dns][fault]") {
  const auto [code, octets, words] = GENERATE(table<std::uint16_t, const char*, const char*>({
      {std::uint16_t{8}, "", "CLIENT-SUBNET: malformed, shorter than its head"},
      {std::uint16_t{8}, "000118", "CLIENT-SUBNET: malformed, shorter than its head: 000118"},
      {std::uint16_t{8}, "0003 08 00 0a", "CLIENT-SUBNET: malformed, an unknown address family: 000308000a"},
      {std::uint16_t{8}, "0000 08 00 0a", "CLIENT-SUBNET: malformed, an unknown address family: 000008000a"},
      {std::uint16_t{8}, "0001 21 00 0a00000000",
       "CLIENT-SUBNET: malformed, a prefix longer than an address: 000121000a00000000"},
      {std::uint16_t{8}, "0001 18 21 c63364",
       "CLIENT-SUBNET: malformed, a prefix longer than an address: 00011821c63364"},
      {std::uint16_t{8}, "0001 18 00 c633",
       "CLIENT-SUBNET: malformed, an address that does not fit its prefix: 00011800c633"},
      {std::uint16_t{8}, "0001 18 00 c6336401",
       "CLIENT-SUBNET: malformed, an address that does not fit its prefix: 00011800c6336401"},
      {std::uint16_t{8}, "0001 16 00 c63365",
       "CLIENT-SUBNET: malformed, bits set behind the prefix: 00011600c63365"},
      {std::uint16_t{9}, "0001", "EXPIRE: malformed, neither empty nor 4 octets: 0001"},
      {std::uint16_t{11}, "01", "KEEPALIVE: malformed, neither empty nor 2 octets: 01"},
      {std::uint16_t{15}, "00", "EDE: malformed, shorter than its code: 00"},
      {std::uint16_t{18}, "00", "REPORT-CHANNEL: malformed, no domain name: 00"},
      {std::uint16_t{18}, "0161", "REPORT-CHANNEL: malformed, no domain name: 0161"},
      {std::uint16_t{18}, "", "REPORT-CHANNEL: malformed, no domain name"},
      {std::uint16_t{19}, "02", "ZONEVERSION: malformed, shorter than its head: 02"},
      {std::uint16_t{19}, "0200 01", "ZONEVERSION: malformed, a serial that is not 4 octets: 020001"},
  }));
  CAPTURE(code, octets);
  CHECK(words_of(code, octets) == words);
  const auto data = from_hex(octets);
  CHECK(is_malformed(value_of(dns_option_code{code}, data)));
}

TEST_CASE("dns edns: a cookie has 8 octets, or 16 to 40", "[wire][dns][fault]") {
  for (std::size_t size = 0; size <= 48; ++size) {
    const test::octets data(size);
    const auto value = value_of(dns_option_code::cookie, data);
    CAPTURE(size);
    CHECK(is_malformed(value) == !(size == 8 || (size >= 16 && size <= 40)));
    if (const auto* cookie = std::get_if<dns_cookie>(&value)) CHECK(cookie->server.size() == size - 8);
  }
}

TEST_CASE("dns edns: an option that goes past its record ends the walk with its octet",
          "[wire][dns][fault]") {
  const auto good = from_hex("0003 0001 61  000c 0002 0000");
  for (std::size_t size = 0; size <= good.size(); ++size) {
    const auto data = test::cut(good, size);
    dns_options options{{.options = data, .options_offset = 30}};
    std::size_t count = 0;
    while (options.next()) ++count;
    CAPTURE(size);
    CHECK(count == (size < 5 ? 0U : size < 11 ? 1U : 2U));
    const bool whole = size == 0 || size == 5 || size == 11;
    CHECK(options.flaw().has_value() == !whole);
    if (!whole)
      CHECK(*options.flaw() == dns_flaw{.what = dns_flaw::kind::bad_option, .at = size < 5 ? 30U : 35U});
  }
}

TEST_CASE("dns edns: what is wrong with an option stands among the flaws of its message",
          "[wire][dns][fault]") {
  const auto octets = test::dns_message(
      test::response_flags, {1, 0, 0, 1},
      std::string{test::question_a} + "00 0029 04d0 00000000 000c  000a 0001 aa  0003 0005 6e");
  auto contents = test::read(octets);
  CHECK_FALSE(contents.whole);
  auto whole = octets;
  test::append(whole, from_hex("7331"));
  contents = test::read(whole);
  CHECK(contents.whole);
  REQUIRE(contents.flaws.size() == 2);
  CHECK(describe(contents.flaws[0]) == "malformed: a wrong EDNS option, octet 30");
  CHECK(describe(contents.flaws[1]) == "malformed: a wrong EDNS option, octet 35");
}

// Words and numbers of the DNS registry.
#include "libdiag/wire/dns_types.hpp"

#include <algorithm>
#include <cctype>

#include "tests/catch.hpp"

using namespace diag::wire;

TEST_CASE("dns types: every number has a word that means it again", "[wire][dns]") {
  for (unsigned number = 0; number <= 0xffff; ++number) {
    const dns_type type{static_cast<std::uint16_t>(number)};
    if (parse_dns_type(describe(type)) != type) FAIL(number);
    const dns_class of{static_cast<std::uint16_t>(number)};
    if (parse_dns_class(describe(of)) != of) FAIL(number);
    const dns_option_code code{static_cast<std::uint16_t>(number)};
    if (parse_dns_option_code(describe(code)) != code) FAIL(number);
    if (number <= 0xfff) {
      const dns_rcode rcode{static_cast<std::uint16_t>(number)};
      if (parse_dns_rcode(describe(rcode)) != rcode) FAIL(number);
    }
    if (number <= 15) {
      const dns_opcode opcode{static_cast<std::uint8_t>(number)};
      if (parse_dns_opcode(describe(opcode)) != opcode) FAIL(number);
    }
  }
  CHECK(describe(dns_type::aaaa) == "AAAA");
}

TEST_CASE("dns types: are those of the registry", "[wire][dns]") {
  CHECK(describe(dns_type{1}) == "A");
  CHECK(describe(dns_type{48}) == "DNSKEY");
  CHECK(describe(dns_type{65}) == "HTTPS");
  CHECK(describe(dns_type{255}) == "ANY");
  CHECK(describe(dns_type{257}) == "CAA");
  CHECK(describe(dns_type{32769}) == "DLV");
  CHECK(describe(dns_type{0}) == "TYPE0");
  CHECK(describe(dns_type{54}) == "TYPE54");
  CHECK(describe(dns_type{65534}) == "TYPE65534");
  const auto all = dns_type_words();
  CHECK(all.size() == 97);
  CHECK(std::ranges::is_sorted(all, {}, &dns_type_word::type));
}

TEST_CASE("dns types: words are read in either case and never guessed", "[wire][dns]") {
  CHECK(parse_dns_type("aaaa") == dns_type::aaaa);
  CHECK(parse_dns_type("Nsec3Param") == dns_type::nsec3param);
  CHECK(parse_dns_type("*") == dns_type::any);
  CHECK(parse_dns_type("TYPE1") == dns_type::a);
  CHECK(parse_dns_type("type65535") == dns_type{65535});
  for (const auto* const word :
       {"", "ns.", "AAA", "TYPE", "TYPE65536", "TYPE-1", "TYPE 1", "TYPE1x", "1", "TYPE99999999999"})
    CHECK_FALSE(parse_dns_type(word));
}

TEST_CASE("dns types: classes, opcodes and rcodes have the words people type", "[wire][dns]") {
  CHECK(parse_dns_class("ch") == dns_class::ch);
  CHECK(parse_dns_class("CHAOS") == dns_class::ch);
  CHECK(parse_dns_class("hesiod") == dns_class::hs);
  CHECK(describe(dns_class{7}) == "CLASS7");
  CHECK_FALSE(parse_dns_class("CLASS"));
  CHECK(describe(dns_opcode{3}) == "OPCODE3");
  CHECK(parse_dns_opcode("notify") == dns_opcode::notify);
  CHECK_FALSE(parse_dns_opcode("OPCODE16"));
  CHECK(describe(dns_rcode::name_error) == "NXDOMAIN");
  CHECK(describe(dns_rcode::server_failure) == "SERVFAIL");
  CHECK(describe(dns_rcode::bad_cookie) == "BADCOOKIE");
  CHECK(describe(dns_rcode{99}) == "RCODE99");
  CHECK(parse_dns_rcode("badsig") == dns_rcode::bad_version);
  CHECK_FALSE(parse_dns_rcode("RCODE4096"));
  CHECK_FALSE(parse_dns_rcode("NOERRORS"));
}

TEST_CASE("dns types: options and extended errors have words", "[wire][dns]") {
  CHECK(describe(dns_option_code::cookie) == "COOKIE");
  CHECK(describe(dns_option_code{65001}) == "OPT65001");
  CHECK(parse_dns_option_code("nsid") == dns_option_code::nsid);
  CHECK(parse_dns_option_code("65001") == dns_option_code{65001});
  CHECK_FALSE(parse_dns_option_code("65536"));
  CHECK(describe(dns_extended_error::signature_expired) == "Signature Expired");
  CHECK(describe(dns_extended_error{24}) == "Invalid Data");
  CHECK(describe(dns_extended_error{30}) == "Invalid Query Type");
  CHECK(describe(dns_extended_error{4711}) == "INFO-CODE 4711");
}

TEST_CASE("dns types: the ones no zone holds are told apart", "[wire][dns]") {
  for (const unsigned number : {41U, 249U, 250U, 251U, 252U, 255U})
    CHECK(is_meta(dns_type{static_cast<std::uint16_t>(number)}));
  for (const unsigned number : {1U, 40U, 42U, 248U, 256U})
    CHECK_FALSE(is_meta(dns_type{static_cast<std::uint16_t>(number)}));
}

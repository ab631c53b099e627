// Names of addresses: RFC 1035 §3.5, RFC 3596 §2.5.
#include "libdiag/wire/dns_reverse.hpp"

#include "tests/catch.hpp"
#include "tests/wire/dns_vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::name;

TEST_CASE("dns reverse: an address has one name, and the name one address", "[wire][dns]") {
  const auto [address, text] = GENERATE(table<const char*, const char*>({
      {"192.0.2.7", "7.2.0.192.in-addr.arpa."},
      {"0.0.0.0", "0.0.0.0.in-addr.arpa."},
      {"255.10.0.100", "100.0.10.255.in-addr.arpa."},
      {"2001:db8::1f", "f.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."},
      {"::", "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa."},
  }));
  const auto parsed = *parse_ip(address);
  CHECK(reverse_name(parsed).text() == text);
  CHECK(address_of(name(text)) == parsed);
}

TEST_CASE("dns reverse: names are read in either case, and a scope is left out", "[wire][dns]") {
  CHECK(address_of(name("7.2.0.192.IN-addr.ARPA")) == parse_ip("192.0.2.7"));
  CHECK(address_of(name("F.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6.arpa")) ==
        parse_ip("2001:db8::1f"));
  CHECK(reverse_name(*parse_ip("fe80::1%2")) == reverse_name(*parse_ip("fe80::1")));
  CHECK(reverse_name({}).is_root());
}

TEST_CASE("dns reverse: any other name is no address", "[wire][dns]") {
  for (const auto* const text :
       {".", "in-addr.arpa", "2.0.192.in-addr.arpa", "7.2.0.192.in-addr.arpa.example", "7.2.0.192.ip6.arpa",
        "256.2.0.192.in-addr.arpa", "07.2.0.192.in-addr.arpa", "0x7.2.0.192.in-addr.arpa",
        "1000.2.0.192.in-addr.arpa", "a.2.0.192.in-addr.arpa", "0/25.2.0.192.in-addr.arpa",
        "7.2.0.192.in-addr.example",
        "g.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
        "00.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"}) {
    CAPTURE(text);
    CHECK_FALSE(address_of(name(text)));
  }
}

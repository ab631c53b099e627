// A DNS message in one line.
#include "libdiag/wire/dns_summary.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/wire/dns_vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::answer_of;
using test::dns_message;
using test::vector_named;

namespace {
std::string line_of(const test::octets& message) {
  return summarize_dns(test::view_of(message));
}
}  // namespace

TEST_CASE("dns summary: says what was asked and what came", "[wire][dns]") {
  const auto [file, line] = GENERATE(table<const char*, const char*>({
      {"dns_query_options", "A www.example.org"},
      {"dns_query_notify", "NOTIFY SOA example.org"},
      {"dns_query_ixfr", "IXFR example.org"},
      {"dns_query_case", "A WwW.eXaMpLe.oRg"},
      {"dns_answer_options", "A www.example.org -> NOERROR 192.0.2.7 (+2)"},
      {"dns_answer_plain", "AAAA www.example.org -> NOERROR 2001:db8::7"},
      {"dns_answer_signed", "A www.example.org -> NOERROR 192.0.2.7 (+3)"},
      {"dns_answer_cname", "A alias.example.org -> NOERROR 192.0.2.7 (+3)"},
      {"dns_answer_dname", "A x.tree.example.org -> NOERROR DNAME example.net (+1)"},
      {"dns_answer_mx", "MX example.org -> NOERROR 10 mail.example.org (+1)"},
      {"dns_answer_srv", "SRV _ldap._tcp.example.org -> NOERROR 0 100 389 dc1.example.org"},
      {"dns_answer_txt", "TXT txt.example.org -> NOERROR \"a \\\"quoted\\\" string\" \"second; \\009tab\""},
      {"dns_version_bind", "CH TXT version.bind -> NOERROR \"lab\""},
      {"dns_answer_caa", "CAA example.org -> NOERROR issue \"ca.example.net\""},
      {"dns_answer_https", "HTTPS svc.example.org -> NOERROR 1 ."},
      {"dns_answer_ds", "DS sub.example.org -> NOERROR key tag 12345 algorithm 13 (+1)"},
      {"dns_answer_dnskey", "DNSKEY example.org -> NOERROR key tag 24985 algorithm 13 (+2)"},
      {"dns_answer_nsec3param", "NSEC3PARAM example.net -> NOERROR iterations 0"},
      {"dns_answer_naptr", "NAPTR n.example.org -> NOERROR 43 octets"},
      {"dns_answer_type65534", "TYPE65534 u.example.org -> NOERROR 4 octets"},
      {"dns_answer_odd_name", "A odd\\.dot\\032name.example.org -> NOERROR 192.0.2.11"},
      {"dns_delegation", "A h.sub.example.org -> NOERROR no data"},
      {"dns_nxdomain_nsec", "A nope.example.org -> NXDOMAIN"},
      {"dns_refused", "A www.example.com -> REFUSED"},
      {"dns_bad_cookie", "A www.example.org -> BADCOOKIE"},
      {"dns_bad_version", "A www.example.org -> BADVERS"},
      {"dns_truncated", "TXT big.example.org -> NOERROR no data TC"},
  }));
  CAPTURE(file);
  // Behind the identifier, which differs from capture to capture.
  const auto whole = line_of(vector_named(file));
  CHECK(whole.substr(0, 2) == "0x");
  CHECK(whole.substr(7) == line);
}

TEST_CASE("dns summary: shows the identifier", "[wire][dns]") {
  CHECK(line_of(answer_of(1, "c0000207")) == "0x1a2b A a -> NOERROR 192.0.2.7");
  CHECK(line_of(dns_message(0x0000, {0, 0, 0, 0}, "")) == "0x1a2b");
  CHECK(line_of(dns_message(0x8001, {0, 0, 0, 0}, "")) == "0x1a2b -> FORMERR");
}

TEST_CASE("dns summary: names the first flaw and its octet", "[wire][dns][fault]") {
  CHECK(line_of(dns_message(0x8180, {1, 0, 0, 0}, "")) ==
        "0x1a2b -> NOERROR [malformed: fewer records than the header states, octet 12]");
  CHECK(line_of(answer_of(1, "c00002")) ==
        "0x1a2b A a -> NOERROR 3 octets [malformed: data that does not fit its type, octet 31]");
  CHECK(line_of(answer_of(5, "c01f")) ==
        "0x1a2b A a -> NOERROR CNAME 2 octets [malformed: a compression pointer that does not point "
        "backwards, octet "
        "31]");
}

TEST_CASE("dns summary: is short and printable whatever the message holds", "[wire][dns][fault]") {
  std::string labels;
  for (int i = 0; i < 3; ++i) {
    labels += "3f";
    for (int j = 0; j < 63; ++j) labels += "1b";
  }
  auto octets = dns_message(0x8180, {1, 1, 0, 0}, labels + "00 0001 0001 c00c 0010 0001 00000000 0100 ff");
  octets.resize(octets.size() + 255, std::byte{0x07});
  const auto line = line_of(octets);
  CHECK(line.size() < 300);
  CHECK(std::ranges::all_of(line, [](char c) { return c >= 0x20 && c < 0x7f; }));
  CHECK(line.find("TXT \"\\007\\007") != std::string::npos);
  CHECK(line.ends_with("..."));
}

TEST_CASE("dns summary: a value in a few words has an end", "[wire][dns]") {
  const test::octets many(400, std::byte{1});
  CHECK(describe_briefly(dns_txt{many}).size() == max_brief_value);
  CHECK(describe_briefly(dns_opaque{many}) == "400 octets");
  CHECK(describe_briefly(dns_opaque{byte_view{many}.first(1)}) == "1 octet");
}

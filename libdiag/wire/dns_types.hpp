// Numbers and words of the IANA registry "Domain Name System (DNS) Parameters": RFC 1035 §3.2, RFC 6895; EDNS
// options: RFC 6891 §9; extended errors: RFC 8914 §4. Unknown numbers: RFC 3597 §5.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace diag::wire {

/// Any 16 bits are a type; those that have a name here are the ones a program decides by.
enum class dns_type : std::uint16_t {
  a = 1,
  ns = 2,
  cname = 5,
  soa = 6,
  ptr = 12,
  mx = 15,
  txt = 16,
  aaaa = 28,
  srv = 33,
  dname = 39,
  opt = 41,
  ds = 43,
  rrsig = 46,
  nsec = 47,
  dnskey = 48,
  nsec3 = 50,
  nsec3param = 51,
  cds = 59,
  cdnskey = 60,
  svcb = 64,
  https = 65,
  spf = 99,
  tsig = 250,
  ixfr = 251,
  axfr = 252,
  any = 255,
  caa = 257,
  dlv = 32769,
};
enum class dns_class : std::uint16_t { in = 1, ch = 3, hs = 4, none = 254, any = 255 };
/// Four bits.
enum class dns_opcode : std::uint8_t { query = 0, iquery = 1, status = 2, notify = 4, update = 5, dso = 6 };
/// Twelve bits, the upper eight from EDNS (RFC 6891 §6.1.3).
enum class dns_rcode : std::uint16_t {
  no_error = 0,
  format_error = 1,
  server_failure = 2,
  name_error = 3,
  not_implemented = 4,
  refused = 5,
  not_auth = 9,
  bad_version = 16,
  bad_cookie = 23,
};
enum class dns_option_code : std::uint16_t {
  nsid = 3,
  client_subnet = 8,
  expire = 9,
  cookie = 10,
  keepalive = 11,
  padding = 12,
  extended_error = 15,
  report_channel = 18,
  zone_version = 19,
};
/// What an extended error says beside the rcode.
enum class dns_extended_error : std::uint16_t {
  other = 0,
  dnssec_bogus = 6,
  signature_expired = 7,
  blocked = 15
};

/// "AAAA", "TYPE65534".
std::string describe(dns_type type);
/// "IN", "CLASS7".
std::string describe(dns_class record_class);
/// "QUERY", "OPCODE3".
std::string describe(dns_opcode opcode);
/// "NXDOMAIN", "RCODE99".
std::string describe(dns_rcode rcode);
/// "COOKIE", "OPT65001".
std::string describe(dns_option_code code);
/// "Signature Expired", as the registry has it; "INFO-CODE 4711".
std::string describe(dns_extended_error code);

/// The words above and their numbered forms, in either case, and "CHAOS", "HESIOD", "*"; nullopt for anything
/// else. Never guesses.
std::optional<dns_type> parse_dns_type(std::string_view word);
std::optional<dns_class> parse_dns_class(std::string_view word);
std::optional<dns_opcode> parse_dns_opcode(std::string_view word);
std::optional<dns_rcode> parse_dns_rcode(std::string_view word);
/// Also a bare number.
std::optional<dns_option_code> parse_dns_option_code(std::string_view word);

/// All types that have a word, by number: for tests, completions and manuals.
struct dns_type_word {
  dns_type type{};
  std::string_view word;
};
std::span<const dns_type_word> dns_type_words();

/// QTYPEs and pseudo types that no zone holds: OPT, TKEY to ANY (RFC 6895 §3.1).
bool is_meta(dns_type type);

}  // namespace diag::wire

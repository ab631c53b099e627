// Numbers and words of the IANA registry "Domain Name System (DNS) Parameters", in tables.
#include "libdiag/wire/dns_types.hpp"

#include <algorithm>
#include <charconv>
#include <type_traits>

namespace diag::wire {

namespace {

template <class Enum>
struct word_of {
  Enum value{};
  std::string_view word;
};

constexpr dns_type_word types[] = {
    {dns_type{1}, "A"},          {dns_type{2}, "NS"},        {dns_type{3}, "MD"},
    {dns_type{4}, "MF"},         {dns_type{5}, "CNAME"},     {dns_type{6}, "SOA"},
    {dns_type{7}, "MB"},         {dns_type{8}, "MG"},        {dns_type{9}, "MR"},
    {dns_type{10}, "NULL"},      {dns_type{11}, "WKS"},      {dns_type{12}, "PTR"},
    {dns_type{13}, "HINFO"},     {dns_type{14}, "MINFO"},    {dns_type{15}, "MX"},
    {dns_type{16}, "TXT"},       {dns_type{17}, "RP"},       {dns_type{18}, "AFSDB"},
    {dns_type{19}, "X25"},       {dns_type{20}, "ISDN"},     {dns_type{21}, "RT"},
    {dns_type{22}, "NSAP"},      {dns_type{23}, "NSAP-PTR"}, {dns_type{24}, "SIG"},
    {dns_type{25}, "KEY"},       {dns_type{26}, "PX"},       {dns_type{27}, "GPOS"},
    {dns_type{28}, "AAAA"},      {dns_type{29}, "LOC"},      {dns_type{30}, "NXT"},
    {dns_type{31}, "EID"},       {dns_type{32}, "NIMLOC"},   {dns_type{33}, "SRV"},
    {dns_type{34}, "ATMA"},      {dns_type{35}, "NAPTR"},    {dns_type{36}, "KX"},
    {dns_type{37}, "CERT"},      {dns_type{38}, "A6"},       {dns_type{39}, "DNAME"},
    {dns_type{40}, "SINK"},      {dns_type{41}, "OPT"},      {dns_type{42}, "APL"},
    {dns_type{43}, "DS"},        {dns_type{44}, "SSHFP"},    {dns_type{45}, "IPSECKEY"},
    {dns_type{46}, "RRSIG"},     {dns_type{47}, "NSEC"},     {dns_type{48}, "DNSKEY"},
    {dns_type{49}, "DHCID"},     {dns_type{50}, "NSEC3"},    {dns_type{51}, "NSEC3PARAM"},
    {dns_type{52}, "TLSA"},      {dns_type{53}, "SMIMEA"},   {dns_type{55}, "HIP"},
    {dns_type{56}, "NINFO"},     {dns_type{57}, "RKEY"},     {dns_type{58}, "TALINK"},
    {dns_type{59}, "CDS"},       {dns_type{60}, "CDNSKEY"},  {dns_type{61}, "OPENPGPKEY"},
    {dns_type{62}, "CSYNC"},     {dns_type{63}, "ZONEMD"},   {dns_type{64}, "SVCB"},
    {dns_type{65}, "HTTPS"},     {dns_type{66}, "DSYNC"},    {dns_type{67}, "HHIT"},
    {dns_type{68}, "BRID"},      {dns_type{99}, "SPF"},      {dns_type{100}, "UINFO"},
    {dns_type{101}, "UID"},      {dns_type{102}, "GID"},     {dns_type{103}, "UNSPEC"},
    {dns_type{104}, "NID"},      {dns_type{105}, "L32"},     {dns_type{106}, "L64"},
    {dns_type{107}, "LP"},       {dns_type{108}, "EUI48"},   {dns_type{109}, "EUI64"},
    {dns_type{128}, "NXNAME"},   {dns_type{249}, "TKEY"},    {dns_type{250}, "TSIG"},
    {dns_type{251}, "IXFR"},     {dns_type{252}, "AXFR"},    {dns_type{253}, "MAILB"},
    {dns_type{254}, "MAILA"},    {dns_type{255}, "ANY"},     {dns_type{256}, "URI"},
    {dns_type{257}, "CAA"},      {dns_type{258}, "AVC"},     {dns_type{259}, "DOA"},
    {dns_type{260}, "AMTRELAY"}, {dns_type{261}, "RESINFO"}, {dns_type{262}, "WALLET"},
    {dns_type{263}, "CLA"},      {dns_type{264}, "IPN"},     {dns_type{32768}, "TA"},
    {dns_type{32769}, "DLV"}};

constexpr word_of<dns_class> classes[] = {{dns_class::in, "IN"},
                                          {dns_class::ch, "CH"},
                                          {dns_class::hs, "HS"},
                                          {dns_class::none, "NONE"},
                                          {dns_class::any, "ANY"}};

constexpr word_of<dns_opcode> opcodes[] = {{dns_opcode::query, "QUERY"},   {dns_opcode::iquery, "IQUERY"},
                                           {dns_opcode::status, "STATUS"}, {dns_opcode::notify, "NOTIFY"},
                                           {dns_opcode::update, "UPDATE"}, {dns_opcode::dso, "DSO"}};

// 16 is BADSIG in a TSIG record, which has a field of its own for it (RFC 8945 §3).
constexpr word_of<dns_rcode> rcodes[] = {
    {dns_rcode{0}, "NOERROR"},   {dns_rcode{1}, "FORMERR"},   {dns_rcode{2}, "SERVFAIL"},
    {dns_rcode{3}, "NXDOMAIN"},  {dns_rcode{4}, "NOTIMP"},    {dns_rcode{5}, "REFUSED"},
    {dns_rcode{6}, "YXDOMAIN"},  {dns_rcode{7}, "YXRRSET"},   {dns_rcode{8}, "NXRRSET"},
    {dns_rcode{9}, "NOTAUTH"},   {dns_rcode{10}, "NOTZONE"},  {dns_rcode{11}, "DSOTYPENI"},
    {dns_rcode{16}, "BADVERS"},  {dns_rcode{17}, "BADKEY"},   {dns_rcode{18}, "BADTIME"},
    {dns_rcode{19}, "BADMODE"},  {dns_rcode{20}, "BADNAME"},  {dns_rcode{21}, "BADALG"},
    {dns_rcode{22}, "BADTRUNC"}, {dns_rcode{23}, "BADCOOKIE"}};

// The registry's names are phrases of mixed case; these are the words that tools have for them.
constexpr word_of<dns_option_code> options[] = {{dns_option_code{1}, "LLQ"},
                                                {dns_option_code{2}, "UPDATE-LEASE"},
                                                {dns_option_code{3}, "NSID"},
                                                {dns_option_code{5}, "DAU"},
                                                {dns_option_code{6}, "DHU"},
                                                {dns_option_code{7}, "N3U"},
                                                {dns_option_code{8}, "CLIENT-SUBNET"},
                                                {dns_option_code{9}, "EXPIRE"},
                                                {dns_option_code{10}, "COOKIE"},
                                                {dns_option_code{11}, "KEEPALIVE"},
                                                {dns_option_code{12}, "PADDING"},
                                                {dns_option_code{13}, "CHAIN"},
                                                {dns_option_code{14}, "KEY-TAG"},
                                                {dns_option_code{15}, "EDE"},
                                                {dns_option_code{16}, "CLIENT-TAG"},
                                                {dns_option_code{17}, "SERVER-TAG"},
                                                {dns_option_code{18}, "REPORT-CHANNEL"},
                                                {dns_option_code{19}, "ZONEVERSION"},
                                                {dns_option_code{20292}, "UMBRELLA-IDENT"},
                                                {dns_option_code{26946}, "DEVICEID"}};

// From 0 without a gap.
constexpr std::string_view extended_errors[] = {"Other Error",
                                                "Unsupported DNSKEY Algorithm",
                                                "Unsupported DS Digest Type",
                                                "Stale Answer",
                                                "Forged Answer",
                                                "DNSSEC Indeterminate",
                                                "DNSSEC Bogus",
                                                "Signature Expired",
                                                "Signature Not Yet Valid",
                                                "DNSKEY Missing",
                                                "RRSIGs Missing",
                                                "No Zone Key Bit Set",
                                                "NSEC Missing",
                                                "Cached Error",
                                                "Not Ready",
                                                "Blocked",
                                                "Censored",
                                                "Filtered",
                                                "Prohibited",
                                                "Stale NXDOMAIN Answer",
                                                "Not Authoritative",
                                                "Not Supported",
                                                "No Reachable Authority",
                                                "Network Error",
                                                "Invalid Data",
                                                "Signature Expired before Valid",
                                                "Too Early",
                                                "Unsupported NSEC3 Iterations Value",
                                                "Unable to conform to policy",
                                                "Synthesized",
                                                "Invalid Query Type"};

template <class Enum, std::size_t Size>
std::string word_or_number(const word_of<Enum> (&table)[Size], Enum value, std::string_view prefix) {
  const auto* const found = std::ranges::find(table, value, &word_of<Enum>::value);
  if (found != std::end(table)) return std::string{found->word};
  return std::string{prefix} + std::to_string(static_cast<std::underlying_type_t<Enum>>(value));
}

bool same_word(std::string_view a, std::string_view b) {
  const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
  return std::ranges::equal(a, b, {}, upper, upper);
}

/// RFC 3597 §5: the prefix and a decimal number.
std::optional<std::uint16_t> numbered(std::string_view word, std::string_view prefix, unsigned highest) {
  if (!same_word(word.substr(0, prefix.size()), prefix)) return std::nullopt;
  word.remove_prefix(prefix.size());
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (word.empty() || !std::ranges::all_of(word, is_digit)) return std::nullopt;
  unsigned value = 0;
  const auto read = std::from_chars(word.data(), word.data() + word.size(), value);
  if (read.ec != std::errc{} || value > highest) return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

template <class Enum, std::size_t Size>
std::optional<Enum> parse_word(const word_of<Enum> (&table)[Size], std::string_view word,
                               std::string_view prefix, unsigned highest) {
  const auto* const found =
      std::ranges::find_if(table, [&](const auto& entry) { return same_word(entry.word, word); });
  if (found != std::end(table)) return found->value;
  const auto number = numbered(word, prefix, highest);
  return number ? std::optional{static_cast<Enum>(*number)} : std::nullopt;
}

}  // namespace

std::span<const dns_type_word> dns_type_words() {
  return types;
}

std::string describe(dns_type type) {
  const auto* const found = std::ranges::lower_bound(types, type, {}, &dns_type_word::type);
  if (found != std::end(types) && found->type == type) return std::string{found->word};
  return "TYPE" + std::to_string(static_cast<std::uint16_t>(type));
}
std::string describe(dns_class record_class) {
  return word_or_number(classes, record_class, "CLASS");
}
std::string describe(dns_opcode opcode) {
  return word_or_number(opcodes, opcode, "OPCODE");
}
std::string describe(dns_rcode rcode) {
  return word_or_number(rcodes, rcode, "RCODE");
}
std::string describe(dns_option_code code) {
  return word_or_number(options, code, "OPT");
}
std::string describe(dns_extended_error code) {
  const auto number = static_cast<std::uint16_t>(code);
  if (number < std::size(extended_errors)) return std::string{extended_errors[number]};
  return "INFO-CODE " + std::to_string(number);
}

std::optional<dns_type> parse_dns_type(std::string_view word) {
  if (word == "*") return dns_type::any;
  const auto* const found =
      std::ranges::find_if(types, [&](const auto& entry) { return same_word(entry.word, word); });
  if (found != std::end(types)) return found->type;
  const auto number = numbered(word, "TYPE", 0xffff);
  return number ? std::optional{dns_type{*number}} : std::nullopt;
}
std::optional<dns_class> parse_dns_class(std::string_view word) {
  if (same_word(word, "CHAOS")) return dns_class::ch;
  if (same_word(word, "HESIOD")) return dns_class::hs;
  return parse_word(classes, word, "CLASS", 0xffff);
}
std::optional<dns_opcode> parse_dns_opcode(std::string_view word) {
  return parse_word(opcodes, word, "OPCODE", 15);
}
std::optional<dns_rcode> parse_dns_rcode(std::string_view word) {
  if (same_word(word, "BADSIG")) return dns_rcode::bad_version;
  return parse_word(rcodes, word, "RCODE", 0xfff);
}
std::optional<dns_option_code> parse_dns_option_code(std::string_view word) {
  if (const auto number = numbered(word, "", 0xffff)) return dns_option_code{*number};
  return parse_word(options, word, "OPT", 0xffff);
}

bool is_meta(dns_type type) {
  const auto number = static_cast<std::uint16_t>(type);
  return type == dns_type::opt || (number >= 249 && number <= 255);
}

}  // namespace diag::wire

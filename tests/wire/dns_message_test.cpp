// DNS messages: RFC 1035 §4.1; RFC 6891 §6.1.
#include "libdiag/wire/dns_message.hpp"

#include "libdiag/wire/dns_flaw.hpp"

#include "tests/catch.hpp"
#include "tests/wire/dns_touch.hpp"
#include "tests/wire/dns_vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::answer_of;
using test::dns_message;
using test::name;
using test::question_a;
using test::read;
using test::vector_named;
using test::view_of;

namespace {

/// "answer www.example.org. IN A 3600 4, ...": each record with the size of its data.
std::string records_of(const dns_contents& contents) {
  std::string text;
  for (const auto& record : contents.records)
    text += (text.empty() ? "" : ", ") + std::string{describe(record.section)} + " " + record.name.text() +
            " " + describe(record.type) + " " + std::to_string(record.rdata.size());
  return text;
}
std::string flaws_of(const dns_contents& contents) {
  std::string text;
  for (const auto& flaw : contents.flaws) text += (text.empty() ? "" : "; ") + describe(flaw);
  return text.empty() ? "none" : text;
}
dns_question question(std::string_view text, dns_type type = dns_type::a) {
  return {.name = name(text), .type = type, .record_class = dns_class::in};
}

}  // namespace

TEST_CASE("dns message: reads every field of a known header", "[wire][dns]") {
  const auto octets = vector_named("dns_answer_cname");
  const auto view = view_of(octets);
  CHECK(view.id() == 0xdb46);
  CHECK(view.response());
  CHECK(view.opcode() == dns_opcode::query);
  CHECK_FALSE(view.truncated());
  CHECK(view.rcode() == 0);
  CHECK(view.count(dns_section::question) == 1);
  CHECK(view.count(dns_section::answer) == 4);
  CHECK(view.count(dns_section::authority) == 0);
  CHECK(view.count(dns_section::additional) == 1);
  CHECK(describe_flags(view.header()) == "qr aa rd");
}

TEST_CASE("dns message: each flag is its own bit", "[wire][dns]") {
  const auto [bits, words] =
      GENERATE(table<std::uint16_t, const char*>({{std::uint16_t{0x8000}, "qr"},
                                                  {std::uint16_t{0x0400}, "aa"},
                                                  {std::uint16_t{0x0200}, "tc"},
                                                  {std::uint16_t{0x0100}, "rd"},
                                                  {std::uint16_t{0x0080}, "ra"},
                                                  {std::uint16_t{0x0040}, "z"},
                                                  {std::uint16_t{0x0020}, "ad"},
                                                  {std::uint16_t{0x0010}, "cd"},
                                                  {std::uint16_t{0x0000}, ""},
                                                  {std::uint16_t{0xffff}, "qr aa tc rd ra z ad cd"}}));
  const auto octets = dns_message(bits, {0, 0, 0, 0}, "");
  const auto header = view_of(octets).header();
  CHECK(describe_flags(header) == words);
  CHECK(dns_flags(header) == bits);
}

TEST_CASE("dns message: opcode and rcode are kept whatever they are", "[wire][dns]") {
  for (unsigned value = 0; value < 16; ++value) {
    const auto octets = dns_message(static_cast<std::uint16_t>(value << 11 | (15 - value)), {0, 0, 0, 0}, "");
    const auto header = view_of(octets).header();
    CHECK(static_cast<unsigned>(header.opcode) == value);
    CHECK(header.rcode == 15 - value);
    CHECK(dns_flags(header) == load_be16(octets, 2));
  }
}

TEST_CASE("dns message: refuses truncation at every length of the header", "[wire][dns][fault]") {
  const auto octets = vector_named("dns_answer_cname");
  for (std::size_t size = 0; size < dns_header::size; ++size) {
    const auto view = dns_view::parse(test::cut(octets, size));
    REQUIRE_FALSE(view);
    CHECK(view.error() == wire_errc::truncated);
  }
}

TEST_CASE("dns message: reads what real servers say", "[wire][dns]") {
  const auto [file, records] = GENERATE(table<const char*, const char*>({
      {"dns_answer_cname",
       "answer alias.example.org. CNAME 6, answer www.example.org. A 4, answer www.example.org. A 4, answer "
       "www.example.org. A 4, additional . OPT 28"},
      {"dns_answer_srv",
       "answer _ldap._tcp.example.org. SRV 23, additional dc1.example.org. A 4, additional . OPT 28"},
      {"dns_delegation",
       "authority sub.example.org. NS 5, additional ns.sub.example.org. A 4, additional . OPT 28"},
      {"dns_answer_odd_name", "answer odd\\.dot\\032name.example.org. A 4, additional . OPT 28"},
      {"dns_answer_plain", "answer www.example.org. AAAA 16"},
      {"dns_answer_case",
       "answer WwW.eXaMpLe.oRg. A 4, answer WwW.eXaMpLe.oRg. A 4, answer WwW.eXaMpLe.oRg. A 4"},
      {"dns_query_notify", "additional . OPT 28"},
      {"dns_truncated", "additional . OPT 28"},
  }));
  CAPTURE(file);
  const auto octets = vector_named(file);
  const auto contents = read(octets);
  CHECK(records_of(contents) == records);
  CHECK(flaws_of(contents) == "none");
  CHECK(contents.whole);
  CHECK(contents.trailing == 0);
  CHECK(contents.questions.size() == 1);
}

TEST_CASE("dns message: every captured message is read whole, and at no shorter length",
          "[wire][dns][fault]") {
  const auto* const file = GENERATE("dns_answer_options", "dns_answer_signed", "dns_answer_mx",
                                    "dns_nxdomain_nsec", "dns_nxdomain_nsec3", "dns_answer_dname",
                                    "dns_answer_https", "dns_query_ixfr", "dns_answer_plain");
  const auto octets = vector_named(file);
  CHECK(read(octets).whole);
  for (std::size_t size = dns_header::size; size < octets.size(); ++size) {
    const auto cut = test::cut(octets, size);
    const auto contents = read(cut);
    CAPTURE(file, size);
    CHECK_FALSE(contents.whole);
    REQUIRE_FALSE(contents.flaws.empty());
    CHECK(contents.flaws.front().at <= size);
    CHECK(contents.flaws.front().at >= dns_header::size);
    test::touch_dns(view_of(cut));
  }
}

TEST_CASE("dns message: a header alone, or counts that lie, are named with the octet where more should be",
          "[wire][dns][fault]") {
  const std::string lie = "malformed: fewer records than the header states, octet ";
  CHECK(flaws_of(read(dns_message(test::response_flags, {1, 0, 0, 0}, ""))) == lie + "12");
  CHECK(flaws_of(read(dns_message(test::response_flags, {0, 1, 0, 0}, ""))) == lie + "12");
  CHECK(flaws_of(read(dns_message(test::response_flags, {0, 0, 0, 0}, ""))) == "none");
  CHECK(flaws_of(read(dns_message(test::response_flags, {2, 0, 0, 0}, question_a))) == lie + "19");
  auto many = answer_of(1, "c0000207");
  store_be16(many, 6, 65535);
  const auto contents = read(many);
  CHECK(flaws_of(contents) == lie + "35");
  CHECK(contents.records.size() == 1);
}

TEST_CASE("dns message: a record that goes past the end is named with its length's octet",
          "[wire][dns][fault]") {
  auto octets = answer_of(1, "c0000207");
  store_be16(octets, 29, 5);
  CHECK(flaws_of(read(octets)) == "malformed: a record that goes past the end, octet 29");
  store_be16(octets, 29, 65535);
  CHECK(flaws_of(read(octets)) == "malformed: a record that goes past the end, octet 29");
  const auto head = test::cut(octets, 30);
  CHECK(flaws_of(read(head)) == "malformed: the message ends too early, octet 21");
}

TEST_CASE("dns message: octets behind the last record are counted", "[wire][dns][fault]") {
  auto octets = answer_of(1, "c0000207");
  octets.resize(octets.size() + 7);
  const auto contents = read(octets);
  CHECK(contents.whole);
  CHECK(contents.trailing == 7);
  CHECK(flaws_of(contents) == "none");
}

TEST_CASE("dns message: what was read before a flaw is kept", "[wire][dns][fault]") {
  auto octets = dns_message(test::response_flags, {1, 2, 0, 0}, question_a);
  test::append(
      octets, test::from_hex("c00c 0001 0001 0000003c 0004 c0000207  ffff 0001 0001 0000003c 0004 c0000208"));
  const auto contents = read(octets);
  CHECK(records_of(contents) == "answer a. A 4");
  CHECK(flaws_of(contents) == "malformed: a compression pointer that does not point backwards, octet 35");
}

TEST_CASE("dns message: a walk reads over questions nobody asked for", "[wire][dns]") {
  const auto octets = answer_of(1, "c0000207");
  dns_walk walk{view_of(octets)};
  const auto record = walk.next_record();
  REQUIRE(record);
  CHECK(record->offset == 19);
  CHECK(record->rdata_offset == test::data_at);
  CHECK(record->ttl == 60);
  CHECK(record->record_class == dns_class::in);
  CHECK_FALSE(walk.next_question());
  CHECK_FALSE(walk.next_record());
  CHECK_FALSE(walk.flaw());
  CHECK(walk.rest().empty());
}

TEST_CASE("dns message: the question is compared where it stands", "[wire][dns]") {
  const auto octets = vector_named("dns_answer_case");
  const auto view = view_of(octets);
  CHECK(view.match(question("WwW.eXaMpLe.oRg")) == question_match::same);
  CHECK(view.match(question("www.example.org")) == question_match::other_case);
  CHECK(view.match(question("www.example.com")) == question_match::different);
  CHECK(view.match(
            question("www.example.org.www.example.org.www.example.org.www.example.org.www.example.org")) ==
        question_match::different);
  CHECK(view.match(question("org")) == question_match::different);
  CHECK(view.match(question("WwW.eXaMpLe.oRg", dns_type::aaaa)) == question_match::different);
  auto other_class = question("WwW.eXaMpLe.oRg");
  other_class.record_class = dns_class::ch;
  CHECK(view.match(other_class) == question_match::different);
}

TEST_CASE("dns message: no question, and one that cannot be read, are told apart", "[wire][dns][fault]") {
  CHECK(view_of(dns_message(0x8182, {0, 0, 0, 0}, "")).match(question("a")) == question_match::absent);
  for (const auto* const body : {"", "01", "c00c 0001 0001", "0162", "40", "0161 00 0001 00"})
    CHECK(view_of(dns_message(0x8180, {1, 0, 0, 0}, body)).match(question("a")) == question_match::malformed);
  CHECK(view_of(dns_message(0x8180, {1, 0, 0, 0}, question_a)).match(question("a")) == question_match::same);
}

TEST_CASE("dns message: OPT twice, outside of its section or with a name is a finding, not the end",
          "[wire][dns][fault]") {
  const std::string opt = "00 0029 04d0 00000000 0000 ";
  CHECK(flaws_of(read(dns_message(0x8180, {1, 0, 0, 2}, std::string{question_a} + opt + opt))) ==
        "malformed: a second OPT record, octet 30");
  CHECK(flaws_of(read(dns_message(0x8180, {1, 1, 0, 0}, std::string{question_a} + opt))) ==
        "malformed: an OPT record in the wrong place, octet 19");
  const auto owned =
      read(dns_message(0x8180, {1, 0, 0, 1}, std::string{question_a} + "c00c 0029 04d0 00000000 0000"));
  CHECK(flaws_of(owned) == "malformed: an OPT record in the wrong place, octet 19");
  CHECK(owned.whole);
  REQUIRE(owned.opt);
  CHECK(owned.opt->udp_size == 1232);
  const auto answer = read(dns_message(0x8180, {1, 1, 0, 1}, std::string{question_a} + opt + opt));
  CHECK(flaws_of(answer) ==
        "malformed: an OPT record in the wrong place, octet 19; malformed: a second OPT record, octet 30");
}

TEST_CASE("dns message: the rcode has twelve bits", "[wire][dns]") {
  CHECK(read(vector_named("dns_bad_cookie")).rcode() == dns_rcode::bad_cookie);
  CHECK(read(vector_named("dns_bad_version")).rcode() == dns_rcode::bad_version);
  CHECK(read(vector_named("dns_refused")).rcode() == dns_rcode::refused);
  CHECK(read(vector_named("dns_nxdomain_nsec")).rcode() == dns_rcode::name_error);
}

TEST_CASE("dns message: 64 KiB of records that each expand a long chain end by the budget, at once",
          "[wire][dns][fault]") {
  // 127 labels of one octet at 12, then owners that point to them: 12 octets each.
  auto octets = dns_message(test::response_flags, {1, 65535, 0, 0}, "");
  for (int i = 0; i < 127; ++i) test::append(octets, test::from_hex("0161"));
  test::append(octets, test::from_hex("00 0001 0001"));
  const auto record = test::from_hex("c00c 0001 0001 00000000 0000");
  while (octets.size() + record.size() <= 65535) test::append(octets, record);
  const auto contents = read(octets);
  CHECK_FALSE(contents.whole);
  CHECK(contents.flaws.front().what == dns_flaw::kind::too_much_naming);
  // 127 octets, and two for each of 127 labels, the root and the pointer.
  CHECK(contents.records.size() == (dns_budget::whole - 383) / 385);
}

TEST_CASE("dns message: names in the data spend the same budget", "[wire][dns][fault]") {
  auto octets = dns_message(test::response_flags, {1, 4000, 0, 0}, "");
  for (int i = 0; i < 127; ++i) test::append(octets, test::from_hex("0161"));
  test::append(octets, test::from_hex("00 0001 0001"));
  for (int i = 0; i < 4000; ++i) test::append(octets, test::from_hex("00 0005 0001 00000000 0002 c00c"));
  auto contents = read(octets);
  CHECK(contents.whole);
  std::size_t readable = 0;
  std::optional<dns_flaw> flaw;
  for (const auto& each : contents.records) {
    const auto data = read_rdata(each, contents.budget);
    if (!data.flaw)
      ++readable;
    else if (!flaw)
      flaw = data.flaw;
  }
  CHECK(readable == (dns_budget::whole - 383 - 4000 * 2) / 385);
  REQUIRE(flaw);
  CHECK(flaw->what == dns_flaw::kind::too_much_naming);
}

TEST_CASE("dns message: an honest transfer of a reverse zone fits the budget", "[wire][dns]") {
  // Sixteen shared nibbles and ip6.arpa as question; each owner sixteen nibbles more, each target a host
  // name.
  auto octets = dns_message(test::response_flags, {1, 0, 0, 0}, "");
  for (int i = 0; i < 16; ++i) test::append(octets, test::from_hex("0161"));
  test::append(octets, test::from_hex("03697036 0461727061 00 000c 0001"));
  std::uint16_t count = 0;
  for (; octets.size() < 65000; ++count) {
    for (int i = 0; i < 2; ++i) test::append(octets, test::from_hex("0162"));
    test::append(octets, test::from_hex("c00c 000c 0001 00000e10 0006 03 616263 c02c"));
  }
  store_be16(octets, 6, count);
  auto contents = read(octets);
  CHECK(contents.whole);
  CHECK(contents.records.size() == count);
  for (const auto& each : contents.records) REQUIRE_FALSE(read_rdata(each, contents.budget).flaw);
}

TEST_CASE("dns message: a stream yields whole messages and nothing else", "[wire][dns]") {
  const auto octets = test::from_hex("0003 010203 0000 0002 0405 0004 06");
  byte_view stream{octets};
  CHECK(hex_text(take_dns_message(stream).value()) == "010203");
  CHECK(take_dns_message(stream).value().empty());
  CHECK(hex_text(take_dns_message(stream).value()) == "0405");
  CHECK_FALSE(take_dns_message(stream));
  CHECK(stream.size() == 3);
  byte_view half = byte_view{octets}.first(1);
  CHECK_FALSE(take_dns_message(half));
  byte_view nothing;
  CHECK_FALSE(take_dns_message(nothing));
}

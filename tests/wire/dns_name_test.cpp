// Domain names: RFC 1035 §3.1, §4.1.4, §5.1; RFC 4343; RFC 4034 §6.1.
#include "libdiag/wire/dns_name.hpp"

#include <algorithm>
#include <vector>

#include "tests/catch.hpp"
#include "tests/wire/dns_vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::from_hex;
using test::name;

namespace {

std::string repeat(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

std::string error_of(std::string_view text) {
  const auto parsed = dns_name::from_text(text);
  return parsed ? "a name" : std::string{describe(parsed.error())};
}

/// A message whose header is followed by these octets; names are read from `offset`.
struct names_message {
  explicit names_message(std::string_view hex) : octets(12) { test::append(octets, from_hex(hex)); }
  [[nodiscard]] result<dns_name_at, dns_flaw> read(std::size_t offset) const {
    dns_budget budget;
    return read_dns_name(octets, offset, budget);
  }
  [[nodiscard]] std::string flaw(std::size_t offset) const {
    const auto read = this->read(offset);
    return read ? "none: " + read->name.text() : describe(read.error());
  }
  test::octets octets;
};

}  // namespace

TEST_CASE("dns name: text becomes labels, with or without the last dot", "[wire][dns]") {
  CHECK(hex_text(name("www.example.org").bytes()) == "03777777076578616d706c65036f726700");
  CHECK(name("www.example.org.").same_case(name("www.example.org")));
  CHECK(hex_text(name(".").bytes()) == "00");
  CHECK(name(".").is_root());
  CHECK(dns_name{}.is_root());
  CHECK(name("_ldap._tcp.xn--nxasmq6b").labels() == 3);
  CHECK(dns_name{}.labels() == 0);
}

TEST_CASE("dns name: escapes and octets outside of ASCII come back as they were", "[wire][dns]") {
  const auto [octets, text] = GENERATE(table<const char*, const char*>({
      {"0361006200", "a\\000b."},
      {"03612e6200", "a\\.b."},
      {"0361206200", "a\\032b."},
      {"03615c6200", "a\\\\b."},
      {"0422402428 00", "\\\"\\@\\$\\(."},
      {"04293b2a5f00", "\\)\\;*_."},
      {"03c3a96100", "\\195\\169a."},
      {"031b5b4800", "\\027[H."},
      {"017f00", "\\127."},
      {"01ff00", "\\255."},
  }));
  const auto parsed = dns_name::from_wire(from_hex(octets));
  REQUIRE(parsed);
  CHECK(parsed->text() == text);
  CHECK(name(text).same_case(*parsed));
}

TEST_CASE("dns name: an escape before any character is that character", "[wire][dns]") {
  CHECK(name("\\a\\..b").same_case(name("a\\046.b")));
  CHECK(hex_text(name("\xc3\xa9").bytes()) == "02c3a900");
}

TEST_CASE("dns name: a word that is none says why", "[wire][dns]") {
  CHECK(error_of("") == "is empty");
  CHECK(error_of("..") == "has an empty label");
  CHECK(error_of(".a") == "has an empty label");
  CHECK(error_of("a..b") == "has an empty label");
  CHECK(error_of("a..") == "has an empty label");
  CHECK(error_of(repeat(".", 100'000)) == "has an empty label");
  CHECK(error_of(repeat("a.", 100'000)) == "is longer than 255 octets");
  CHECK(error_of(repeat("a", 63)) == "a name");
  CHECK(error_of(repeat("a", 64)) == "has a label of more than 63 octets");
  CHECK(error_of("b." + repeat("\\097", 64) + ".c") == "has a label of more than 63 octets");
  const std::string bad_escape = "has a backslash without a character or three digits up to 255 behind it";
  for (const auto* const text : {"a\\", "\\999", "\\256", "\\25", "\\1", "a.\\01b"})
    CHECK(error_of(text) == bad_escape);
}

TEST_CASE("dns name: 255 octets and 127 labels fit, one more does not", "[wire][dns]") {
  const auto label = repeat("x", 63) + ".";
  const auto longest = label + label + label + repeat("y", 61);  // 3 * 64 + 62 + 1
  CHECK(name(longest).bytes().size() == 255);
  CHECK(error_of(longest + "y") == "is longer than 255 octets");
  CHECK(error_of(label + label + label + repeat("y", 59) + ".z") == "a name");
  CHECK(error_of(label + label + label + repeat("y", 60) + ".z") == "is longer than 255 octets");
  const auto deepest = name(repeat("a.", 127));
  CHECK(deepest.labels() == 127);
  CHECK(deepest.bytes().size() == 255);
  CHECK(error_of(repeat("a.", 128)) == "is longer than 255 octets");
}

TEST_CASE("dns name: octets that are no name are refused at every length", "[wire][dns]") {
  const auto whole = name("www.example.org");
  for (std::size_t size = 0; size < whole.bytes().size(); ++size)
    CHECK_FALSE(dns_name::from_wire(test::cut(whole.bytes(), size)));
  CHECK(dns_name::from_wire(whole.bytes())->same_case(whole));
  CHECK_FALSE(dns_name::from_wire(from_hex("0000")));
  CHECK_FALSE(dns_name::from_wire(from_hex("0161 c00c")));
  CHECK_FALSE(dns_name::from_wire(from_hex("40" + repeat("61", 64) + "00")));
}

TEST_CASE("dns name: letters are alike in either case, other octets are not", "[wire][dns]") {
  CHECK(name("WwW.eXaMpLe.ORG") == name("www.example.org"));
  CHECK_FALSE(name("WwW.eXaMpLe.ORG").same_case(name("www.example.org")));
  CHECK_FALSE(name("a@") == name("a`"));
  CHECK_FALSE(name("a[") == name("a{"));
  CHECK_FALSE(name("\\195\\137") == name("\\195\\169"));
  CHECK_FALSE(name("a\\.b") == name("a.b"));
  CHECK_FALSE(name("a") == name("a.b"));
}

TEST_CASE("dns name: canonical order is that of RFC 4034", "[wire][dns]") {
  // The list of §6.1, upside down.
  std::vector<dns_name> names;
  for (const auto* const text :
       {"\\200.z.example", "*.z.example", "\\001.z.example", "z.example", "zABC.a.EXAMPLE", "Z.a.example",
        "yljkjljk.a.example", "a.example", "example"})
    names.push_back(name(text));
  std::ranges::sort(names, [](const auto& a, const auto& b) { return a <=> b < 0; });
  std::string order;
  for (const auto& each : names) order += each.text() + " ";
  CHECK(order ==
        "example. a.example. yljkjljk.a.example. Z.a.example. zABC.a.EXAMPLE. z.example. \\001.z.example. "
        "*.z.example. \\200.z.example. ");
  CHECK(std::is_eq(name("A.b") <=> name("a.B")));
  CHECK(std::is_lt(dns_name{} <=> name("a")));
}

TEST_CASE("dns name: walks up, and knows what is below what", "[wire][dns]") {
  const auto www = name("www.Example.org");
  CHECK(www.parent().text() == "Example.org.");
  CHECK(www.parent().parent().parent().is_root());
  CHECK(dns_name{}.parent().is_root());
  CHECK(test::text_of(www.first_label()) == "www");
  CHECK(dns_name{}.first_label().empty());
  CHECK(www.is_under(name("example.ORG")));
  CHECK(www.is_under(www));
  CHECK(www.is_under(dns_name{}));
  CHECK_FALSE(name("example.org").is_under(www));
  CHECK_FALSE(name("badexample.org").is_under(name("example.org")));
  // The octets of "\003org" at the end of a label are no label.
  CHECK_FALSE(name("a\\003org").is_under(name("org")));
}

TEST_CASE("dns name: grows at both ends up to 255 octets", "[wire][dns]") {
  auto grown = name("www");
  REQUIRE(grown.append(name("example.org")));
  REQUIRE(grown.prepend(as_bytes("a.b")));
  CHECK(grown.text() == "a\\.b.www.example.org.");
  CHECK_FALSE(grown.prepend(as_bytes("")));
  CHECK_FALSE(grown.prepend(as_bytes(repeat("x", 64))));
  auto deepest = name(repeat("a.", 126));
  CHECK_FALSE(deepest.append(name("b.c")));
  CHECK_FALSE(deepest.prepend(as_bytes("bc")));
  CHECK(deepest == name(repeat("a.", 126)));
  REQUIRE(deepest.append(name("b")));
  CHECK(deepest.bytes().size() == 255);
}

TEST_CASE("dns name: takes its case from bits, letter by letter", "[wire][dns]") {
  CHECK(name("a-1.bCd").with_case(0b0101).text() == "A-1.bCd.");
  CHECK(name("WWW").with_case(0).text() == "www.");
  const auto many = name(repeat("ab.", 40)).with_case(1);
  CHECK(std::ranges::count(many.text(), 'A') == 2);  // letters 0 and 64
}

TEST_CASE("dns name: a message's name follows pointers that go back", "[wire][dns]") {
  // 12: a. — 15: b.a. by pointer — 19: c.b.a. by two — 23
  const names_message message{"0161 00  0162 c00c  0163 c00f  00"};
  const auto plain = message.read(12);
  REQUIRE(plain);
  CHECK(plain->name.text() == "a.");
  CHECK(plain->next == 15);
  CHECK_FALSE(plain->compressed);
  const auto twice = message.read(19);
  REQUIRE(twice);
  CHECK(twice->name.text() == "c.b.a.");
  CHECK(twice->next == 23);
  CHECK(twice->compressed);
}

TEST_CASE("dns name: a pointer to itself, forward, into its own labels or into the header is refused",
          "[wire][dns][fault]") {
  const std::string bad = "malformed: a compression pointer that does not point backwards, octet ";
  CHECK(names_message{"c00c"}.flaw(12) == bad + "12");
  CHECK(names_message{"c00e 0161 00"}.flaw(12) == bad + "12");
  CHECK(names_message{"0161 c00c"}.flaw(12) == bad + "14");
  CHECK(names_message{"0361 0162 c00d"}.flaw(12) == bad + "16");
  for (const auto* const header : {"c000", "c002", "c00b"})
    CHECK(names_message{header}.flaw(12) == bad + "12");
  // Two that point at each other: the second jump goes forward.
  CHECK(names_message{"0161 c010 0162 c00c"}.flaw(16) == bad + "14");
  CHECK(names_message{"ffff"}.flaw(12) == bad + "12");
}

TEST_CASE("dns name: label types that do not exist are refused", "[wire][dns][fault]") {
  for (const auto* const kind : {"40", "7f", "80", "bf"})
    CHECK(names_message{std::string{kind} + repeat("61", 80)}.flaw(12) ==
          "malformed: a label of a kind that does not exist, octet 12");
  CHECK(names_message{"0161 41 00"}.flaw(12) == "malformed: a label of a kind that does not exist, octet 14");
}

TEST_CASE("dns name: is cut at every length", "[wire][dns][fault]") {
  const names_message message{"0161 0262 63 c00c"};
  CHECK(names_message{""}.flaw(12) == "malformed: the message ends too early, octet 12");
  CHECK(names_message{"01"}.flaw(12) == "malformed: the message ends too early, octet 12");
  CHECK(names_message{"0161"}.flaw(12) == "malformed: the message ends too early, octet 14");
  CHECK(names_message{"0161 0262"}.flaw(12) == "malformed: the message ends too early, octet 14");
  CHECK(names_message{"0161 026263 c0"}.flaw(12) == "malformed: the message ends too early, octet 17");
  CHECK(message.flaw(12) == "malformed: a compression pointer that does not point backwards, octet 17");
}

TEST_CASE("dns name: 255 octets may be put together, 256 may not", "[wire][dns][fault]") {
  const auto label = "3f" + repeat("78", 63);
  // 12: 3 * 64 octets and the root; 205: 61 octets more and a pointer.
  const auto tail = label + label + label + "00";
  CHECK(names_message{tail + "3d" + repeat("79", 61) + "c00c"}.read(205)->name.bytes().size() == 255);
  CHECK(names_message{tail + "3e" + repeat("79", 62) + "c00c"}.flaw(205) ==
        "malformed: a name of more than 255 octets, octet 140");
  CHECK(names_message{repeat("0161", 127) + "00"}.read(12)->name.labels() == 127);
  CHECK(names_message{repeat("0161", 128) + "00"}.flaw(12) ==
        "malformed: a name of more than 255 octets, octet 266");
}

TEST_CASE("dns name: a chain of pointers ends at 127", "[wire][dns][fault]") {
  // The root at 12, then pointers each to the one before.
  const auto chain = [](std::size_t jumps) {
    test::octets message(13);
    for (std::size_t i = 0; i < jumps; ++i) {
      const auto target = i == 0 ? 12 : 13 + 2 * (i - 1);
      message.push_back(static_cast<std::byte>(0xc0U | target >> 8));
      message.push_back(static_cast<std::byte>(target & 0xffU));
    }
    return message;
  };
  dns_budget budget;
  CHECK(read_dns_name(chain(127), 13 + 2 * 126, budget)->name.is_root());
  const auto over = chain(8000);
  const auto flaw = read_dns_name(over, 13 + 2 * 7999, budget);
  REQUIRE_FALSE(flaw);
  CHECK(flaw.error().what == dns_flaw::kind::bad_pointer);
  CHECK(flaw.error().at == 13 + 2 * (7999 - 127));
}

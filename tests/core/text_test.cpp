// Strict numbers: every trap that lenient readers fall into. Escapes: nothing reaches a terminal unseen.
#include "libdiag/core/text.hpp"

#include <clocale>
#include <string>

#include "tests/catch.hpp"

namespace {

using namespace std::chrono_literals;

constexpr auto no_limit = std::numeric_limits<std::int64_t>::max();

std::string integer(std::string_view word, std::int64_t low = 1, std::int64_t high = 65535) {
  const auto value = diag::parse_integer(word, low, high);
  return value ? std::to_string(*value) : value.error().why;
}

std::string timespan(std::string_view word, diag::duration low = 0ns, diag::duration high = 86400s) {
  const auto value = diag::parse_duration(word, low, high);
  return value ? std::to_string(value->count()) : value.error().why;
}

}  // namespace

TEST_CASE("text: an integer is a whole decimal word in its range", "[core][text]") {
  CHECK(integer("1") == "1");
  CHECK(integer("65535") == "65535");
  CHECK(integer("0") == "must be 1..65535");
  CHECK(integer("65536") == "must be 1..65535");
  CHECK(integer("-5", -10, 10) == "-5");
  CHECK(integer("-11", -10, 10) == "must be -10..10");
  CHECK(integer("0", 1, no_limit) == "must be at least 1");
  CHECK(integer("9223372036854775807", 0, no_limit) == "9223372036854775807");
  CHECK(integer("-9223372036854775808", std::numeric_limits<std::int64_t>::min(), 0) ==
        "-9223372036854775808");
}

TEST_CASE("text: a leading zero is decimal, never octal", "[core][text]") {
  CHECK(integer("010") == "10");
  CHECK(integer("0000000000000000000000000000009") == "9");
}

TEST_CASE("text: what is not a whole number is refused as such", "[core][text]") {
  for (const auto* word : {"",     " ",   "-",   "+",     "+5",    " 5",       "5 ",        "5\n", "\t5",
                           "0x10", "0b1", "1e5", "1.0",   "5.",    "5x",       "x5",        "nan", "inf",
                           "--5",  "-+5", "5-",  "1,000", "1_000", "\xd9\xa3", "5\xc2\xa0", "ten"}) {
    INFO(word);
    CHECK(integer(word, -100) == "is not a whole number");
    CHECK(diag::parse_unsigned(word).has_error());
  }
  CHECK(integer(std::string_view{"5\0", 2}) == "is not a whole number");
}

TEST_CASE("text: an integer too large for 64 bits is out of range, not clipped", "[core][text]") {
  CHECK(integer("99999999999999999999") == "must be 1..65535");
  CHECK(integer("-99999999999999999999", -5, 5) == "must be -5..5");
  CHECK(diag::parse_unsigned("18446744073709551615").value() == 18446744073709551615u);
  CHECK(diag::parse_unsigned("18446744073709551616").error().why == "must be at least 0");
}

TEST_CASE("text: a minus sign never becomes a large unsigned number", "[core][text]") {
  CHECK(diag::parse_unsigned("-1", 0, 255).error().why == "must be 0..255");
  CHECK(diag::parse_unsigned("-0").has_error());
  CHECK(integer("-1", 0, 255) == "must be 0..255");
  CHECK(integer("-0", 0, 255) == "must be 0..255");
}

TEST_CASE("text: a real number has digits and at most one point", "[core][text]") {
  CHECK(diag::parse_real("0.2", 0, 10).value() == Approx(0.2));
  CHECK(diag::parse_real("5", 0, 10).value() == Approx(5));
  CHECK(diag::parse_real(".5", 0, 10).value() == Approx(0.5));
  CHECK(diag::parse_real("5.", 0, 10).value() == Approx(5));
  CHECK(diag::parse_real("-2.5", -3, 3).value() == Approx(-2.5));
  CHECK(diag::parse_real("10.01", 0, 10).error().why == "must be 0..10");
  CHECK(diag::parse_real("0", 0.5, 1.5).error().why == "must be 0.5..1.5");
  CHECK(diag::parse_real("-0.0", 0, 1).has_error());
  for (const auto* word :
       {"",      ".",     "-",   "-.", "nan", "NaN", "-nan", "inf",   "infinity", "-inf", "1e5",
        "1e999", "0x1p3", "1,5", "+1", " 1",  "1 ",  "1..2", "1.2.3", "1.2x",     "--1"}) {
    INFO(word);
    CHECK(diag::parse_real(word, -1e300, 1e300).error().why == "is not a decimal number");
  }
  CHECK(diag::parse_real(std::string(400, '9'), 0, 10).has_error());
}

TEST_CASE("text: a real number does not follow the locale", "[core][text]") {
  const char* old = std::setlocale(LC_ALL, nullptr);
  const std::string kept = old == nullptr ? "C" : old;
  std::setlocale(LC_ALL, "de_DE.UTF-8");
  CHECK(diag::parse_real("0.25", 0, 1).value() == Approx(0.25));
  std::setlocale(LC_ALL, kept.c_str());
}

TEST_CASE("text: a duration is seconds unless a unit follows", "[core][text]") {
  CHECK(timespan("5") == "5000000000");
  CHECK(timespan("0.2") == "200000000");
  CHECK(timespan(".5") == "500000000");
  CHECK(timespan("200ms") == "200000000");
  CHECK(timespan("1.5ms") == "1500000");
  CHECK(timespan("7us") == "7000");
  CHECK(timespan("7ns") == "7");
  CHECK(timespan("3s") == "3000000000");
  CHECK(timespan("2m") == "120000000000");
  CHECK(timespan("1h") == "3600000000000");
  CHECK(timespan("1d") == "86400000000000");
  CHECK(timespan("010") == "10000000000");
  CHECK(timespan("0.000000001") == "1");
  CHECK(timespan("1.999999999") == "1999999999");
  CHECK(timespan("0.33333333333333333333333333333333d") == "28800000000000");
}

TEST_CASE("text: what is not a duration is refused as such", "[core][text]") {
  for (const auto* word : {"", ".", "ms", "s", "5 s", "5sec", "5S", "5 ", " 5", "+5", "1e3", "1e-3s", "nan",
                           "inf", "0x5", "1:30", "1m30s", "5.5.5", "5\xc2\xb5s"}) {
    INFO(word);
    CHECK(timespan(word) == "is not a duration (such as 5, 0.2, 200ms, 2m)");
  }
}

TEST_CASE("text: a duration outside its range names the range in its units", "[core][text]") {
  CHECK(timespan("2", 10ms, 1s) == "must be 10ms..1s");
  CHECK(timespan("0", 1ns, 1500us) == "must be 1ns..1500us");
  CHECK(timespan("-1") == "must be 0s..86400s");
  CHECK(timespan("0", 1s, diag::duration::max()) == "must be at least 1s");
  CHECK(timespan("9223372036") == "must be 0s..86400s");
  CHECK(timespan("9223372037", 0s, diag::duration::max()) == "must be at least 0s");
  CHECK(timespan("99999999999999999999", 0s, diag::duration::max()) == "must be at least 0s");
  CHECK(timespan("106752d", 0s, diag::duration::max()) == "must be at least 0s");
}

TEST_CASE("text: printable text passes the escape untouched", "[core][text]") {
  CHECK(diag::safe_text("plain ASCII ~!@#") == "plain ASCII ~!@#");
  CHECK(diag::safe_text("gr\xc3\xbc\xc3\x9f dich \xe2\x82\xac \xf0\x9f\x98\x80") ==
        "gr\xc3\xbc\xc3\x9f dich \xe2\x82\xac \xf0\x9f\x98\x80");
  CHECK(diag::safe_text("") == "");
}

TEST_CASE("text: control octets and backslashes are escaped", "[core][text]") {
  CHECK(diag::safe_text(std::string_view{"a\0b", 3}) == "a\\x00b");
  CHECK(diag::safe_text("\x1b[2J\r\n\t\x7f") == "\\x1b[2J\\x0d\\x0a\\x09\\x7f");
  CHECK(diag::safe_text("\\x1b") == "\\x5cx1b");
  CHECK(diag::safe_text("\xc2\x9b"
                        "31m") == "\\xc2\\x9b31m");  // C1: the one-character CSI
  CHECK(diag::safe_text("\xc2\x80\xc2\xa0") == "\\xc2\\x80\xc2\xa0");
}

TEST_CASE("text: what reorders or hides text is escaped", "[core][text]") {
  for (const auto* text : {"\xe2\x80\xaa", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9", "\xe2\x80\x8e",
                           "\xe2\x80\x8f", "\xd8\x9c", "\xe2\x80\x8b", "\xe2\x80\x8d", "\xe2\x81\xa0",
                           "\xef\xbb\xbf", "\xe2\x80\xa8", "\xc2\xad", "\xf3\xa0\x81\x81"}) {
    const auto escaped = diag::safe_text(text);
    INFO(escaped);
    CHECK(escaped.size() == 4 * std::string_view{text}.size());
    CHECK(escaped.substr(0, 2) == "\\x");
  }
}

TEST_CASE("text: broken UTF-8 is escaped octet by octet", "[core][text]") {
  CHECK(diag::safe_text("\xff\xfe") == "\\xff\\xfe");
  CHECK(diag::safe_text("\x80") == "\\x80");
  CHECK(diag::safe_text("\xc0\xaf") == "\\xc0\\xaf");           // overlong '/'
  CHECK(diag::safe_text("\xe0\x80\xaf") == "\\xe0\\x80\\xaf");  // overlong in three
  CHECK(diag::safe_text("\xf0\x80\x80\xaf") == "\\xf0\\x80\\x80\\xaf");
  CHECK(diag::safe_text("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // surrogate
  CHECK(diag::safe_text("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
  CHECK(diag::safe_text("\xe2\x82") == "\\xe2\\x82");                    // cut off
  CHECK(diag::safe_text("\xe2\x82z") == "\\xe2\\x82z");
  CHECK(diag::safe_text("\xc3\xc3\xbc") == "\\xc3\xc3\xbc");  // resynchronises
}

TEST_CASE("text: octets are escaped like text", "[core][text]") {
  CHECK(diag::safe_text(diag::as_bytes("ok\n")) == "ok\\x0a");
  CHECK(diag::safe_text(diag::byte_view{}) == "");
}

TEST_CASE("text: no octet leaves the escape that a terminal would act on", "[core][text]") {
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      for (const char c : diag::safe_text(text)) {
        REQUIRE(static_cast<unsigned char>(c) >= 0x20);
        REQUIRE(c != 0x7f);
      }
    }
}

// Strict numbers over std::from_chars, and the escape for text that came from outside (UTF-8: RFC 3629).
#include "libdiag/core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "libdiag/core/hex.hpp"
#include "libdiag/core/rounding.hpp"

namespace diag {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), is_digit);
}

template <class Number>
std::string number_text(Number value) {
  std::array<char, 400> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string text_of(std::int64_t value) {
  return number_text(value);
}
std::string text_of(std::uint64_t value) {
  return number_text(value);
}
/// Six places behind the point at the most: for the bounds of an option.
std::string text_of(double value) {
  const auto whole = static_cast<std::int64_t>(value);
  auto text = number_text(whole);
  const auto millionths = round_to_integer((value - static_cast<double>(whole)) * 1e6);
  if (millionths == 0) return text;
  if (value < 0 && whole == 0) text.insert(0, "-");
  auto places = number_text(1'000'000 + (millionths < 0 ? -millionths : millionths)).substr(1);
  places.resize(places.find_last_not_of('0') + 1);
  return text.append(".").append(places);
}
std::string text_of(duration value) {
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 4> units{
      {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}, {1, "ns"}}};
  for (const auto& [unit, name] : units)
    if (value.count() % unit == 0) return number_text(value.count() / unit).append(name);
  return {};
}

template <class T>
T largest() {
  if constexpr (requires { T::max(); }) return T::max();
  return std::numeric_limits<T>::max();
}

template <class T>
number_error out_of_range(T low, T high) {
  if (high == largest<T>()) return {"must be at least " + text_of(low)};
  return {"must be " + text_of(low) + ".." + text_of(high)};
}

/// The whole word as a decimal integer; a leading zero means nothing ("010" is ten). nullopt: out of T's
/// range.
template <class T>
std::optional<T> whole_number(std::string_view word) {
  T value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

template <class T>
result<T, number_error> parse_whole(std::string_view word, T low, T high) {
  const auto digits = word.substr(!word.empty() && word.front() == '-' ? 1 : 0);
  // std::from_chars would stop at the first strange character and be content.
  if (!all_digits(digits)) return number_error{"is not a whole number"};
  if (digits.size() != word.size() && low >= 0) return out_of_range(low, high);
  const auto value = whole_number<T>(word);
  if (!value || *value < low || *value > high) return out_of_range(low, high);
  return *value;
}

/// Digits with at most one point among them, split there.
struct decimal {
  std::string_view whole;
  std::string_view fraction;
};
std::optional<decimal> split_decimal(std::string_view word) {
  const auto point = word.find('.');
  const decimal parts{word.substr(0, point),
                      point == word.npos ? std::string_view{} : word.substr(point + 1)};
  if (parts.whole.empty() && parts.fraction.empty()) return std::nullopt;
  if (!parts.whole.empty() && !all_digits(parts.whole)) return std::nullopt;
  if (!parts.fraction.empty() && !all_digits(parts.fraction)) return std::nullopt;
  return parts;
}

/// The nearest double, as long as there are no more than fifteen digits: both integers are exact then, and so
/// is the rounding of their quotient. (std::from_chars of a double would bring libm into every run.)
double to_real(const decimal& number) {
  double value = 0;
  double divisor = 1;
  for (const char digit : number.whole) value = value * 10 + (digit - '0');
  for (const char digit : number.fraction.substr(0, 15)) {
    value = value * 10 + (digit - '0');
    divisor *= 10;
  }
  return value / divisor;
}

/// Nanoseconds of one unit; the empty name is seconds. 0: no such unit.
std::int64_t unit_size(std::string_view name) {
  if (name.empty() || name == "s") return 1'000'000'000;
  if (name == "ns") return 1;
  if (name == "us") return 1'000;
  if (name == "ms") return 1'000'000;
  if (name == "m") return 60'000'000'000;
  if (name == "h") return 3'600'000'000'000;
  if (name == "d") return 86'400'000'000'000;
  return 0;
}

/// Exact for the whole part, rounded to the nanosecond behind the point. nullopt: more than 292 years.
std::optional<std::int64_t> scale(const decimal& number, std::int64_t unit) {
  const auto whole =
      number.whole.empty() ? std::optional<std::int64_t>{0} : whole_number<std::int64_t>(number.whole);
  if (!whole) return std::nullopt;
  std::int64_t total = 0;
  if (__builtin_mul_overflow(*whole, unit, &total)) return std::nullopt;
  // Fifteen digits are exact in a double, and finer than a nanosecond of a day.
  double part = 0;
  double weight = static_cast<double>(unit);
  for (const char digit : number.fraction.substr(0, 15)) part += (weight /= 10) * (digit - '0');
  if (__builtin_add_overflow(total, round_to_integer(part), &total)) return std::nullopt;
  return total;
}

struct code_point {
  char32_t value = 0;
  std::size_t size = 0;  ///< 0: not well-formed UTF-8
};

/// One sequence of two to four octets. Overlong forms, surrogates and values above U+10FFFF are refused
/// (RFC 3629 §3).
code_point decode_utf8(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t size = octet(0) >= 0xf0 ? 4 : octet(0) >= 0xe0 ? 3 : 2;
  if (octet(0) < 0xc2 || octet(0) > 0xf4 || text.size() < size) return {};
  char32_t value = octet(0) & (0xffu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((octet(i) & 0xc0) != 0x80) return {};
    value = value << 6 | (octet(i) & 0x3fu);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  if (value < smallest[size] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return {};
  return {value, size};
}

/// Code points that a reader cannot see or that reorder what he sees (Unicode 15: categories Cc, Cf, Zl, Zp,
/// the fillers and the noncharacters).
bool is_hidden(char32_t c) {
  constexpr std::array<std::pair<char32_t, char32_t>, 20> ranges{{
      {0x0080, 0x009f},     // C1
      {0x00ad, 0x00ad},     // soft hyphen
      {0x034f, 0x034f},     // combining grapheme joiner
      {0x061c, 0x061c},     // Arabic letter mark (bidi)
      {0x115f, 0x1160},     // Hangul fillers
      {0x17b4, 0x17b5},     // Khmer inherent vowels
      {0x180b, 0x180f},     // Mongolian selectors and vowel separator
      {0x200b, 0x200f},     // zero-width space and joiners, LRM, RLM
      {0x2028, 0x202e},     // line and paragraph separator, bidi embeddings and overrides
      {0x2060, 0x206f},     // word joiner, invisible operators, bidi isolates, deprecated controls
      {0x3164, 0x3164},     // Hangul filler
      {0xfdd0, 0xfdef},     // noncharacters
      {0xfe00, 0xfe0f},     // variation selectors
      {0xfeff, 0xfeff},     // zero-width no-break space
      {0xffa0, 0xffa0},     // halfwidth Hangul filler
      {0xfff0, 0xfffb},     // interlinear annotation
      {0xfffe, 0xffff},     // noncharacters
      {0x1bca0, 0x1bca3},   // shorthand format controls
      {0x1d173, 0x1d17a},   // musical format controls
      {0xe0000, 0x10ffff},  // tags, variation selectors, private use planes
  }};
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const auto& r) { return c >= r.first && c <= r.second; });
}

void append_escaped(std::string& out, char octet) {
  const auto value = static_cast<unsigned char>(octet);
  out += "\\x";
  out += hex_digits[value >> 4];
  out += hex_digits[value & 0xf];
}

bool is_plain(char c) {
  return c >= ' ' && c <= '~' && c != '\\';
}

}  // namespace

result<std::int64_t, number_error> parse_integer(std::string_view word, std::int64_t low, std::int64_t high) {
  return parse_whole(word, low, high);
}

result<std::uint64_t, number_error> parse_unsigned(std::string_view word, std::uint64_t low,
                                                   std::uint64_t high) {
  return parse_whole(word, low, high);
}

result<double, number_error> parse_real(std::string_view word, double low, double high) {
  const bool negative = !word.empty() && word.front() == '-';
  const auto number = split_decimal(word.substr(negative ? 1 : 0));
  if (!number) return number_error{"is not a decimal number"};
  const auto value = negative ? -to_real(*number) : to_real(*number);
  if (negative && low >= 0) return out_of_range(low, high);
  if (!(value >= low && value <= high)) return out_of_range(low, high);
  return value;
}

result<duration, number_error> parse_duration(std::string_view word, duration low, duration high) {
  const bool negative = !word.empty() && word.front() == '-';
  if (negative) word.remove_prefix(1);
  const auto split = std::find_if(word.begin(), word.end(), [](char c) { return !is_digit(c) && c != '.'; });
  const auto digits = static_cast<std::size_t>(split - word.begin());
  const auto number = split_decimal(word.substr(0, digits));
  const auto unit = unit_size(word.substr(digits));
  if (!number || unit == 0) return number_error{"is not a duration (such as 5, 0.2, 200ms, 2m)"};
  if (negative) return out_of_range(low, high);
  const auto total = scale(*number, unit);
  if (!total || duration{*total} < low || duration{*total} > high) return out_of_range(low, high);
  return duration{*total};
}

std::string safe_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t size = 1;
    if (is_plain(text.front())) {
      out += text.front();
    } else if (const auto point = (text.front() & 0x80) != 0 ? decode_utf8(text) : code_point{};
               point.size != 0 && !is_hidden(point.value)) {
      size = point.size;
      out.append(text.substr(0, size));
    } else {
      append_escaped(out, text.front());
    }
    text.remove_prefix(size);
  }
  return out;
}

std::string safe_text(byte_view octets) {
  std::string text(octets.size(), '\0');
  std::transform(octets.begin(), octets.end(), text.begin(),
                 [](std::byte b) { return std::to_integer<char>(b); });
  return safe_text(text);
}

}  // namespace diag

// Fields between tabs or blanks; what they are is told by their shape.
#include "tools/traceroute/asn_lines.hpp"

#include <charconv>
#include <optional>

#include "libdiag/core/text.hpp"

namespace diag::traceroute {
namespace {

constexpr std::string_view blanks = " \t\r\v\f";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Takes fields off a line one by one.
class field_reader {
 public:
  explicit field_reader(std::string_view line)
      : rest_{line}, between_{line.find('\t') == line.npos ? blanks : std::string_view{"\t"}} {}

  std::string_view next() {
    const auto end = rest_.find_first_of(between_);
    const auto field = trimmed(rest_.substr(0, end));
    rest_ = end == rest_.npos ? std::string_view{} : rest_.substr(end + 1);
    if (between_ == blanks) rest_ = trimmed(rest_);
    return field;
  }
  [[nodiscard]] std::string_view rest() const { return trimmed(rest_); }

 private:
  std::string_view rest_;
  std::string_view between_;
};

std::string quoted(std::string_view word) {
  return '\'' + safe_text(word.substr(0, 60)) + '\'';
}

std::optional<std::uint32_t> whole_number(std::string_view word) {
  std::uint32_t number = 0;
  const auto* const end = word.data() + word.size();
  const auto [stopped, error] = std::from_chars(word.data(), end, number);
  return error == std::errc{} && stopped == end && !word.empty() ? std::optional{number} : std::nullopt;
}

/// "64496", "AS64496", "64496_64497", "64496,64497"; "-", "NA" and 0 are nobody.
bool read_numbers(std::string_view word, asn_line& into) {
  if (word == "-" || word == "NA") return true;
  bool first = true;
  while (true) {
    auto one = word.substr(0, word.find_first_of("_,"));
    const auto size = one.size();
    if (one.size() > 2 && (one[0] == 'A' || one[0] == 'a') && (one[1] == 'S' || one[1] == 's'))
      one.remove_prefix(2);
    const auto number = whole_number(one);
    if (!number) return false;
    if (first)
      into.number = *number;
    else
      into.others.push_back(*number);
    if (size == word.size()) return true;
    word.remove_prefix(size + 1);
    first = false;
  }
}

/// The network; empty: it is one, else why not.
std::string read_network(std::string_view word, field_reader& fields, asn_line& into,
                         std::string_view& number) {
  if (word.find('/') != word.npos) {
    const auto prefix = parse_prefix(word);
    if (!prefix) return quoted(word) + " is no network";
    into.first = prefix->first();
    into.last = prefix->last();
    number = fields.next();
    return {};
  }
  const auto address = parse_ip(word);
  if (!address) return quoted(word) + " is no network";
  into.first = into.last = *address;
  const auto second = fields.next();
  if (const auto last = second.find_first_of(".:") != second.npos ? parse_ip(second) : std::nullopt) {
    if (last->family() != address->family() || *last < *address)
      return quoted(second) + " is no end of a range";
    into.last = *last;
    number = fields.next();
    return {};
  }
  const auto third = fields.next();
  if (third.empty()) {  // an address by itself
    number = second;
    return {};
  }
  const auto length = whole_number(second);
  if (!length || *length > (address->is_v4() ? 32U : 128U)) return quoted(second) + " is no prefix length";
  const ip_prefix prefix{*address, static_cast<std::uint8_t>(*length)};
  into.first = prefix.first();
  into.last = prefix.last();
  number = third;
  return {};
}

}  // namespace

asn_line_kind parse_asn_line(std::string_view line, asn_line& into, std::string& why) {
  into = {};
  line = trimmed(line);
  if (line.empty() || line[0] == '#' || line[0] == ';') return asn_line_kind::empty;
  field_reader fields{line};
  const auto word = fields.next();
  std::string_view number;
  why = read_network(word, fields, into, number);
  if (!why.empty()) return asn_line_kind::bad;
  if (!read_numbers(number, into)) {
    why = number.empty() ? "it has no AS number" : quoted(number) + " is no AS number";
    return asn_line_kind::bad;
  }
  // ip2asn has the country before the name.
  const bool range = word.find('/') == word.npos;
  const auto third = fields.next();
  const auto rest = fields.rest();
  if (range && third.size() <= 4 && !rest.empty())
    into.name = rest;
  else if (!third.empty())
    into.name = trimmed(line.substr(static_cast<std::size_t>(third.data() - line.data())));
  return asn_line_kind::good;
}

}  // namespace diag::traceroute

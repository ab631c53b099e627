// Literals are told from names by their shape alone, so that a typing error in an address never becomes a
// question to a name server.
#include "tools/common/target_text.hpp"

#include "libdiag/core/text.hpp"
#include "libdiag/io/resolver.hpp"

namespace diag::tools {
namespace {

using reading = result<target_text, target_text_error>;

result<std::optional<ip_address>, target_text_error> literal(std::string_view word) {
  const auto address = io::parse_literal(word);
  if (!address) return target_text_error{address.error().what.why, address.error().what.hint};
  return *address;
}

reading read_prefix(std::string_view word) {
  const auto slash = word.find('/');
  const auto address = literal(word.substr(0, slash));
  if (!address) return address.error();
  if (!*address) return target_text_error{"a prefix length needs an address in front of it, not a name"};
  const std::uint64_t width = (*address)->is_v4() ? 32 : 128;
  const auto length = parse_unsigned(word.substr(slash + 1), 0, width);
  if (!length) return target_text_error{"the prefix length " + length.error().why};
  const ip_prefix whole{**address, static_cast<std::uint8_t>(*length)};
  if (width - *length >= 32)
    return target_text_error{"more than 4294967295 addresses", "use a longer prefix, or a file of targets"};
  return target_text{address_block{whole.first(), std::uint64_t{1} << (width - *length)}};
}

/// "192.0.2.1-20": the last number of the dotted quad.
std::optional<ip_address> short_end(const ip_address& first, std::string_view end) {
  const auto number = parse_unsigned(end, 0, 255);
  if (!first.is_v4() || !number) return std::nullopt;
  return ip_address::v4((first.v4_value() & 0xffffff00U) | static_cast<std::uint32_t>(*number));
}

/// nullopt: not a range, though it holds a dash ("192.0.2.1-pool.example" is a name).
std::optional<reading> read_range(std::string_view word) {
  const auto dash = word.find('-');
  const auto first = literal(word.substr(0, dash));
  if (!first || !*first) return std::nullopt;
  const auto end = word.substr(dash + 1);
  auto last = short_end(**first, end);
  if (!last) {
    const auto whole = literal(end);
    if (!whole) return reading{whole.error()};
    if (!*whole) return std::nullopt;
    last = **whole;
  }
  const auto block = make_range(**first, *last);
  return block ? reading{target_text{*block}} : reading{block.error()};
}

}  // namespace

result<address_block, target_text_error> make_range(const ip_address& first, const ip_address& last) {
  if (first.family() != last.family()) return target_text_error{"a range stays in one address family"};
  if (last < first) return target_text_error{"the range ends before it begins"};
  const auto from = first.words();
  const auto to = last.words();
  // The high halves differ by more than a borrow only in ranges far too long.
  const auto distance = to[1] - from[1];
  const auto high = to[0] - from[0] - (to[1] < from[1] ? 1 : 0);
  if (high != 0 || distance >= most_targets)
    return target_text_error{"more than 4294967295 addresses", "use a shorter range"};
  return address_block{first, distance + 1};
}

reading parse_target(std::string_view word) {
  if (const auto plain = parse_ip(word)) return target_text{address_block{*plain, 1}};
  if (word.empty()) return target_text_error{"it is empty"};
  if (word.find('/') != word.npos) return read_prefix(word);
  if (word.find('-') != word.npos)
    if (auto range = read_range(word)) return *range;
  const auto address = literal(word);
  if (!address) return address.error();
  if (*address) return target_text{address_block{**address, 1}};
  return target_text{host_name{std::string{word}}};
}

}  // namespace diag::tools

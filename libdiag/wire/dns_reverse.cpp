// Names of addresses: RFC 1035 §3.5, RFC 3596 §2.5.
#include "libdiag/wire/dns_reverse.hpp"

#include <string>

#include "libdiag/core/hex.hpp"

namespace diag::wire {

namespace {

/// A decimal octet as `to_string` writes it.
std::optional<std::uint8_t> decimal_octet(byte_view label) {
  if (label.empty() || label.size() > 3) return std::nullopt;
  unsigned value = 0;
  for (const auto octet : label) {
    const auto digit = std::to_integer<unsigned>(octet) - '0';
    if (digit > 9) return std::nullopt;
    value = value * 10 + digit;
  }
  if (value > 255 || std::to_string(value).size() != label.size()) return std::nullopt;
  return static_cast<std::uint8_t>(value);
}

std::optional<std::uint8_t> nibble(byte_view label) {
  if (label.size() != 1) return std::nullopt;
  const int value = hex_value(std::to_integer<char>(label[0]));
  return value < 0 ? std::nullopt : std::optional{static_cast<std::uint8_t>(value)};
}

}  // namespace

dns_name reverse_name(const ip_address& address) {
  std::string text;
  const auto octets = address.bytes();
  // The last octet stands first.
  for (auto octet = octets.rbegin(); octet != octets.rend(); ++octet) {
    const auto value = std::to_integer<unsigned>(*octet);
    if (address.is_v4())
      text += std::to_string(value) + '.';
    else
      (((text += hex_digits[value & 0xf]) += '.') += hex_digits[value >> 4]) += '.';
  }
  if (text.empty()) return {};
  const auto name = dns_name::from_text(text + (address.is_v4() ? "in-addr.arpa" : "ip6.arpa"));
  return name ? *name : dns_name{};
}

std::optional<ip_address> address_of(const dns_name& reverse) {
  std::array<std::byte, 16> octets{};
  const auto labels = reverse.labels();
  const std::size_t size = labels == 6 ? 4 : labels == 34 ? 16 : 0;
  if (size == 0) return std::nullopt;
  auto rest = reverse;
  for (std::size_t i = size; i > 0; --i) {
    auto value = size == 4 ? decimal_octet(rest.first_label()) : nibble(rest.first_label());
    rest = rest.parent();
    if (value && size == 16) {
      const auto high = nibble(rest.first_label());
      rest = rest.parent();
      value = high ? std::optional{static_cast<std::uint8_t>(*high << 4 | *value)} : std::nullopt;
    }
    if (!value) return std::nullopt;
    octets[i - 1] = std::byte{*value};
  }
  const auto address = ip_address::from_bytes(byte_view{octets}.first(size));
  // What is left is the zone: it must be the one such an address lies in.
  return reverse_name(address) == reverse ? std::optional{address} : std::nullopt;
}

}  // namespace diag::wire

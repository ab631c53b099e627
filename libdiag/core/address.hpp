// MAC, IPv4 and IPv6 addresses and prefixes: parsed, compared, formatted. Never resolved (that is
// io/resolver). Text forms: RFC 4291 §2.2 and RFC 5952 for IPv6; strict dotted quad for IPv4 (no octal, no
// hexadecimal, no short forms).
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libdiag/core/bytes.hpp"

namespace diag {

struct mac_address {
  std::array<std::byte, 6> octets{};
  friend auto operator<=>(const mac_address&, const mac_address&) = default;
};

/// "00:11:22:aa:bb:cc"; `-` is taken as the separator too. nullopt for anything else.
std::optional<mac_address> parse_mac(std::string_view text);
std::string to_string(const mac_address& mac);

enum class ip_family : std::uint8_t { none, v4, v6 };

/// An IPv4 or IPv6 address by value (24 octets). Default: no address, family none.
class ip_address {
 public:
  ip_address() = default;
  /// `value` in host order: 0xC0000201 is 192.0.2.1.
  static ip_address v4(std::uint32_t value);
  /// Four octets are IPv4, sixteen IPv6; any other size gives family none.
  static ip_address from_bytes(byte_view octets, std::uint32_t scope = 0);

  [[nodiscard]] ip_family family() const { return family_; }
  [[nodiscard]] bool is_v4() const { return family_ == ip_family::v4; }
  [[nodiscard]] bool is_v6() const { return family_ == ip_family::v6; }
  [[nodiscard]] explicit operator bool() const { return family_ != ip_family::none; }
  /// Network order: 4, 16 or 0 octets, borrowed from this object.
  [[nodiscard]] byte_view bytes() const;
  /// Host order; 0 unless is_v4().
  [[nodiscard]] std::uint32_t v4_value() const;
  /// Interface index of a link-local IPv6 address, 0 if none.
  [[nodiscard]] std::uint32_t scope() const { return scope_; }
  void scope(std::uint32_t index) { scope_ = index; }

  [[nodiscard]] bool is_unspecified() const;
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] bool is_multicast() const;  ///< includes 255.255.255.255
  [[nodiscard]] bool is_link_local() const;

  /// The address `offset` further on, wrapping inside the family's width.
  [[nodiscard]] ip_address plus(std::uint64_t offset) const;
  /// The two halves of the address as numbers (IPv4 in the low one): the input of hashes and of arithmetic.
  [[nodiscard]] std::array<std::uint64_t, 2> words() const;

  /// Same family and octets; the scope counts only where both sides have one.
  friend bool operator==(const ip_address& a, const ip_address& b);
  /// By family, then numerically.
  friend std::strong_ordering operator<=>(const ip_address& a, const ip_address& b);

 private:
  std::array<std::byte, 16> octets_{};
  std::uint32_t scope_ = 0;
  ip_family family_ = ip_family::none;
};

/// Longest text: 45 octets and "%" and ten digits.
inline constexpr std::size_t max_ip_text = 60;
/// Writes the text form into `out` (at least max_ip_text octets) and returns the part written; no allocation.
std::string_view format_ip(const ip_address& address, std::array<char, max_ip_text>& out);
std::string to_string(const ip_address& address);

/// A whole-word literal, with `%N` (numeric scope) allowed on IPv6. nullopt otherwise: `010.0.0.1`, `1.2`,
/// `::1%x`.
std::optional<ip_address> parse_ip(std::string_view text);

/// A network: the address as given (host bits kept) and the prefix length.
struct ip_prefix {
  ip_address address;
  std::uint8_t length = 0;
  [[nodiscard]] ip_address first() const;  ///< host bits zero
  [[nodiscard]] ip_address last() const;   ///< host bits one
  [[nodiscard]] bool contains(const ip_address& other) const;
};

/// "192.0.2.0/24", "2001:db8::/64". nullopt when the length is missing or does not fit the family.
std::optional<ip_prefix> parse_prefix(std::string_view text);
std::string to_string(const ip_prefix& prefix);

}  // namespace diag

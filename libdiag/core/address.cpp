// Text and arithmetic of addresses. Writers put characters straight into the caller's array: a sweep formats
// 65,536 of them.
#include "libdiag/core/address.hpp"

#include <algorithm>
#include <charconv>

#include "libdiag/core/hex.hpp"

namespace diag {
namespace {

/// Decimal without sign, blanks or leading zeros.
std::optional<std::uint32_t> parse_decimal(std::string_view text, std::uint32_t high) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > high) return std::nullopt;
  return value;
}

/// Four octets, each in decimal without leading zeros: inet_aton(3) would read 010.0.0.1 as 8.0.0.1.
std::optional<std::uint32_t> parse_quad(std::string_view text) {
  std::uint32_t value = 0;
  for (int part = 0; part < 4; ++part) {
    const auto dot = text.find('.');
    if ((dot == text.npos) != (part == 3)) return std::nullopt;
    const auto octet = parse_decimal(text.substr(0, dot), 255);
    if (!octet) return std::nullopt;
    value = value << 8 | *octet;
    text.remove_prefix(part == 3 ? text.size() : dot + 1);
  }
  return value;
}

/// One to four hexadecimal digits (RFC 4291 §2.2.1).
std::optional<std::uint16_t> parse_group(std::string_view text) {
  if (text.empty() || text.size() > 4) return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    const int digit = hex_value(c);
    if (digit < 0) return std::nullopt;
    value = value << 4 | static_cast<unsigned>(digit);
  }
  return static_cast<std::uint16_t>(value);
}

struct group_list {
  std::array<std::uint16_t, 8> values{};
  std::size_t count = 0;
};

/// Groups between colons; the last one may be a dotted quad (RFC 4291 §2.2.3) where `quad_allowed`.
std::optional<group_list> parse_groups(std::string_view text, bool quad_allowed) {
  group_list groups;
  if (text.empty()) return groups;
  for (;;) {
    const auto colon = text.find(':');
    const auto word = text.substr(0, colon);
    const bool is_quad = colon == text.npos && quad_allowed && word.find('.') != word.npos;
    if (groups.count + (is_quad ? 2 : 1) > groups.values.size()) return std::nullopt;
    if (is_quad) {
      const auto quad = parse_quad(word);
      if (!quad) return std::nullopt;
      groups.values[groups.count++] = static_cast<std::uint16_t>(*quad >> 16);
      groups.values[groups.count++] = static_cast<std::uint16_t>(*quad & 0xffff);
    } else {
      const auto group = parse_group(word);
      if (!group) return std::nullopt;
      groups.values[groups.count++] = *group;
    }
    if (colon == text.npos) return groups;
    text.remove_prefix(colon + 1);
  }
}

std::optional<std::array<std::byte, 16>> parse_v6(std::string_view text) {
  const auto gap = text.find("::");
  const auto head = parse_groups(text.substr(0, gap), gap == text.npos);
  const auto tail = parse_groups(gap == text.npos ? std::string_view{} : text.substr(gap + 2), true);
  if (!head || !tail) return std::nullopt;
  // "::" stands for one or more groups of zeros (RFC 4291 §2.2.2); without it all eight must be there.
  const auto given = head->count + tail->count;
  if (gap == text.npos ? given != 8 : given > 7) return std::nullopt;
  std::array<std::byte, 16> octets{};
  for (std::size_t i = 0; i < head->count; ++i) store_be16(octets, 2 * i, head->values[i]);
  for (std::size_t i = 0; i < tail->count; ++i)
    store_be16(octets, 2 * (8 - tail->count + i), tail->values[i]);
  return octets;
}

char* write_octet(char* at, unsigned value) {
  if (value >= 100) *at++ = static_cast<char>('0' + value / 100);
  if (value >= 10) *at++ = static_cast<char>('0' + value / 10 % 10);
  *at++ = static_cast<char>('0' + value % 10);
  return at;
}

char* write_quad(char* at, byte_view octets) {
  for (std::size_t i = 0; i < 4; ++i) {
    if (i != 0) *at++ = '.';
    at = write_octet(at, load_u8(octets, i));
  }
  return at;
}

/// Lower case, no leading zeros (RFC 5952 §4.1, §4.3).
char* write_group(char* at, std::uint16_t group) {
  int shift = group >= 0x1000 ? 12 : group >= 0x100 ? 8 : group >= 0x10 ? 4 : 0;
  for (; shift >= 0; shift -= 4) *at++ = hex_digits[static_cast<std::size_t>(group >> shift & 0xf)];
  return at;
}

struct zero_run {
  std::size_t start = 8;
  std::size_t length = 0;
};

/// The longest run of zero groups, the first of equals; a single zero is not shortened (RFC 5952 §4.2).
zero_run longest_zeros(byte_view octets) {
  zero_run best;
  zero_run current;
  for (std::size_t i = 0; i < 8; ++i) {
    if (load_be16(octets, 2 * i) != 0) {
      current = {};
      continue;
    }
    if (current.length++ == 0) current.start = i;
    if (current.length > best.length) best = current;
  }
  return best.length > 1 ? best : zero_run{};
}

char* write_v6(char* at, byte_view octets) {
  const auto zeros = longest_zeros(octets);
  // ::ffff:0:0/96 is written with the IPv4 address in it (RFC 5952 §5).
  const bool mapped = zeros.start == 0 && zeros.length == 5 && load_be16(octets, 10) == 0xffff;
  const std::size_t groups = mapped ? 6 : 8;
  for (std::size_t i = 0; i < groups; ++i) {
    if (i == zeros.start) {
      *at++ = ':';
      *at++ = ':';
      i += zeros.length - 1;
      continue;
    }
    if (i != 0 && i != zeros.start + zeros.length) *at++ = ':';
    at = write_group(at, load_be16(octets, 2 * i));
  }
  if (!mapped) return at;
  *at++ = ':';
  return write_quad(at, octets.last(4));
}

std::uint64_t low_bits(unsigned count) {
  return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

/// The host part of a prefix as a mask in the shape of ip_address::words().
std::array<std::uint64_t, 2> host_mask(const ip_prefix& prefix) {
  const unsigned width = prefix.address.is_v4() ? 32 : 128;
  const unsigned host = width - std::min<unsigned>(prefix.length, width);
  return {host > 64 ? low_bits(host - 64) : 0, low_bits(host)};
}

ip_address from_words(const ip_address& like, const std::array<std::uint64_t, 2>& words) {
  if (like.is_v4()) return ip_address::v4(static_cast<std::uint32_t>(words[1]));
  if (!like.is_v6()) return like;
  std::array<std::byte, 16> octets{};
  store_be64(octets, 0, words[0]);
  store_be64(octets, 8, words[1]);
  return ip_address::from_bytes(octets, like.scope());
}

}  // namespace

std::optional<mac_address> parse_mac(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  const char separator = text[2];
  if (separator != ':' && separator != '-') return std::nullopt;
  mac_address mac;
  for (std::size_t i = 0; i < mac.octets.size(); ++i) {
    const int high = hex_value(text[3 * i]);
    const int low = hex_value(text[3 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    if (i != 5 && text[3 * i + 2] != separator) return std::nullopt;
    mac.octets[i] = static_cast<std::byte>(high << 4 | low);
  }
  return mac;
}

std::string to_string(const mac_address& mac) {
  std::string text(17, ':');
  for (std::size_t i = 0; i < mac.octets.size(); ++i) {
    const auto octet = std::to_integer<unsigned>(mac.octets[i]);
    text[3 * i] = hex_digits[octet >> 4];
    text[3 * i + 1] = hex_digits[octet & 0xf];
  }
  return text;
}

ip_address ip_address::v4(std::uint32_t value) {
  ip_address address;
  address.family_ = ip_family::v4;
  store_be32(address.octets_, 0, value);
  return address;
}

ip_address ip_address::from_bytes(byte_view octets, std::uint32_t scope) {
  ip_address address;
  if (octets.size() != 4 && octets.size() != 16) return address;
  address.family_ = octets.size() == 4 ? ip_family::v4 : ip_family::v6;
  std::copy(octets.begin(), octets.end(), address.octets_.begin());
  if (address.is_v6()) address.scope_ = scope;
  return address;
}

byte_view ip_address::bytes() const {
  return byte_view{octets_}.first(is_v4() ? 4u : is_v6() ? 16u : 0u);
}

std::uint32_t ip_address::v4_value() const {
  return is_v4() ? load_be32(octets_, 0) : 0;
}

bool ip_address::is_unspecified() const {
  return family_ != ip_family::none && octets_ == std::array<std::byte, 16>{};
}

bool ip_address::is_loopback() const {
  if (is_v4()) return v4_value() >> 24 == 127;
  return is_v6() && words() == std::array<std::uint64_t, 2>{0, 1};
}

bool ip_address::is_multicast() const {
  if (is_v4()) return v4_value() >> 28 == 0xe || v4_value() == 0xffffffff;
  return is_v6() && load_u8(octets_, 0) == 0xff;
}

bool ip_address::is_link_local() const {
  if (is_v4()) return v4_value() >> 16 == 0xa9fe;
  return is_v6() && (load_be16(octets_, 0) & 0xffc0) == 0xfe80;
}

ip_address ip_address::plus(std::uint64_t offset) const {
  auto sum = words();
  sum[1] += offset;
  if (sum[1] < offset) ++sum[0];
  return from_words(*this, sum);
}

std::array<std::uint64_t, 2> ip_address::words() const {
  if (is_v4()) return {0, v4_value()};
  return {load_be64(octets_, 0), load_be64(octets_, 8)};
}

bool operator==(const ip_address& a, const ip_address& b) {
  if (a.family_ != b.family_ || a.octets_ != b.octets_) return false;
  return a.scope_ == b.scope_ || a.scope_ == 0 || b.scope_ == 0;
}

std::strong_ordering operator<=>(const ip_address& a, const ip_address& b) {
  if (a.family_ != b.family_) return a.family_ <=> b.family_;
  return a.words() <=> b.words();
}

std::string_view format_ip(const ip_address& address, std::array<char, max_ip_text>& out) {
  char* end = out.data();
  if (address.is_v4()) end = write_quad(end, address.bytes());
  if (address.is_v6()) end = write_v6(end, address.bytes());
  if (address.is_v6() && address.scope() != 0) {
    *end++ = '%';
    end = std::to_chars(end, out.data() + out.size(), address.scope()).ptr;
  }
  return {out.data(), static_cast<std::size_t>(end - out.data())};
}

std::string to_string(const ip_address& address) {
  std::array<char, max_ip_text> text;
  return std::string{format_ip(address, text)};
}

std::optional<ip_address> parse_ip(std::string_view text) {
  if (text.find(':') == text.npos) {
    const auto value = parse_quad(text);
    if (!value) return std::nullopt;
    return ip_address::v4(*value);
  }
  std::uint32_t scope = 0;
  if (const auto percent = text.find('%'); percent != text.npos) {
    const auto index = parse_decimal(text.substr(percent + 1), 0xffffffff);
    if (!index || *index == 0) return std::nullopt;
    scope = *index;
    text = text.substr(0, percent);
  }
  const auto octets = parse_v6(text);
  if (!octets) return std::nullopt;
  return ip_address::from_bytes(*octets, scope);
}

ip_address ip_prefix::first() const {
  const auto words = address.words();
  const auto mask = host_mask(*this);
  return from_words(address, {words[0] & ~mask[0], words[1] & ~mask[1]});
}

ip_address ip_prefix::last() const {
  const auto words = address.words();
  const auto mask = host_mask(*this);
  return from_words(address, {words[0] | mask[0], words[1] | mask[1]});
}

bool ip_prefix::contains(const ip_address& other) const {
  if (!other || other.family() != address.family()) return false;
  return first().words() == ip_prefix{other, length}.first().words();
}

std::optional<ip_prefix> parse_prefix(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const auto address = parse_ip(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto length = parse_decimal(text.substr(slash + 1), address->is_v4() ? 32 : 128);
  if (!length) return std::nullopt;
  return ip_prefix{*address, static_cast<std::uint8_t>(*length)};
}

std::string to_string(const ip_prefix& prefix) {
  return to_string(prefix.address) + '/' + std::to_string(prefix.length);
}

}  // namespace diag

// Domain names: RFC 1035 §3.1 (labels), §4.1.4 (compression), §5.1 (text); case: RFC 4343; order: RFC 4034
// §6.1.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/wire/dns_flaw.hpp"

namespace diag::wire {

/// Why a word is no domain name.
enum class dns_name_error : std::uint8_t {
  empty,           ///< no text at all
  empty_label,     ///< two dots in a row, or one in front
  label_too_long,  ///< more than 63 octets
  name_too_long,   ///< more than 255 octets with lengths and root
  bad_escape,      ///< a backslash at the end, or digits that are not three or above 255
};
/// Continues a sentence: "has an empty label".
std::string_view describe(dns_name_error error);
[[noreturn]] inline void throw_exception_from_error(dns_name_error, const boost::source_location&) {
  std::terminate();
}

/// A whole name by value, not compressed, case kept. Default: the root.
class dns_name {
 public:
  static constexpr std::size_t max_size = 255;
  static constexpr std::size_t max_label = 63;
  static constexpr std::size_t max_labels = 127;

  dns_name() = default;
  /// Text with or without the last dot; `\.` and `\DDD` as in RFC 1035 §5.1. Any octet is legal in a label.
  static result<dns_name, dns_name_error> from_text(std::string_view text);
  /// Octets as on the wire without compression, the root label last; nullopt when they are no such name.
  static std::optional<dns_name> from_wire(byte_view octets);

  /// As on the wire, root label included, case as it was given.
  [[nodiscard]] byte_view bytes() const { return byte_view{octets_}.first(size_); }
  [[nodiscard]] bool is_root() const { return size_ == 1; }
  /// The root has none.
  [[nodiscard]] std::size_t labels() const;
  /// Octets of the first label, without its length; none for the root.
  [[nodiscard]] byte_view first_label() const { return bytes().subspan(1, load_u8(octets_, 0)); }
  /// Without its first label; the root of the root.
  [[nodiscard]] dns_name parent() const;
  /// This name is `zone` or below it.
  [[nodiscard]] bool is_under(const dns_name& zone) const;
  /// A label below which this name comes to stand; false, and nothing changes, when the sum would be too
  /// long.
  [[nodiscard]] bool prepend(byte_view label);
  /// False, and nothing changes, when the sum would be too long.
  [[nodiscard]] bool append(const dns_name& suffix);
  /// 0x20: letter k, from the front, in upper case where bit k mod 64 is set, else in lower case.
  [[nodiscard]] dns_name with_case(std::uint64_t bits) const;

  /// With the last dot; "." for the root. What RFC 1035 §5.1 gives a meaning is escaped, and octets that are
  /// no printable ASCII, blanks included, are \DDD: safe for a terminal.
  [[nodiscard]] std::string text() const;
  /// RFC 4343: ASCII letters by their lower case.
  friend bool operator==(const dns_name& a, const dns_name& b);
  /// Octet for octet, as 0x20 wants it.
  [[nodiscard]] bool same_case(const dns_name& other) const;
  /// RFC 4034 §6.1: canonical order.
  friend std::strong_ordering operator<=>(const dns_name& a, const dns_name& b);

 private:
  friend class dns_name_reader;
  bool push_label(byte_view label);

  std::array<std::byte, max_size> octets_{};
  std::uint8_t size_ = 1;
};

/// Octets that are no printable ASCII as \DDD, and a backslash before what stands in `special`; a blank is
/// \032 where it does.
void append_dns_text(std::string& out, byte_view octets, std::string_view special);
/// Letters without regard to case.
bool same_dns_octets(byte_view a, byte_view b);

/// How much the names of one message may cost together. An honest message of 64 KiB full of the longest names
/// of reverse zones stays below half of it; one that lets each record expand a long chain does not.
class dns_budget {
 public:
  static constexpr std::size_t whole = 512 * 1024;  ///< octets of labels, and two for each label and pointer
  /// False when it is used up.
  bool spend(std::size_t octets) {
    left_ = octets > left_ ? 0 : left_ - octets;
    return left_ != 0;
  }

 private:
  std::size_t left_ = whole;
};

struct dns_name_at {
  dns_name name{};
  std::size_t next = 0;  ///< offset of what follows the name in place
  bool compressed = false;
};
/// The name at `offset` of a message. A pointer must point before the labels it ends, and not into the
/// header; no more than 127 are followed.
result<dns_name_at, dns_flaw> read_dns_name(byte_view message, std::size_t offset, dns_budget& budget);

}  // namespace diag::wire

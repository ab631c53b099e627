// DNS messages: RFC 1035 §4 (format), RFC 4035 §3 (AD, CD), RFC 6891 §6.1 (OPT's place).
//
// dns_view is the look that costs nothing: the header, and the question compared in place. dns_walk reads on,
// one value after the other, until the end or the first flaw; what was read before a flaw counts. read_dns
// gathers all of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/wire/dns_edns.hpp"
#include "libdiag/wire/dns_name.hpp"
#include "libdiag/wire/dns_types.hpp"

namespace diag::wire {

struct dns_header {
  static constexpr std::size_t size = 12;
  std::uint16_t id = 0;
  bool response = false;  ///< QR
  dns_opcode opcode = dns_opcode::query;
  bool authoritative = false;        ///< AA
  bool truncated = false;            ///< TC
  bool recursion_desired = false;    ///< RD
  bool recursion_available = false;  ///< RA
  bool reserved = false;             ///< Z
  bool authentic_data = false;       ///< AD
  bool checking_disabled = false;    ///< CD
  std::uint8_t rcode = 0;            ///< the lower four bits
  friend bool operator==(const dns_header&, const dns_header&) = default;
};
/// The second 16 bits of the header.
std::uint16_t dns_flags(const dns_header& header);
/// "qr rd ra": those that are set, in the order of the header; empty when none is.
std::string describe_flags(const dns_header& header);

enum class dns_section : std::uint8_t { question, answer, authority, additional };
std::string_view describe(dns_section section);

struct dns_question {
  dns_name name{};
  dns_type type{};
  dns_class record_class = dns_class::in;
};

/// Borrows its data from the message.
struct dns_record {
  dns_section section = dns_section::answer;
  dns_name name{};
  dns_type type{};
  dns_class record_class{};
  std::uint32_t ttl = 0;
  std::size_t offset = 0;  ///< of the record in its message
  std::size_t rdata_offset = 0;
  byte_view rdata{};  ///< as on the wire; names in it may be compressed: see dns_rdata.hpp
  byte_view message{};
};

/// Whether a message asks, or answers, what was asked.
enum class question_match : std::uint8_t {
  same,        ///< octet for octet
  other_case,  ///< but for the case of letters: no answer where 0x20 was used
  different,
  absent,  ///< no question at all: some servers leave it out of errors
  malformed,
};

/// Borrowed look at a message; costs nothing.
class dns_view {
 public:
  /// Refuses `truncated`: fewer octets than a header has.
  [[nodiscard]] static result<dns_view, wire_errc> parse(byte_view message);

  [[nodiscard]] std::uint16_t id() const { return load_be16(bytes_, 0); }
  [[nodiscard]] bool response() const { return (load_u8(bytes_, 2) & 0x80U) != 0; }
  [[nodiscard]] bool truncated() const { return (load_u8(bytes_, 2) & 0x02U) != 0; }
  [[nodiscard]] dns_opcode opcode() const {
    return dns_opcode{static_cast<std::uint8_t>(load_u8(bytes_, 2) >> 3 & 0x0fU)};
  }
  /// The lower four bits.
  [[nodiscard]] std::uint8_t rcode() const { return load_u8(bytes_, 3) & 0x0fU; }
  [[nodiscard]] dns_header header() const;
  /// As stated.
  [[nodiscard]] std::uint16_t count(dns_section section) const {
    return load_be16(bytes_, 4 + 2 * static_cast<std::size_t>(section));
  }
  /// Holds the first question against this one where it stands; nothing is copied. Whether it is the only
  /// one, count() tells (RFC 9619: of a query it is).
  [[nodiscard]] question_match match(const dns_question& asked) const;
  [[nodiscard]] byte_view bytes() const { return bytes_; }

 private:
  explicit dns_view(byte_view bytes) : bytes_{bytes} {}
  byte_view bytes_;
};

/// Reads questions, then records, in the order of the message. Stops at the first flaw.
class dns_walk {
 public:
  explicit dns_walk(dns_view message) : message_{message} {}

  std::optional<dns_question> next_question();
  /// Questions that were not asked for are read over.
  std::optional<dns_record> next_record();

  /// Why the walk stopped before its end.
  [[nodiscard]] const std::optional<dns_flaw>& flaw() const { return flaw_; }
  /// OPT records where they must not be; none of these stops a walk. The first of each kind.
  [[nodiscard]] const std::optional<dns_flaw>& second_opt() const { return second_opt_; }
  [[nodiscard]] const std::optional<dns_flaw>& misplaced_opt() const { return misplaced_opt_; }
  /// Octets behind what was read: behind the last record once the walk has ended without a flaw.
  [[nodiscard]] byte_view rest() const { return message_.bytes().subspan(at_); }
  /// What the names of the data may cost, too.
  [[nodiscard]] dns_budget& budget() { return budget_; }

 private:
  std::nullopt_t stop(dns_flaw::kind what, std::size_t at);
  std::optional<dns_name_at> name();
  void look_at_opt(const dns_record& record);

  dns_view message_;
  std::size_t at_ = dns_header::size;
  std::array<std::uint16_t, 4> done_{};
  bool opt_seen_ = false;
  dns_budget budget_{};
  std::optional<dns_flaw> flaw_, second_opt_, misplaced_opt_;
};

/// All of a message. Borrows the octets it was read from.
struct dns_contents {
  dns_header header{};
  std::vector<dns_question> questions{};
  std::vector<dns_record> records{};  ///< of all three sections, OPT included
  std::optional<dns_opt> opt{};       ///< the first in the additional section
  std::vector<dns_flaw> flaws{};      ///< the one that ended the walk is the first
  bool whole = true;                  ///< no flaw ended the walk
  std::size_t trailing = 0;           ///< octets behind the last record
  dns_budget budget{};                ///< what is left of it, for names in the data

  /// All twelve bits.
  [[nodiscard]] dns_rcode rcode() const;
};
dns_contents read_dns(const dns_view& message);

/// Takes the first whole message off the front of a stream's octets (RFC 1035 §4.2.2: a length in front);
/// nullopt, and nothing taken, when there is none. A length below the 12 of a header yields what it states.
std::optional<byte_view> take_dns_message(byte_view& stream);

}  // namespace diag::wire

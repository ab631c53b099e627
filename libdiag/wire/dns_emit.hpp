// DNS messages out: RFC 1035 §4.1, RFC 6891 §6.1.2 (OPT), RFC 7830 and RFC 8467 (padding). Nothing allocates;
// names go out whole, without compression. Any field can be forced, right or wrong.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "libdiag/core/bytes.hpp"
#include "libdiag/wire/dns_edns.hpp"
#include "libdiag/wire/dns_message.hpp"
#include "libdiag/wire/dns_name.hpp"
#include "libdiag/wire/dns_rdata.hpp"
#include "libdiag/wire/dns_types.hpp"

namespace diag::wire {

struct dns_option_fields {
  dns_option_code code{};
  byte_view data{};
};

/// Borrows the options.
struct dns_edns_fields {
  static constexpr std::uint16_t usual_udp_size = 1232;  ///< what fits the smallest MTU of IPv6, unfragmented
  std::uint16_t udp_size = usual_udp_size;
  std::uint8_t extended_rcode = 0;
  std::uint8_t version = 0;
  bool dnssec_ok = false;
  std::uint16_t z = 0;                           ///< the other fifteen flags
  std::span<const dns_option_fields> options{};  ///< in this order
  /// Padding behind the options makes the whole message a multiple of this: 128 for a query, 468 for an
  /// answer (RFC 8467 §4.1). 0: none. A message that is a multiple without it is padded by a whole block
  /// less 4.
  std::uint16_t pad_to = 0;
};

/// A record to be; borrows its data, which is not touched.
struct dns_record_fields {
  dns_section section = dns_section::answer;
  dns_name name{};
  dns_type type{};
  dns_class record_class = dns_class::in;
  std::uint32_t ttl = 0;
  byte_view rdata{};
};

/// A whole message; borrows its parts.
struct dns_message_fields {
  dns_header header{};
  std::span<const dns_question> questions{};
  std::span<const dns_record_fields> records{};  ///< of any section; each goes out in its own, in this order
  std::optional<dns_edns_fields> edns{};         ///< OPT, the last of the additional section
  /// Counted unless given.
  std::optional<std::array<std::uint16_t, 4>> counts{};
};

/// A query: one question. Further records for IXFR (the SOA held, in the authority section: RFC 1995 §3) and
/// NOTIFY (the new SOA, in the answer section: RFC 1996 §3.7).
struct dns_query_fields {
  dns_header header{.recursion_desired = true};  ///< id, opcode, flags
  dns_question question{};                       ///< the name with the case it is to have
  std::optional<dns_edns_fields> edns{};
  std::span<const dns_record_fields> records{};
};

/// Longest query of one question without records and with `option_octets` of options (each with its head of
/// 4).
constexpr std::size_t max_dns_query(std::size_t option_octets) {
  return dns_header::size + dns_name::max_size + 4 + 11 + option_octets;
}

/// Begins at the writer's position. False when it did not fit the buffer or 16 bits of length; what was
/// written is then a part of it.
[[nodiscard]] bool emit_dns(byte_writer& out, const dns_message_fields& fields);
[[nodiscard]] bool emit_dns(byte_writer& out, const dns_query_fields& fields);

/// Data for options and records.
void emit(byte_writer& out, const dns_client_subnet& subnet);
void emit(byte_writer& out, const dns_cookie& cookie);
void emit(byte_writer& out, const dns_keepalive& keepalive);
void emit(byte_writer& out, const dns_extended_error_option& error);
void emit(byte_writer& out, const dns_soa& soa);
void emit(byte_writer& out, const dns_mx& mx);
void emit(byte_writer& out, const dns_srv& srv);

}  // namespace diag::wire

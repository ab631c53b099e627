// Type and code to words. IPv4: RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1; IPv6: RFC 4443 §3.
#include "tools/ping/icmp_words.hpp"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "libdiag/wire/icmpv4.hpp"
#include "libdiag/wire/icmpv6.hpp"

namespace diag::ping {
namespace {

// Codes beyond these, and 3/4, are said in the RFC's words: there iputils is terse or wrong ("Packet
// filtered").
constexpr std::array<std::string_view, 4> unreachable_v4{
    "Destination Net Unreachable", "Destination Host Unreachable", "Destination Protocol Unreachable",
    "Destination Port Unreachable"};

constexpr std::array<std::string_view, 7> unreachable_v6{"No route",
                                                         "Administratively prohibited",
                                                         "Beyond scope of source address",
                                                         "Address unreachable",
                                                         "Port unreachable",
                                                         "Source address failed ingress/egress policy",
                                                         "Reject route to destination"};

std::string sentence_case(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string words_v4(const probe::ping_error& error) {
  const auto type = wire::icmpv4_type{error.type};
  if (type == wire::icmpv4_type::redirect)
    return fmt::format("{} (New nexthop: {})", sentence_case(wire::describe(type, error.code)),
                       error.gateway ? to_string(error.gateway) : "unknown");
  if (type == wire::icmpv4_type::time_exceeded)
    return error.code == 0 ? "Time to live exceeded" : "Frag reassembly time exceeded";
  if (type == wire::icmpv4_type::destination_unreachable) {
    if (error.code < unreachable_v4.size()) return std::string{unreachable_v4[error.code]};
    if (error.code == 4) {
      // RFC 1191 §4: routers older than it name no MTU.
      return error.mtu == 0 ? "Frag needed and DF set (mtu not told)"
                            : fmt::format("Frag needed and DF set (mtu = {})", error.mtu);
    }
  }
  return sentence_case(wire::describe_full(type, error.code));
}

std::string words_v6(const probe::ping_error& error) {
  const auto type = wire::icmpv6_type{error.type};
  if (type == wire::icmpv6_type::packet_too_big) return fmt::format("Packet too big: mtu={}", error.mtu);
  if (type == wire::icmpv6_type::time_exceeded)
    return error.code == 0 ? "Time exceeded: Hop limit" : "Time exceeded: Defragmentation failure";
  if (type == wire::icmpv6_type::destination_unreachable && error.code < unreachable_v6.size())
    return fmt::format("Destination unreachable: {}", unreachable_v6[error.code]);
  return sentence_case(wire::describe_full(type, error.code));
}

}  // namespace

std::string icmp_words(const probe::ping_error& error, bool verbose) {
  auto words = error.from.is_v6() ? words_v6(error) : words_v4(error);
  if (verbose) words += fmt::format(" (type {} code {})", error.type, error.code);
  return words;
}

std::string reject_words(const probe::ping_rejected& what) {
  using probe::reject_reason;
  switch (what.why) {
    case reject_reason::wrong_source:
      return "Answer from another address than the one asked";
    case reject_reason::wrong_id:
      return "Answer to this run under a strange identifier";
    case reject_reason::wrong_token:
      return "Answer without the token of this run";
    case reject_reason::future_sequence:
      return "Answer to a request that was never sent";
    case reject_reason::forgotten:
      return "Answer too late to be told apart";
    case reject_reason::bad_checksum:
      return "Bad checksum";
    default:
      return fmt::format("Unbelievable packet ({})", describe(what.why));
  }
}

}  // namespace diag::ping

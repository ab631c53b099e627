// RFC 792 and RFC 4443 message layouts in classic BPF: X holds the length of the outer IPv4 header.
#include "libdiag/io/icmp_filter.hpp"

#include <algorithm>
#include <array>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <span>

#include "libdiag/io/bpf_assembler.hpp"

namespace diag::io {
namespace {

constexpr std::array<std::uint8_t, 2> replies_v4{ICMP_ECHOREPLY, ICMP_TIMESTAMPREPLY};
constexpr std::array<std::uint8_t, 5> errors_v4{ICMP_DEST_UNREACH, ICMP_SOURCE_QUENCH, ICMP_REDIRECT,
                                                ICMP_TIME_EXCEEDED, ICMP_PARAMETERPROB};
constexpr std::array<std::uint8_t, 1> replies_v6{ICMP6_ECHO_REPLY};
constexpr std::array<std::uint8_t, 4> errors_v6{ICMP6_DST_UNREACH, ICMP6_PACKET_TOO_BIG, ICMP6_TIME_EXCEEDED,
                                                ICMP6_PARAM_PROB};
/// Extension headers that may stand between the quoted IPv6 header and ICMPv6: not walked, admitted.
constexpr std::array<std::uint8_t, 4> extensions_v6{IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_FRAGMENT,
                                                    IPPROTO_DSTOPTS};

constexpr std::uint32_t icmp_header = 8;
constexpr std::uint32_t ipv4_header = 20;
constexpr std::uint32_t ipv6_header = 40;
constexpr std::uint32_t identifier_at = 4;

/// A = an identifier.
void check_range(bpf_assembler& code, const identifier_range& ours, bpf_assembler::place otherwise) {
  code.op(BPF_ALU | BPF_SUB | BPF_K, ours.base);
  code.op(BPF_ALU | BPF_AND | BPF_K, 0xffff);
  code.jump_if_at_least(ours.count == 0 ? 0x10000 : ours.count, otherwise, bpf_assembler::accept);
}

/// A = the protocol of a quote: nothing else is looked at further.
void keep_wanted_protocols(bpf_assembler& code, std::uint32_t echo_protocol, const icmp_interest& ours) {
  if (ours.echoes()) code.jump_if_equal(echo_protocol, bpf_assembler::quote);
  if (ours.ports.count != 0) {
    code.jump_if_equal(IPPROTO_TCP, bpf_assembler::quote);
    code.jump_if_equal(IPPROTO_UDP, bpf_assembler::quote);
  }
  code.op(BPF_RET | BPF_K, 0);
  code.at(bpf_assembler::quote);
}

/// Which octets the transport header of a quote begins with, for `mode` BPF_ABS or BPF_IND.
struct quoted_transport {
  unsigned mode = BPF_ABS;
  std::uint32_t at = 0;
};

/// X = outer header: on to the transport header of the quote, whose protocol is then in A.
quoted_transport find_quoted_v4(bpf_assembler& code, const icmp_interest& ours) {
  code.op(BPF_LD | BPF_W | BPF_LEN);
  code.op(BPF_ALU | BPF_SUB | BPF_X);
  code.jump_if_at_least(icmp_header + ipv4_header, bpf_assembler::next, bpf_assembler::accept);
  code.op(BPF_LD | BPF_B | BPF_IND, icmp_header + 9);
  code.op(BPF_ST, 0);
  keep_wanted_protocols(code, IPPROTO_ICMP, ours);
  code.op(BPF_LD | BPF_B | BPF_IND, icmp_header);
  code.op(BPF_ALU | BPF_AND | BPF_K, 0xf);
  code.op(BPF_ALU | BPF_LSH | BPF_K, 2);
  code.op(BPF_ALU | BPF_ADD | BPF_X);
  code.op(BPF_MISC | BPF_TAX);  // X = both IPv4 headers, which may reach past the end
  code.op(BPF_LD | BPF_W | BPF_LEN);
  code.jump_if_at_least_x(bpf_assembler::next, bpf_assembler::accept);
  code.op(BPF_ALU | BPF_SUB | BPF_X);
  code.jump_if_at_least(icmp_header + 8, bpf_assembler::next, bpf_assembler::accept);
  code.op(BPF_LD | BPF_W | BPF_MEM, 0);
  return {BPF_IND, icmp_header};
}

/// The same for IPv6, whose outer header the socket has taken off.
quoted_transport find_quoted_v6(bpf_assembler& code, const icmp_interest& ours) {
  code.op(BPF_LD | BPF_W | BPF_LEN);
  code.jump_if_at_least(icmp_header + ipv6_header + 8, bpf_assembler::next, bpf_assembler::accept);
  code.op(BPF_LD | BPF_B | BPF_ABS, icmp_header + 6);
  for (const auto header : extensions_v6) code.jump_if_equal(header, bpf_assembler::accept);
  keep_wanted_protocols(code, IPPROTO_ICMPV6, ours);
  return {BPF_ABS, icmp_header + ipv6_header};
}

/// A = the protocol of a quote: its source port, or its identifier.
void judge_quote(bpf_assembler& code, const quoted_transport& quoted, std::uint32_t echo_protocol,
                 const icmp_interest& ours) {
  if (ours.echoes()) code.jump_if_equal(echo_protocol, bpf_assembler::echo);
  if (ours.ports.count != 0) {
    code.op(BPF_LD | BPF_H | quoted.mode, quoted.at);
    code.op(BPF_ALU | BPF_SUB | BPF_K, ours.ports.base);
    code.jump_if_at_least(ours.ports.count, bpf_assembler::drop, bpf_assembler::accept);
  }
  if (!ours.echoes()) return;
  code.at(bpf_assembler::echo);
  code.op(BPF_LD | BPF_H | quoted.mode, quoted.at + identifier_at);
  check_range(code, ours.identifiers, bpf_assembler::drop);
}

/// Replies, whose ICMP header `mode` finds at 0.
void judge_reply(bpf_assembler& code, unsigned mode, const identifier_range& ours) {
  code.at(bpf_assembler::replies);
  code.op(BPF_LD | BPF_H | mode, identifier_at);
  check_range(code, ours, ours.nonce ? bpf_assembler::stranger : bpf_assembler::drop);
  if (!ours.nonce) return;
  code.at(bpf_assembler::stranger);
  code.op(BPF_LD | BPF_W | mode, icmp_header);  // past the end: the kernel drops the packet
  code.jump_if_equal(*ours.nonce, bpf_assembler::accept, bpf_assembler::drop);
}

/// A = the type.
void branch_by_type(bpf_assembler& code, std::span<const std::uint8_t> replies,
                    std::span<const std::uint8_t> errors, const icmp_interest& ours) {
  if (ours.echoes())
    for (const auto type : replies) code.jump_if_equal(type, bpf_assembler::replies);
  for (const auto type : errors) code.jump_if_equal(type, bpf_assembler::errors);
  code.op(BPF_RET | BPF_K, 0);
  code.at(bpf_assembler::errors);
}

/// The rest of a filter that has branched by type.
template <class Find>
std::vector<sock_filter> judge_rest(bpf_assembler& code, unsigned mode, std::uint32_t echo_protocol,
                                    const icmp_interest& ours, const Find& find_quoted) {
  if (ours.every_error)
    code.op(BPF_RET | BPF_K, 0xffffffff);
  else
    judge_quote(code, find_quoted(code, ours), echo_protocol, ours);
  if (ours.echoes()) judge_reply(code, mode, ours.identifiers);
  return code.finish();
}

template <std::size_t N>
bool among(const std::array<std::uint8_t, N>& list, std::uint8_t value) {
  return std::ranges::find(list, value) != list.end();
}

}  // namespace

std::vector<sock_filter> icmpv4_filter(const icmp_interest& ours) {
  bpf_assembler code;
  code.op(BPF_LDX | BPF_B | BPF_MSH, 0);  // X = header length of the outer packet
  code.op(BPF_LD | BPF_B | BPF_IND, 0);
  branch_by_type(code, replies_v4, errors_v4, ours);
  return judge_rest(code, BPF_IND, IPPROTO_ICMP, ours, find_quoted_v4);
}

std::vector<sock_filter> icmpv6_filter(const icmp_interest& ours) {
  bpf_assembler code;
  code.op(BPF_LD | BPF_B | BPF_ABS, 0);
  branch_by_type(code, replies_v6, errors_v6, ours);
  return judge_rest(code, BPF_ABS, IPPROTO_ICMPV6, ours, find_quoted_v6);
}

icmp_quote find_quote_v4(byte_view packet) {
  if (packet.empty()) return {};
  const auto outer = (load_u8(packet, 0) & 0xfU) * 4;
  if (packet.size() < outer + 1) return {};
  const auto message = packet.subspan(outer);
  if (!among(errors_v4, load_u8(message, 0))) return {};
  icmp_quote found{.error = true};
  if (message.size() < icmp_header + ipv4_header) return found;
  found.protocol = load_u8(message, icmp_header + 9);
  found.header = message.subspan(icmp_header, ipv4_header);
  const auto inner = icmp_header + (load_u8(message, icmp_header) & 0xfU) * 4;
  if (message.size() >= inner + 8) found.transport = message.subspan(inner);
  return found;
}

icmp_quote find_quote_v6(byte_view message) {
  if (message.empty() || !among(errors_v6, load_u8(message, 0))) return {};
  icmp_quote found{.error = true};
  if (message.size() < icmp_header + ipv6_header + 8) return found;
  const auto following = load_u8(message, icmp_header + 6);
  if (among(extensions_v6, following)) return found;
  found.protocol = following;
  found.header = message.subspan(icmp_header, ipv6_header);
  found.transport = message.subspan(icmp_header + ipv6_header);
  return found;
}

namespace {

bool wants_quote(const icmp_quote& quote, std::uint8_t echo_protocol, const icmp_interest& ours) {
  if (!quote.error) return false;
  if (ours.every_error || !quote.protocol) return true;
  const bool echo = ours.echoes() && *quote.protocol == echo_protocol;
  const bool has_ports = *quote.protocol == IPPROTO_TCP || *quote.protocol == IPPROTO_UDP;
  if (!echo && (ours.ports.count == 0 || !has_ports)) return false;
  if (quote.transport.empty()) return true;
  return echo ? ours.identifiers.holds(load_be16(quote.transport, identifier_at))
              : ours.ports.holds(load_be16(quote.transport, 0));
}

}  // namespace

bool admits_ipv4(byte_view packet, const icmp_interest& ours) {
  if (packet.empty()) return false;
  const auto outer = (load_u8(packet, 0) & 0xfU) * 4;
  if (packet.size() < outer + 1) return false;
  if (among(replies_v4, load_u8(packet, outer)))
    return ours.echoes() && ours.identifiers.holds_reply(packet.subspan(outer));
  return wants_quote(find_quote_v4(packet), IPPROTO_ICMP, ours);
}

bool admits_icmpv6(byte_view message, const icmp_interest& ours) {
  if (message.empty()) return false;
  if (among(replies_v6, load_u8(message, 0))) return ours.echoes() && ours.identifiers.holds_reply(message);
  return wants_quote(find_quote_v6(message), IPPROTO_ICMPV6, ours);
}

}  // namespace diag::io

// RFC 792 and RFC 4443 message layouts in classic BPF: X holds the length of the outer IPv4 header.
#include "libdiag/io/icmp_filter.hpp"

#include <algorithm>
#include <array>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

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

/// The identifiers of replies (loaded) and of quotes (at `range`); `load` reads a reply's payload.
void finish_with_identifiers(bpf_assembler& code, const identifier_range& ours, unsigned load) {
  check_range(code, ours, ours.nonce ? bpf_assembler::stranger : bpf_assembler::drop);
  if (ours.nonce) {
    code.at(bpf_assembler::stranger);
    code.op(load, icmp_header);  // past the end: the kernel drops the packet
    code.jump_if_equal(*ours.nonce, bpf_assembler::accept, bpf_assembler::drop);
  }
  code.at(bpf_assembler::range);
  check_range(code, ours, bpf_assembler::drop);
}

/// A = length, X = outer header: on to the 16 bits at `field_at` of a quoted `protocol`, which the caller
/// judges.
void load_quoted_v4(bpf_assembler& code, std::uint32_t protocol, std::uint32_t field_at) {
  code.op(BPF_LD | BPF_W | BPF_LEN);
  code.op(BPF_ALU | BPF_SUB | BPF_X);
  code.jump_if_at_least(icmp_header + ipv4_header, bpf_assembler::next, bpf_assembler::accept);
  code.op(BPF_LD | BPF_B | BPF_IND, icmp_header + 9);
  code.jump_if_equal(protocol, bpf_assembler::next, bpf_assembler::drop);
  code.op(BPF_LD | BPF_B | BPF_IND, icmp_header);
  code.op(BPF_ALU | BPF_AND | BPF_K, 0xf);
  code.op(BPF_ALU | BPF_LSH | BPF_K, 2);
  code.op(BPF_ALU | BPF_ADD | BPF_X);
  code.op(BPF_MISC | BPF_TAX);  // X = both IPv4 headers, which may reach past the end
  code.op(BPF_LD | BPF_W | BPF_LEN);
  code.jump_if_at_least_x(bpf_assembler::next, bpf_assembler::accept);
  code.op(BPF_ALU | BPF_SUB | BPF_X);
  code.jump_if_at_least(icmp_header + 8, bpf_assembler::next, bpf_assembler::accept);
  code.op(BPF_LD | BPF_H | BPF_IND, icmp_header + field_at);
}

/// The same for IPv6, whose outer header the socket has taken off.
void load_quoted_v6(bpf_assembler& code, std::uint32_t protocol, std::uint32_t field_at) {
  code.op(BPF_LD | BPF_W | BPF_LEN);
  code.jump_if_at_least(icmp_header + ipv6_header + 8, bpf_assembler::next, bpf_assembler::accept);
  code.op(BPF_LD | BPF_B | BPF_ABS, icmp_header + 6);
  for (const auto header : extensions_v6) code.jump_if_equal(header, bpf_assembler::accept);
  code.jump_if_equal(protocol, bpf_assembler::next, bpf_assembler::drop);
  code.op(BPF_LD | BPF_H | BPF_ABS, icmp_header + ipv6_header + field_at);
}

template <std::size_t N>
bool among(const std::array<std::uint8_t, N>& list, std::uint8_t value) {
  return std::ranges::find(list, value) != list.end();
}

}  // namespace

std::vector<sock_filter> icmpv4_filter(const identifier_range& ours) {
  bpf_assembler code;
  code.op(BPF_LDX | BPF_B | BPF_MSH, 0);  // X = header length of the outer packet
  code.op(BPF_LD | BPF_B | BPF_IND, 0);
  for (const auto type : replies_v4) code.jump_if_equal(type, bpf_assembler::replies);
  for (const auto type : errors_v4) code.jump_if_equal(type, bpf_assembler::errors);
  code.op(BPF_RET | BPF_K, 0);
  code.at(bpf_assembler::errors);
  load_quoted_v4(code, IPPROTO_ICMP, identifier_at);
  code.jump_if_at_least(0, bpf_assembler::range, bpf_assembler::range);
  code.at(bpf_assembler::replies);
  code.op(BPF_LD | BPF_H | BPF_IND, identifier_at);
  finish_with_identifiers(code, ours, BPF_LD | BPF_W | BPF_IND);
  return code.finish();
}

std::vector<sock_filter> icmpv6_filter(const identifier_range& ours) {
  bpf_assembler code;
  code.op(BPF_LD | BPF_B | BPF_ABS, 0);
  for (const auto type : replies_v6) code.jump_if_equal(type, bpf_assembler::replies);
  for (const auto type : errors_v6) code.jump_if_equal(type, bpf_assembler::errors);
  code.op(BPF_RET | BPF_K, 0);
  code.at(bpf_assembler::errors);
  load_quoted_v6(code, IPPROTO_ICMPV6, identifier_at);
  code.jump_if_at_least(0, bpf_assembler::range, bpf_assembler::range);
  code.at(bpf_assembler::replies);
  code.op(BPF_LD | BPF_H | BPF_ABS, identifier_at);
  finish_with_identifiers(code, ours, BPF_LD | BPF_W | BPF_ABS);
  return code.finish();
}

std::vector<sock_filter> icmpv4_filter(const port_range& ours) {
  bpf_assembler code;
  code.op(BPF_LDX | BPF_B | BPF_MSH, 0);
  code.op(BPF_LD | BPF_B | BPF_IND, 0);
  for (const auto type : errors_v4) code.jump_if_equal(type, bpf_assembler::errors);
  code.op(BPF_RET | BPF_K, 0);
  code.at(bpf_assembler::errors);
  load_quoted_v4(code, IPPROTO_TCP, 0);
  code.op(BPF_ALU | BPF_SUB | BPF_K, ours.base);
  code.jump_if_at_least(ours.count, bpf_assembler::drop, bpf_assembler::accept);
  return code.finish();
}

std::vector<sock_filter> icmpv6_filter(const port_range& ours) {
  bpf_assembler code;
  code.op(BPF_LD | BPF_B | BPF_ABS, 0);
  for (const auto type : errors_v6) code.jump_if_equal(type, bpf_assembler::errors);
  code.op(BPF_RET | BPF_K, 0);
  code.at(bpf_assembler::errors);
  load_quoted_v6(code, IPPROTO_TCP, 0);
  code.op(BPF_ALU | BPF_SUB | BPF_K, ours.base);
  code.jump_if_at_least(ours.count, bpf_assembler::drop, bpf_assembler::accept);
  return code.finish();
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

bool quotes(const icmp_quote& quote, std::uint8_t protocol, std::size_t field_at, const auto& ours) {
  if (!quote.error) return false;
  if (quote.protocol && *quote.protocol != protocol) return false;
  return quote.transport.empty() || ours.holds(load_be16(quote.transport, field_at));
}

}  // namespace

bool admits_ipv4(byte_view packet, const identifier_range& ours) {
  if (packet.empty()) return false;
  const auto outer = (load_u8(packet, 0) & 0xfU) * 4;
  if (packet.size() < outer + 1) return false;
  if (among(replies_v4, load_u8(packet, outer))) return ours.holds_reply(packet.subspan(outer));
  return quotes(find_quote_v4(packet), IPPROTO_ICMP, identifier_at, ours);
}

bool admits_icmpv6(byte_view message, const identifier_range& ours) {
  if (message.empty()) return false;
  if (among(replies_v6, load_u8(message, 0))) return ours.holds_reply(message);
  return quotes(find_quote_v6(message), IPPROTO_ICMPV6, identifier_at, ours);
}

bool admits_ipv4(byte_view packet, const port_range& ours) {
  return quotes(find_quote_v4(packet), IPPROTO_TCP, 0, ours);
}

bool admits_icmpv6(byte_view message, const port_range& ours) {
  return quotes(find_quote_v6(message), IPPROTO_TCP, 0, ours);
}

}  // namespace diag::io

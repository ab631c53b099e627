// RFC 792 and RFC 4443 message layouts in classic BPF: X holds the length of the outer IPv4 header.
#include "libdiag/io/icmp_filter.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

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

/// Emits BPF with forward jumps to named places, resolved at the end: distances in BPF are counted, not
/// named.
class assembler {
 public:
  enum place : std::uint8_t { next, replies, errors, stranger, range, accept, drop, places };

  void op(unsigned code, std::uint32_t k = 0) { put(code, k, next, next); }
  void jump_if_equal(std::uint32_t k, place yes, place no = next) {
    put(BPF_JMP | BPF_JEQ | BPF_K, k, yes, no);
  }
  void jump_if_at_least(std::uint32_t k, place yes, place no) { put(BPF_JMP | BPF_JGE | BPF_K, k, yes, no); }
  void jump_if_at_least_x(place yes, place no) { put(BPF_JMP | BPF_JGE | BPF_X, 0, yes, no); }
  void at(place here) { where_[here] = code_.size(); }

  std::vector<sock_filter> finish() {
    at(accept);
    op(BPF_RET | BPF_K, 0xffffffff);
    at(drop);
    op(BPF_RET | BPF_K, 0);
    for (std::size_t i = 0; i < code_.size(); ++i) {
      if (BPF_CLASS(code_[i].code) != BPF_JMP) continue;
      code_[i].jt = distance(i, code_[i].jt);
      code_[i].jf = distance(i, code_[i].jf);
    }
    return std::move(code_);
  }

 private:
  void put(unsigned code, std::uint32_t k, place yes, place no) {
    code_.push_back({static_cast<std::uint16_t>(code), yes, no, k});
  }
  [[nodiscard]] std::uint8_t distance(std::size_t from, std::uint8_t to) const {
    return to == next ? std::uint8_t{0} : static_cast<std::uint8_t>(where_[to] - from - 1);
  }

  std::vector<sock_filter> code_;
  std::array<std::size_t, places> where_{};
};

/// A = an identifier.
void check_range(assembler& code, const identifier_range& ours, assembler::place otherwise) {
  code.op(BPF_ALU | BPF_SUB | BPF_K, ours.base);
  code.op(BPF_ALU | BPF_AND | BPF_K, 0xffff);
  code.jump_if_at_least(ours.count == 0 ? 0x10000 : ours.count, otherwise, assembler::accept);
}

/// The identifiers of replies (loaded) and of quotes (at `range`); `load` reads a reply's payload.
void finish_with_identifiers(assembler& code, const identifier_range& ours, unsigned load) {
  check_range(code, ours, ours.nonce ? assembler::stranger : assembler::drop);
  if (ours.nonce) {
    code.at(assembler::stranger);
    code.op(load, icmp_header);  // past the end: the kernel drops the packet
    code.jump_if_equal(*ours.nonce, assembler::accept, assembler::drop);
  }
  code.at(assembler::range);
  check_range(code, ours, assembler::drop);
}

template <std::size_t N>
bool among(const std::array<std::uint8_t, N>& list, std::uint8_t value) {
  return std::ranges::find(list, value) != list.end();
}

}  // namespace

std::vector<sock_filter> icmpv4_filter(const identifier_range& ours) {
  assembler code;
  code.op(BPF_LDX | BPF_B | BPF_MSH, 0);  // X = header length of the outer packet
  code.op(BPF_LD | BPF_B | BPF_IND, 0);
  for (const auto type : replies_v4) code.jump_if_equal(type, assembler::replies);
  for (const auto type : errors_v4) code.jump_if_equal(type, assembler::errors);
  code.op(BPF_RET | BPF_K, 0);
  code.at(assembler::errors);
  code.op(BPF_LD | BPF_W | BPF_LEN);
  code.op(BPF_ALU | BPF_SUB | BPF_X);
  code.jump_if_at_least(icmp_header + ipv4_header, assembler::next, assembler::accept);
  code.op(BPF_LD | BPF_B | BPF_IND, icmp_header + 9);
  code.jump_if_equal(IPPROTO_ICMP, assembler::next, assembler::drop);
  code.op(BPF_LD | BPF_B | BPF_IND, icmp_header);
  code.op(BPF_ALU | BPF_AND | BPF_K, 0xf);
  code.op(BPF_ALU | BPF_LSH | BPF_K, 2);
  code.op(BPF_ALU | BPF_ADD | BPF_X);
  code.op(BPF_MISC | BPF_TAX);  // X = both IPv4 headers, which may reach past the end
  code.op(BPF_LD | BPF_W | BPF_LEN);
  code.jump_if_at_least_x(assembler::next, assembler::accept);
  code.op(BPF_ALU | BPF_SUB | BPF_X);
  code.jump_if_at_least(icmp_header + 8, assembler::next, assembler::accept);
  code.op(BPF_LD | BPF_H | BPF_IND, icmp_header + identifier_at);
  code.jump_if_at_least(0, assembler::range, assembler::range);
  code.at(assembler::replies);
  code.op(BPF_LD | BPF_H | BPF_IND, identifier_at);
  finish_with_identifiers(code, ours, BPF_LD | BPF_W | BPF_IND);
  return code.finish();
}

std::vector<sock_filter> icmpv6_filter(const identifier_range& ours) {
  assembler code;
  code.op(BPF_LD | BPF_B | BPF_ABS, 0);
  for (const auto type : replies_v6) code.jump_if_equal(type, assembler::replies);
  for (const auto type : errors_v6) code.jump_if_equal(type, assembler::errors);
  code.op(BPF_RET | BPF_K, 0);
  code.at(assembler::errors);
  code.op(BPF_LD | BPF_W | BPF_LEN);
  code.jump_if_at_least(icmp_header + ipv6_header + 8, assembler::next, assembler::accept);
  code.op(BPF_LD | BPF_B | BPF_ABS, icmp_header + 6);
  for (const auto header : extensions_v6) code.jump_if_equal(header, assembler::accept);
  code.jump_if_equal(IPPROTO_ICMPV6, assembler::next, assembler::drop);
  code.op(BPF_LD | BPF_H | BPF_ABS, icmp_header + ipv6_header + identifier_at);
  code.jump_if_at_least(0, assembler::range, assembler::range);
  code.at(assembler::replies);
  code.op(BPF_LD | BPF_H | BPF_ABS, identifier_at);
  finish_with_identifiers(code, ours, BPF_LD | BPF_W | BPF_ABS);
  return code.finish();
}

bool admits_ipv4(byte_view packet, const identifier_range& ours) {
  if (packet.empty()) return false;
  const auto outer = (load_u8(packet, 0) & 0xfU) * 4;
  if (packet.size() < outer + 1) return false;
  const auto message = packet.subspan(outer);
  const auto type = load_u8(message, 0);
  if (among(replies_v4, type)) return ours.holds_reply(message);
  if (!among(errors_v4, type)) return false;
  if (message.size() < icmp_header + ipv4_header) return true;
  if (load_u8(message, icmp_header + 9) != IPPROTO_ICMP) return false;
  const auto inner = icmp_header + (load_u8(message, icmp_header) & 0xfU) * 4;
  if (message.size() < inner + 8) return true;
  return ours.holds(load_be16(message, inner + identifier_at));
}

bool admits_icmpv6(byte_view message, const identifier_range& ours) {
  if (message.empty()) return false;
  const auto type = load_u8(message, 0);
  if (among(replies_v6, type)) return ours.holds_reply(message);
  if (!among(errors_v6, type)) return false;
  if (message.size() < icmp_header + ipv6_header + 8) return true;
  const auto following = load_u8(message, icmp_header + 6);
  if (among(extensions_v6, following)) return true;
  if (following != IPPROTO_ICMPV6) return false;
  return ours.holds(load_be16(message, icmp_header + ipv6_header + identifier_at));
}

}  // namespace diag::io

// IEEE 802.3 clause 3, IEEE 802.2, RFC 1042, RFC 826, 791 and 8200 in classic BPF: X holds how far the type
// field lies behind its place in a frame without tags.
#include "libdiag/io/link_filter.hpp"

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "libdiag/io/bpf_assembler.hpp"

namespace diag::io {
namespace {

constexpr std::uint32_t type_at = 12;
constexpr std::uint32_t payload_at = 14;
constexpr std::uint32_t tag_size = 4;
constexpr std::uint32_t most_tags = 2;
constexpr std::uint32_t qinq_old = 0x9100;
constexpr std::uint32_t least_type = 1501;  ///< below: an 802.3 length
constexpr std::uint32_t sap_arp = 0x98;
constexpr std::uint32_t sap_snap = 0xaa;
constexpr std::uint32_t snap_control_and_oui = 0x03000000;
constexpr std::uint32_t snap_size = 8;
constexpr std::uint32_t ipv6_header = 40;
constexpr std::uint32_t icmp = 1, icmpv6 = 58;
constexpr std::uint32_t echo_reply = 0, echo_reply_v6 = 129;
constexpr std::uint32_t first_discovery = 133, last_discovery = 137;  // RFC 4861 §4

/// X = distance, A = type, of what stands behind the tags.
void skip_tags(bpf_assembler& code) {
  code.op(BPF_LDX | BPF_W | BPF_IMM, 0);
  code.op(BPF_LD | BPF_H | BPF_ABS, type_at);
  for (const auto tag : {bpf_assembler::first_tag, bpf_assembler::second_tag}) {
    code.jump_if_equal(ETH_P_8021Q, tag);
    code.jump_if_equal(ETH_P_8021AD, tag);
    code.jump_if_equal(qinq_old, bpf_assembler::next, bpf_assembler::behind_tags);
    code.at(tag);
    const auto shift = tag == bpf_assembler::first_tag ? tag_size : 2 * tag_size;
    code.op(BPF_LDX | BPF_W | BPF_IMM, shift);
    code.op(BPF_LD | BPF_H | BPF_ABS, type_at + shift);
  }
  code.at(bpf_assembler::behind_tags);
}

/// A = a number below least_type: on to the type in SNAP, as if it stood where types do.
void enter_llc(bpf_assembler& code, const link_filter& wanted) {
  code.op(BPF_LD | BPF_B | BPF_IND, payload_at);
  if (wanted.arp) code.jump_if_equal(sap_arp, bpf_assembler::accept);
  code.jump_if_equal(sap_snap, bpf_assembler::next, bpf_assembler::drop);
  code.op(BPF_LD | BPF_W | BPF_IND, payload_at + 2);
  code.jump_if_equal(snap_control_and_oui, bpf_assembler::next, bpf_assembler::drop);
  code.op(BPF_MISC | BPF_TXA);
  code.op(BPF_ALU | BPF_ADD | BPF_K, snap_size);
  code.op(BPF_MISC | BPF_TAX);
  code.op(BPF_LD | BPF_H | BPF_IND, type_at);
}

void judge_ipv6(bpf_assembler& code, const link_filter& wanted) {
  code.at(bpf_assembler::ipv6);
  code.op(BPF_LD | BPF_B | BPF_IND, payload_at + 6);
  code.jump_if_equal(icmpv6, bpf_assembler::next, bpf_assembler::drop);
  code.op(BPF_LD | BPF_B | BPF_IND, payload_at + ipv6_header);
  if (wanted.echo_replies) code.jump_if_equal(echo_reply_v6, bpf_assembler::accept);
  if (!wanted.neighbor_discovery) return code.op(BPF_RET | BPF_K, 0);
  code.op(BPF_ALU | BPF_SUB | BPF_K, first_discovery);  // below: wraps to more than any
  code.jump_if_at_least(last_discovery - first_discovery + 1, bpf_assembler::drop, bpf_assembler::accept);
}

void judge_ipv4(bpf_assembler& code) {
  code.at(bpf_assembler::ipv4);
  code.op(BPF_LD | BPF_B | BPF_IND, payload_at + 9);
  code.jump_if_equal(icmp, bpf_assembler::next, bpf_assembler::drop);
  code.op(BPF_LD | BPF_H | BPF_IND, payload_at + 6);
  code.op(BPF_ALU | BPF_AND | BPF_K, 0x1fff);  // fragment offset
  code.jump_if_equal(0, bpf_assembler::next, bpf_assembler::drop);
  code.op(BPF_LD | BPF_B | BPF_IND, payload_at);
  code.op(BPF_ALU | BPF_AND | BPF_K, 0xf);
  code.op(BPF_ALU | BPF_LSH | BPF_K, 2);
  code.op(BPF_ALU | BPF_ADD | BPF_X);
  code.op(BPF_MISC | BPF_TAX);
  code.op(BPF_LD | BPF_B | BPF_IND, payload_at);
  code.jump_if_equal(echo_reply, bpf_assembler::accept, bpf_assembler::drop);
}

/// Octets with a memory of having been read past their end, where the kernel gives up.
class frame_reader {
 public:
  explicit frame_reader(byte_view frame) : frame_{frame} {}
  std::uint32_t octet(std::size_t at) { return fits(at, 1) ? load_u8(frame_, at) : 0U; }
  std::uint32_t half(std::size_t at) { return fits(at, 2) ? load_be16(frame_, at) : 0U; }
  std::uint32_t word(std::size_t at) { return fits(at, 4) ? load_be32(frame_, at) : 0U; }
  [[nodiscard]] bool short_of() const { return short_; }

 private:
  bool fits(std::size_t at, std::size_t size) {
    if (at + size <= frame_.size()) return true;
    short_ = true;
    return false;
  }
  byte_view frame_;
  bool short_ = false;
};

bool is_tag(std::uint32_t type) {
  return type == ETH_P_8021Q || type == ETH_P_8021AD || type == qinq_old;
}

bool admits_ip(frame_reader& frame, std::size_t at, std::uint32_t type, const link_filter& wanted) {
  if (type == ETH_P_IPV6) {
    if (frame.octet(at + 6) != icmpv6) return false;
    const auto message = frame.octet(at + ipv6_header);
    if (wanted.echo_replies && message == echo_reply_v6) return true;
    return wanted.neighbor_discovery && message >= first_discovery && message <= last_discovery;
  }
  if (frame.octet(at + 9) != icmp || (frame.half(at + 6) & 0x1fffU) != 0) return false;
  return frame.octet(at + (frame.octet(at) & 0xfU) * 4) == echo_reply;
}

bool admits_type(frame_reader& frame, const link_filter& wanted) {
  std::size_t shift = 0;
  auto type = frame.half(type_at);
  for (std::uint32_t tags = 0; tags < most_tags && is_tag(type); ++tags) {
    shift += tag_size;
    type = frame.half(type_at + shift);
  }
  if (type < least_type) {
    const auto sap = frame.octet(payload_at + shift);
    if (wanted.arp && sap == sap_arp) return true;
    if (sap != sap_snap || frame.word(payload_at + shift + 2) != snap_control_and_oui) return false;
    shift += snap_size;
    type = frame.half(type_at + shift);
  }
  if ((wanted.arp && type == ETH_P_ARP) || (wanted.reverse_arp && type == ETH_P_RARP)) return true;
  if (wanted.ether_type && type == *wanted.ether_type) return true;
  const bool ipv6 = type == ETH_P_IPV6 && (wanted.neighbor_discovery || wanted.echo_replies);
  const bool ipv4 = type == ETH_P_IP && wanted.echo_replies;
  return (ipv6 || ipv4) && admits_ip(frame, payload_at + shift, type, wanted);
}

}  // namespace

std::vector<sock_filter> link_filter_program(const link_filter& wanted) {
  const bool ipv6 = wanted.neighbor_discovery || wanted.echo_replies;
  const auto ancillary = [](int which) { return static_cast<std::uint32_t>(SKF_AD_OFF + which); };
  bpf_assembler code;
  if (!wanted.others) {
    code.op(BPF_LD | BPF_B | BPF_ABS, ancillary(SKF_AD_PKTTYPE));
    code.jump_if_equal(PACKET_OTHERHOST, bpf_assembler::drop);
  }
  skip_tags(code);
  code.jump_if_at_least(least_type, bpf_assembler::types, bpf_assembler::next);
  enter_llc(code, wanted);
  code.at(bpf_assembler::types);
  if (wanted.arp) code.jump_if_equal(ETH_P_ARP, bpf_assembler::accept);
  if (wanted.reverse_arp) code.jump_if_equal(ETH_P_RARP, bpf_assembler::accept);
  if (wanted.ether_type) code.jump_if_equal(*wanted.ether_type, bpf_assembler::accept);
  if (wanted.echo_replies) code.jump_if_equal(ETH_P_IP, bpf_assembler::ipv4);
  if (ipv6) code.jump_if_equal(ETH_P_IPV6, bpf_assembler::ipv6);
  code.op(BPF_RET | BPF_K, 0);
  if (wanted.echo_replies) judge_ipv4(code);
  if (ipv6) judge_ipv6(code, wanted);
  return code.finish();
}

bool admits_frame(byte_view octets, const link_filter& wanted) {
  frame_reader frame{octets};
  return admits_type(frame, wanted) && !frame.short_of();
}

}  // namespace diag::io

// RFC 9293 §3.1, RFC 768: the destination port is the second half word.
#include "libdiag/io/port_filter.hpp"

#include "libdiag/io/bpf_assembler.hpp"

namespace diag::io {
namespace {

constexpr std::uint32_t destination_port_at = 2;

/// A = a port.
std::vector<sock_filter> finish_with_ports(bpf_assembler& code, const port_range& ours) {
  code.op(BPF_ALU | BPF_SUB | BPF_K, ours.base);  // below: wraps to more than any count
  code.jump_if_at_least(ours.count, bpf_assembler::drop, bpf_assembler::accept);
  return code.finish();
}

}  // namespace

std::vector<sock_filter> port_filter_v4(const port_range& ours) {
  bpf_assembler code;
  code.op(BPF_LDX | BPF_B | BPF_MSH, 0);  // X = length of the IPv4 header
  code.op(BPF_LD | BPF_H | BPF_IND, destination_port_at);
  return finish_with_ports(code, ours);
}

std::vector<sock_filter> port_filter_v6(const port_range& ours) {
  bpf_assembler code;
  code.op(BPF_LD | BPF_H | BPF_ABS, destination_port_at);
  return finish_with_ports(code, ours);
}

bool admits_port_v4(byte_view packet, const port_range& ours) {
  if (packet.empty()) return false;
  const auto header = (load_u8(packet, 0) & 0xfU) * 4;
  return packet.size() > header && admits_port_v6(packet.subspan(header), ours);
}

bool admits_port_v6(byte_view transport, const port_range& ours) {
  return transport.size() >= destination_port_at + 2 && ours.holds(load_be16(transport, destination_port_at));
}

}  // namespace diag::io

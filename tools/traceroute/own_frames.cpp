// By our ports and identifiers, and by the targets that errors speak of.
#include "tools/traceroute/own_frames.hpp"

#include <algorithm>
#include <utility>

#include "libdiag/wire/dissect.hpp"

namespace diag::traceroute {
namespace {

constexpr std::uint32_t loopback_interface = 1;  // of every network namespace

}  // namespace

own_frames::own_frames(io::port_range ports, io::identifier_range identifiers, bool echoes,
                       std::vector<ip_address> targets)
    : ports_{ports}, identifiers_{identifiers}, echoes_{echoes}, targets_{std::move(targets)} {
  std::sort(targets_.begin(), targets_.end());
}

bool own_frames::is_target(const ip_address& address) const {
  return std::binary_search(targets_.begin(), targets_.end(), address);
}

bool own_frames::concerns(const io::frame& one) const {
  const auto what = wire::dissect(one.packet, wire::link_type::raw_ip);
  if (what.find<wire::ipv4_view>() == nullptr && what.find<wire::ipv6_view>() == nullptr) return true;
  if (const auto* quote = what.find<wire::quoted_packet>()) {
    const auto ports = wire::quoted_ports(*quote);
    return is_target(quote->destination) || (ports && ports_.holds(ports->source));
  }
  // Which way a frame goes: on loopback, and where there is no link header to tell, both.
  const bool untold = one.packet.data() == one.bytes.data() || one.interface == loopback_interface;
  const auto is_end = [&](std::uint16_t source, std::uint16_t destination) {
    return ((one.outgoing || untold) && ports_.holds(source)) ||
           ((!one.outgoing || untold) && ports_.holds(destination));
  };
  if (const auto* udp = what.find<wire::udp_view>())
    return is_end(udp->source_port(), udp->destination_port());
  if (const auto* tcp = what.find<wire::tcp_view>())
    return is_end(tcp->source_port(), tcp->destination_port());
  if (const auto* icmp = what.find<wire::icmpv4_view>()) {
    const auto type = static_cast<std::uint8_t>(icmp->type());
    return type == 0 || type == 8 ? is_ours(icmp->identifier()) : true;
  }
  if (const auto* icmp = what.find<wire::icmpv6_view>()) {
    const auto type = static_cast<std::uint8_t>(icmp->type());
    return type == 128 || type == 129 ? is_ours(icmp->identifier()) : true;
  }
  return false;
}

}  // namespace diag::traceroute

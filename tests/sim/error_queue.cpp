// The kernel's half of IP_RECVERR: ip(7), ipv6(7), udp(7), icmp(7).
#include "tests/sim/error_queue.hpp"

#include <array>
#include <cerrno>

namespace diag::sim {

namespace {
constexpr std::size_t icmp_header = 8;

/// icmp_err_convert of net/ipv4/icmp.c.
int error_of_v4(std::uint8_t type, std::uint8_t code) {
  if (type != 3) return type == 12 ? EPROTO : EHOSTUNREACH;
  constexpr std::array<int, 16> words{ENETUNREACH,  EHOSTUNREACH, ENOPROTOOPT,  ECONNREFUSED,
                                      EMSGSIZE,     EOPNOTSUPP,   ENETUNREACH,  EHOSTDOWN,
                                      ENONET,       ENETUNREACH,  EHOSTUNREACH, ENETUNREACH,
                                      EHOSTUNREACH, EHOSTUNREACH, EHOSTUNREACH, EHOSTUNREACH};
  return code < words.size() ? words[code] : EHOSTUNREACH;
}
/// icmpv6_err_convert of net/ipv6/icmp.c.
int error_of_v6(std::uint8_t type, std::uint8_t code) {
  if (type == 2) return EMSGSIZE;
  if (type == 3) return EHOSTUNREACH;
  if (type != 1) return EPROTO;
  constexpr std::array<int, 7> words{ENETUNREACH,  EACCES, EHOSTUNREACH, EHOSTUNREACH,
                                     ECONNREFUSED, EACCES, EACCES};
  return code < words.size() ? words[code] : EPROTO;
}

bool is_error(bool v4, std::uint8_t type) {
  return v4 ? type == 3 || type == 11 || type == 12 : type >= 1 && type <= 4;
}
}  // namespace

void send_as_kernel(packet& octets, const datagram_sockets& sockets) {
  const auto header = *look(octets);
  if (header.protocol == protocol_udp) return finish_udp(octets);
  if (header.payload.size() < icmp_header) return;
  store_be16(octets, header.header_size + 4, sockets.identifier);
  finish_icmp(octets);
}

std::optional<probe::path_notice> notice_of(byte_view octets, const datagram_sockets& sockets) {
  const auto header = look(octets);
  if (!header || header->payload.size() < icmp_header) return std::nullopt;
  const auto v4 = header->source.is_v4();
  if (header->protocol != (v4 ? protocol_icmp : protocol_icmpv6)) return std::nullopt;
  const auto icmp = header->payload;
  const auto type = load_u8(icmp, 0);
  const auto body = icmp.subspan(icmp_header);
  const auto quote = look(body);
  if (!is_error(v4, type) || !quote || quote->source.is_v4() != v4 || quote->payload.size() < 8)
    return std::nullopt;
  const auto udp = quote->protocol == protocol_udp;
  const auto echo = quote->protocol == (v4 ? protocol_icmp : protocol_icmpv6);
  if (udp && sockets.udp_port != 0 && load_be16(quote->payload, 0) != sockets.udp_port) return std::nullopt;
  if (echo && load_be16(quote->payload, 4) != sockets.identifier) return std::nullopt;
  if (!udp && !echo) return std::nullopt;
  probe::path_notice out;
  out.origin = v4 ? probe::path_notice::origin_kind::icmpv4 : probe::path_notice::origin_kind::icmpv6;
  out.type = type;
  out.code = load_u8(icmp, 1);
  out.error = v4 ? error_of_v4(type, out.code) : error_of_v6(type, out.code);
  if (out.error == EMSGSIZE) out.mtu = v4 ? load_be16(icmp, 6) : load_be32(icmp, 4);
  out.offender = header->source;
  out.destination = quote->destination;
  out.protocol = quote->protocol;
  out.destination_port = udp ? load_be16(quote->payload, 2) : std::uint16_t{0};
  out.hop_limit = header->hop_limit;
  const auto skipped = quote->header_size + (udp ? 8U : 0U);
  out.quoted = body.subspan(skipped);
  // RFC 4884 §4: 32-bit words in ICMPv4, 64-bit words in ICMPv6.
  const auto stated = v4 ? load_u8(icmp, 5) * std::size_t{4} : load_u8(icmp, 4) * std::size_t{8};
  const auto extensible = v4 || type == 1 || type == 3;
  if (extensible && stated >= 128 && stated + 4 <= body.size()) out.extension_at = stated - skipped;
  return out;
}

}  // namespace diag::sim

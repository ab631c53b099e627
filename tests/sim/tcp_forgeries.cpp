// The list: TCP first, then ICMP errors that quote what was never sent.
#include "tests/sim/tcp_forgeries.hpp"

#include <array>

#include "libdiag/core/checksum.hpp"

namespace diag::sim {

namespace {
using probe::reject_reason;
using namespace tcp_flag;

bool is_v4(const packet& octets) {
  return load_u8(octets, 0) >> 4 == 4;
}

ip_address stranger(const packet& probe) {
  return *parse_ip(is_v4(probe) ? "203.0.113.66" : "2001:db8:ff::66");
}

/// With one bit of the checksum wrong. The sum of the pseudo-header alone is avoided: that is what stands
/// there when hardware was to finish the checksum, and nothing tells the two apart.
packet damaged(packet octets) {
  const auto header = *look(octets);
  const auto at = header.header_size + 16;
  octets[at + 1] ^= std::byte{1};
  const auto unfinished = checksum_sum{}
                              .add_pseudo_header(header.source, header.destination, protocol_tcp,
                                                 static_cast<std::uint32_t>(header.payload.size()))
                              .folded();
  if (load_be16(octets, at) == unfinished) octets[at] ^= std::byte{1};
  return octets;
}

/// With another data offset and a checksum that fits.
packet with_offset(packet octets, std::uint8_t words) {
  const auto at = look(octets)->header_size + 12;
  store_u8(octets, at, static_cast<std::uint8_t>(words << 4));
  finish_tcp(octets);
  return octets;
}

packet cut_to(packet octets, std::size_t tcp_size) {
  const auto at = look(octets)->header_size;
  octets.resize(at + tcp_size);
  if (is_v4(octets))
    store_be16(octets, 2, static_cast<std::uint16_t>(octets.size()));
  else
    store_be16(octets, 4, static_cast<std::uint16_t>(tcp_size));
  finish_ip(octets);
  return octets;
}

/// A host unreachable about the probe after `edit` of what it quotes.
template <class Edit>
packet refusal(const packet& probe, Edit&& edit, std::size_t quote = 0) {
  auto quoted = probe;
  edit(quoted, look(quoted)->header_size);
  icmp_error_fields fields;
  fields.from = stranger(probe);
  fields.type = is_v4(probe) ? 3 : 1;
  fields.code = is_v4(probe) ? 1 : 3;
  fields.quote = quote;
  return icmp_error(quoted, fields);
}

const std::array forgeries{
    tcp_forgery{"SYN-ACK, 1000 too far", reject_reason::wrong_ack,
                [](const packet& probe) {
                  return answer_with(probe, syn | ack, [](segment& made) { made.acknowledgment += 1000; });
                }},
    tcp_forgery{"SYN-ACK of our number, not the next", reject_reason::wrong_ack,
                [](const packet& probe) {
                  return answer_with(probe, syn | ack, [](segment& made) { made.acknowledgment -= 1; });
                }},
    tcp_forgery{"SYN-ACK of nothing", reject_reason::wrong_ack,
                [](const packet& probe) {
                  return answer_with(probe, syn | ack, [](segment& made) { made.acknowledgment = 0; });
                }},
    tcp_forgery{"SYN-ACK, wrong checksum", reject_reason::bad_checksum,
                [](const packet& probe) { return damaged(answer_with(probe, syn | ack)); }},
    tcp_forgery{"SYN-ACK-RST", reject_reason::bad_flags,
                [](const packet& probe) { return answer_with(probe, syn | ack | rst); }},
    tcp_forgery{"SYN-ACK-FIN", reject_reason::bad_flags,
                [](const packet& probe) { return answer_with(probe, syn | ack | fin); }},
    tcp_forgery{"bare SYN", reject_reason::simultaneous_open,
                [](const packet& probe) { return answer_with(probe, syn); }},
    tcp_forgery{"bare ACK", reject_reason::bad_flags,
                [](const packet& probe) { return answer_with(probe, ack); }},
    tcp_forgery{"data", reject_reason::bad_flags,
                [](const packet& probe) { return answer_with(probe, psh | ack); }},
    tcp_forgery{"no flags", reject_reason::bad_flags,
                [](const packet& probe) { return answer_with(probe, 0); }},
    tcp_forgery{"data offset 4", reject_reason::bad_tcp_header,
                [](const packet& probe) { return with_offset(answer_with(probe, syn | ack), 4); }},
    tcp_forgery{"data offset 15 of 5", reject_reason::bad_tcp_header,
                [](const packet& probe) { return with_offset(answer_with(probe, syn | ack), 15); }},
    tcp_forgery{"13 octets of TCP", reject_reason::bad_tcp_header,
                [](const packet& probe) { return cut_to(answer_with(probe, syn | ack), 13); }},
    tcp_forgery{"RST of another number", reject_reason::wrong_ack,
                [](const packet& probe) {
                  return answer_with(probe, rst | ack, [](segment& made) { made.acknowledgment += 7; });
                }},
    tcp_forgery{"RST without ACK", reject_reason::reset_without_ack,
                [](const packet& probe) { return answer_with(probe, rst); }},
    tcp_forgery{"RST, wrong checksum", reject_reason::bad_checksum,
                [](const packet& probe) { return damaged(answer_with(probe, rst | ack)); }},
    tcp_forgery{"SYN-ACK of another host", reject_reason::wrong_source,
                [](const packet& probe) {
                  return answer_with(probe, syn | ack,
                                     [&probe](segment& made) { made.source = stranger(probe); });
                }},
    tcp_forgery{"RST of another host", reject_reason::wrong_source,
                [](const packet& probe) {
                  return answer_with(probe, rst | ack,
                                     [&probe](segment& made) { made.source = stranger(probe); });
                }},
    tcp_forgery{"SYN-ACK of another port", reject_reason::wrong_port,
                [](const packet& probe) {
                  return answer_with(probe, syn | ack, [](segment& made) { made.source_port ^= 0x100; });
                }},
    tcp_forgery{"RST of another port", reject_reason::wrong_port,
                [](const packet& probe) {
                  return answer_with(probe, rst | ack, [](segment& made) { made.source_port ^= 1; });
                }},
    tcp_forgery{"SYN-ACK for a port that is not ours", std::nullopt,
                [](const packet& probe) {
                  return answer_with(probe, syn | ack,
                                     [](segment& made) { made.destination_port ^= 0x4000; });
                }},
    tcp_forgery{"refusal of another number", reject_reason::foreign_quote,
                [](const packet& probe) {
                  return refusal(probe, [](packet& quoted, std::size_t tcp) {
                    store_be32(quoted, tcp + 4, load_be32(quoted, tcp + 4) + 1);
                  });
                }},
    tcp_forgery{"refusal of another port", reject_reason::foreign_quote,
                [](const packet& probe) {
                  return refusal(probe, [](packet& quoted, std::size_t tcp) {
                    store_be16(quoted, tcp + 2, load_be16(quoted, tcp + 2) ^ 1U);
                  });
                }},
    tcp_forgery{"refusal of another host's", reject_reason::foreign_quote,
                [](const packet& probe) {
                  return refusal(probe, [](packet& quoted, std::size_t tcp) {
                    quoted[tcp - 1] ^= std::byte{2};
                    finish_ip(quoted);
                  });
                }},
    tcp_forgery{"refusal that quotes six octets of TCP", reject_reason::bad_quote,
                [](const packet& probe) {
                  return refusal(
                      probe, [](packet&, std::size_t) {}, look(probe)->header_size + 6);
                }},
    tcp_forgery{"refusal without a quote", reject_reason::bad_quote,
                [](const packet& probe) {
                  return refusal(
                      probe, [](packet&, std::size_t) {}, 3);
                }},
    tcp_forgery{"refusal, wrong checksum", reject_reason::bad_checksum,
                [](const packet& probe) {
                  auto made = refusal(probe, [](packet&, std::size_t) {});
                  made[icmp_offset(made) + 3] ^= std::byte{1};
                  return made;
                }},
    tcp_forgery{"source quench", reject_reason::source_quench,
                [](const packet& probe) {
                  auto made = refusal(probe, [](packet&, std::size_t) {});
                  if (!is_v4(made)) return packet{};
                  store_u8(made, 20, 4);
                  finish_icmp(made);
                  return made;
                }},
};
}  // namespace

std::span<const tcp_forgery> tcp_forgeries() {
  return forgeries;
}

}  // namespace diag::sim

// The forger: by chance, but each with at least one of the proofs destroyed.
#include "tests/sim/path_forgeries.hpp"

#include <algorithm>

#include "tests/sim/tcp_packets.hpp"

namespace diag::sim {

namespace {
bool is_v4(const packet& octets) {
  return load_u8(octets, 0) >> 4 == 4;
}

/// Another number than the one there.
void change16(packet& octets, std::size_t at, seeded_random& random) {
  store_be16(octets, at, static_cast<std::uint16_t>(load_be16(octets, at) + 1 + random.below(0xfffe)));
}

/// Noise in place of everything that carries a probe's number: identification, and behind the ports
/// everything but lengths.
void forget_numbers(packet& quoted, seeded_random& random) {
  const auto at = look(quoted)->header_size;
  if (is_v4(quoted)) store_be16(quoted, 4, static_cast<std::uint16_t>(random()));
  const auto protocol = look(quoted)->protocol;
  const auto udp = protocol == protocol_udp;
  const auto tcp = protocol == protocol_tcp;
  for (std::size_t i = at + (tcp ? 4 : 6); i < quoted.size(); ++i)
    if (tcp || udp || i >= at + 6) quoted[i] = static_cast<std::byte>(random() & 0xff);
  if (tcp) store_u8(quoted, at + 12, 0x50);
  finish_ip(quoted);
}

/// Ports, or identifier: another flow's.
void change_flow(packet& quoted, seeded_random& random) {
  const auto header = *look(quoted);
  const auto icmp = header.protocol != protocol_udp && header.protocol != protocol_tcp;
  change16(quoted, header.header_size + (icmp ? 4U : random.below(2) * 2), random);
}

void change_destination(packet& quoted, seeded_random& random) {
  quoted[is_v4(quoted) ? 19 : 39] ^= static_cast<std::byte>(1 + random.below(255));
  finish_ip(quoted);
}

packet error_about(const packet& quoted, seeded_random& random, std::size_t quote = 0) {
  icmp_error_fields fields;
  const auto v4 = is_v4(quoted);
  fields.from = parse_ip(v4 ? "203.0.113.0" : "2001:db8:ff::")->plus(1 + random.below(200));
  if (v4)
    fields.type = random.below(3) == 0 ? 3 : 11;
  else
    fields.type = static_cast<std::uint8_t>(1 + random.below(3));
  fields.code = static_cast<std::uint8_t>(random.below(fields.type == 3 && v4 ? 16 : 5));
  fields.quote = quote;
  return icmp_error(quoted, fields);
}

packet noise_about(const packet& probe, seeded_random& random) {
  packet noise(random.below(129));
  for (auto& octet : noise) octet = static_cast<std::byte>(random() & 0xff);
  // Half of them begin as IP headers do.
  if (!noise.empty() && random.below(2) == 0) noise[0] = static_cast<std::byte>(is_v4(probe) ? 0x45 : 0x60);
  ip_header outer;
  outer.source = parse_ip(is_v4(probe) ? "203.0.113.0" : "2001:db8:ff::")->plus(1 + random.below(200));
  outer.destination = look(probe)->source;
  return make_icmp(outer, is_v4(probe) ? 11 : 3, 0, 0, noise);
}

/// In the target's name, to the right port, but to a number never sent.
packet reply_to_nothing(const packet& probe, seeded_random& random) {
  const auto header = *look(probe);
  if (header.protocol == protocol_tcp) {
    const auto flags = random.below(2) == 0 ? tcp_flag::syn | tcp_flag::ack : tcp_flag::rst | tcp_flag::ack;
    return answer_with(probe, static_cast<std::uint16_t>(flags), [&](segment& made) {
      made.sequence = static_cast<std::uint32_t>(random());
      made.acknowledgment += 2 + static_cast<std::uint32_t>(random.below(0xfffffff0));
    });
  }
  auto asked = probe;
  if (header.protocol == protocol_udp) {
    // From a port that was not asked.
    change16(asked, header.header_size + 2, random);
    const auto seen = *look_udp(asked);
    ip_header ip;
    ip.source = seen.ip.destination;
    ip.destination = seen.ip.source;
    return make_udp(ip, seen.destination_port, seen.source_port, as_bytes("forged"));
  }
  forget_numbers(asked, random);
  return echo_reply(asked);
}
}  // namespace

packet forge_answer(const packet& probe, seeded_random& random) {
  auto quoted = probe;
  switch (random.below(8)) {
    case 0:
      return noise_about(probe, random);
    case 1:
      forget_numbers(quoted, random);
      return error_about(quoted, random);
    case 2:
      // In IPv6 as far as the tag: so little as eight octets holds one number only, and that is believed.
      forget_numbers(quoted, random);
      return error_about(quoted, random, look(probe)->header_size + (is_v4(probe) ? 8U : 16U));
    case 3:
      // Not enough of it to prove anything.
      return error_about(quoted, random, 1 + random.below(look(probe)->header_size + 7));
    case 4:
      change_flow(quoted, random);
      forget_numbers(quoted, random);
      return error_about(quoted, random);
    case 5:
      change_destination(quoted, random);
      forget_numbers(quoted, random);
      return error_about(quoted, random);
    case 6: {
      // A true error that was damaged on its way.
      auto made = error_about(quoted, random);
      made[icmp_offset(made) + 2] ^= static_cast<std::byte>(1 + random.below(255));
      return made;
    }
    default:
      return reply_to_nothing(probe, random);
  }
}

}  // namespace diag::sim

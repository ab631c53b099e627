// Datagrams and extensions as octets: RFC 768, 4884, 4950, 5837.
#include "tests/sim/path_packets.hpp"

#include <algorithm>
#include <array>

#include "libdiag/core/checksum.hpp"
#include "libdiag/core/random.hpp"

namespace diag::sim {

namespace {
constexpr std::size_t udp_header = 8;
constexpr std::size_t icmp_header = 8;

bool is_v4(byte_view octets) {
  return load_u8(octets, 0) >> 4 == 4;
}

void append(octet_list& out, byte_view octets) {
  out.insert(out.end(), octets.begin(), octets.end());
}
void append16(octet_list& out, std::uint16_t value) {
  out.resize(out.size() + 2);
  store_be16(out, out.size() - 2, value);
}
void append32(octet_list& out, std::uint32_t value) {
  out.resize(out.size() + 4);
  store_be32(out, out.size() - 4, value);
}

std::uint16_t udp_sum(byte_view octets, const ip_header& header) {
  return checksum_sum{}
      .add_pseudo_header(header.source, header.destination, protocol_udp,
                         static_cast<std::uint32_t>(octets.size()))
      .add(octets)
      .finish();
}

void state_length(packet& octets) {
  if (is_v4(octets))
    store_be16(octets, 2, static_cast<std::uint16_t>(octets.size()));
  else
    store_be16(octets, 4, static_cast<std::uint16_t>(octets.size() - 40));
}
}  // namespace

std::optional<datagram> look_udp(byte_view octets) {
  const auto header = look(octets);
  if (!header || header->protocol != protocol_udp || header->payload.size() < udp_header) return std::nullopt;
  datagram out;
  out.ip = *header;
  out.source_port = load_be16(header->payload, 0);
  out.destination_port = load_be16(header->payload, 2);
  out.checksum = load_be16(header->payload, 6);
  out.payload = header->payload.subspan(udp_header);
  out.at = header->header_size;
  return out;
}

packet make_udp(const ip_header& ip, std::uint16_t source_port, std::uint16_t destination_port,
                byte_view payload) {
  packet body(udp_header);
  store_be16(body, 0, source_port);
  store_be16(body, 2, destination_port);
  append(body, payload);
  store_be16(body, 4, static_cast<std::uint16_t>(body.size()));
  auto outer = ip;
  outer.protocol = protocol_udp;
  auto out = make_ip(outer, body);
  finish_udp(out);
  return out;
}

void finish_udp(packet& octets) {
  finish_ip(octets);
  const auto header = *look(octets);
  if (header.payload.size() < udp_header) return;
  const auto at = header.header_size;
  store_be16(octets, at + 6, 0);
  const auto sum = udp_sum(byte_view{octets}.subspan(at), header);
  store_be16(octets, at + 6, sum == 0 ? 0xffff : sum);
}

bool sound_udp(byte_view octets) {
  const auto header = look(octets);
  if (!header || header->payload.size() < udp_header) return false;
  if (load_be16(header->payload, 6) == 0) return header->source.is_v4();
  return udp_sum(header->payload, *header) == 0;
}

std::uint32_t flow_label(byte_view octets) {
  return is_v4(octets) ? 0 : load_be32(octets, 0) & 0xfffff;
}

void set_traffic_class(packet& octets, std::uint8_t value) {
  if (is_v4(octets)) {
    store_u8(octets, 1, value);
    return finish_ip(octets);
  }
  store_be16(octets, 0, static_cast<std::uint16_t>((load_be16(octets, 0) & 0xf00fU) | unsigned{value} << 4));
}

void set_hop_limit(packet& octets, std::uint8_t value) {
  store_u8(octets, is_v4(octets) ? 8 : 7, value);
  finish_ip(octets);
}

std::uint64_t flow_hash(byte_view octets, std::uint64_t salt) {
  const auto header = look(octets);
  if (!header) return 0;
  const auto from = header->source.words();
  const auto to = header->destination.words();
  const auto first = header->payload.size() < 4 ? 0 : load_be32(header->payload, 0);
  return keyed_hash({salt, 0}, {from[0], from[1], to[0], to[1], header->protocol, first, flow_label(octets)});
}

void replace_word(packet& octets, std::size_t at, std::size_t sum_at, std::uint16_t value) {
  const auto before = load_be16(octets, at);
  store_be16(octets, at, value);
  if (sum_at + 2 <= octets.size())
    store_be16(octets, sum_at, checksum_update(load_be16(octets, sum_at), before, value));
}

octet_list extension_object(std::uint8_t class_num, std::uint8_t c_type, byte_view payload,
                            std::optional<std::uint16_t> length) {
  octet_list out;
  append16(out, length.value_or(static_cast<std::uint16_t>(payload.size() + 4)));
  append16(out, static_cast<std::uint16_t>(class_num << 8 | c_type));
  append(out, payload);
  return out;
}

octet_list mpls_object(const std::vector<label_entry>& labels) {
  octet_list stack;
  // RFC 3032 §2.1.
  for (const auto& one : labels)
    append32(stack,
             one.label << 12 | std::uint32_t{one.traffic_class} << 9 | (one.bottom ? 0x100U : 0U) | one.ttl);
  return extension_object(1, 1, stack);
}

octet_list interface_object(std::uint8_t role, std::uint32_t index, const ip_address& address,
                            std::string_view name, std::uint32_t mtu) {
  octet_list body;
  append32(body, index);
  append16(body, address.is_v4() ? 1 : 2);
  append16(body, 0);
  append(body, address.bytes());
  // RFC 5837 §4.3: its own length, a multiple of four, then the name and zeros.
  const auto size = (name.size() + 1 + 3) / 4 * 4;
  octet_list text(size);
  text[0] = static_cast<std::byte>(size);
  std::ranges::copy(as_bytes(name), text.begin() + 1);
  append(body, text);
  append32(body, mtu);
  return extension_object(2, static_cast<std::uint8_t>(role << 6 | 0x0f), body);
}

octet_list extension_structure(const std::vector<octet_list>& objects, std::uint8_t version,
                               std::uint16_t spoil_checksum) {
  octet_list out(4);
  store_u8(out, 0, static_cast<std::uint8_t>(version << 4));
  for (const auto& one : objects) append(out, one);
  store_be16(out, 2, internet_checksum(out) ^ spoil_checksum);
  return out;
}

packet exact_error(const packet& offending, const icmp_error_fields& fields, std::size_t quote) {
  const auto header = *look(offending);
  ip_header outer;
  outer.source = fields.from;
  outer.destination = header.source;
  outer.hop_limit = fields.hop_limit;
  return make_icmp(outer, fields.type, fields.code, fields.rest,
                   byte_view{offending}.first(std::min(quote, offending.size())));
}

void append_extension(packet& error, byte_view structure, std::optional<std::uint8_t> length_field) {
  const auto v4 = is_v4(error);
  const auto at = icmp_offset(error);
  const std::size_t word = v4 ? 4 : 8;
  const auto quote = error.size() - at - icmp_header;
  const auto padded = std::max<std::size_t>(128, (quote + word - 1) / word * word);
  error.resize(at + icmp_header + padded);
  // RFC 4884 §4.1 and §4.2 (ICMPv4: the second octet of what was unused), §4.4 and §4.5 (ICMPv6: the first).
  store_u8(error, at + (v4 ? 5 : 4), length_field.value_or(static_cast<std::uint8_t>(padded / word)));
  append(error, structure);
  state_length(error);
  finish_ip(error);
  finish_icmp(error);
}

}  // namespace diag::sim

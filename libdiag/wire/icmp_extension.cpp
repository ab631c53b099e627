// ICMP extension structure: RFC 4884 §7 and §8; MPLS: RFC 4950 §3, RFC 3032 §2.1; interface: RFC 5837 §4.
#include "libdiag/wire/icmp_extension.hpp"

namespace diag::wire {

namespace {

constexpr std::size_t structure_header_size = 4;
constexpr std::size_t object_header_size = 4;
constexpr std::size_t min_original = 128;  // RFC 4884 §4: a quote before an extension is padded up to this
constexpr std::size_t label_size = 4;
constexpr std::uint8_t incoming_label_stack = 1;  // RFC 4950 §3, the only class type

// RFC 5837 §4.1: the class type is a bit field.
constexpr std::uint8_t has_index = 0x08;
constexpr std::uint8_t has_address = 0x04;
constexpr std::uint8_t has_name = 0x02;
constexpr std::uint8_t has_mtu = 0x01;
constexpr std::uint16_t family_ipv4 = 1;  // IANA address family numbers
constexpr std::uint16_t family_ipv6 = 2;
constexpr std::size_t max_name_object = 64;  // §4.3

icmp_extension read_structure(byte_view octets, extension_placement placement) {
  icmp_extension extension;
  extension.placement = placement;
  extension.version = static_cast<std::uint8_t>(load_u8(octets, 0) >> 4);
  // RFC 4884 §7: zero means that the sender computed none.
  extension.checksum = load_be16(octets, 2) == 0 ? checksum_validity::absent : verify_alone(octets);
  extension.objects = octets.subspan(structure_header_size);
  return extension;
}

icmp_error_body split_stated(byte_view body, std::size_t stated) {
  icmp_error_body parts{.original = body, .extension = {}, .bad_length = true};
  if (stated > body.size()) return parts;
  const auto octets = body.subspan(stated);
  if (octets.size() >= structure_header_size) {
    const auto extension = read_structure(octets, extension_placement::stated);
    // Below the minimum and with no structure where it points, the field is junk from a sender older than
    // RFC 4884: the whole body is the quote.
    if (stated < min_original && !extension.usable()) return parts;
    parts.extension = extension;
  }
  parts.original = body.first(stated);
  parts.bad_length = stated < min_original || (!octets.empty() && octets.size() < structure_header_size);
  return parts;
}

icmp_error_body split_legacy(byte_view body) {
  icmp_error_body parts{.original = body, .extension = {}, .bad_length = false};
  if (body.size() < min_original + structure_header_size) return parts;
  const auto extension = read_structure(body.subspan(min_original), extension_placement::legacy);
  // RFC 4884 §5.5: only the version and the checksum tell a structure from the rest of a long quote.
  if (extension.version != icmp_extension::known_version || extension.checksum != checksum_validity::good)
    return parts;
  parts.original = body.first(min_original);
  parts.extension = extension;
  return parts;
}

icmp_error_body split(byte_view body, std::size_t stated, bool extensible) {
  if (!extensible) return {.original = body, .extension = {}, .bad_length = false};
  return stated != 0 ? split_stated(body, stated) : split_legacy(body);
}

bool read_address(interface_information& information, byte_reader& reader) {
  const auto family = reader.be16();
  reader.skip(2);  // reserved
  if (family != family_ipv4 && family != family_ipv6) return false;
  const auto octets = reader.take(family == family_ipv4 ? 4 : 16);
  if (!reader.ok()) return false;
  information.address = ip_address::from_bytes(octets);
  return true;
}

bool read_name(interface_information& information, byte_reader& reader) {
  const std::size_t length = reader.u8();  // §4.3: itself included, a multiple of four
  if (length == 0 || length > max_name_object || length % 4 != 0) return false;
  auto name = reader.take(length - 1);
  while (!name.empty() && name.back() == std::byte{0}) name = name.first(name.size() - 1);
  information.name = name;
  return reader.ok();
}

}  // namespace

icmp_error_body split_error_body(const icmpv4_view& message) {
  const auto type = message.type();
  return split(message.body(), message.original_length(),
               type == icmpv4_type::destination_unreachable || type == icmpv4_type::time_exceeded ||
                   type == icmpv4_type::parameter_problem);
}

icmp_error_body split_error_body(const icmpv6_view& message) {
  const auto type = message.type();
  return split(message.body(), message.original_length(),
               type == icmpv6_type::destination_unreachable || type == icmpv6_type::time_exceeded);
}

std::optional<icmp_extension> parse_extension(byte_view structure) {
  if (structure.size() < structure_header_size) return std::nullopt;
  return read_structure(structure, extension_placement::stated);
}

std::optional<icmp_extension_object> icmp_extension_objects::next() {
  if (rest_.empty()) return std::nullopt;
  // RFC 4884 §8: the length counts its own header of four.
  const std::size_t length = rest_.size() < object_header_size ? 0 : load_be16(rest_, 0);
  if (length < object_header_size || length > rest_.size() || count_ == max_objects) {
    malformed_ = true;
    rest_ = {};
    return std::nullopt;
  }
  const icmp_extension_object object{
      .class_num = extension_class{load_u8(rest_, 2)},
      .c_type = load_u8(rest_, 3),
      .payload = rest_.subspan(object_header_size, length - object_header_size)};
  rest_ = rest_.subspan(length);
  ++count_;
  return object;
}

std::optional<mpls_stack> parse_mpls_stack(const icmp_extension_object& object) {
  if (object.class_num != extension_class::mpls_label_stack || object.c_type != incoming_label_stack)
    return std::nullopt;
  mpls_stack stack;
  byte_reader reader{object.payload};
  bool bottom_seen = false;
  while (reader.remaining() >= label_size && stack.count < mpls_stack::max_labels) {
    const auto word = reader.be32();
    if (bottom_seen) stack.malformed = true;
    bottom_seen = (word >> 8 & 1) != 0;
    stack.entries[stack.count++] = {.label = word >> 12,
                                    .traffic_class = static_cast<std::uint8_t>(word >> 9 & 7),
                                    .bottom = bottom_seen,
                                    .ttl = static_cast<std::uint8_t>(word & 0xff)};
  }
  if (!bottom_seen || reader.remaining() != 0) stack.malformed = true;
  return stack;
}

std::string_view describe(interface_role role) {
  switch (role) {
    case interface_role::incoming:
      return "incoming";
    case interface_role::sub_ip:
      return "sub-IP component of incoming";
    case interface_role::outgoing:
      return "outgoing";
    case interface_role::next_hop:
      return "next hop";
  }
  return "unknown";
}

std::optional<interface_information> parse_interface_information(const icmp_extension_object& object) {
  if (object.class_num != extension_class::interface_information) return std::nullopt;
  interface_information information;
  information.role = interface_role{static_cast<std::uint8_t>(object.c_type >> 6)};
  byte_reader reader{object.payload};
  // RFC 5837 §4.1: the sub-objects come in this order, each only when its bit is set. Where one cannot be
  // read the next one's place is unknown.
  const auto read_all = [&] {
    if ((object.c_type & has_index) != 0) {
      const auto index = reader.be32();
      if (!reader.ok()) return false;
      information.index = index;
    }
    if ((object.c_type & has_address) != 0 && !read_address(information, reader)) return false;
    if ((object.c_type & has_name) != 0 && !read_name(information, reader)) return false;
    if ((object.c_type & has_mtu) != 0) {
      const auto mtu = reader.be32();
      if (!reader.ok()) return false;
      information.mtu = mtu;
    }
    return true;
  };
  information.malformed = !read_all() || reader.remaining() != 0;
  return information;
}

}  // namespace diag::wire

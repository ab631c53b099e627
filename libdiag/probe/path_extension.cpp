// Object by object; what lies about itself is marked, and the walk ends there.
#include "libdiag/probe/path_extension.hpp"

#include <array>

namespace diag::probe {

namespace {

constexpr std::size_t most_interfaces = 8;  // four roles, twice
constexpr std::size_t most_others = 8;
constexpr std::size_t most_octets_shown = 64;

void append_hex(std::string& text, std::uint8_t octet) {
  constexpr std::string_view digits = "0123456789abcdef";
  text += digits[octet >> 4];
  text += digits[octet & 0xf];
}

/// As Butskoy's traceroute -e writes what it does not know: class, type, octets.
std::string object_text(const wire::icmp_extension_object& object) {
  auto text = std::to_string(static_cast<unsigned>(object.class_num)) + "/" + std::to_string(object.c_type);
  if (!object.payload.empty()) text += ":";
  for (std::size_t i = 0; i < object.payload.size() && i < most_octets_shown; ++i)
    append_hex(text, load_u8(object.payload, i));
  if (object.payload.size() > most_octets_shown) text += "...";
  return text;
}

hop_interface owned(const wire::interface_information& what) {
  hop_interface out;
  out.role = what.role;
  out.index = what.index;
  out.address = what.address;
  out.mtu = what.mtu;
  for (const auto octet : what.name) out.name += static_cast<char>(octet);
  return out;
}

}  // namespace

void read_extension(const wire::icmp_extension& extension, path_answer& into) {
  if (!extension.usable()) {
    into.bad_extension = true;
    return;
  }
  wire::icmp_extension_objects objects{extension.objects};
  while (const auto object = objects.next()) {
    if (const auto stack = wire::parse_mpls_stack(*object)) {
      into.bad_extension = into.bad_extension || stack->malformed;
      if (into.mpls.empty()) into.mpls.assign(stack->labels().begin(), stack->labels().end());
    } else if (const auto interface = wire::parse_interface_information(*object)) {
      into.bad_extension = into.bad_extension || interface->malformed;
      if (into.interfaces.size() < most_interfaces) into.interfaces.push_back(owned(*interface));
    } else if (into.other_objects.size() < most_others) {
      into.other_objects.push_back(object_text(*object));
    }
  }
  into.bad_extension = into.bad_extension || objects.malformed();
}

}  // namespace diag::probe

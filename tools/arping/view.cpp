// Addresses as people know them.
#include "tools/arping/view.hpp"

#include "libdiag/core/text.hpp"

namespace diag::arping {

std::string stage::label(std::uint32_t target) const {
  const auto address = plan.targets.at(target);
  const auto name = options.numeric ? std::string_view{} : named.name_of(address);
  return name.empty() ? address_text(address) : safe_text(name);
}

std::string stage::address_text(const ip_address& address) const {
  return around.text_of(address);
}

std::string stage::interface_name(std::uint32_t index) const {
  const auto* link = around.link_at(index);
  return link == nullptr ? std::string{} : safe_text(link->name);
}

bool stage::is_second_look(const probe::neighbor_reply& reply) const {
  return reply.way == probe::asked_by::unicast && options.how == manner::broadcast && !options.dest_mac;
}

std::string_view stage::vendor_of(const mac_address& mac) const {
  return vendors == nullptr ? std::string_view{} : vendors->vendor_of(mac);
}

std::string stage::owner_text(const mac_address& mac) const {
  const auto vendor = vendor_of(mac);
  return to_string(mac) + (vendor.empty() ? "" : " (" + std::string{vendor} + ")");
}

}  // namespace diag::arping

// Look-ups in what the kernel said, and the one list of reasons why a link cannot be asked on.
#include "tools/arping/network.hpp"

#include <algorithm>

#include "libdiag/core/text.hpp"

namespace diag::arping {
namespace {

constexpr std::uint16_t ethernet = 1;  // ARPHRD_ETHER

failure refusal(const io::link& link, std::string why, std::string hint) {
  return {{}, "ask on", link.name, std::move(why), std::move(hint)};
}

}  // namespace

const io::link* network::link_named(const std::string& name) const {
  const auto found =
      std::find_if(links.begin(), links.end(), [&](const io::link& one) { return one.name == name; });
  return found == links.end() ? nullptr : &*found;
}

const io::link* network::link_at(std::uint32_t index) const {
  const auto found =
      std::find_if(links.begin(), links.end(), [&](const io::link& one) { return one.index == index; });
  return found == links.end() ? nullptr : &*found;
}

std::string network::text_of(const ip_address& address) const {
  if (address.scope() == 0) return to_string(address);
  auto bare = address;
  bare.scope(0);
  const auto* link = link_at(address.scope());
  return to_string(bare) + '%' + (link != nullptr ? safe_text(link->name) : std::to_string(address.scope()));
}

const io::interface_address* network::own(const ip_address& address) const {
  const auto found = std::find_if(addresses.begin(), addresses.end(),
                                  [&](const auto& one) { return one.address == address; });
  return found == addresses.end() ? nullptr : &*found;
}

const io::interface_address* network::prefix_of(const ip_address& address, std::uint32_t interface) const {
  const io::interface_address* best = nullptr;
  for (const auto& one : addresses) {
    if (interface != 0 && one.interface != interface) continue;
    if (one.address.family() != address.family() || !arping::prefix_of(one).contains(address)) continue;
    if (best == nullptr || one.prefix_length > best->prefix_length) best = &one;
  }
  return best;
}

result<network> ask_kernel() {
  auto links = io::links();
  if (!links) return links.error();
  auto addresses = io::addresses();
  if (!addresses) return addresses.error();
  network made;
  made.links = std::move(*links);
  made.addresses = std::move(*addresses);
  made.route = [](const ip_address& to, const std::string& interface) {
    return io::route_to(to, {.interface = interface});
  };
  return made;
}

std::optional<failure> unfit(const io::link& link) {
  if (link.loopback)
    return refusal(link, "it is the loopback interface, where nobody else is", "name another with -I");
  if (link.no_arp)
    return refusal(link, "it does no ARP (NOARP)",
                   "nobody on it has a hardware address to tell; see: ip link show " + link.name);
  if (link.hardware != ethernet || !link.mac)
    return refusal(link, "it is not Ethernet", "see: ip link show " + link.name);
  if (!link.up) return refusal(link, "it is down", "ip link set " + link.name + " up");
  if (!link.running)
    return refusal(link, "it has no carrier", "check the cable, the switch port, or the other end");
  return std::nullopt;
}

ip_prefix prefix_of(const io::interface_address& entry) {
  return {entry.address, entry.prefix_length};
}

}  // namespace diag::arping

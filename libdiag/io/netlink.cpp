// rtnetlink(7): RTM_GETROUTE, RTM_GETNEIGH, RTM_GETLINK, RTM_GETADDR.
#include "libdiag/io/netlink.hpp"

#include <cerrno>
#include <cstring>
#include <linux/neighbour.h>
#include <net/if.h>

#include "libdiag/io/netlink_query.hpp"

namespace diag::io {
namespace {

std::uint32_t number(byte_view octets) {
  std::uint32_t value = 0;  // host order, as netlink speaks
  if (octets.size() >= sizeof value) std::memcpy(&value, octets.data(), sizeof value);
  return value;
}

std::string text(byte_view octets) {
  std::string out;
  for (const auto octet : octets) {
    if (octet == std::byte{0}) break;
    out.push_back(std::to_integer<char>(octet));
  }
  return out;
}

std::optional<mac_address> mac(byte_view octets) {
  mac_address out;
  if (octets.size() != out.octets.size()) return std::nullopt;
  std::memcpy(out.octets.data(), octets.data(), octets.size());
  return out;
}

std::uint8_t family_number(ip_family family) {
  return family == ip_family::v4 ? AF_INET : AF_INET6;
}

std::string interface_name(std::uint32_t index) {
  std::array<char, IF_NAMESIZE> name{};
  return ::if_indextoname(index, name.data()) != nullptr ? std::string{name.data()} : std::string{};
}

route read_route(const nlmsghdr* message) {
  route found;
  const auto* header = static_cast<const rtmsg*>(::mnl_nlmsg_get_payload(message));
  found.type = route_type{header->rtm_type};
  for_each_attribute(attributes_of<rtmsg>(message), [&](int type, byte_view octets) {
    if (type == RTA_OIF) found.interface = number(octets);
    if (type == RTA_PREFSRC) found.source = ip_address::from_bytes(octets);
    if (type == RTA_GATEWAY) found.gateway = ip_address::from_bytes(octets);
    // An IPv4 route may lead by way of an IPv6 next hop: RFC 5549. Family (2 octets), then the address.
    if (type == RTA_VIA && octets.size() > 2) found.gateway = ip_address::from_bytes(octets.subspan(2));
    if (type != RTA_METRICS) return;
    for_each_attribute(octets, [&](int metric, byte_view value) {
      if (metric == RTAX_MTU) found.mtu = number(value);
    });
  });
  return found;
}

link read_link(const nlmsghdr* message) {
  link found;
  const auto* header = static_cast<const ifinfomsg*>(::mnl_nlmsg_get_payload(message));
  found.index = static_cast<std::uint32_t>(header->ifi_index);
  found.hardware = header->ifi_type;
  const auto has = [flags = header->ifi_flags](unsigned bits) { return (flags & bits) != 0; };
  found.up = has(IFF_UP);
  found.running = has(IFF_RUNNING);
  found.loopback = has(IFF_LOOPBACK);
  found.broadcast = has(IFF_BROADCAST);
  found.point_to_point = has(IFF_POINTOPOINT);
  found.no_arp = has(IFF_NOARP);
  for_each_attribute(attributes_of<ifinfomsg>(message), [&](int type, byte_view octets) {
    if (type == IFLA_IFNAME) found.name = text(octets);
    if (type == IFLA_ADDRESS) found.mac = mac(octets);
    if (type == IFLA_MTU) found.mtu = number(octets);
  });
  return found;
}

neighbor read_neighbor(const nlmsghdr* message) {
  neighbor found;
  const auto* header = static_cast<const ndmsg*>(::mnl_nlmsg_get_payload(message));
  found.interface = static_cast<std::uint32_t>(header->ndm_ifindex);
  found.state = neighbor_state{header->ndm_state};
  for_each_attribute(attributes_of<ndmsg>(message), [&](int type, byte_view octets) {
    if (type == NDA_DST) found.address = ip_address::from_bytes(octets);
    if (type == NDA_LLADDR) found.mac = mac(octets);
  });
  if (found.address.is_link_local()) found.address.scope(found.interface);
  return found;
}

interface_address read_address(const nlmsghdr* message) {
  interface_address found;
  const auto* header = static_cast<const ifaddrmsg*>(::mnl_nlmsg_get_payload(message));
  found.interface = header->ifa_index;
  found.prefix_length = header->ifa_prefixlen;
  ip_address local;
  std::uint32_t flags = header->ifa_flags;
  for_each_attribute(attributes_of<ifaddrmsg>(message), [&](int type, byte_view octets) {
    if (type == IFA_ADDRESS) found.address = ip_address::from_bytes(octets);
    if (type == IFA_LOCAL) local = ip_address::from_bytes(octets);
    if (type == IFA_FLAGS) flags = number(octets);
  });
  // On a point-to-point link IFA_ADDRESS is the peer's, IFA_LOCAL ours.
  if (local) found.address = local;
  if (found.address.is_link_local()) found.address.scope(found.interface);
  found.tentative = (flags & IFA_F_TENTATIVE) != 0;
  found.deprecated = (flags & IFA_F_DEPRECATED) != 0;
  return found;
}

}  // namespace

result<route> route_to(const ip_address& destination, const route_query& query) {
  constexpr auto operation = "look up route";
  netlink_request request{RTM_GETROUTE, NLM_F_ACK};
  auto& body = request.body<rtmsg>();
  body.rtm_family = family_number(destination.family());
  body.rtm_dst_len = static_cast<std::uint8_t>(destination.bytes().size() * 8);
  if (query.traffic_class) body.rtm_tos = *query.traffic_class & 0x1c;  // the kernel refuses other bits
  request.add(RTA_DST, destination);
  if (query.source) {
    body.rtm_src_len = static_cast<std::uint8_t>(query.source.bytes().size() * 8);
    request.add(RTA_SRC, query.source);
  }
  auto index = destination.scope();
  if (!query.interface.empty()) {
    index = ::if_nametoindex(query.interface.c_str());
    if (index == 0)
      return system_failure(ENODEV, operation, query.interface, "no such interface; see: ip link");
  }
  if (index != 0) request.add(RTA_OIF, index);
  if (query.mark) request.add(RTA_MARK, *query.mark);

  std::optional<route> found;
  const int error = ask_netlink(request, [&](const nlmsghdr* message) {
    if (message->nlmsg_type == RTM_NEWROUTE) found = read_route(message);
  });
  // IPv4 says what kind of dead end it is by errno alone; IPv6 by the route's type.
  if (error == EINVAL && !destination.is_multicast()) found = route{.type = route_type::blackhole};
  if (error == EACCES) found = route{.type = route_type::prohibit};
  if (error == EHOSTUNREACH) found = route{.type = route_type::unreachable};
  if (!found)
    return system_failure(error != 0 ? error : ENETUNREACH, operation, to_string(destination),
                          "see: ip route get ADDRESS");
  if (found->interface != 0) found->interface_name = interface_name(found->interface);
  return *found;
}

result<std::optional<neighbor>> neighbor_of(const ip_address& address, std::uint32_t interface) {
  netlink_request request{RTM_GETNEIGH, NLM_F_ACK};
  auto& body = request.body<ndmsg>();
  body.ndm_family = family_number(address.family());
  body.ndm_ifindex = static_cast<int>(interface);
  request.add(NDA_DST, address);
  std::optional<neighbor> found;
  const int error = ask_netlink(request, [&](const nlmsghdr* message) {
    if (message->nlmsg_type == RTM_NEWNEIGH) found = read_neighbor(message);
  });
  if (error != 0 && error != ENOENT) return system_failure(error, "look up neighbour", to_string(address));
  return found;
}

result<std::vector<neighbor>> neighbors(std::uint32_t interface) {
  std::vector<neighbor> found;
  for (const auto family : {ip_family::v4, ip_family::v6}) {
    netlink_request request{RTM_GETNEIGH, NLM_F_DUMP};
    request.body<ndmsg>().ndm_family = family_number(family);
    // A kernel from before 4.4 does not heed it and dumps all.
    if (interface != 0) request.add(NDA_IFINDEX, interface);
    const int error = ask_netlink(request, [&](const nlmsghdr* message) {
      if (message->nlmsg_type != RTM_NEWNEIGH) return;
      auto one = read_neighbor(message);
      if (one.address && (interface == 0 || one.interface == interface)) found.push_back(std::move(one));
    });
    if (error != 0) return system_failure(error, "list neighbours");
  }
  return found;
}

result<std::vector<link>> links() {
  netlink_request request{RTM_GETLINK, NLM_F_DUMP};
  request.body<ifinfomsg>().ifi_family = AF_UNSPEC;
  std::vector<link> found;
  const int error = ask_netlink(request, [&](const nlmsghdr* message) {
    if (message->nlmsg_type == RTM_NEWLINK) found.push_back(read_link(message));
  });
  if (error != 0) return system_failure(error, "list interfaces");
  return found;
}

result<std::vector<interface_address>> addresses() {
  netlink_request request{RTM_GETADDR, NLM_F_DUMP};
  request.body<ifaddrmsg>().ifa_family = AF_UNSPEC;
  std::vector<interface_address> found;
  const int error = ask_netlink(request, [&](const nlmsghdr* message) {
    if (message->nlmsg_type == RTM_NEWADDR) found.push_back(read_address(message));
  });
  if (error != 0) return system_failure(error, "list addresses");
  return found;
}

namespace {

result<std::optional<link>> find_link(netlink_request& request, const std::string& subject) {
  std::optional<link> found;
  const int error = ask_netlink(request, [&](const nlmsghdr* message) {
    if (message->nlmsg_type == RTM_NEWLINK) found = read_link(message);
  });
  if (error != 0 && error != ENODEV) return system_failure(error, "look up interface", subject);
  return found;
}

}  // namespace

result<std::optional<link>> link_named(const std::string& name) {
  netlink_request request{RTM_GETLINK, NLM_F_ACK};
  request.body<ifinfomsg>().ifi_family = AF_UNSPEC;
  if (name.empty() || name.size() >= IF_NAMESIZE) return std::optional<link>{};
  request.add(IFLA_IFNAME, name.c_str());
  return find_link(request, name);
}

result<std::optional<link>> link_at(std::uint32_t index) {
  netlink_request request{RTM_GETLINK, NLM_F_ACK};
  auto& body = request.body<ifinfomsg>();
  body.ifi_family = AF_UNSPEC;
  body.ifi_index = static_cast<int>(index);
  if (index == 0) return std::optional<link>{};
  return find_link(request, "with index " + std::to_string(index));
}

std::string_view describe(route_type type) {
  switch (type) {
    case route_type::unspecified:
      return "unspecified";
    case route_type::unicast:
      return "unicast";
    case route_type::local:
      return "local";
    case route_type::broadcast:
      return "broadcast";
    case route_type::anycast:
      return "anycast";
    case route_type::multicast:
      return "multicast";
    case route_type::blackhole:
      return "blackhole";
    case route_type::unreachable:
      return "unreachable";
    case route_type::prohibit:
      return "prohibit";
    case route_type::discard:
      return "throw";
  }
  return "unknown";
}

std::string_view describe(neighbor_state state) {
  switch (state) {
    case neighbor_state::none:
      return "none";
    case neighbor_state::incomplete:
      return "incomplete";
    case neighbor_state::reachable:
      return "reachable";
    case neighbor_state::stale:
      return "stale";
    case neighbor_state::delay:
      return "delay";
    case neighbor_state::probe:
      return "probe";
    case neighbor_state::failed:
      return "failed";
    case neighbor_state::noarp:
      return "noarp";
    case neighbor_state::permanent:
      return "permanent";
  }
  return "unknown";
}

}  // namespace diag::io

// What this host is connected to, as far as it matters whom it can ask: links, addresses, routes.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libdiag/core/result.hpp"
#include "libdiag/io/netlink.hpp"

namespace diag::arping {

struct network {
  std::vector<io::link> links{};
  std::vector<io::interface_address> addresses{};
  /// The kernel's choice; with a name, through that interface alone.
  std::function<result<io::route>(const ip_address& to, const std::string& interface)> route{};

  [[nodiscard]] const io::link* link_named(const std::string& name) const;
  [[nodiscard]] const io::link* link_at(std::uint32_t index) const;
  /// With its zone as a name: "fe80::1%eth0".
  [[nodiscard]] std::string text_of(const ip_address& address) const;
  /// The entry of that address of ours, if it is one.
  [[nodiscard]] const io::interface_address* own(const ip_address& address) const;
  /// The longest prefix of ours that holds the address; on that link alone, if one is given.
  [[nodiscard]] const io::interface_address* prefix_of(const ip_address& address,
                                                       std::uint32_t interface = 0) const;
};

/// Two netlink dumps; routes are asked for when they are needed.
result<network> ask_kernel();

/// Why nobody can be asked on a link, in one line with what to do; nullopt: it is fit. In this order:
/// loopback, without ARP, not Ethernet, down, without carrier.
std::optional<failure> unfit(const io::link& link);

/// The network of an address of ours.
ip_prefix prefix_of(const io::interface_address& entry);

}  // namespace diag::arping

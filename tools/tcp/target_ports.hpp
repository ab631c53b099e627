// TARGET[:PORTS], a word of the command line or of a target file.
//
// A colon also belongs to IPv6 addresses, so an address of that family takes ports only in brackets:
// "[2001:db8::1]:443", "[2001:db8::/120]:443". A word with two colons outside brackets never has ports.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tools/common/port_list.hpp"
#include "tools/common/target_text.hpp"

namespace diag::tcp {

using tools::port_interval;
using tools::port_set;
using tools::service_lookup;
using tools::system_service;

/// A word taken apart and not looked at: "[2001:db8::1]:443" is "2001:db8::1" and "443".
struct split_target {
  std::string_view target;
  std::optional<std::string_view> ports{};
  bool bracketed = false;
};
result<split_target, tools::target_text_error> split_ports(std::string_view word);

struct target_ports {
  tools::target_text target;
  std::vector<std::uint16_t> ports{};  ///< empty: the word has none
};
/// Never asks the name service.
result<target_ports, tools::target_text_error> parse_target_ports(
    std::string_view word, const service_lookup& services = system_service);

}  // namespace diag::tcp

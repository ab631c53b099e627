// One word of the command line or of a target file: an address, a network, a range, or a name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "libdiag/core/address.hpp"
#include "libdiag/core/result.hpp"

namespace diag::tools {

/// `count` consecutive addresses.
struct address_block {
  ip_address first;
  std::uint64_t count = 1;
};
/// Still to be looked up.
struct host_name {
  std::string text;
};
using target_text = std::variant<address_block, host_name>;

/// Why a word names no target, and what may be done about it.
struct target_text_error {
  std::string why;
  std::string hint{};
};
[[noreturn]] inline void throw_exception_from_error(const target_text_error&, const boost::source_location&) {
  std::terminate();
}

/// More addresses than a run can number: 2^32 - 1.
inline constexpr std::uint64_t most_targets = 0xffff'ffff;

/// "192.0.2.1", "[::1]", "fe80::1%eth0", "192.0.2.0/24" (all its addresses), "192.0.2.1-192.0.2.20",
/// "192.0.2.1-20", "2001:db8::1-2001:db8::ff", or a name. Never asks the name service.
result<target_text, target_text_error> parse_target(std::string_view word);

/// From `first` to `last`, both included.
result<address_block, target_text_error> make_range(const ip_address& first, const ip_address& last);

}  // namespace diag::tools

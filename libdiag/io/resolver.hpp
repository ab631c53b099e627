// Names to addresses: strict literals first, getaddrinfo(3) for the rest. Blocks; starts no thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/result.hpp"

namespace diag::io {

/// Why a name gave no address.
struct resolve_error {
  enum class kind_type : std::uint8_t {
    malformed,     ///< not a name nor an address: a usage error
    unknown,       ///< the name does not exist, or has no address
    wrong_family,  ///< it has addresses, of the other family only
    temporary,     ///< the name servers could not be asked; later it may work
    system,        ///< our own part failed
  };
  kind_type kind = kind_type::unknown;
  failure what;  ///< ready for describe()
};
[[noreturn]] inline void throw_exception_from_error(const resolve_error&, const boost::source_location&) {
  std::terminate();
}

/// A literal as users write it: "192.0.2.1", "2001:db8::1", "[::1]", "fe80::1%eth0". `legacy` IPv4 forms
/// ("010.0.0.1", "0x7f.1", "1.2", "2130706433") are malformed, and the failure says how they would have been
/// read. nullopt inside: not a literal, so a name.
result<std::optional<ip_address>, resolve_error> parse_literal(std::string_view text);

/// All addresses of `name` in the order the system prefers them (RFC 6724), without repetition; `family`
/// none: both. Literals never reach the system's name service.
result<std::vector<ip_address>, resolve_error> resolve(std::string_view name,
                                                       ip_family family = ip_family::none);
/// The name of an address, as the name service gives it: unescaped and not to be trusted.
result<std::string, resolve_error> reverse(const ip_address& address);

}  // namespace diag::io

// Names of addresses: in-addr.arpa (RFC 1035 §3.5) and ip6.arpa (RFC 3596 §2.5).
#pragma once

#include <optional>

#include "libdiag/core/address.hpp"
#include "libdiag/wire/dns_name.hpp"

namespace diag::wire {

/// "7.2.0.192.in-addr.arpa.", or 32 nibbles below ip6.arpa; the root for no address. The scope is not in it.
dns_name reverse_name(const ip_address& address);
/// The address a whole reverse name stands for, in either case; nullopt for any other name: a part of one, a
/// number with a leading zero or above 255, the delegations of RFC 2317.
std::optional<ip_address> address_of(const dns_name& reverse);

}  // namespace diag::wire

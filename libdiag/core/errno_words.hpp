// Sentences for what errno means on the way out of this host, where strerror() would mislead: a blackhole
// route answers EINVAL, the local firewall EPERM.
#pragma once

#include <string_view>

namespace diag {

/// One clause naming cause and place, without the probe: "blocked by this host's firewall". Unknown values
/// give "refused by this host".
std::string_view describe_send_error(int error_number);
/// What the user can do; empty when there is nothing to say.
std::string_view send_error_hint(int error_number);

}  // namespace diag

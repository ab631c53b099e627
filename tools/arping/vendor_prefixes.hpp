// Prefixes that are known without any file.
#pragma once

#include <cstdint>
#include <string_view>

namespace diag::arping {

/// `mac`: 48 bits. What virtual machines, containers and virtual routers use, whoever the prefix is assigned
/// to, and though most are locally administered. Empty: none.
std::string_view habit_of(std::uint64_t mac);

/// Some frequent assignments of 24 bits. Empty: not among them.
std::string_view built_in_vendor(std::uint64_t mac);

}  // namespace diag::arping

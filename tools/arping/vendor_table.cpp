// Habits first, then the registry from coarse to fine, then what is built in.
#include "tools/arping/vendor_table.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <vector>

#include "libdiag/probe/neighbor_message.hpp"
#include "tools/arping/vendor_prefixes.hpp"
#include "tools/arping/vendor_registry.hpp"

namespace diag::arping {
namespace {

/// Owner of those blocks of 24 bits that are assigned in smaller ones.
constexpr std::string_view registrar = "IEEE Registration Authority";

std::uint64_t number_of(const mac_address& mac) {
  std::uint64_t out = 0;
  for (const auto octet : mac.octets) out = out << 8 | std::to_integer<std::uint64_t>(octet);
  return out;
}

struct registry_source {
  const char* name;
  std::size_t digits;
};
constexpr std::array<registry_source, 4> sources{
    {{"oui.csv", 6}, {"mam.csv", 7}, {"oui36.csv", 9}, {"iab.csv", 9}}};

vendor_registry open_first(const std::vector<std::string>& folders, const registry_source& what) {
  for (const auto& folder : folders)
    if (vendor_registry file{folder + '/' + what.name, what.digits}; file.is_open()) return file;
  return vendor_registry{{}, what.digits};
}

std::vector<std::string> folders_of(std::string folder) {
  if (!folder.empty()) return {std::move(folder)};
  if (const char* const named = std::getenv("DIAG_OUI"); named != nullptr && *named != '\0') return {named};
  return {"/var/lib/ieee-data", "/usr/share/ieee-data"};
}

}  // namespace

struct vendor_table::state {
  std::string folder;
  /// Opened at the first question: most runs ask one, some none.
  std::vector<vendor_registry> registries{};

  std::string_view registered(std::uint64_t mac);
};

std::string_view vendor_table::state::registered(std::uint64_t mac) {
  if (registries.empty())
    for (const auto& one : sources) registries.push_back(open_first(folders_of(folder), one));
  // The finer files are asked only where a block is divided, or unknown: of a divided one nothing else is in
  // the first file.
  for (std::size_t at = 0; at < registries.size(); ++at)
    if (const auto* const name = registries[at].find(mac >> (48 - 4 * sources[at].digits));
        name != nullptr && *name != registrar)
      return *name;
  return {};
}

vendor_table::vendor_table(std::string folder) : state_{std::make_unique<state>(state{std::move(folder)})} {}
vendor_table::vendor_table(vendor_table&&) noexcept = default;
vendor_table& vendor_table::operator=(vendor_table&&) noexcept = default;
vendor_table::~vendor_table() = default;

std::string_view vendor_table::vendor_of(const mac_address& mac) {
  const auto number = number_of(mac);
  if (const auto habit = habit_of(number); !habit.empty()) return habit;
  if (probe::is_group(mac) || probe::is_locally_administered(mac)) return {};
  if (const auto name = state_->registered(number); !name.empty()) return name;
  return built_in_vendor(number);
}

}  // namespace diag::arping

// Names are a stranger's text: escaped here, once, for all views.
#include "tools/traceroute/address_labels.hpp"

#include "libdiag/core/text.hpp"

namespace diag::traceroute {

void address_labels::ask(const ip_address& address) const {
  if (from_.ask_name && address) from_.ask_name(address);
}

bool address_labels::settled(const ip_address& address) const {
  return !from_.find_name || !address || from_.find_name(address).has_value();
}

std::string address_labels::name(const ip_address& address) const {
  if (!from_.find_name || !address) return {};
  const auto found = from_.find_name(address);
  return found && *found ? safe_text(**found) : std::string{};
}

std::optional<as_origin> address_labels::origin(const ip_address& address) const {
  if (!from_.find_origin || !address) return std::nullopt;
  return from_.find_origin(address);
}

std::string address_labels::text(const ip_address& address) const {
  auto all = to_string(address);
  if (auto known = name(address); !known.empty()) all = std::move(known) + " (" + all + ')';
  if (!from_.find_origin) return all;
  const auto who = origin(address);
  if (!who) return all + " [*]";
  all += " [AS" + std::to_string(who->number);
  for (const auto other : who->others) all += "/AS" + std::to_string(other);
  return all + ']';
}

}  // namespace diag::traceroute

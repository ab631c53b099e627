// Names of targets for views.
#include "tools/traceroute/view.hpp"

#include "libdiag/core/text.hpp"

namespace diag::traceroute {

std::string stage::label(std::uint32_t path) const {
  const auto& address = paths[path].address;
  const auto name = names.name_of(address);
  return name.empty() ? to_string(address) : std::string{name};
}

std::string stage::subject(std::uint32_t path) const {
  const auto& address = paths[path].address;
  const auto name = names.name_of(address);
  return name.empty() ? to_string(address) : safe_text(name) + " (" + to_string(address) + ')';
}

}  // namespace diag::traceroute

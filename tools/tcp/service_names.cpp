// One pass over the services: a question a port would read the file once for each.
#include "tools/tcp/service_names.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <netdb.h>

namespace diag::tcp {

void service_names::load() const {
  auto& known = known_.emplace();
  ::setservent(1);
  while (const auto* entry = ::getservent())
    if (std::string_view{entry->s_proto} == "tcp")
      known.push_back({::ntohs(static_cast<std::uint16_t>(entry->s_port)), entry->s_name});
  ::endservent();
  // Of several names the first one stands.
  std::stable_sort(known.begin(), known.end(), [](auto& a, auto& b) { return a.port < b.port; });
}

std::string_view service_names::name_of(std::uint16_t port) const {
  if (!wanted_) return {};
  if (!known_) load();
  const auto at = std::lower_bound(known_->begin(), known_->end(), port,
                                   [](const service& one, std::uint16_t p) { return one.port < p; });
  return at != known_->end() && at->port == port ? std::string_view{at->name} : std::string_view{};
}

}  // namespace diag::tcp

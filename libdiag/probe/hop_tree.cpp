// Each address at each hop once, with the first path that led there.
#include "libdiag/probe/hop_tree.hpp"

#include <algorithm>

namespace diag::probe {

void hop_tree::add(const std::vector<ip_address>& path) {
  ++paths_;
  if (most_.size() < path.size()) most_.resize(path.size());
  auto parent = root;
  for (std::size_t i = 0; i < path.size() && i < 255; ++i) {
    auto at = static_cast<std::uint32_t>(nodes_.size());
    if (path[i]) {
      const auto known = seen_.emplace(place{static_cast<std::uint8_t>(i + 1), path[i]}, at).first->second;
      if (known == at) nodes_.push_back({path[i], parent, 0});
      at = known;
      most_[i] = std::max(most_[i], ++nodes_[at].paths);
    } else {
      nodes_.push_back({{}, parent, 0});
    }
    parent = at;
  }
}

std::uint8_t hop_tree::start_hop() const {
  std::size_t hop = std::min<std::size_t>(most_.size(), 255);
  while (hop > 1 && most_[hop - 1] * 2 < paths_) --hop;
  return static_cast<std::uint8_t>(std::max<std::size_t>(hop, 1));
}

std::optional<std::vector<ip_address>> hop_tree::before(std::uint8_t hop, const ip_address& address) const {
  const auto found = seen_.find(place{hop, address});
  if (found == seen_.end()) return std::nullopt;
  std::vector<ip_address> out;
  for (auto at = nodes_[found->second].parent; at != root; at = nodes_[at].parent)
    out.push_back(nodes_[at].address);
  std::ranges::reverse(out);
  // A path that began further along does not reach down to us.
  if (out.size() + 1 != hop) return std::nullopt;
  return out;
}

}  // namespace diag::probe

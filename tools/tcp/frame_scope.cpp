// A frame is ours when one of its ends is a port we ask.
#include "tools/tcp/frame_scope.hpp"

#include <algorithm>

#include "libdiag/wire/dissect.hpp"

namespace diag::tcp {
namespace {

constexpr std::uint64_t most_pairs = 1U << 17;

/// Both ends of a packet, without scopes.
struct ends {
  ip_address source{}, destination{};
};

ends ends_of(const wire::dissection& what) {
  if (const auto* v4 = what.find<wire::ipv4_view>()) return {v4->source(), v4->destination()};
  if (const auto* v6 = what.find<wire::ipv6_view>()) return {v6->source(), v6->destination()};
  return {};
}

}  // namespace

bool frame_scope::before(const pair& a, const pair& b) {
  return a.address < b.address || (a.address == b.address && a.port < b.port);
}

frame_scope::frame_scope(const probe::tcp_plan& plan) : all_{plan.size() > most_pairs} {
  if (all_) return;
  pairs_.reserve(plan.size());
  for (std::uint64_t i = 0; i < plan.size(); ++i) {
    const auto one = plan.at(i);
    auto address = plan.address(one.target);
    address.scope(0);  // a frame knows of none
    pairs_.push_back({address, one.port});
  }
  std::sort(pairs_.begin(), pairs_.end(), before);
}

bool frame_scope::asked(const ip_address& address, std::uint16_t port) const {
  return std::binary_search(pairs_.begin(), pairs_.end(), pair{address, port}, before);
}

bool frame_scope::concerns(const io::frame& one) const {
  const auto what = wire::dissect(one.packet, wire::link_type::raw_ip);
  const auto* segment = what.find<wire::tcp_view>();
  if (segment == nullptr) return true;
  if (all_) return (segment->flags() & (wire::tcp_flag::syn | wire::tcp_flag::rst)) != 0;
  const auto [source, destination] = ends_of(what);
  return asked(destination, segment->destination_port()) || asked(source, segment->source_port());
}

}  // namespace diag::tcp

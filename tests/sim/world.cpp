// The agenda, the links and their faults.
#include "tests/sim/world.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace diag::sim {

namespace {
duration scaled(duration unit, double factor) {
  return duration{static_cast<std::int64_t>(static_cast<double>(unit.count()) * factor)};
}
bool chance(seeded_random& random, double probability) {
  return probability > 0 && random.unit() < probability;
}
std::array<std::uint64_t, 2> mask_of(ip_family family, unsigned length) {
  const auto ones = [](unsigned count) {
    return count == 0 ? 0 : count >= 64 ? ~std::uint64_t{0} : ~std::uint64_t{0} << (64 - count);
  };
  if (family == ip_family::v4) return {0, length == 0 ? 0 : 0xffffffffULL << (32 - length) & 0xffffffffULL};
  return {ones(length), ones(length > 64 ? length - 64 : 0)};
}
}  // namespace

duration latency::draw(seeded_random& random) const {
  switch (kind_) {
    case shape::fixed:
      return a_;
    case shape::uniform:
      return a_ + scaled(b_ - a_, random.unit());
    case shape::normal: {
      // Box and Muller; 1 - u keeps the logarithm finite.
      const auto radius = std::sqrt(-2 * std::log(1 - random.unit()));
      return std::max(duration{0}, a_ + scaled(b_, radius * std::cos(2 * std::numbers::pi * random.unit())));
    }
    case shape::pareto:
      return scaled(a_, std::pow(1 - random.unit(), -1 / c_));
    case shape::bimodal:
      return random.unit() < c_ ? b_ : a_;
  }
  return a_;
}

void node::route(const ip_prefix& to, link& via) {
  const auto mask = mask_of(to.address.family(), to.length);
  const auto words = to.address.words();
  entry made{to.address.family(), to.length, mask, {words[0] & mask[0], words[1] & mask[1]}, &via};
  const auto place = std::find_if(routes_.begin(), routes_.end(),
                                  [&](const entry& other) { return other.length < made.length; });
  routes_.insert(place, made);
}

link* node::route_to(const ip_address& destination) const {
  const auto words = destination.words();
  for (const auto& row : routes_)
    if (row.family == destination.family() && (words[0] & row.mask[0]) == row.network[0] &&
        (words[1] & row.mask[1]) == row.network[1])
      return row.via;
  return nullptr;
}

link& world::connect(node& to, const link_config& config) {
  return links_.emplace_back(link{config, &to, false});
}

bool world::dropped(link& via) {
  const auto& config = via.config;
  for (const auto& [from, to] : config.outages)
    if (now_ >= from && now_ < to) return true;
  if (config.bursts) {
    if (chance(random_, via.bad ? config.bursts->to_good : config.bursts->to_bad)) via.bad = !via.bad;
    if (chance(random_, via.bad ? config.bursts->lost_in_bad : config.bursts->lost_in_good)) return true;
  }
  return chance(random_, config.loss);
}

void world::carry(link& via, packet octets) {
  ++carried_;
  if (dropped(via)) {
    ++lost_;
    return;
  }
  const auto& config = via.config;
  if (chance(random_, config.corrupt)) {
    const auto header = load_u8(octets, 0) >> 4 == 4 ? std::size_t{load_u8(octets, 0) & 15U} * 4 : 40;
    if (octets.size() > header) {
      auto& octet = octets[header + random_.below(octets.size() - header)];
      octet ^= std::byte{1} << random_.below(8);
    }
  }
  if (chance(random_, config.duplicate)) deliver(now_ + config.delay.draw(random_), *via.to, octets);
  auto delay = config.delay.draw(random_);
  if (chance(random_, config.reorder)) delay += config.reorder_by;
  deliver(now_ + delay, *via.to, std::move(octets));
}

void world::deliver(mono_time at, node& to, packet octets) {
  push(at, {&to, std::move(octets), nullptr});
}

void world::at(mono_time when, std::function<void()> action) {
  push(when, {nullptr, {}, std::move(action)});
}

void world::push(mono_time at, happening what) {
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back(std::move(what));
  } else {
    slot = free_.back();
    free_.pop_back();
    slots_[slot] = std::move(what);
  }
  agenda_.push({std::max(at, now_), ++next_id_, slot});
}

std::optional<mono_time> world::next_event() const {
  return agenda_.empty() ? std::nullopt : std::optional{agenda_.top().at};
}

void world::advance(mono_time until) {
  while (!agenda_.empty() && agenda_.top().at <= until) {
    const auto next = agenda_.top();
    agenda_.pop();
    now_ = next.at;
    auto what = std::move(slots_[next.slot]);
    free_.push_back(next.slot);
    if (what.to)
      what.to->receive(*this, std::move(what.octets));
    else
      what.action();
  }
  now_ = std::max(now_, until);
}

}  // namespace diag::sim

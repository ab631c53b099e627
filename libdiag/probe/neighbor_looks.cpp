// Asked by unicast: a proxy (Linux among them) answers that at once, and a broadcast only after a random
// while.
#include "libdiag/probe/neighbor_looks.hpp"

#include <algorithm>

namespace diag::probe {

namespace {

/// Silence of a look that was overtaken means something after that long.
constexpr duration convincing = 200ms;

bool is_open(const second_look& look) {
  return look.left && !look.answered && !look.waited;
}

std::size_t slot_of(const mac_address& mac) {
  // The low octets differ between hosts; the high ones name the vendor.
  return std::to_integer<std::size_t>(mac.octets[5] ^ mac.octets[4] ^ mac.octets[3]);
}

}  // namespace

void neighbor_looks::push(second_look&& look) {
  if (looks_.size() < most) looks_.push_back(std::move(look));
}

void neighbor_looks::ask_impossible(std::uint8_t link, ip_family family, const mac_address& mac) {
  for (const auto& address : config_.impossible)
    if (address.family() == family) push({second_look::kind::impossible, link, mac, address});
}

void neighbor_looks::add_owner(std::uint8_t link, const ip_address& address, const mac_address& mac,
                               bool heard_by_all) {
  if (!config_.wanted) return;
  if (config_.ask_owners && heard_by_all) push({second_look::kind::unicast, link, mac, address});
  auto& known = familiar_[slot_of(mac)];
  if (known.mac != mac) known = {mac, {}, {}};
  const auto family = address.is_v6() ? 1U : 0U;
  if (known.addresses[family] < 255) ++known.addresses[family];
  if (known.asked[family] || (!config_.every_owner && known.addresses[family] < 2)) return;
  known.asked[family] = true;
  ask_impossible(link, address.family(), mac);
}

void neighbor_looks::add_known(std::uint8_t link, const ip_address& address, const mac_address& mac) {
  if (config_.wanted) push({second_look::kind::known, link, mac, address});
}

std::size_t neighbor_looks::take(mono_time now) {
  left_.resize(looks_.size());
  looks_[next_].sent = now;
  looks_[next_].left = true;
  left_[next_] = {now, stamp_source::user};
  return next_++;
}

void neighbor_looks::stamp(std::size_t number, moment left) {
  if (number < left_.size() && left.source > left_[number].source) left_[number] = left;
}

std::optional<neighbor_looks::answered> neighbor_looks::hear(const moment& came, mono_time read_at,
                                                             const neighbor_message& said) {
  for (auto i = first_open_; i < next_; ++i) {
    auto& look = looks_[i];
    if (!is_open(look) || look.address != said.claimed || look.mac != said.owner) continue;
    look.answered = true;
    const bool same = left_[i].source == came.source;
    const auto rtt = same ? came.at - left_[i].at : read_at - look.sent;
    return answered{look.what, std::max(duration::zero(), rtt)};
  }
  return std::nullopt;
}

void neighbor_looks::overtake(const ip_address& address, mono_time now) {
  for (auto i = first_open_; i < next_; ++i) {
    auto& look = looks_[i];
    if (!is_open(look) || look.address != address) continue;
    if (now - look.sent >= std::min(convincing, config_.timeout))
      look.waited = true;
    else
      look.left = false;  // it says nothing
  }
}

std::optional<mono_time> neighbor_looks::open_until() const {
  std::optional<mono_time> last;
  for (auto i = first_open_; i < next_; ++i)
    if (is_open(looks_[i])) last = looks_[i].sent + config_.timeout;
  return last;
}

void neighbor_looks::expire(mono_time now) {
  for (; first_open_ < next_; ++first_open_) {
    auto& look = looks_[first_open_];
    if (!is_open(look)) continue;
    if (now - look.sent < config_.timeout) return;
    look.waited = true;
  }
}

}  // namespace diag::probe

// Which size is next: what a router told (RFC 1191 §4, RFC 8201 §4), a plateau (RFC 1191 §7.1) where it only
// refused, halves of the gap where nobody says anything (RFC 4821).
#include <algorithm>
#include <array>

#include "libdiag/probe/mtu_walk.hpp"

namespace diag::probe {

namespace {

// RFC 791 §3.2, RFC 8200 §5: no link takes less, so who names less is wrong.
constexpr std::uint32_t least_mtu_v4 = 68;
constexpr std::uint32_t least_mtu_v6 = 1280;
// Believed limits before the same hop; more narrow links in a row are a joke.
constexpr std::uint8_t most_told = 8;
constexpr std::uint8_t most_refutations = 3;

// RFC 1191 §7.1, table 7-1.
constexpr std::array<std::uint16_t, 11> plateaus = {65535, 32000, 17914, 8166, 4352, 2002,
                                                    1492,  1006,  508,   296,  68};

}  // namespace

/// The MTU that a trial was told, if it can be true of the link before hop `nearest`: 0 otherwise.
std::uint16_t mtu_walk::believable(const trial& which, int nearest) const {
  const auto least = std::max<std::uint32_t>(v4_ ? least_mtu_v4 : least_mtu_v6, at(nearest).passed);
  if (which.what != outcome::told || which.mtu < least || which.mtu >= which.size) return 0;
  return at(nearest).told < most_told ? static_cast<std::uint16_t>(which.mtu) : std::uint16_t{0};
}

void mtu_walk::next_stage() {
  phase_ == phase::search ? end_try() : end_sweep();
}

/// One size at every hop that is not known to take it.
void mtu_walk::sweep(std::uint16_t size) {
  phase_ = phase::sweep;
  size_ = size;
  trials_.clear();
  for (auto h = first_; h <= end_; ++h) {
    const auto& one = at(h);
    if (!one.answers() || one.hopeless || one.settled || one.passed >= size) continue;
    trial next;
    next.hop = one.number_of;
    next.size = size;
    next.want_small = config_.attempts == 1;
    trials_.push_back(next);
  }
}

/// Hops that take the present size have shown all there is to know of them.
void mtu_walk::settle_up_to(int last) {
  for (auto h = first_; h <= last; ++h) {
    auto& one = at(h);
    if (one.settled || !one.answers() || one.hopeless) continue;
    one.settled = true;
    one.mtu = size_;
    // Only the first of the hops behind a narrow link is told apart by it.
    one.lowered = limit_pending_ && !limit_.local;
    one.by = limit_;
    limit_pending_ = limit_pending_ && limit_.local;
  }
}

void mtu_walk::end_sweep() {
  int passed = 0;
  for (auto h = first_; h <= end_; ++h)
    if (at(h).passed >= size_) passed = h;
  for (auto& one : trials_)
    if (one.what == outcome::mute && one.hop > passed) at(one.hop).hopeless = true;
  settle_up_to(passed);
  const auto fails = [&](const trial& one) {
    return one.hop > passed && (one.what == outcome::told || one.what == outcome::silent);
  };
  const auto first = std::find_if(trials_.begin(), trials_.end(), fails);
  if (first == trials_.end()) {
    phase_ = phase::done;
    return;
  }
  const trial nearest = *first;
  // Several routers may name their limits; the widest comes first on the way.
  const trial* best = nullptr;
  for (const auto& one : trials_)
    if (fails(one) && believable(one, nearest.hop) > (best ? best->mtu : 0)) best = &one;
  if (!best) return begin_search(nearest, static_cast<std::uint8_t>(passed));
  ++at(nearest.hop).told;
  limit_ = best->by;
  limit_pending_ = true;
  sweep(static_cast<std::uint16_t>(best->mtu));
}

void mtu_walk::begin_search(const trial& failed, std::uint8_t after) {
  phase_ = phase::search;
  gap_ = {};
  gap_.hop = failed.hop;
  gap_.after = after;
  gap_.low = at(failed.hop).passed;
  gap_.high = size_;
  gap_.by = failed.by;
  gap_.failed = {{size_, failed.by}};
  next_guess();
}

void mtu_walk::try_size(std::uint16_t size) {
  trials_.clear();
  trial next;
  next.hop = gap_.hop;
  next.size = size;
  next.want_small = config_.attempts == 1;
  trials_.push_back(next);
}

void mtu_walk::next_guess() {
  if (gap_.high <= gap_.low + 1) return confirm_or_end();
  auto guess = static_cast<std::uint16_t>(gap_.low + (gap_.high - gap_.low) / 2);
  if (gap_.hint > gap_.low && gap_.hint < gap_.high && !gap_.confirming) {
    guess = gap_.hint;
  } else if (gap_.by.told() && !gap_.narrowed) {
    const auto plateau =
        std::find_if(plateaus.begin(), plateaus.end(), [this](auto size) { return size < gap_.high; });
    if (plateau != plateaus.end() && *plateau > gap_.low) guess = *plateau;
  }
  try_size(guess);
}

void mtu_walk::end_try() {
  const auto tried = trials_.front();
  if (tried.what == outcome::mute) {
    // Another hop behind the same link has to do.
    at(gap_.hop).hopeless = true;
    return sweep(size_);
  }
  if (tried.what == outcome::passed) {
    gap_.low = std::max({gap_.low, tried.size, at(gap_.hop).passed});
    gap_.narrowed = true;
    // Told, and true: nobody asks whether one octet more would pass.
    if (tried.size == gap_.hint) gap_.high = static_cast<std::uint16_t>(gap_.low + 1);
    return gap_.low >= gap_.high ? refute() : next_guess();
  }
  gap_.failed.emplace_back(tried.size, tried.by);
  if (tried.size <= gap_.high) {
    gap_.high = tried.size;
    gap_.by = tried.by;
  }
  gap_.hint = believable(tried, gap_.hop);
  if (gap_.hint != 0) {
    ++at(gap_.hop).told;
    if (gap_.hint <= gap_.low) gap_.high = static_cast<std::uint16_t>(gap_.low + 1);
  }
  next_guess();
}

/// What failed before had only been lost: the gap is above.
void mtu_walk::refute() {
  gap_.confirming = false;
  gap_.hint = 0;
  ++gap_.refuted;
  gap_.high = 0;
  for (const auto& [size, by] : gap_.failed)
    if (size > gap_.low && (gap_.high == 0 || size < gap_.high)) {
      gap_.high = size;
      gap_.by = by;
    }
  gap_.high == 0 ? sweep(size_) : next_guess();
}

/// Where silence alone sets the limit, the size is asked about once more before it is believed.
void mtu_walk::confirm_or_end() {
  if (!gap_.by.told() && !gap_.confirming && gap_.refuted < most_refutations) {
    gap_.confirming = true;
    return try_size(gap_.high);
  }
  if (!gap_.by.told() && smallest_lost_ == 0) {
    black_hole_after_ = gap_.after;
    smallest_lost_ = gap_.high;
  }
  limit_ = gap_.by;
  limit_pending_ = true;
  sweep(gap_.low);
}

std::uint8_t mtu_walk::hop_of(const ip_address& address, int before) const {
  for (auto h = std::min(before, end_); h >= first_; --h)
    if (at(h).answers() && at(h).small.from == address) return static_cast<std::uint8_t>(h);
  return 0;
}

path_stop mtu_walk::stopped_by() const {
  if (reached_ != 0) return path_stop::reached;
  if (sent_ == 0 && errors_ != 0) return path_stop::error;
  if (refused_ != 0) return path_stop::unreachable;
  return asked_to_ >= last_ ? path_stop::last_hop : path_stop::silence;
}

void mtu_walk::conclude(mono_time now, bool cut_short, event_queue<path_event>& events) const {
  mtu_end end;
  end.target = target_;
  end.began = began_;
  end.at = now;
  end.why = cut_short ? path_stop::interrupted : stopped_by();
  end.black_hole_after = black_hole_after_;
  end.smallest_lost = smallest_lost_;
  end.sent = sent_;
  const auto length = path_end();
  for (auto h = first_; h <= length; ++h) {
    const auto& one = at(h);
    mtu_row row;
    row.target = target_;
    row.hop = one.number_of;
    row.mtu = one.settled ? one.mtu : one.passed;
    row.answer = one.best;
    row.lowered = one.lowered;
    if (one.lowered) {
      row.limited_by = one.by.from;
      if (one.by.from) row.limited_at = hop_of(one.by.from, h);
    }
    if (one.answers()) {
      end.hops = one.number_of;
      if (!one.hopeless) end.path_mtu = row.mtu;
    }
    events.push_back(std::move(row));
  }
  events.push_back(end);
}

}  // namespace diag::probe

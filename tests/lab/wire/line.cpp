// The waiting room of one direction: a heap by due time, a serialiser for the rate, counters.
#include "tests/lab/wire/line.hpp"

#include <algorithm>
#include <utility>

namespace delay_wire {

namespace {

constexpr std::size_t ethernet_header = 14;

unsigned octet(std::span<const std::byte> frame, std::size_t at) {
  return at < frame.size() ? std::to_integer<unsigned>(frame[at]) : 0;
}

}  // namespace

bool is_neighbour_talk(std::span<const std::byte> frame) {
  constexpr unsigned arp = 0x0806;
  constexpr unsigned ipv6 = 0x86dd;
  constexpr unsigned icmpv6 = 58;
  const auto ethertype = octet(frame, 12) << 8U | octet(frame, 13);
  if (ethertype == arp) return true;
  if (ethertype != ipv6) return false;
  auto next = octet(frame, ethernet_header + 6);
  auto at = ethernet_header + 40;
  if (next == 0) {  // RFC 3810 section 5: listener reports carry a hop-by-hop router alert
    next = octet(frame, at);
    at += 8;
  }
  const auto type = octet(frame, at);
  const bool listener = (type >= 130 && type <= 132) || type == 143;    // RFC 2710, RFC 3810
  return next == icmpv6 && (listener || (type >= 133 && type <= 137));  // RFC 4861 section 4
}

bool line::later(const waiting& left, const waiting& right) {
  return std::pair{left.due, left.order} > std::pair{right.due, right.order};
}

/// When the last bit has left a wire of this rate, or nothing when the queue before it is full.
std::optional<nanoseconds> line::serialised(nanoseconds now, std::size_t octets) {
  if (way_.bits_per_second == 0) return now;
  while (!departures_.empty() && departures_.front() <= now) departures_.pop_front();
  if (departures_.size() >= way_.queue) return std::nullopt;
  const std::uint64_t bits = octets * 8;
  const nanoseconds took{static_cast<std::int64_t>(bits * 1'000'000'000 / way_.bits_per_second)};
  wire_free_ = std::max(wire_free_, now) + took;
  departures_.push_back(wire_free_);
  return wire_free_;
}

void line::accept(nanoseconds now, std::span<const std::byte> frame) {
  ++seen_.received;
  fate what;
  if (spare_neighbours_ && is_neighbour_talk(frame)) {
    ++seen_.spared;
    what.delay = way_.delay;
  } else {
    what = decide(way_, seed_, direction_, frames_++);
  }
  if (what.lost) {
    ++seen_.lost;
    return;
  }
  const auto left = serialised(now, frame.size());
  if (!left) {
    ++seen_.queue_full;
    return;
  }
  auto due = *left + what.delay;
  if (what.held_back) {
    ++seen_.held_back;
  } else {
    due = last_due_ = std::max(due, last_due_);  // jitter must not reorder: that is asked for by name
  }
  enqueue(due, frame, what);
  if (what.doubled) {
    ++seen_.doubled;
    enqueue(due, frame, what);
  }
}

void line::enqueue(nanoseconds due, std::span<const std::byte> frame, const fate& what) {
  frame_bytes bytes;
  if (!spare_.empty()) {
    bytes = std::move(spare_.back());
    spare_.pop_back();
  }
  bytes.assign(frame.begin(), frame.end());
  if (what.damaged && bytes.size() > ethernet_header) {  // a damaged address would only look like loss
    const auto bit = what.damaged_bit % ((bytes.size() - ethernet_header) * 8);
    bytes[ethernet_header + bit / 8] ^= std::byte{1} << (bit % 8);
    ++seen_.damaged;
  }
  heap_.push_back({due, order_++, std::move(bytes)});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

std::optional<nanoseconds> line::next_due() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().due;
}

std::optional<frame_bytes> line::take_due(nanoseconds now) {
  if (heap_.empty() || heap_.front().due > now) return std::nullopt;
  std::pop_heap(heap_.begin(), heap_.end(), later);
  auto first = std::move(heap_.back());
  heap_.pop_back();
  seen_.late_total += now - first.due;
  seen_.late_most = std::max(seen_.late_most, now - first.due);
  return std::move(first.bytes);
}

void line::recycle(frame_bytes&& used, bool delivered) {
  constexpr std::size_t buffers_kept = 4096;
  ++(delivered ? seen_.delivered : seen_.refused);
  if (spare_.size() < buffers_kept) spare_.push_back(std::move(used));
}

std::string line::report(const std::string& name) const {
  const auto out = seen_.delivered + seen_.refused;
  const auto late_mean = out == 0 ? 0 : static_cast<std::uint64_t>(seen_.late_total.count()) / out;
  std::string text = name;
  const auto add = [&text](const char* key, std::uint64_t value) {
    text += " " + std::string{key} + "=" + std::to_string(value);
  };
  add("received", seen_.received);
  add("spared", seen_.spared);
  add("lost", seen_.lost);
  add("queue_full", seen_.queue_full);
  add("doubled", seen_.doubled);
  add("held_back", seen_.held_back);
  add("damaged", seen_.damaged);
  add("delivered", seen_.delivered);
  add("refused", seen_.refused);
  add("waiting", heap_.size());
  add("late_mean_ns", late_mean);
  add("late_most_ns", static_cast<std::uint64_t>(seen_.late_most.count()));
  return text;
}

}  // namespace delay_wire

// Events between a machine and its host. The host drains it after every round, so the room is used again and
// again; a deque would allocate for each event of this size.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace diag::probe {

template <class Event>
class event_queue {
 public:
  void push_back(Event event) { events_.push_back(std::move(event)); }
  /// First in, first out; nullopt when empty.
  std::optional<Event> pop() {
    if (next_ == events_.size()) return std::nullopt;
    std::optional<Event> first{std::move(events_[next_])};
    if (++next_ == events_.size()) {
      events_.clear();
      next_ = 0;
    }
    return first;
  }

 private:
  std::vector<Event> events_;
  std::size_t next_ = 0;
};

}  // namespace diag::probe

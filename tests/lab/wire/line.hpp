// One direction of the wire: frames wait here until their time has come. No clock and no device inside.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tests/lab/wire/fate.hpp"

namespace delay_wire {

using frame_bytes = std::vector<std::byte>;

struct counters {
  std::uint64_t received{0}, lost{0}, queue_full{0}, doubled{0}, held_back{0}, damaged{0}, spared{0};
  std::uint64_t delivered{0}, refused{0};  ///< refused: the far interface was down or out of memory
  nanoseconds late_total{0}, late_most{0};
};

class line {
 public:
  line(const treatment& way, std::uint64_t seed, unsigned direction, bool spare_neighbours)
      : way_{way}, seed_{seed}, direction_{direction}, spare_neighbours_{spare_neighbours} {}

  /// Copies the frame that came off a device at `now`, unless its fate is to be dropped.
  void accept(nanoseconds now, std::span<const std::byte> frame);

  [[nodiscard]] std::optional<nanoseconds> next_due() const;

  /// The earliest frame if it is due; its lateness is counted. Give the buffer back with recycle().
  [[nodiscard]] std::optional<frame_bytes> take_due(nanoseconds now);
  void recycle(frame_bytes&& used, bool delivered);

  /// `name received=... lost=...` on one line.
  [[nodiscard]] std::string report(const std::string& name) const;

 private:
  struct waiting {
    nanoseconds due;
    std::uint64_t order;
    frame_bytes bytes;
  };
  [[nodiscard]] std::optional<nanoseconds> serialised(nanoseconds now, std::size_t octets);
  void enqueue(nanoseconds due, std::span<const std::byte> frame, const fate& what);
  static bool later(const waiting& left, const waiting& right);

  treatment way_;
  std::uint64_t seed_;
  unsigned direction_;
  bool spare_neighbours_;
  std::uint64_t frames_{0}, order_{0};
  nanoseconds wire_free_{0}, last_due_{0};
  std::deque<nanoseconds> departures_;  // of frames not yet serialised, oldest first
  std::vector<waiting> heap_;           // earliest (due, order) at the front
  std::vector<frame_bytes> spare_;
  counters seen_;
};

/// ARP, IPv6 neighbour and router discovery, multicast listener reports: what a link needs to work at all.
bool is_neighbour_talk(std::span<const std::byte> frame);

}  // namespace delay_wire

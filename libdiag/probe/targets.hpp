// The addresses of a run as ranges, so that ten million of them cost what one prefix costs.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libdiag/core/address.hpp"

namespace diag::probe {

/// Addresses in the order they were named, each once, found by number. Immutable while a machine uses it.
class target_list {
 public:
  /// Adds `count` consecutive addresses; call seal() after the last one.
  void add(const ip_address& first, std::uint64_t count = 1);
  void add(const ip_prefix& prefix);
  /// Removes what was named twice. The first mention keeps its place.
  void seal();

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// Precondition: index < size().
  [[nodiscard]] ip_address at(std::uint64_t index) const;
  /// The number of an address, its scope included; nullopt when it is not among them. Call seal() first.
  [[nodiscard]] std::optional<std::uint64_t> find(const ip_address& address) const;
  [[nodiscard]] bool has(ip_family family) const;
  /// Every address whose number is `part` modulo `parts` (--shard): a range stays one range.
  [[nodiscard]] target_list shard(std::uint64_t part, std::uint64_t parts) const;

 private:
  struct range {
    ip_address first;
    std::uint64_t count;
    std::uint64_t before;  ///< addresses in earlier ranges
    std::uint64_t stride;  ///< distance of neighbours, 1 unless sharded
  };
  void push(const ip_address& first, std::uint64_t count, std::uint64_t stride);
  void order();

  std::vector<range> ranges_;
  std::vector<std::uint32_t> by_first_;  ///< ranges in ascending order, once sealed
  std::uint64_t size_ = 0;
};

}  // namespace diag::probe

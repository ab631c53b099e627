// What a TCP run asks: targets with their ports, as numbers from 0, so that a run over 2^40 pairs costs what
// its ranges cost; and the order in which it asks.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "libdiag/core/random.hpp"
#include "libdiag/probe/targets.hpp"

namespace diag::probe {

/// One question: this port of this target, over this flow.
struct tcp_pair {
  std::uint32_t target = 0;  ///< number in tcp_plan::targets()
  std::uint16_t port = 0;
  std::uint16_t flow = 0;
  friend bool operator==(const tcp_pair&, const tcp_pair&) = default;
};

class tcp_plan {
 public:
  /// Asks these ports of `count` addresses from `first` on. What was asked before stays asked once. Ports may
  /// repeat, and keep their first place.
  void add(const ip_address& first, std::uint64_t count, std::span<const std::uint16_t> ports);
  void add(const ip_prefix& prefix, std::span<const std::uint16_t> ports);
  /// Every pair this many times, over different source ports (--flows).
  void set_flows(std::uint16_t flows) { flows_ = flows; }
  /// After the last add(): overlaps are resolved, so that each address stands in one block. At most 2^32 - 1
  /// targets.
  void seal();
  /// Only the pairs of every `parts`th target, from `part` on (0-based). After seal().
  [[nodiscard]] tcp_plan shard(std::uint64_t part, std::uint64_t parts) const;

  /// Pairs.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Precondition: index < size(). In the order given: by target, then port, then flow.
  [[nodiscard]] tcp_pair at(std::uint64_t index) const;
  [[nodiscard]] std::uint64_t target_count() const { return targets_.size(); }
  [[nodiscard]] const target_list& targets() const { return targets_; }
  /// Precondition: target < target_count().
  [[nodiscard]] ip_address address(std::uint32_t target) const { return targets_.at(target); }
  /// Ports times flows of one target.
  [[nodiscard]] std::uint32_t pairs_of(std::uint32_t target) const;
  [[nodiscard]] std::uint16_t flows() const { return flows_; }
  /// A number that differs between plans that differ: guards a resume token.
  [[nodiscard]] std::uint64_t fingerprint() const;

 private:
  struct request {
    ip_address first;
    std::uint64_t count;
    std::size_t ports;  ///< row of port_sets_
  };
  /// Targets that share a set of ports.
  struct block {
    std::uint64_t first_pair = 0;
    std::uint64_t first_target = 0;
    std::uint64_t targets = 0;
    std::size_t ports = 0;
  };
  /// A stretch of addresses of which the same is asked.
  struct piece {
    ip_address first;
    std::uint64_t count;
    std::size_t ports;
    std::uint32_t request;  ///< the first that mentions it
  };
  [[nodiscard]] std::vector<piece> cut_apart();
  std::size_t port_set(std::span<const std::uint16_t> ports);
  void append(std::uint64_t targets, std::size_t ports);

  std::vector<std::vector<std::uint16_t>> port_sets_;
  std::map<std::vector<std::uint16_t>, std::size_t> known_sets_;  ///< their rows; until seal()
  std::vector<request> requests_;
  std::vector<std::uint16_t> last_ports_;
  std::size_t last_set_ = 0;
  std::vector<block> blocks_;
  target_list targets_;
  std::uint64_t size_ = 0;
  std::uint16_t flows_ = 1;
};

/// A pseudo-random order of 0..size-1 that needs no memory: the same seed gives the same order, and any place
/// in it can be asked for. A Feistel network over the next power of four, walked until it lands inside.
class permutation {
 public:
  permutation(std::uint64_t size, std::uint64_t seed);
  /// Precondition: place < size. One to one onto 0..size-1; at most four steps on average.
  [[nodiscard]] std::uint64_t at(std::uint64_t place) const;

 private:
  std::uint64_t size_;
  std::uint32_t half_bits_;
  std::array<std::uint64_t, 4> round_keys_{};
};

}  // namespace diag::probe

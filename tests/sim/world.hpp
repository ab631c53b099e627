// A simulated internet under a virtual clock: nodes joined by one-way links, events in the order (time, id),
// all chance from one seed. The same seed gives the same run, octet for octet.
//
// How it differs from a real one: no fragments, no ARP, no queues (a link carries any number of packets at
// once), and hosts come by the range, so that ten million of them cost what one costs.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "libdiag/core/random.hpp"
#include "libdiag/core/time.hpp"

#include "tests/sim/packets.hpp"

namespace diag::sim {

class world;
class node;

/// How long a packet is under way.
class latency {
 public:
  static latency fixed(duration value) { return {shape::fixed, value, {}, 0}; }
  static latency uniform(duration low, duration high) { return {shape::uniform, low, high, 0}; }
  /// Cut off at zero.
  static latency normal(duration mean, duration deviation) { return {shape::normal, mean, deviation, 0}; }
  /// Never below `least`; a small `alpha` makes a long tail.
  static latency pareto(duration least, double alpha) { return {shape::pareto, least, {}, alpha}; }
  /// `second` with probability `share`, otherwise `first`: two paths, or a cache.
  static latency bimodal(duration first, duration second, double share) {
    return {shape::bimodal, first, second, share};
  }
  [[nodiscard]] duration draw(seeded_random& random) const;

 private:
  enum class shape : std::uint8_t { fixed, uniform, normal, pareto, bimodal };
  latency(shape kind, duration a, duration b, double c) : kind_{kind}, a_{a}, b_{b}, c_{c} {}
  shape kind_;
  duration a_;
  duration b_;
  double c_;
};

/// Loss in bursts after Gilbert and Elliott: a good and a bad state, each with its own loss.
struct burst_loss {
  double to_bad = 0;  ///< probability, packet by packet, of turning bad
  double to_good = 1;
  double lost_in_bad = 1;
  double lost_in_good = 0;
};

struct link_config {
  latency delay = latency::fixed(500us);
  double loss = 0;
  std::optional<burst_loss> bursts{};
  double duplicate = 0;
  double corrupt = 0;  ///< one bit anywhere behind the IP header
  double reorder = 0;  ///< held back for `reorder_by`
  duration reorder_by = 10ms;
  std::uint32_t mtu = 65535;
  bool black_hole = false;                                 ///< what is too big vanishes without a word
  std::vector<std::pair<mono_time, mono_time>> outages{};  ///< [from, to): nothing passes
};

/// One direction of a wire.
struct link {
  link_config config;
  node* to = nullptr;
  bool bad = false;  ///< the state of `bursts`
};

/// Anything that packets arrive at. Routes are its own, so the way back may differ from the way there.
class node {
 public:
  node() = default;
  node(const node&) = delete;
  node& operator=(const node&) = delete;
  virtual ~node() = default;
  virtual void receive(world& net, packet octets) = 0;

  void route(const ip_prefix& to, link& via);
  /// Longest prefix; nullptr: no route.
  [[nodiscard]] link* route_to(const ip_address& destination) const;

 private:
  struct entry {
    ip_family family;
    std::uint8_t length;
    std::array<std::uint64_t, 2> mask;
    std::array<std::uint64_t, 2> network;
    link* via;
  };
  std::vector<entry> routes_;  // longest first
};

class world {
 public:
  explicit world(std::uint64_t seed) : seed_{seed}, random_{seed} {}
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] mono_time now() const { return now_; }
  [[nodiscard]] seeded_random& random() { return random_; }

  template <class Node, class... Args>
  Node& add(Args&&... args) {
    auto made = std::make_unique<Node>(std::forward<Args>(args)...);
    auto& out = *made;
    nodes_.push_back(std::move(made));
    return out;
  }
  link& connect(node& to, const link_config& config);

  /// Puts a packet on a link: the link's faults happen here. What is too big for it has been dealt with.
  void carry(link& via, packet octets);
  /// Delivers without a link.
  void deliver(mono_time at, node& to, packet octets);
  void at(mono_time when, std::function<void()> action);

  [[nodiscard]] std::optional<mono_time> next_event() const;
  /// Moves the clock to `until` (never back) and lets everything up to then happen.
  void advance(mono_time until);
  [[nodiscard]] std::uint64_t carried() const { return carried_; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

 private:
  struct happening {
    node* to = nullptr;
    packet octets;
    std::function<void()> action;
  };
  struct due {
    mono_time at;
    std::uint64_t id;
    std::uint32_t slot;
    friend bool operator>(const due& a, const due& b) { return a.at != b.at ? a.at > b.at : a.id > b.id; }
  };
  void push(mono_time at, happening what);
  [[nodiscard]] bool dropped(link& via);

  std::uint64_t seed_;
  seeded_random random_;
  mono_time now_{};
  std::uint64_t next_id_ = 0;
  std::uint64_t carried_ = 0;
  std::uint64_t lost_ = 0;
  std::vector<std::unique_ptr<node>> nodes_;
  std::deque<link> links_;  // stable addresses
  std::vector<happening> slots_;
  std::vector<std::uint32_t> free_;
  std::priority_queue<due, std::vector<due>, std::greater<>> agenda_;
};

}  // namespace diag::sim

// A simulated Ethernet segment under the clock of world.hpp: one host under test, and stations that answer
// ARP, neighbour discovery and echo requests as their habits say. What really happened is kept, so that tests
// can hold reports against it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/sim/link_packets.hpp"
#include "tests/sim/nodes.hpp"

namespace diag::sim {

struct station_config {
  /// One an interface. With several each answers for all addresses ("ARP flux").
  std::vector<mac_address> macs{host_mac(1)};
  std::vector<ip_address> addresses{};
  std::function<bool(const ip_address&)> also{};           ///< answers for these too: proxy ARP, ranges
  std::function<mac_address(const ip_address&)> mac_of{};  ///< many hosts in one: in place of `macs`
  latency delay = latency::fixed(200us);
  double loss = 0;       ///< of an answer
  double duplicate = 0;  ///< share of answers that come twice
  unsigned copies = 0;   ///< further answers to every question
  latency copy_delay = latency::fixed(50us);
  bool hears_broadcast = true, hears_unicast = true;
  mono_time from{}, until = mono_time::max();
  std::optional<std::vector<frame_tag>> tags{};  ///< of its answers; none: as it was asked
  bool replies_to_all = false;                   ///< its answers are broadcast
  std::optional<mac_address> frame_source{};     ///< in place of the one it states
  std::optional<mac_address> target_hardware{};  ///< ARP: in place of who asked
  std::optional<ip_address> target_protocol{};   ///< the same of the address
  bool router = false, solicited = true, override_entry = true, states_mac = true;  ///< ND
  bool inverse = false, reverse = false, echoes = false;  ///< InARP, RARP, echo requests to everyone
};

/// Something a station answered, as it will arrive.
struct answer_truth {
  mono_time asked{};
  mono_time arrives{};
  bool copy = false;         ///< this question had an answer of this owner before
  bool to_everyone = false;  ///< the question was
};

class link_segment {
 public:
  explicit link_segment(std::uint64_t seed = 1) : net{seed} {}

  std::size_t add(const station_config& config);
  [[nodiscard]] station_config& station(std::size_t number) { return stations_[number]; }
  /// The host under test sends.
  void leave(byte_view frame);
  /// Anybody says anything to it, at a time of his own.
  void say(mono_time when, packet frame) { net.deliver(when, host, std::move(frame)); }
  /// So many of what `make` makes, evenly from `when` on.
  void storm(mono_time when, std::uint64_t count, duration gap, std::function<packet(std::uint64_t)> make);

  /// What `owner` answered for `address` with an arrival at this time; empty: nothing.
  [[nodiscard]] std::vector<answer_truth> truths(const ip_address& address, const mac_address& owner,
                                                 mono_time arrives) const;

  /// Some answers for `address` came more than once.
  [[nodiscard]] bool copies(const ip_address& address) const { return copied_.contains(address); }

  world net;
  prober host{ip_address{}, ip_address{}};  ///< its inbox holds what arrived
  std::optional<duration> loop{};           ///< what leaves comes back after that long
  bool remembers = true;                    ///< keeps the truth: costs memory
  std::uint64_t frames = 0;                 ///< left the host under test
  std::uint64_t answered = 0;               ///< answers under way or arrived
  /// Sees every frame of the host under test as it leaves.
  std::function<void(const seen_frame&)> tap{};
  /// Frames that could not be read: none, if it sends what it should.
  std::uint64_t unreadable = 0;

 private:
  struct reply {
    ip_address address{};
    mac_address owner{};
    packet octets;
  };
  void hear(const station_config& who, const seen_frame& asked);
  void answer(const station_config& who, const seen_frame& asked, const mac_address& mac);
  void answer_ip(const station_config& who, const seen_frame& asked, const mac_address& mac);
  void send(const station_config& who, const seen_frame& asked, reply made);
  [[nodiscard]] frame_head head_of(const station_config& who, const seen_frame& asked,
                                   const mac_address& mac) const;

  using key = std::tuple<ip_address, mac_address, mono_time>;
  std::vector<station_config> stations_;
  std::multimap<key, answer_truth> truths_;
  std::set<ip_address> copied_;
};

}  // namespace diag::sim

// What stands along a simulated path: routers with every habit that a trace meets, load balancers, NAT, and
// the host at its end. Firewalls are filter rules of the routers (nodes.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "tests/sim/nodes.hpp"
#include "tests/sim/path_packets.hpp"

namespace diag::sim {

struct path_router_config : router_config {
  std::optional<std::size_t> quotes{};  ///< exactly so many octets, also none; in place of `quote`
  double mute = 0;                      ///< share of its errors that is lost at once
  unsigned copies = 1;                  ///< of each error
  duration slow{};                      ///< before it speaks
  std::uint8_t speaks_with = 64;        ///< hop limit of its errors
  /// Another address in place of its own, error by error.
  std::function<ip_address(ip_family)> speaks_as{};
  octet_list extension{};                         ///< RFC 4884 structure behind the quote
  std::optional<std::uint8_t> extension_field{};  ///< length field in place of the right one
  std::optional<std::uint8_t> quoted_hop_limit{};
  /// Inside an MPLS tunnel without TTL propagation: takes nothing off hop limits. On the way back the
  /// tunnel's end copies what is left of the label's TTL, where that is less (RFC 3443 §3): 255 less the
  /// tunnel's routers from its far end to here.
  std::optional<std::uint8_t> hidden{};
  bool passes_expired = false;  ///< forwards what has a hop limit of 1, with 0
  bool filters_first = false;   ///< before it looks at the hop limit, so nothing filtered shows it
  /// Changes what goes out, after the hop limit was found good: as Linux's POSTROUTING, so its own quotes
  /// show nothing.
  std::function<void(packet&)> touch{};
  /// Last touch on its errors; an empty packet is not sent.
  std::function<void(packet&)> mangle{};
};

class path_router : public router {
 public:
  explicit path_router(const path_router_config& config) : router{config}, habits_{config} {}
  void receive(world& net, packet octets) override;

 protected:
  void speak(world& net, link& via, const packet& offending, const icmp_error_fields& fields) override;
  [[nodiscard]] bool is_mine(const ip_address& address) const {
    return address == habits_.v4 || address == habits_.v6;
  }

 private:
  path_router_config habits_;
};

/// Several ways out for what is not for the prober.
class balancer : public path_router {
 public:
  enum class choice : std::uint8_t { per_flow, per_packet };
  balancer(const path_router_config& config, choice how, std::uint64_t salt = 1)
      : path_router{config}, how_{how}, salt_{salt} {}
  void add_way(link& via) { ways_.push_back(&via); }

 protected:
  [[nodiscard]] link* way_out(world& net, const packet& octets, const ip_header& header) override;

 private:
  choice how_;
  std::uint64_t salt_;
  std::vector<link*> ways_;
};

/// Source NAT for UDP and TCP over IPv4: one outside address, ports of its own.
class path_nat : public path_router {
 public:
  /// `mends_quotes`: what ICMP errors quote is put back too (RFC 5508 §4.2); without, only their destination.
  path_nat(const path_router_config& config, const ip_prefix& inside, const ip_address& outside,
           bool mends_quotes)
      : path_router{config}, inside_{inside}, outside_{outside}, mends_quotes_{mends_quotes} {}
  void receive(world& net, packet octets) override;

 private:
  using flow = std::pair<std::uint32_t, std::uint16_t>;  // inside address, port
  [[nodiscard]] const flow* inner_of(std::uint16_t port) const;
  [[nodiscard]] std::uint16_t outside_port(const flow& inner);
  [[nodiscard]] bool restore(packet& octets, const ip_header& header);

  ip_prefix inside_;
  ip_address outside_;
  bool mends_quotes_;
  std::map<flow, std::uint16_t> outward_;
  std::map<std::uint16_t, flow> inward_;
};

/// What a port does with what comes.
enum class port_manner : std::uint8_t {
  refuses,  ///< UDP: ICMP port unreachable; TCP: RST
  serves,   ///< UDP: a datagram back; TCP: SYN-ACK
  silent,
};

struct path_host_config {
  std::optional<ip_prefix> range{};  ///< nullopt: every address that is routed here
  port_manner udp = port_manner::refuses;
  port_manner tcp = port_manner::serves;
  bool echo = true;
  std::optional<std::size_t> quotes{};  ///< octets in its errors
  std::uint8_t hop_limit = 64;
  std::optional<error_limit> limit{};  ///< of its port unreachables
  std::uint64_t most_answers = ~0ULL;  ///< then it is silent
  unsigned copies = 1;                 ///< of each answer
  duration slow{};                     ///< before it answers
  std::optional<ip_address> answers_from{};
  /// Last touch on every answer; an empty packet is not sent.
  std::function<void(packet&)> mangle{};
};

/// Every address of a range at once.
class path_host : public node {
 public:
  explicit path_host(path_host_config config) : config_{std::move(config)} {}
  void receive(world& net, packet octets) override;
  [[nodiscard]] std::uint64_t asked() const { return asked_; }

 private:
  [[nodiscard]] packet answer(world& net, const packet& octets, const ip_header& header);
  [[nodiscard]] packet answer_udp(world& net, const packet& octets);
  [[nodiscard]] packet answer_tcp(const packet& octets) const;

  path_host_config config_;
  std::uint64_t asked_ = 0;
  std::uint64_t answered_ = 0;
  double tokens_ = -1;
  mono_time filled_{};
};

/// The usual street: prober - router - ... - router - host range. Routers have the addresses 203.0.113.HOP
/// and 2001:db8:ff::HOP.
struct path_street {
  prober* here = nullptr;
  std::vector<router*> routers;  ///< routers[i] is hop i + 1
  path_host* there = nullptr;
  std::vector<link*> out;   ///< out[i] leads to hop i + 1
  std::vector<link*> back;  ///< back[i] leads from hop i + 1 to the one before
  [[nodiscard]] router& hop(std::size_t number) const { return *routers.at(number - 1); }
};
struct path_street_config {
  std::size_t hops = 5;
  link_config wire{};
  path_router_config routers{};  ///< addresses are filled in
  /// Changes the router of a hop, from 1.
  std::function<void(std::size_t, path_router_config&)> shape{};
  /// Makes the router of a hop; nullptr: a path_router.
  std::function<router*(world&, std::size_t, const path_router_config&)> router_at{};
  path_host_config host{};
};
path_street build_path_street(world& net, const path_street_config& config);
/// The prober's own networks, which every way back leads to.
bool is_homeward(const ip_address& destination);

/// Branches of so many routers each between a balancer and the node behind it, with the addresses
/// 203.0.113.(100 + 20 x branch + place), 2001:db8:ff::1:BRANCH:PLACE; both numbers from 0.
void add_branches(world& net, balancer& from, node& to, const std::vector<std::size_t>& lengths,
                  const link_config& wire = {}, const path_router_config& habits = {});
/// From `from` the way back to the prober leads over so many routers that no probe passes.
void add_way_back(world& net, node& from, prober& here, std::size_t routers, const link_config& wire = {});

}  // namespace diag::sim

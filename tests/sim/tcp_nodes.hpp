// TCP in the simulated internet: hosts by the range, and what stands before them: SYN proxies, NAT, boxes
// that rewrite segments. Filters are the routers' (filter_rule).
//
// No host keeps connections: each SYN is answered by itself, which is all that a handshake probe ever sees.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "tests/sim/nodes.hpp"
#include "tests/sim/tcp_packets.hpp"

namespace diag::sim {

/// What a port does with a segment.
enum class tcp_manner : std::uint8_t {
  open,              ///< as RFC 9293 §3.10.7.2, LISTEN
  closed,            ///< as §3.10.7.1, CLOSED
  silent,            ///< nothing
  refused,           ///< ICMP, from the host itself
  open_then_reset,   ///< SYN-ACK, and a RST `conflict_after` later
  reset_then_open,   ///< the other way round
  simultaneous_open  ///< answers a SYN with a SYN of its own (§3.5, figure 7)
};

/// SYN-ACKs of a host. Options are sent only where they were offered (RFC 7323 §2.2 and §3.2, RFC 2018 §2).
struct syn_ack_shape {
  std::uint16_t window = 65160;
  std::optional<std::uint16_t> mss = 1460;
  std::optional<std::uint8_t> scale = 7;
  bool sack = true;
  bool timestamps = true;
  bool ecn = false;                        ///< ECE to an ECN-setup SYN (RFC 3168 §6.1.1)
  std::vector<std::byte> extra_options{};  ///< as they are, behind the others
};

struct tcp_host_config {
  std::optional<ip_prefix> range{};  ///< nullopt: every address that is routed here
  /// By address and port; empty: every port is open.
  std::function<tcp_manner(const ip_address&, std::uint16_t)> ports{};
  syn_ack_shape offer{};
  std::uint8_t icmp_type = 3;  ///< of `refused`; 1 in ICMPv6
  std::uint8_t icmp_code = 3;
  std::uint8_t hop_limit = 64;
  std::optional<std::uint8_t> reset_hop_limit{};  ///< of RSTs, where it differs
  latency think = latency::fixed(0ns);
  unsigned repeats = 0;  ///< further copies of each SYN-ACK: 1 s after it, then 2 s, 4 s (RFC 6298 §5.5)
  duration conflict_after = 2ms;
  /// Last touch on every answer; an empty packet is not sent.
  std::function<void(packet&)> mangle{};
};

/// Every address of a range at once.
class tcp_host : public node {
 public:
  explicit tcp_host(tcp_host_config config) : config_{std::move(config)} {}
  void receive(world& net, packet octets) override;
  /// Whole segments that came, the damaged ones not counted.
  [[nodiscard]] std::uint64_t asked() const { return asked_; }

 private:
  void say(world& net, packet answer, duration after = 0ns);
  [[nodiscard]] packet syn_ack(world& net, const segment& syn) const;
  void answer_opening(world& net, const segment& syn, tcp_manner manner);

  tcp_host_config config_;
  std::uint64_t asked_ = 0;
};

/// Answers SYNs in the name of hosts behind it, with the options of a SYN cookie: the MSS and no more (RFC
/// 4987 §3.6).
class syn_proxy : public router {
 public:
  syn_proxy(const router_config& config, const filter_rule& where) : router{config}, where_{where} {}
  void receive(world& net, packet octets) override;

 private:
  filter_rule where_;  ///< its verdict means nothing
};

/// Changes TCP segments on their way out, as middleboxes do: what behind it is quoted shows it.
class middlebox : public router {
 public:
  middlebox(const router_config& config, std::function<void(packet&)> touch)
      : router{config}, touch_{std::move(touch)} {}
  void receive(world& net, packet octets) override;

 private:
  std::function<void(packet&)> touch_;
};

/// Source NAT for TCP over IPv4: one outside address, ports of its own, put back in answers and in quotes.
class tcp_nat : public router {
 public:
  tcp_nat(const router_config& config, const ip_prefix& inside, const ip_address& outside)
      : router{config}, inside_{inside}, outside_{outside} {}
  void receive(world& net, packet octets) override;
  [[nodiscard]] std::size_t mappings() const { return outward_.size(); }

 private:
  using flow = std::pair<std::uint32_t, std::uint16_t>;  // inside address, port
  [[nodiscard]] std::uint16_t outside_port(const flow& inner);
  [[nodiscard]] const flow* inner_of(std::uint16_t port) const;

  ip_prefix inside_;
  ip_address outside_;
  std::map<flow, std::uint16_t> outward_;
  std::map<std::uint16_t, flow> inward_;
};

/// The usual street with TCP hosts at its end: prober - router - ... - host range.
struct tcp_street {
  prober* here = nullptr;
  std::vector<router*> routers;
  tcp_host* there = nullptr;
  std::vector<link*> out;   ///< hop by hop, the last one reaches the host
  std::vector<link*> back;  ///< back[0] reaches the prober
};
struct tcp_street_config {
  std::size_t hops = 2;
  link_config wire{};
  router_config routers{};  ///< addresses are filled in
  tcp_host_config host{};
  /// Makes the router at a place, from 0; nullptr: a plain one.
  std::function<router*(world&, std::size_t, const router_config&)> router_at{};
};
tcp_street build_tcp_street(world& net, const tcp_street_config& config);

}  // namespace diag::sim

// What stands in the simulated internet: the host that probes, routers, firewalls, NAT, and hosts by the
// range.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "tests/sim/world.hpp"

namespace diag::sim {

/// The machine under test runs here. Packets wait in `inbox` for sim::run to read them.
class prober : public node {
 public:
  prober(const ip_address& v4, const ip_address& v6) : v4_{v4}, v6_{v6} {}
  void receive(world& net, packet octets) override;
  void send(world& net, packet octets);
  [[nodiscard]] const ip_address& address(ip_family family) const {
    return family == ip_family::v4 ? v4_ : v6_;
  }

  struct received {
    mono_time at{};
    packet octets;
  };
  std::deque<received> inbox;
  /// Sees every packet as it leaves.
  std::function<void(mono_time, const packet&)> tap{};

 private:
  ip_address v4_;
  ip_address v6_;
};

/// So many, refilled at so many a second.
struct error_limit {
  double per_second = 1;
  double burst = 1;
};

/// What a firewall does with packets to `to`.
struct filter_rule {
  enum class verdict : std::uint8_t {
    drop,
    reject,     ///< ICMP `type` and `code`
    tcp_reset,  ///< TCP only, else dropped: a RST in the name of the host, from here
  };
  ip_prefix to{};
  verdict what = verdict::drop;
  std::uint8_t type = 3;   ///< 1 in ICMPv6
  std::uint8_t code = 13;  ///< communication administratively prohibited (RFC 1812 §5.2.7.1); ICMPv6: 1
  std::optional<std::uint8_t> protocol{};
  /// TCP or UDP to these ports only: first and last.
  std::optional<std::pair<std::uint16_t, std::uint16_t>> ports{};
  /// TCP: only what opens a connection, SYN without ACK. A filter without state lets everything else pass.
  bool only_openings = false;
  [[nodiscard]] bool fits(const ip_header& header) const;
};

struct router_config {
  ip_address v4{};
  ip_address v6{};
  bool silent = false;                      ///< forwards, but says nothing
  std::optional<error_limit> limit{};       ///< of its ICMP errors
  std::size_t quote = 0;                    ///< octets of the offending packet; 0: as many as fit
  std::optional<std::uint32_t> told_mtu{};  ///< what it says in place of the link's MTU
  bool answers = true;                      ///< echo requests to its own addresses
};

class router : public node {
 public:
  explicit router(const router_config& config) : config_{config} {}
  void receive(world& net, packet octets) override;
  void filter(const filter_rule& rule) { rules_.push_back(rule); }
  [[nodiscard]] std::uint64_t errors_sent() const { return errors_sent_; }

 protected:
  /// TTL, filter, MTU, next link.
  void forward(world& net, packet octets, const ip_header& header);
  void refuse(world& net, const packet& octets, std::uint8_t type, std::uint8_t code, std::uint32_t rest = 0);
  [[nodiscard]] bool filtered(world& net, const packet& octets, const ip_header& header);
  /// Where a packet goes next; nullptr: no route.
  [[nodiscard]] virtual link* way_out(world& net, const packet& octets, const ip_header& header);
  /// An error that is due, made and sent.
  virtual void speak(world& net, link& via, const packet& offending, const icmp_error_fields& fields);

 private:
  [[nodiscard]] bool may_speak(mono_time now);

  router_config config_;
  std::vector<filter_rule> rules_;
  std::optional<double> tokens_{};
  mono_time filled_{};
  std::uint64_t errors_sent_ = 0;
};

/// Source NAT for IPv4 ICMP: one outside address, identifiers of its own, and what it changed is put back in
/// replies and in quotes.
class nat : public router {
 public:
  nat(const router_config& config, const ip_prefix& inside, const ip_address& outside)
      : router{config}, inside_{inside}, outside_{outside} {}
  void receive(world& net, packet octets) override;
  [[nodiscard]] std::size_t mappings() const { return outward_.size(); }

 private:
  using flow = std::pair<std::uint32_t, std::uint16_t>;  // inside address, identifier
  [[nodiscard]] std::uint16_t outside_identifier(const flow& inner);
  [[nodiscard]] bool restore(packet& octets, const ip_header& header);

  ip_prefix inside_;
  ip_address outside_;
  std::map<flow, std::uint16_t> outward_;
  std::map<std::uint16_t, flow> inward_;
};

struct host_config {
  std::optional<ip_prefix> range{};  ///< nullopt: every address that is routed here
  latency think = latency::fixed(0ns);
  std::uint8_t hop_limit = 64;
  duration clock_offset{};  ///< how far its clock is ahead of ours, for timestamps
  double ut_midnight_ms = 0;
  /// Which of the range answer; empty: all.
  std::function<bool(const ip_address&)> alive{};
  /// Answers from here in place of the address asked.
  std::optional<ip_address> answers_from{};
  /// Last touch on every reply; an empty packet is not sent.
  std::function<void(packet&)> mangle{};
};

/// Every address of a range at once.
class host : public node {
 public:
  explicit host(host_config config) : config_{std::move(config)} {}
  void receive(world& net, packet octets) override;

 private:
  host_config config_;
};

/// The usual street: prober - router - ... - router - host range, `hops` routers with addresses 203.0.113.h
/// and 2001:db8:ff::h. Every link has its own config; the way back is a separate set.
struct street {
  prober* here = nullptr;
  std::vector<router*> routers;
  host* there = nullptr;
  std::vector<link*> out;   ///< hop by hop, the last one reaches the host
  std::vector<link*> back;  ///< back[0] reaches the prober
};
struct street_config {
  std::size_t hops = 1;
  link_config wire{};
  router_config routers{};  ///< addresses are filled in
  host_config host{};
};
street build_street(world& net, const street_config& config);
/// Links each node of the chain with the next and routes between them: everything onwards, ours back.
void link_chain(world& net, const std::vector<node*>& chain, const link_config& wire, std::vector<link*>& out,
                std::vector<link*>& back);

}  // namespace diag::sim

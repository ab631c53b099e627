// A neighbour run on a simulated link, to its end, with the law kept.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libdiag/probe/neighbor_findings.hpp"
#include "libdiag/probe/neighbor_run.hpp"

#include "tests/sim/link_run.hpp"
#include "tests/sim/neighbor_law.hpp"
#include "tests/sim/stage.hpp"

namespace diag::sim {

/// Host `number` of the link: 192.0.2.number, 2001:db8::number.
ip_address on_link(ip_family family, std::uint8_t number);
inline mac_address our_mac() {
  return host_mac(0xd1a600);
}
/// We are 192.0.2.1 and 2001:db8::1.
probe::neighbor_link our_link();
/// One round without second looks.
probe::neighbor_config quiet_neighbors();
/// A plain host with `number` for address and hardware address.
station_config plain_host(ip_family family, std::uint8_t number);

// What strangers say, as frames.
/// Announces `address`: ARP request form, or an advertisement to all nodes.
packet announcement(const mac_address& mac, const ip_address& address);
/// RFC 5227 §2.1.1 probe, or a solicitation from :: (RFC 4862 §5.4.2).
packet claim_probe(const mac_address& mac, const ip_address& address);
/// Somebody looks for `address`, from `own`.
packet question(const mac_address& mac, const ip_address& own, const ip_address& address);
/// What a station would answer us.
packet plain_answer(const mac_address& mac, const ip_address& address);

class neighbor_stage {
 public:
  explicit neighbor_stage(std::uint64_t seed = 1) : segment{seed} {}
  neighbor_stage& ask(const ip_address& first, std::uint64_t count = 1);
  void run();
  /// The first rule of the law that was broken; "" none.
  [[nodiscard]] std::string breach(bool cut_short = false) const;

  /// Arrivals that became a reply of whatever kind, a sighting or a reject.
  [[nodiscard]] std::uint64_t accounted() const;

  template <class Event>
  [[nodiscard]] std::vector<Event> seen() const {
    std::vector<Event> out;
    for (const auto& one : events)
      if (const auto* kind = std::get_if<Event>(&one)) out.push_back(*kind);
    return out;
  }
  /// Throws when there is none.
  [[nodiscard]] probe::neighbor_summary summary(std::uint32_t target = 0) const;
  /// Hardware addresses in the order of the summary, as numbers of host_mac(): "1 2".
  [[nodiscard]] std::string owners(std::uint32_t target = 0) const;
  [[nodiscard]] std::vector<probe::neighbor_finding> oddities() const;
  /// The findings in their order, "conflict@7 many-addresses#3": @ is the last octet of the address, # the
  /// number of the hardware address where there is no address.
  [[nodiscard]] std::string findings() const;
  [[nodiscard]] std::string rejects() const;  ///< reasons in the order of their frames
  [[nodiscard]] duration elapsed() const { return result.ended - mono_time{}; }

  link_segment segment;
  probe::target_list targets;
  probe::neighbor_config config = quiet_neighbors();
  link_options options;
  std::vector<probe::neighbor_event> events;
  std::optional<neighbor_law> law;
  std::optional<probe::neighbor_run> machine;  ///< set by run()
  bool truth_known = true;
  bool keep_events = true;
  link_result result;
};

}  // namespace diag::sim

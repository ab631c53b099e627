// The stage of neighbour trials.
#include "tests/sim/link_stage.hpp"

#include <numeric>
#include <stdexcept>

namespace diag::sim {

namespace {
std::uint32_t number_of(const mac_address& mac) {
  return load_be32(mac.octets, 2) & 0xffffff;
}
ip_address our_address(const ip_address& other) {
  return on_link(other.family(), 1);
}
}  // namespace

ip_address on_link(ip_family family, std::uint8_t number) {
  return parse_ip(family == ip_family::v4 ? "192.0.2.0" : "2001:db8::")->plus(number);
}

probe::neighbor_link our_link() {
  probe::neighbor_link out;
  out.interface = 2;
  out.frames.source = our_mac();
  out.hardware = our_mac();
  out.v4 = on_link(ip_family::v4, 1);
  out.v6 = on_link(ip_family::v6, 1);
  return out;
}

probe::neighbor_config quiet_neighbors() {
  probe::neighbor_config out;
  out.links = {our_link()};
  out.rounds = 1;
  out.looks = false;
  return out;
}

station_config plain_host(ip_family family, std::uint8_t number) {
  station_config out;
  out.macs = {host_mac(number)};
  out.addresses = {on_link(family, number)};
  return out;
}

packet announcement(const mac_address& mac, const ip_address& address) {
  if (address.is_v4()) return make_arp({to_all, mac}, {1, mac, address, {}, address});
  nd_message said;
  said.from = address;
  said.to = all_nodes();
  said.target = address;
  said.link_layer = mac;
  said.override_entry = true;
  return make_nd({group_mac(all_nodes()), mac}, said);
}

packet claim_probe(const mac_address& mac, const ip_address& address) {
  if (address.is_v4()) return make_arp({to_all, mac}, {1, mac, {}, {}, address});
  nd_message said;
  said.type = 135;
  said.from = *parse_ip("::");
  said.to = node_group(address);
  said.target = address;
  return make_nd({group_mac(said.to), mac}, said);
}

packet question(const mac_address& mac, const ip_address& own, const ip_address& address) {
  if (address.is_v4()) return make_arp({to_all, mac}, {1, mac, own, {}, address});
  nd_message said;
  said.type = 135;
  said.from = own;
  said.to = node_group(address);
  said.target = address;
  said.link_layer = mac;
  return make_nd({group_mac(said.to), mac}, said);
}

packet plain_answer(const mac_address& mac, const ip_address& address) {
  const auto us = our_address(address);
  if (address.is_v4()) return make_arp({our_mac(), mac}, {2, mac, address, our_mac(), us});
  nd_message said;
  said.from = address;
  said.to = us;
  said.target = address;
  said.link_layer = mac;
  said.solicited = true;
  said.override_entry = true;
  return make_nd({our_mac(), mac}, said);
}

neighbor_stage& neighbor_stage::ask(const ip_address& first, std::uint64_t count) {
  targets.add(first, count);
  return *this;
}

void neighbor_stage::run() {
  targets.seal();
  law.emplace(targets, segment);
  law->truth_known = truth_known;
  law->looked = config.looks;
  law->patience = config.timeout;
  machine.emplace(config, targets);
  result = run_on_link(*machine, segment, options, [&](mono_time, const probe::neighbor_event& event) {
    law->take(event);
    if (!keep_events) return;
    events.push_back(event);
    // Borrowed: gone with the next feed().
    if (auto* summary = std::get_if<probe::neighbor_summary>(&events.back())) summary->rtt = nullptr;
  });
}

std::string neighbor_stage::breach(bool cut_short) const {
  if (result.spinning) return "the machine spins";
  if (!result.finished) return "the machine did not finish";
  if (segment.unreadable != 0) return "a frame that cannot be read";
  if (result.misaddressed != 0) return "an effect that is no frame for this interface";
  const auto& totals = machine->totals();
  if (auto found = law->breach(totals, cut_short); !found.empty()) return found;
  // Besides probes only second looks leave. A link that is known to be down is not even tried.
  const auto left = totals.sent - totals.not_sent;
  if (result.sent < left) return "probes that never left";
  // What came is told once at most; of what concerns no target nothing is.
  if (accounted() > result.received) return "more told than came";
  if (result.sent > left + (config.looks ? totals.looks : 0)) return "frames that are no probes";
  return {};
}

std::uint64_t neighbor_stage::accounted() const {
  const auto& totals = machine->totals();
  return std::accumulate(totals.rejected.begin(), totals.rejected.end(), law->replies + totals.sightings);
}

probe::neighbor_summary neighbor_stage::summary(std::uint32_t target) const {
  const auto& all = law->of(target).summaries;
  if (all.empty()) throw std::runtime_error{"no summary of target " + std::to_string(target)};
  return all.front();
}

std::string neighbor_stage::owners(std::uint32_t target) const {
  std::string out;
  for (const auto& owner : summary(target).owners)
    out += (out.empty() ? "" : " ") + std::to_string(number_of(owner.mac));
  return out;
}

std::vector<probe::neighbor_finding> neighbor_stage::oddities() const {
  const auto facts = machine->facts();
  probe::neighbor_oddities found{facts};
  for (std::uint32_t i = 0; i < targets.size(); ++i) {
    if (law->of(i).summaries.empty()) continue;  // never asked
    const auto account = summary(i);
    found.take({i, targets.at(i), account.received, account.owners});
  }
  return found.finish();
}

std::string neighbor_stage::findings() const {
  std::string out;
  for (const auto& one : oddities()) {
    out += (out.empty() ? "" : " ") + std::string{probe::describe(one.what)};
    if (one.address)
      out += "@" + std::to_string(std::to_integer<unsigned>(one.address.bytes().back()));
    else
      out += "#" + std::to_string(number_of(one.mac));
  }
  return out;
}

std::string neighbor_stage::rejects() const {
  std::string out;
  for (const auto& one : seen<probe::neighbor_rejected>())
    out += (out.empty() ? "" : " ") + std::string{probe::describe(one.why)};
  return out;
}

}  // namespace diag::sim

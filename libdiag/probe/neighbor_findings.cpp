// Who owns what, put side by side.
#include "libdiag/probe/neighbor_findings.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <utility>

#include "libdiag/probe/neighbor_rivals.hpp"

namespace diag::probe {

using kind = neighbor_finding::kind;

std::string_view describe(kind what) {
  static constexpr std::array<std::string_view, neighbor_finding_kinds> words{
      "conflict",
      "flux",
      "moved",
      "proxy-arp",
      "many-addresses",
      "spoofed",
      "wrong-target",
      "announced",
      "announced-elsewhere",
      "probed",
      "broadcast-only",
      "unicast-only",
      "vlan-leak",
      "locally-administered",
      "multicast-hardware",
      "virtual-router",
      "no-override",
  };
  const auto row = static_cast<std::size_t>(what);
  return row < words.size() ? words[row] : "unknown";
}

namespace {

/// An IPv6 host has a link-local address and, for each prefix, several others (RFC 4862, RFC 8981): more of
/// them than this are remarkable, while of IPv4 two are.
constexpr std::uint64_t usual_v6_addresses = 8;

std::uint64_t number_of(const mac_address& mac) {
  std::uint64_t out = 0;
  for (const auto octet : mac.octets) out = out << 8 | std::to_integer<std::uint64_t>(octet);
  return out;
}

mac_address mac_of(std::uint64_t number) {
  mac_address out;
  for (std::size_t at = out.octets.size(); at-- > 0; number >>= 8) out.octets[at] = std::byte(number & 0xff);
  return out;
}

/// Rows of a table by key, so that a target finds its own. The order of addresses leaves their scopes out.
template <class Key>
class row_index {
 public:
  void add(const Key& key, std::size_t row) { rows_.emplace_back(key, static_cast<std::uint32_t>(row)); }
  void sort() { std::sort(rows_.begin(), rows_.end()); }
  template <class Each>
  void for_each(const Key& key, Each&& each) const {
    const std::pair<Key, std::uint32_t> first{key, 0};
    for (auto at = std::lower_bound(rows_.begin(), rows_.end(), first);
         at != rows_.end() && std::is_eq(at->first <=> key); ++at)
      each(at->second);
  }

 private:
  std::vector<std::pair<Key, std::uint32_t>> rows_;
};

const ip_address& subject_of(const neighbor_message& said) {
  return said.what == neighbor_message::kind::probe ? said.asked : said.claimed;
}

/// Says unasked that an owner has an address.
bool announces(const neighbor_message& said) {
  using said_kind = neighbor_message::kind;
  return said.what == said_kind::announcement || said.what == said_kind::advertisement ||
         said.what == said_kind::reply;
}

/// Asks for something else, and names an address as its own: every hearer may learn it (RFC 826, RFC 4861
/// §7.2.3).
bool mentions(const neighbor_message& said) {
  using said_kind = neighbor_message::kind;
  return said.what == said_kind::request || said.what == said_kind::solicitation;
}

bool gives_proxy_away(const second_look& look) {
  return look.what == second_look::kind::impossible && look.answered;
}

}  // namespace

struct neighbor_oddities::state {
  const neighbor_facts& facts;
  row_index<mac_address> looks{};
  row_index<ip_address> seen{}, leaks{};
  std::vector<bool> seen_told{}, leaks_told{};
  /// Hardware address, a bit for more than one owner, a bit for IPv6: one for each owner of each target.
  std::vector<std::uint64_t> owners{};
  rival_book rivals{};
  std::vector<neighbor_finding> of_targets{}, of_rest{};
  std::array<std::uint64_t, neighbor_finding_kinds> found{};

  explicit state(const neighbor_facts& of);

  void add(std::vector<neighbor_finding>& list, const neighbor_finding& one);
  [[nodiscard]] bool is_proxy(const mac_address& mac, ip_family family) const;
  /// Asked for an impossible address and waited for. Precondition: no proxy.
  [[nodiscard]] bool refused_impossible(const mac_address& mac, ip_family family) const;
  [[nodiscard]] bool deaf_to_unicast(const ip_address& address, const neighbor_owner& owner) const;
  [[nodiscard]] bool deaf_to_broadcast(const ip_address& address, const neighbor_owner& owner) const;
  void judge_rivals(const owned_address& target);
  void judge_frames(const owned_address& target);
  void judge_sightings(const owned_address& target);
  void judge_sighting(const owned_address& target, const seen_claim& seen);
  void judge_manners(const owned_address& target);
  void settle_conflicts();
  void settle_proxies();
  void settle_owners();
  void settle_owner(const mac_address& mac, std::uint64_t v4, std::uint64_t v6);
  void settle_strangers();
};

neighbor_oddities::state::state(const neighbor_facts& of) : facts{of} {
  for (std::size_t at = 0; at < of.looks.size(); ++at) looks.add(of.looks[at].mac, at);
  for (std::size_t at = 0; at < of.seen.size(); ++at) seen.add(subject_of(of.seen[at].said), at);
  for (std::size_t at = 0; at < of.leaks.size(); ++at) leaks.add(of.leaks[at].address, at);
  looks.sort();
  seen.sort();
  leaks.sort();
  seen_told.resize(of.seen.size());
  leaks_told.resize(of.leaks.size());
}

void neighbor_oddities::state::add(std::vector<neighbor_finding>& list, const neighbor_finding& one) {
  const bool decides = one.what == kind::conflict || one.what == kind::flux || one.what == kind::moved;
  if (++found[static_cast<std::size_t>(one.what)] <= most_listed || decides) list.push_back(one);
}

bool neighbor_oddities::state::is_proxy(const mac_address& mac, ip_family family) const {
  bool out = false;
  looks.for_each(mac, [&](std::size_t row) {
    const auto& look = facts.looks[row];
    out |= gives_proxy_away(look) && look.address.family() == family;
  });
  return out;
}

bool neighbor_oddities::state::refused_impossible(const mac_address& mac, ip_family family) const {
  bool out = false;
  looks.for_each(mac, [&](std::size_t row) {
    const auto& look = facts.looks[row];
    out |= look.what == second_look::kind::impossible && look.left && look.waited &&
           look.address.family() == family;
  });
  return out;
}

bool neighbor_oddities::state::deaf_to_unicast(const ip_address& address, const neighbor_owner& owner) const {
  if (!owner.to_broadcast || owner.to_unicast) return false;
  bool asked = false, heard = false;
  looks.for_each(owner.mac, [&](std::size_t row) {
    const auto& look = facts.looks[row];
    heard |= look.answered;  // all second looks go by unicast
    asked |= look.what == second_look::kind::unicast && look.left && look.waited && look.address == address;
  });
  return asked && !heard;
}

bool neighbor_oddities::state::deaf_to_broadcast(const ip_address& address,
                                                 const neighbor_owner& owner) const {
  bool out = false;
  looks.for_each(owner.mac, [&](std::size_t row) {
    const auto& look = facts.looks[row];
    out |= look.what == second_look::kind::known && look.answered && look.address == address;
  });
  return out && !owner.to_broadcast;
}

void neighbor_oddities::state::judge_rivals(const owned_address& target) {
  const auto& all = target.owners;
  const bool several = all.size() > 1;
  const auto low_bits = (several ? 2U : 0U) | (target.address.is_v6() ? 1U : 0U);
  for (const auto& one : all) owners.push_back(number_of(one.mac) << 2 | low_bits);
  if (!several) return;
  neighbor_finding out{kind::conflict, target.target, target.address, all[0].mac, all[1].mac, all.size()};
  if (took_turns(target)) {
    out.what = kind::moved;
    const auto by_first = [](const neighbor_owner& a, const neighbor_owner& b) { return a.first < b.first; };
    const auto [first, last] = std::minmax_element(all.begin(), all.end(), by_first);
    out.mac = first->mac;
    out.other = last->mac;
    return add(of_targets, out);
  }
  const auto finding = of_targets.size();
  add(of_targets, out);
  // Flux is a habit of ARP, where an address belongs to the host; in neighbour discovery it belongs to the
  // interface. Two proxies answer for the same addresses without being one host.
  const auto proxy = [&](const neighbor_owner& one) { return is_proxy(one.mac, ip_family::v4); };
  if (target.address.is_v4() && std::none_of(all.begin(), all.end(), proxy)) rivals.add(finding, all);
}

void neighbor_oddities::state::judge_frames(const owned_address& target) {
  for (const auto& one : target.owners) {
    neighbor_finding out{kind::spoofed, target.target, target.address, one.mac, {}, one.answers};
    // A virtual router's answer names the virtual address in a frame from the router's own (RFC 9568
    // §8.1.2).
    if (!one.mismatched || is_virtual_router(one.mac)) continue;
    if (one.frame_source != one.mac) out.other = one.frame_source;
    add(of_targets, out);
  }
  for (const auto& one : target.owners)
    if (one.wrong_target_hardware)
      add(of_targets, {kind::wrong_target, target.target, target.address, one.mac, {}, one.answers});
}

void neighbor_oddities::state::judge_sightings(const owned_address& target) {
  const auto start = static_cast<std::ptrdiff_t>(of_targets.size());
  seen.for_each(target.address, [&](std::size_t row) {
    const auto& one = facts.seen[row];
    if (!(subject_of(one.said) == target.address)) return;
    seen_told[row] = true;
    judge_sighting(target, one);
  });
  std::stable_sort(of_targets.begin() + start, of_targets.end(),
                   [](const auto& a, const auto& b) { return a.what < b.what; });
}

void neighbor_oddities::state::judge_sighting(const owned_address& target, const seen_claim& one) {
  const auto& who = one.said.owner;
  neighbor_finding out{kind::probed, target.target, target.address, who, {}, one.count};
  if (one.said.what == neighbor_message::kind::probe) return add(of_targets, out);
  if (!announces(one.said) && !mentions(one.said)) return;
  const neighbor_owner* rival = nullptr;
  for (const auto& owner : target.owners) {
    if (owner.mac == who) {
      out.what = kind::announced;
      if (announces(one.said)) add(of_targets, out);
      return;
    }
    if (rival == nullptr || owner.last > rival->last) rival = &owner;
  }
  if (rival != nullptr) out.other = rival->mac;
  // Only an answer after it shows that the address was asked for then, and that this one kept silent.
  const bool silent = rival != nullptr && rival->last > one.first;
  if (!silent && !announces(one.said)) return;
  out.what = silent ? kind::announced_elsewhere : kind::announced;
  add(of_targets, out);
}

void neighbor_oddities::state::judge_manners(const owned_address& target) {
  for (const auto& one : target.owners)
    if (deaf_to_unicast(target.address, one))
      add(of_targets, {kind::broadcast_only, target.target, target.address, one.mac, {}, one.answers});
  for (const auto& one : target.owners)
    if (deaf_to_broadcast(target.address, one))
      add(of_targets, {kind::unicast_only, target.target, target.address, one.mac, {}, 1});
  leaks.for_each(target.address, [&](std::size_t row) {
    const auto& one = facts.leaks[row];
    if (!(one.address == target.address)) return;
    leaks_told[row] = true;
    add(of_targets, {kind::vlan_leak, target.target, target.address, one.mac, {}, one.count, one.tag});
  });
  if (!target.address.is_v6()) return;
  for (const auto& one : target.owners)
    if (!one.override_flag)
      add(of_targets, {kind::no_override, target.target, target.address, one.mac, {}, one.answers});
}

void neighbor_oddities::state::settle_conflicts() {
  for (const auto& one : rivals.settle()) {
    of_targets[one.finding].what = kind::flux;
    of_targets[one.finding].count = one.addresses;
  }
}

void neighbor_oddities::state::settle_proxies() {
  for (std::size_t at = 0; at < facts.looks.size(); ++at) {
    const auto& one = facts.looks[at];
    if (!gives_proxy_away(one)) continue;
    bool first = true;
    std::vector<ip_address> addresses;  // one may have been asked for twice
    looks.for_each(one.mac, [&](std::size_t row) {
      const auto& other = facts.looks[row];
      if (!gives_proxy_away(other) || other.address.family() != one.address.family()) return;
      first = first && row >= at;
      if (std::find(addresses.begin(), addresses.end(), other.address) == addresses.end())
        addresses.push_back(other.address);
    });
    if (first) add(of_rest, {kind::proxy_arp, {}, one.address, one.mac, {}, addresses.size()});
  }
}

void neighbor_oddities::state::settle_owners() {
  std::sort(owners.begin(), owners.end());
  for (auto from = owners.begin(); from != owners.end();) {
    const auto mac = *from >> 2;
    std::array<std::uint64_t, 4> counts{};
    for (; from != owners.end() && *from >> 2 == mac; ++from) ++counts[*from & 3];
    settle_owner(mac_of(mac), counts[0], counts[1]);
  }
}

void neighbor_oddities::state::settle_owner(const mac_address& mac, std::uint64_t v4, std::uint64_t v6) {
  const bool many_v4 = v4 > 1 && !is_proxy(mac, ip_family::v4);
  const bool many_v6 = v6 > usual_v6_addresses && !is_proxy(mac, ip_family::v6);
  if (many_v4 || many_v6) {
    neighbor_finding out{kind::many_addresses, {}, {}, mac, {}, v4 + v6};
    out.proved = (!many_v4 || refused_impossible(mac, ip_family::v4)) &&
                 (!many_v6 || refused_impossible(mac, ip_family::v6));
    add(of_rest, out);
  }
  if (is_group(mac))
    add(of_rest, {kind::multicast_hardware, {}, {}, mac});
  else if (is_locally_administered(mac))
    add(of_rest, {kind::locally_administered, {}, {}, mac});
  if (is_virtual_router(mac)) add(of_rest, {kind::virtual_router, {}, {}, mac});
}

void neighbor_oddities::state::settle_strangers() {
  for (std::size_t row = 0; row < facts.seen.size(); ++row) {
    const auto& one = facts.seen[row];
    const bool probe = one.said.what == neighbor_message::kind::probe;
    if (seen_told[row] || (!probe && !announces(one.said))) continue;
    add(of_rest,
        {probe ? kind::probed : kind::announced, {}, subject_of(one.said), one.said.owner, {}, one.count});
  }
  for (std::size_t row = 0; row < facts.leaks.size(); ++row) {
    const auto& one = facts.leaks[row];
    if (!leaks_told[row]) add(of_rest, {kind::vlan_leak, {}, one.address, one.mac, {}, one.count, one.tag});
  }
}

neighbor_oddities::neighbor_oddities(const neighbor_facts& facts, std::size_t owners)
    : state_{std::make_unique<state>(facts)} {
  state_->owners.reserve(owners);
}
neighbor_oddities::neighbor_oddities(neighbor_oddities&&) noexcept = default;
neighbor_oddities& neighbor_oddities::operator=(neighbor_oddities&&) noexcept = default;
neighbor_oddities::~neighbor_oddities() = default;

void neighbor_oddities::take(const owned_address& target) {
  state_->judge_rivals(target);
  state_->judge_frames(target);
  state_->judge_sightings(target);
  state_->judge_manners(target);
}

std::vector<neighbor_finding> neighbor_oddities::finish() {
  auto& all = *state_;
  all.settle_conflicts();
  all.settle_proxies();
  all.settle_owners();
  all.settle_strangers();
  for (std::size_t row = 0; row < neighbor_finding_kinds; ++row) {
    const auto what = static_cast<kind>(row);
    const bool decides = what == kind::conflict || what == kind::flux || what == kind::moved;
    if (decides || all.found[row] <= most_listed) continue;
    neighbor_finding rest{what};
    rest.count = all.found[row] - most_listed;
    rest.more = true;
    all.of_rest.push_back(rest);
  }
  std::stable_sort(all.of_rest.begin(), all.of_rest.end(),
                   [](const auto& a, const auto& b) { return a.what < b.what; });
  auto out = std::move(all.of_targets);
  out.insert(out.end(), all.of_rest.begin(), all.of_rest.end());
  return out;
}

bool is_virtual_router(const mac_address& mac) {
  const auto number = number_of(mac);
  return number >> 8 == 0x00005e0001          // VRRP for IPv4 (RFC 9568 §7.3) and CARP
         || number >> 8 == 0x00005e0002       // VRRP for IPv6
         || number >> 8 == 0x00000c07ac       // HSRP version 1 (RFC 2281 §5.5)
         || number >> 12 == 0x00000c9ff       // HSRP version 2
         || number >> 12 == 0x000573a00       // HSRP for IPv6
         || number >> 18 == 0x0007b400 >> 2;  // GLBP: ten bits of group, eight of forwarder
}

}  // namespace diag::probe

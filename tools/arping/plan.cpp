// Targets to links.
//
// A few targets are asked about one by one. In a sweep that would cost more than the sweep, so neighbours in
// the same /24 (IPv6: /120) of the same prefix of ours go by the first of them; a route that takes a part of
// our own prefix elsewhere is overlooked there.
#include "tools/arping/plan.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace diag::arping {
namespace {

constexpr std::uint64_t one_by_one = 64;
constexpr std::size_t most_links = std::numeric_limits<std::uint8_t>::max();

class link_planner {
 public:
  link_planner(const arping_options& options, const network& around, const link_chooser& chooser)
      : options_{options}, around_{around}, chooser_{chooser} {}

  /// The link itself cannot be asked on: the same answer for each.
  static link_plan refuse_all(const probe::target_list& wanted, const failure& why) {
    link_plan plan;
    for (std::uint64_t i = 0; i < wanted.size(); ++i) add_refusal(plan, wanted.at(i), why);
    return plan;
  }

  result<link_plan> run(const probe::target_list& wanted) {
    std::vector<std::uint8_t> link_of;
    for (std::uint64_t i = 0; i < wanted.size(); ++i) {
      const auto target = wanted.at(i);
      const auto choice = decide(target, wanted.size());
      if (!choice) {
        refuse(target, wanted.size(), choice.error());
        continue;
      }
      const auto link = link_for(*choice);
      if (!link)
        return failure{{}, "ask", "so many targets", "they are on more than 255 links or sources", "use -I"};
      plan_.targets.add(target);
      link_of.push_back(*link);
    }
    // Named once each, in order: sealing moves none.
    plan_.targets.seal();
    if (plan_.links.size() > 1) plan_.link_of = std::move(link_of);
    return std::move(plan_);
  }

 private:
  result<link_choice> decide(const ip_address& target, std::uint64_t of) {
    if (of <= one_by_one) return chooser_.choose(target);
    const auto* near = around_.prefix_of(target);
    const auto block = ip_prefix{target, static_cast<std::uint8_t>(target.is_v4() ? 24 : 120)}.first();
    if (last_ && near == last_near_ && block == last_block_ && around_.own(target) == nullptr) return *last_;
    auto choice = chooser_.choose(target);
    if (around_.own(target) == nullptr) {
      last_ = choice;
      last_near_ = near;
      last_block_ = block;
    }
    return choice;
  }

  /// By its own address among the words, not as one of a prefix.
  [[nodiscard]] bool named(const ip_address& target) const {
    const auto& words = options_.targets.words;
    return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
      const auto address = parse_ip(word);
      return address && *address == target;
    });
  }

  void refuse(const ip_address& target, std::uint64_t of, const failure& why) {
    if (of > 1 && around_.own(target) != nullptr && !named(target)) {
      plan_.own.push_back(target);
      return;
    }
    add_refusal(plan_, target, why);
  }

  /// A row of addresses with one and the same reason is one refusal.
  static void add_refusal(link_plan& plan, const ip_address& target, const failure& why) {
    if (!plan.refused.empty()) {
      auto& last = plan.refused.back();
      if (last.why.why == why.why && last.first.plus(last.count) == target) {
        ++last.count;
        return;
      }
    }
    plan.refused.push_back({target, 1, why});
  }

  std::optional<std::uint8_t> link_for(const link_choice& choice) {
    const auto slot_of = [&](probe::neighbor_link& one) -> ip_address& {
      return choice.source.is_v6() ? one.v6 : one.v4;
    };
    for (std::size_t i = 0; i < plan_.links.size(); ++i) {
      auto& one = plan_.links[i];
      if (one.interface != choice.link->index) continue;
      auto& slot = slot_of(one);
      if (slot && choice.source && !(slot == choice.source)) continue;
      if (choice.source) slot = choice.source;
      return static_cast<std::uint8_t>(i);
    }
    if (plan_.links.size() == most_links) return std::nullopt;
    plan_.links.push_back(make_link(options_, *choice.link));
    if (choice.source) slot_of(plan_.links.back()) = choice.source;
    return static_cast<std::uint8_t>(plan_.links.size() - 1);
  }

  const arping_options& options_;
  const network& around_;
  const link_chooser& chooser_;
  link_plan plan_;
  std::optional<result<link_choice>> last_;
  const io::interface_address* last_near_ = nullptr;
  ip_address last_block_;
};

}  // namespace

probe::neighbor_link make_link(const arping_options& options, const io::link& link) {
  probe::neighbor_link made;
  made.interface = link.index;
  made.hardware = options.source_mac.value_or(link.mac.value_or(mac_address{}));
  made.frames.source = made.hardware;
  made.frames.framing = options.framing;
  made.frames.tags = options.tags;
  made.frames.type = options.ether_type;
  return made;
}

result<link_plan> plan_links(const arping_options& options, const probe::target_list& wanted,
                             const network& around) {
  if (wanted.size() > most_targets)
    return failure{{},
                   "ask for",
                   fmt::format("{} targets", wanted.size()),
                   fmt::format("at most {} in one run", most_targets),
                   "use a longer prefix, or --shard"};
  const auto chooser = link_chooser::make(options, around);
  if (!chooser) return link_planner::refuse_all(wanted, chooser.error());
  return link_planner{options, around, *chooser}.run(wanted);
}

result<std::vector<const io::link*>> local_links(const arping_options& options, const network& around) {
  const auto chooser = link_chooser::make(options, around);
  if (!chooser) return chooser.error();
  if (chooser->named() != nullptr) return std::vector{chooser->named()};
  std::vector<const io::link*> fit;
  for (const auto& link : around.links)
    if (!unfit(link)) fit.push_back(&link);
  if (fit.empty())
    return failure{{}, "ask on", "any interface", "none is Ethernet, up and connected", "see: ip link"};
  return fit;
}

result<probe::target_list> local_targets(const arping_options& options, const network& around) {
  const auto links = local_links(options, around);
  if (!links) return links.error();
  probe::target_list list;
  for (const auto* link : *links)
    for (const auto& one : around.addresses) {
      if (one.interface != link->index || !one.address.is_v4() || one.prefix_length >= 32) continue;
      const auto prefix = prefix_of(one);
      const auto hosts = std::uint64_t{1} << (32 - one.prefix_length);
      if (hosts > most_targets)
        return failure{{},
                       "ask for all of",
                       to_string(ip_prefix{prefix.first(), prefix.length}) + " on " + link->name,
                       fmt::format("it has {} addresses, and a run takes {}", hosts, most_targets),
                       "name a part of it"};
      // RFC 3021: the two addresses of a /31 are both hosts.
      if (hosts == 2)
        list.add(prefix.first(), 2);
      else
        list.add(prefix.first().plus(1), hosts - 2);
    }
  list.seal();
  return list;
}

result<probe::neighbor_link> search_link(const arping_options& options, const network& around) {
  const auto& wanted = *options.wanted;
  if (probe::is_group(wanted))
    return failure{{}, "search for", to_string(wanted), "it is a group's, which no host has", {}};
  for (const auto& link : around.links)
    if (!link.loopback && link.mac == wanted)
      return failure{
          {}, "search for", to_string(wanted), "it is this host's own, on " + link.name, "see: ip address"};
  const auto links = local_links(options, around);
  if (!links) return links.error();
  if (links->size() > 1) {
    std::string names;
    for (const auto* link : *links) names += (names.empty() ? "" : ", ") + link->name;
    return failure{{}, "choose a link to search", {}, "there are " + names, "name one with -I"};
  }
  const auto& link = *links->front();
  auto made = make_link(options, link);
  const auto own = [&](ip_family family) -> ip_address {
    if (options.source.family() == family) return options.source;
    for (const auto& one : around.addresses)
      if (one.interface == link.index && one.address.family() == family && !one.tentative) return one.address;
    return {};
  };
  if (options.targets.family != ip_family::v6) made.v4 = own(ip_family::v4);
  if (options.targets.family != ip_family::v4) made.v6 = own(ip_family::v6);
  return made;
}

probe::target_list search_targets(const arping_options& options, const probe::target_list& named,
                                  const probe::neighbor_link& link, const network& around) {
  if (!named.empty() || options.targets.family == ip_family::v6) return named;
  // Eight seconds at the default rate; who searches a larger network says where.
  constexpr std::uint8_t longest = 20;
  probe::target_list list;
  for (const auto& one : around.addresses)
    if (one.interface == link.interface && one.address.is_v4() && one.prefix_length >= longest)
      list.add(prefix_of(one));
  return list;
}

std::vector<ip_address> impossible_addresses(const link_plan& plan, const network& around,
                                             seeded_random& random) {
  std::vector<ip_address> all;
  // RFC 1112 §4: reserved, and never assigned; 255.255.255.255 is another matter.
  constexpr std::uint32_t class_e = 0xf000'0000;
  all.push_back(ip_address::v4(class_e + static_cast<std::uint32_t>(random.below(0x0fff'ffff))));
  for (const auto& one : around.addresses) {
    const bool used = std::any_of(plan.links.begin(), plan.links.end(),
                                  [&](const auto& link) { return link.interface == one.interface; });
    if (!used) continue;
    const auto first = prefix_of(one).first();
    ip_address nobody;
    if (one.address.is_v4() && one.prefix_length < 31) {
      nobody = first;  // RFC 1122 §3.2.1.3: this network, no host of it
    } else if (one.address.is_v6() && one.prefix_length == 64) {
      nobody = first.plus(random());
      nobody.scope(one.address.scope());
    }
    if (nobody && around.own(nobody) == nullptr && std::find(all.begin(), all.end(), nobody) == all.end())
      all.push_back(nobody);
  }
  return all;
}

}  // namespace diag::arping

// The order of the checks is the order in which a person would look: the link first, then our own side of it,
// then the target.
#include "tools/arping/link_choice.hpp"

#include <fmt/format.h>

namespace diag::arping {
namespace {

failure cannot_ask(const std::string& target, std::string why, std::string hint) {
  return {{}, "ask for", target, std::move(why), std::move(hint)};
}

/// A link of ours has the target's subnet, and nobody can be asked on it: that is why there is no route, or a
/// way around.
const io::link* broken_link_of(const ip_address& target, const network& around) {
  const auto* near = around.prefix_of(target);
  const auto* link = near != nullptr ? around.link_at(near->interface) : nullptr;
  return link != nullptr && unfit(*link) ? link : nullptr;
}

failure behind_router(const std::string& target, const io::route& way) {
  return cannot_ask(
      target,
      fmt::format("it is not on {}'s link; its next hop is {}", way.interface_name, to_string(way.gateway)),
      "ask for that one");
}

std::string_view family_name(const ip_address& address) {
  return address.is_v4() ? "IPv4" : "IPv6";
}

}  // namespace

result<link_chooser> link_chooser::make(const arping_options& options, const network& around) {
  link_chooser made{options, around};
  made.claims_ = mode_of(options) == run_mode::claim;
  if (options.interface.empty()) return made;
  made.named_ = around.link_named(options.interface);
  if (made.named_ == nullptr)
    return failure{{}, "ask on", options.interface, "no such interface", "see: ip link"};
  if (auto why = unfit(*made.named_)) return *why;
  return made;
}

result<const io::link*> link_chooser::link_of(const ip_address& target) const {
  if (named_ != nullptr) return named_;
  auto index = target.scope();
  if (index == 0 && target.is_v6() && target.is_link_local())
    return cannot_ask(around_->text_of(target), "every link may have one of this address",
                      "name the link: " + to_string(target) + "%eth0, or -I eth0");
  const auto* own = index == 0 ? around_->own(target) : nullptr;
  if (own != nullptr) index = own->interface;
  if (index == 0) {
    const auto way = around_->route(target, {});
    if (!way) {
      if (const auto* link = broken_link_of(target, *around_)) return link;
      return way.error();
    }
    if (!way->usable())
      return cannot_ask(around_->text_of(target),
                        fmt::format("the route to it is of type {}", io::describe(way->type)),
                        "see: ip route get " + to_string(target));
    if (way->gateway) {
      if (const auto* link = broken_link_of(target, *around_)) return link;
      return behind_router(around_->text_of(target), *way);
    }
    index = way->interface;
  }
  const auto* link = around_->link_at(index);
  if (link == nullptr) return cannot_ask(around_->text_of(target), "its interface is gone", "see: ip link");
  return link;
}

std::optional<ip_address> link_chooser::source_on(const io::link& link, const ip_address& target) const {
  // An address probe of a claim has none (RFC 5227 §2.1.1, RFC 4862 §5.4.2).
  if (claims_) return ip_address{};
  if (options_->source && options_->source.family() == target.family()) return options_->source;
  if (const auto* near = around_->prefix_of(target, link.index); near != nullptr && !near->tentative)
    return near->address;
  std::optional<ip_address> other;
  for (const auto& one : around_->addresses) {
    // Not to be used before duplicate address detection is over (RFC 4862 §5.4).
    if (one.interface != link.index || one.tentative || one.address.family() != target.family()) continue;
    if (!other || (other->is_link_local() && !target.is_link_local())) other = one.address;
  }
  return other;
}

result<link_choice> link_chooser::choose(const io::link& link, const ip_address& target) const {
  const auto source = source_on(link, target);
  if (source) return link_choice{&link, *source};
  return failure{{},
                 "ask on",
                 link.name,
                 fmt::format("it has no {} address", family_name(target)),
                 target.is_v4() ? "give one with -S ADDR, or ask as from nobody with -S 0.0.0.0"
                                : "give one with -S ADDR"};
}

result<link_choice> link_chooser::choose(const ip_address& target) const {
  if (target.is_multicast() || target.is_unspecified())
    return cannot_ask(around_->text_of(target),
                      target.is_multicast() ? "it is a group, which nobody owns" : "it is no address", {});
  if (options_->framing == craft::link_framing::llc && target.is_v6())
    return cannot_ask(around_->text_of(target), "--framing llc is ARP's alone", "leave it out");
  const auto link = link_of(target);
  if (!link) return link.error();
  if (auto why = unfit(**link)) return *why;
  if (target.scope() != 0 && target.scope() != (*link)->index)
    return cannot_ask(around_->text_of(target), "its zone is another link than " + (*link)->name,
                      "leave one of the two out");
  const auto chosen = choose(**link, target);
  if (!chosen || claims_) return chosen;
  if (const auto* own = around_->own(target); own != nullptr) {
    const auto* at = around_->link_at(own->interface);
    return cannot_ask(around_->text_of(target),
                      "it is this host's own, on " + (at != nullptr ? at->name : "a link that is gone"),
                      "--dad asks whether somebody else has it too");
  }
  if (named_ == nullptr || around_->prefix_of(target, named_->index) != nullptr) return chosen;
  // What no prefix of the link covers may be on it all the same; only a next hop says that it is not.
  const auto way = around_->route(target, named_->name);
  if (way && way->gateway) return behind_router(around_->text_of(target), *way);
  if (!way && !options_->source) return way.error();
  return chosen;
}

}  // namespace diag::arping

// Findings, changes and locations in words.
#include "tools/traceroute/sentences.hpp"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "libdiag/wire/tcp.hpp"

namespace diag::traceroute {
namespace {

using field = probe::header_change::field;
using number = std::optional<std::uint32_t>;

std::string flags_text(std::uint32_t flags) {
  return wire::describe_tcp_flags(static_cast<std::uint16_t>(flags));
}

std::string traffic_class_words(std::uint32_t sent, std::uint32_t seen) {
  constexpr std::uint32_t ecn = 3;  // RFC 3168 §5: the two low bits; the six above are RFC 2474's DSCP
  std::string out;
  if (sent >> 2 != seen >> 2) out = fmt::format("DSCP {} becomes {}", sent >> 2, seen >> 2);
  if ((sent & ecn) != (seen & ecn))
    out += fmt::format("{}ECN {} becomes {}", out.empty() ? "" : ", ", sent & ecn, seen & ecn);
  return out;
}

/// Of an option, either number may be missing.
std::string number_words(std::string_view name, number sent, number seen) {
  if (sent && seen) return fmt::format("{} {} becomes {}", name, *sent, *seen);
  return fmt::format("{} {} is {}", name, sent ? *sent : seen.value_or(0), sent ? "taken out" : "put in");
}

std::string_view name_of(field what) {
  switch (what) {
    case field::source_port:
      return "source port";
    case field::destination_port:
      return "destination port";
    case field::window:
      return "window";
    case field::maximum_segment_size:
      return "MSS";
    case field::window_scale:
      return "window scale";
    case field::sack_permitted:
      return "SACK";
    case field::timestamps:
      return "timestamps";
    case field::fast_open:
      return "TCP fast open";
    case field::source_address:
      return "source";
    case field::destination_address:
      return "destination";
    case field::total_length:
      return "packet length";
    case field::echo_identifier:
      return "echo identifier";
    default:
      return probe::describe(what);
  }
}

/// "hop 4 (gw.example 198.51.100.4)"; hop 0 is this host.
std::string hop_words(std::uint8_t hop, const ip_address& address, const address_labels& labels) {
  if (hop == 0) return "this host";
  if (!address) return fmt::format("hop {}", hop);
  const auto name = labels.name(address);
  return fmt::format("hop {} ({}{}{})", hop, name, name.empty() ? "" : " ", to_string(address));
}

class finding_words {
 public:
  finding_words(const probe::path_finding& what, const address_labels& labels, const probe::traced_path* path)
      : what_{what}, labels_{labels}, path_{path} {}

  std::string sentence() const {
    using enum probe::path_finding_kind;
    switch (what_.what) {
      case loop:
      case repeated_hop:
      case several_addresses:
      case several_paths:
        return of_addresses();
      case changed:
      case nat:
        return of_change();
      case longer_return:
      case hidden_tunnel:
      case implicit_tunnel:
        return of_lengths();
      case rate_limited:
        return fmt::format(
            "{} answered {} of {} probes and hops behind it answered: it limits its answers, no packets are "
            "lost there",
            here(), what_.count, what_.total);
      case answers_for_target:
        return here() + " refuses in the target's place";
      case reset_by_device:
        return fmt::format(
            "connections are reset at hop {} in the target's name, from nearer than the target", what_.hop);
      case zero_hop_limit:
        return here() +
               " got a hop limit of 0: the router before it forwards what has expired, and does not show";
      case target_silent:
        return silent();
      case bad_extension:
        return here() + " sends an ICMP extension that lies about its length, version or checksum";
      case reassembly:
        return fmt::format("fragments of the probes at hop {} are lost: {} waited for them in vain",
                           what_.hop, to_string(what_.address));
    }
    return std::string{describe(what_.what)};
  }

 private:
  std::string here() const { return hop_words(what_.hop, what_.address, labels_); }
  std::string other() const { return hop_words(what_.other_hop, address_at(what_.other_hop), labels_); }
  std::string between() const { return " between " + other() + " and " + here(); }

  ip_address address_at(std::uint8_t hop) const {
    if (path_ != nullptr)
      for (const auto& row : path_->rows)
        if (row.hop == hop)
          for (const auto& probe : row.probes)
            if (probe.answer.from) return probe.answer.from;
    return {};
  }

  std::string of_addresses() const {
    using enum probe::path_finding_kind;
    const auto who = to_string(what_.address);
    switch (what_.what) {
      case loop:
        return fmt::format("{} answers at hop {} and again at hop {}: a routing loop", who, what_.other_hop,
                           what_.hop);
      case repeated_hop:
        if (what_.count < 3)
          return fmt::format(
              "{} answers at hops {} and {}: it forwards without counting down, or answers for what is "
              "behind it",
              who, what_.other_hop, what_.hop);
        return fmt::format(
            "{} answers at hops {} to {}: packets circle there, or it answers for all behind it", who,
            what_.other_hop, what_.hop);
      case several_addresses:
        return fmt::format(
            "{} addresses answered one flow at hop {}: packets are balanced one by one, or the path changed",
            what_.count, what_.hop);
      default:
        return fmt::format("{} addresses answered at hop {}: flows are balanced over several paths",
                           what_.count, what_.hop);
    }
  }

  std::string of_change() const {
    if (!what_.change) return std::string{describe(what_.what)};
    if (what_.what != probe::path_finding_kind::nat)
      return change_words(*what_.change) + between() + (is_fragmentation() ? ": it is fragmented" : "");
    if (what_.change->what != field::checksum) return change_words(*what_.change) + between() + ": NAT";
    return "NAT" + between() + ": quotes have our addresses and ports again, and another checksum";
  }

  /// Fragments but the last carry a multiple of eight octets (RFC 791 section 3.2), and only of IPv4.
  bool is_fragmentation() const {
    constexpr std::int64_t header = 20, everywhere_carried = 576;
    if (what_.change->what != field::total_length || (path_ != nullptr && !path_->target.address.is_v4()))
      return false;
    const std::int64_t sent = what_.change->sent.value_or(0), seen = what_.change->seen.value_or(0);
    return sent > everywhere_carried && seen > header && seen < sent && (seen - header) % 8 == 0;
  }

  std::string of_lengths() const {
    using enum probe::path_finding_kind;
    const auto hops = fmt::format("{} {}", what_.count, what_.count == 1 ? "hop" : "hops");
    if (what_.what == longer_return)
      return fmt::format("answers come back over {} more than the probes went{}", hops,
                         what_.other_hop < what_.hop ? ", from " + other() + " on" : "");
    if (what_.what == hidden_tunnel)
      return fmt::format("about {}{} {} not show: an MPLS tunnel", hops, between(),
                         what_.count == 1 ? "does" : "do");
    if (what_.other_hop == what_.hop)
      return here() + " quotes a hop limit above 1: an MPLS tunnel without labels";
    return fmt::format("hops {} to {} quote hop limits above 1: an MPLS tunnel without labels",
                       what_.other_hop, what_.hop);
  }

  std::string silent() const {
    if (path_ == nullptr) return "the path goes on to " + here() + ", and the target says nothing";
    const auto& target = path_->target;
    auto asked = std::string{describe(target.method)};
    if (target.method != probe::path_method::icmp) asked += fmt::format(" {}", target.port);
    return fmt::format("the path goes on to {}, and {} says nothing to {}", here(), to_string(target.address),
                       asked);
  }

  const probe::path_finding& what_;
  const address_labels& labels_;
  const probe::traced_path* path_;
};

/// "tcp/445", "udp/53", "icmp".
std::string service(const probe::path_target& target) {
  using enum probe::path_method;
  if (target.method == icmp) return "icmp";
  return fmt::format("{}/{}", target.method == udp ? "udp" : "tcp", target.port);
}

std::string place(std::uint8_t hop, const ip_address& address) {
  return hop_words(hop, address, {});
}

std::string passes_words(const probe::location& what) {
  const auto state = [&]() -> std::string_view {
    using enum probe::path_method;
    if (what.asked.method == tcp_syn)
      return (what.answer.tcp_flags & wire::tcp_flag::rst) != 0 ? ": closed" : ": open";
    if (what.asked.method == udp)
      return what.answer.why == probe::reason::port_unreachable ? ": closed" : ": open";
    return "";
  };
  return fmt::format("{} passes to the target at hop {}{}", service(what.asked), what.at_hop.value_or(0),
                     state());
}

std::string rejected_words(const probe::location& what) {
  const auto asked = service(what.asked);
  const auto hop = what.at_hop.value_or(0);
  const auto why = describe(what.answer.why);
  if (what.at_hop && hop == 0) return fmt::format("{} is rejected by this host: {}", asked, why);
  if (what.in_targets_name)
    return fmt::format("{} is rejected at {} by a reset in the target's name", asked, place(hop, what.by));
  if (what.by_target)
    return fmt::format("{} is rejected by the target itself at hop {}: {}", asked, hop, why);
  return fmt::format("{} is rejected at {}: {}", asked, place(hop, what.by), why);
}

/// What passes beside it, and what that tells.
std::string control_words(const probe::location& what) {
  if (!what.control) return "; nothing else that was asked reaches the target";
  auto out = fmt::format("; {} passes to the target at hop {}", service(*what.control), what.control_hop);
  if (!what.control_shares_path) out += " by another path";
  if (what.verdict != probe::locate_verdict::dropped || what.after_hop == 0) return out;
  if (what.after_hop + 1 >= what.control_hop)
    return out + (what.asked.method == probe::path_method::udp
                      ? ", which may itself drop it, or be open and say nothing"
                      : ", which may itself drop it");
  if (what.next && what.control_shares_path)
    out += ", through " + place(static_cast<std::uint8_t>(what.after_hop + 1), what.next);
  return out;
}

}  // namespace

std::string change_words(const probe::header_change& change) {
  const auto sent = change.sent.value_or(0);
  const auto seen = change.seen.value_or(0);
  const auto name = name_of(change.what);
  switch (change.what) {
    case field::traffic_class:
      return traffic_class_words(sent, seen);
    case field::flags:
      return "flags " + flags_text(sent) + " become " + flags_text(seen);
    case field::source_address:
    case field::destination_address:
      return fmt::format("{} {} becomes {}", name, to_string(change.sent_address),
                         to_string(change.seen_address));
    case field::sack_permitted:
    case field::timestamps:
    case field::fast_open:
      return fmt::format("{} {} {}", name, change.what == field::timestamps ? "are" : "is",
                         change.sent ? "taken out" : "put in");
    case field::dont_fragment:
      return seen != 0 ? "don't fragment is set" : "don't fragment is cleared";
    case field::flow_label:
      return fmt::format("flow label 0x{:05x} becomes 0x{:05x}", sent, seen);
    case field::identification:
      return "the IP identification is rewritten";
    case field::checksum:
      return "the transport checksum is rewritten";
    case field::sequence:
      return "sequence numbers are rewritten";
    default:
      return number_words(name, change.sent, change.seen);
  }
}

std::string finding_sentence(const probe::path_finding& what, const address_labels& labels,
                             const probe::traced_path* path) {
  return finding_words{what, labels, path}.sentence();
}

std::string location_sentence(const probe::location& what) {
  using enum probe::locate_verdict;
  if (what.verdict == passes) return passes_words(what);
  if (what.verdict == rejected)
    return rejected_words(what) + (what.at_hop == std::uint8_t{0} ? "" : control_words(what));
  const auto lost = service(what.asked) + " is dropped ";
  return (what.after_hop == 0 ? lost + "before any hop answers"
                              : lost + "after " + place(what.after_hop, what.after)) +
         control_words(what);
}

}  // namespace diag::traceroute

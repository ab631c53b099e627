// Findings in words that claim no more than the finding does.
#include "tools/arping/sentences.hpp"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "libdiag/report/words.hpp"

namespace diag::arping {
namespace {

using probe::neighbor_finding;
using kind = neighbor_finding::kind;

class speaker {
 public:
  speaker(const neighbor_finding& what, vendor_table* vendors) : what_{what}, vendors_{vendors} {}

  std::string sentence() {
    switch (what_.what) {
      case kind::conflict:
        return conflict();
      case kind::flux:
        return fmt::format(
            "{} and {} both answer for {} and {} more: one host with several interfaces on this link (ARP "
            "flux), "
            "or hosts set up with the same addresses",
            who(what_.mac), other(), to_string(what_.address),
            report::count_words(what_.count - 1, "address", "addresses"));
      case kind::moved:
        return fmt::format("{} moved from {} to {} during the run", to_string(what_.address), who(what_.mac),
                           other());
      case kind::proxy_arp:
        return proxy();
      case kind::many_addresses:
        return fmt::format("{} owns {} of these addresses{}", who(what_.mac), what_.count,
                           what_.proved
                               ? " and was silent when asked for one that no host can have: a router, "
                                 "or a host with several addresses"
                               : "; whether it answers for any address was not seen");
      case kind::spoofed:
        return spoofed();
      case kind::announced:
      case kind::announced_elsewhere:
      case kind::probed:
        return unasked();
      default:
        return manner();
    }
  }

  /// For a list that ends before all are named.
  static std::string_view noun(kind what) {
    static constexpr std::array<std::string_view, probe::neighbor_finding_kinds> nouns{
        "conflict",
        "ARP flux",
        "address that moved",
        "proxy ARP",
        "owner of several addresses",
        "frame source that is not the owner",
        "wrong target hardware address",
        "announcement",
        "announcement by somebody who does not answer",
        "probe of somebody else",
        "owner that is deaf to unicast",
        "owner that is deaf to broadcast",
        "answer under another VLAN tag",
        "locally administered hardware address",
        "hardware address of a group",
        "virtual router",
        "advertisement without the override flag",
    };
    const auto row = static_cast<std::size_t>(what);
    return row < nouns.size() ? nouns[row] : "finding";
  }

 private:
  std::string who(const mac_address& mac) const {
    auto out = to_string(mac);
    if (vendors_ == nullptr) return out;
    const auto vendor = vendors_->vendor_of(mac);
    return vendor.empty() ? out : fmt::format("{} ({})", out, vendor);
  }
  std::string other() const { return what_.other ? who(*what_.other) : "another"; }
  std::string times() const {
    return what_.count > 1 ? " " + report::count_words(what_.count, "time", "times") : "";
  }

  std::string conflict() const {
    auto out = fmt::format("{} has {}: {} and {}", to_string(what_.address),
                           report::count_words(what_.count, "owner", "owners"), who(what_.mac), other());
    if (what_.count > 2) out += fmt::format(" and {} more", what_.count - 2);
    return out;
  }

  std::string proxy() const {
    auto out = fmt::format("{} answers for {}", who(what_.mac), to_string(what_.address));
    if (what_.count > 1) out += fmt::format(" and {} more", what_.count - 1);
    return out + (what_.count > 1 ? ", which no hosts can have: " : ", which no host can have: ") +
           (what_.address.is_v6() ? "proxy neighbour discovery" : "proxy ARP");
  }

  /// Microsoft's clusters mask the sender of their frames: 02-bf-W-X-Y-Z becomes 02-N-W-X-Y-Z with a host's
  /// number N.
  bool looks_like_cluster() const {
    if (!what_.other || what_.mac.octets[0] != std::byte{0x02} || what_.mac.octets[1] != std::byte{0xbf})
      return false;
    auto masked = *what_.other;
    const auto host = std::to_integer<unsigned>(masked.octets[1]);
    masked.octets[1] = what_.mac.octets[1];
    return masked == what_.mac && host >= 1 && host <= 32;
  }

  std::string spoofed() const {
    auto out = fmt::format("{} is said to be at {} by frames from {}", to_string(what_.address),
                           who(what_.mac), what_.other ? who(*what_.other) : "elsewhere");
    if (looks_like_cluster()) return out + ": Microsoft NLB in unicast mode does that";
    return out + ": spoofing, or a bridge, Wi-Fi extender or cluster (Microsoft NLB) that changes addresses";
  }

  std::string unasked() const {
    const auto address = to_string(what_.address);
    const auto mac = who(what_.mac);
    if (what_.what == kind::probed)
      return fmt::format(
          "{} asked{} whether {} is free, as hosts do that are about to use it, and switches that "
          "keep track of hosts",
          mac, times(), address);
    if (what_.what == kind::announced_elsewhere)
      return fmt::format("{} claimed {}{} and did not answer for it, while {} did", mac, address, times(),
                         other());
    auto out = fmt::format("{} announced {}{} during the run", mac, address, times());
    if (what_.other) out += fmt::format(", after {} had answered: it may have moved", other());
    return out;
  }

  std::string manner() const {
    const auto address = to_string(what_.address);
    const auto mac = who(what_.mac);
    switch (what_.what) {
      case kind::wrong_target:
        return fmt::format("{} answers for {} with a target hardware address that is not ours", mac, address);
      case kind::broadcast_only:
        return fmt::format("{} answers for {} when all are asked, and was silent when asked alone", mac,
                           address);
      case kind::unicast_only:
        return fmt::format("{} answers for {} when asked alone, and was silent when all were asked", mac,
                           address);
      case kind::vlan_leak:
        return fmt::format("{} of {} for {} came {}", report::count_words(what_.count, "answer", "answers"),
                           mac, address,
                           what_.tag ? fmt::format("under VLAN {}", what_.tag->id) : "without a VLAN tag");
      case kind::locally_administered:
        return fmt::format("{} is locally administered: set by software, not by a maker", mac);
      case kind::multicast_hardware:
        return fmt::format("{} is a group's hardware address, which no single host should have", mac);
      case kind::virtual_router:
        return fmt::format("{} belongs to a virtual router", mac);
      default:
        return fmt::format("{} advertises {} without the override flag, as proxies and anycast addresses do",
                           mac, address);
    }
  }

  const neighbor_finding& what_;
  vendor_table* vendors_;
};

std::string rest_line(kind what, std::uint64_t count) {
  return fmt::format("{} more: {}", count, speaker::noun(what));
}

}  // namespace

std::string finding_sentence(const neighbor_finding& what, vendor_table* vendors) {
  if (what.more) return rest_line(what.what, what.count);
  return speaker{what, vendors}.sentence();
}

std::vector<std::string> finding_lines(std::span<const neighbor_finding> all, vendor_table* vendors,
                                       std::size_t most) {
  std::vector<std::string> out;
  std::array<std::size_t, probe::neighbor_finding_kinds> told{};
  std::array<std::uint64_t, probe::neighbor_finding_kinds> untold{};
  for (const auto& one : all) {
    const auto row = static_cast<std::size_t>(one.what);
    if (one.more)
      untold[row] += one.count;
    else if (told[row]++ < most)
      out.push_back(finding_sentence(one, vendors));
    else
      ++untold[row];
  }
  for (std::size_t row = 0; row < untold.size(); ++row)
    if (untold[row] != 0) out.push_back(rest_line(static_cast<kind>(row), untold[row]));
  return out;
}

}  // namespace diag::arping

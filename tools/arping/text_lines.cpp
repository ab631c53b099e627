// Lines of a series, a sweep and --watch. Two blanks between columns, so that a person's eye and awk(1) find
// them alike.
#include "tools/arping/text_lines.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "libdiag/report/time_text.hpp"
#include "libdiag/report/words.hpp"

namespace diag::arping {
namespace {

using probe::neighbor_reply;
using kind = probe::neighbor_message::kind;

/// "on eth0", "on eth0 and eth1".
std::string places(const stage& on) {
  std::string text;
  std::vector<std::uint32_t> told;
  for (const auto& link : on.plan.links) {
    if (std::find(told.begin(), told.end(), link.interface) != told.end()) continue;
    text += told.empty() ? "on " : " and ";
    text += on.interface_name(link.interface);
    told.push_back(link.interface);
  }
  for (const auto& tag : on.options.tags)
    text += fmt::format(" VLAN {}{}", tag.id, tag.priority != 0 ? fmt::format(".{}", tag.priority) : "");
  return text;
}

std::string protocols(const stage& on) {
  const bool v4 = on.plan.targets.has(ip_family::v4);
  const bool v6 = on.plan.targets.has(ip_family::v6);
  return v4 && v6 ? "ARP and ND" : v6 ? "ND" : "ARP";
}

std::string rtt_text(const neighbor_reply& reply) {
  if (reply.pair == neighbor_reply::pairing::certain) return report::rtt_words(reply.rtt) + " ms";
  return fmt::format("{} to {} ms", report::rtt_words(reply.rtt), report::rtt_words(reply.rtt_most));
}

/// What is not as it usually is, behind two blanks each.
std::string remarks(const stage& on, const neighbor_reply& reply, std::size_t owners) {
  std::string text;
  const auto add = [&](std::string_view remark) { text.append("  ").append(remark); };
  const auto& said = reply.said;
  if (reply.new_owner && owners > 1)
    add(on.style.bad(owners == 2 ? "second owner" : fmt::format("owner {}", owners)));
  if (reply.what == neighbor_reply::kind::late) add("late");
  if (reply.what == neighbor_reply::kind::duplicate) add("duplicate");
  if (reply.pair == neighbor_reply::pairing::ambiguous) add("to which probe is not certain");
  if (reply.way == probe::asked_by::unicast) add(on.is_second_look(reply) ? "second look" : "unicast");
  if (said.owner_stated && !(said.frame_source == said.owner))
    add(on.style.note("from " + to_string(said.frame_source)));
  if (said.what == kind::reply && said.to_everyone()) add("to everyone");
  if (said.tag && said.tag->id != 0) add(fmt::format("VLAN {}", said.tag->id));
  if (said.what == kind::advertisement && said.router) add("router");
  if (said.what == kind::advertisement && !said.override_flag) add("no override");
  if (on.options.verbose) add(fmt::format("[{}, {}]", describe(said.what), describe(reply.source)));
  return text;
}

std::string plural(std::uint64_t count, std::string_view one, std::string_view many) {
  return report::count_words(count, one, many);
}

std::string_view claim_word(kind what) {
  switch (what) {
    case kind::announcement:
      return "is announced by";
    case kind::request:
    case kind::solicitation:
      return "is used by";
    case kind::advertisement:
      return "is advertised by";
    default:
      return "is claimed by";
  }
}

}  // namespace

std::string header_line(const stage& on) {
  auto line = protocols(on) + ' ';
  if (on.plan.targets.size() == 1) {
    const auto address = on.address_text(on.plan.targets.at(0));
    const auto label = on.label(0);
    line += label == address ? address : fmt::format("{} ({})", label, address);
  } else {
    line += plural(on.plan.targets.size(), "target", "targets");
  }
  if (on.plan.links.size() == 1) {
    const auto& link = on.plan.links.front();
    const bool v6 = !on.plan.targets.has(ip_family::v4);
    const auto& source = v6 ? link.v6 : link.v4;
    if (source)
      line += " from " + to_string(source.is_v6() && source.is_link_local()
                                       ? ip_address::from_bytes(source.bytes())
                                       : source);
    line += fmt::format(" ({})", to_string(link.hardware));
  }
  return line + ' ' + places(on) + '\n';
}

std::string reply_line(const stage& on, const neighbor_reply& reply, std::size_t owners) {
  return fmt::format("{} is at {}  seq {}  {}{}\n", on.label(reply.target), on.owner_text(reply.said.owner),
                     reply.number, rtt_text(reply), remarks(on, reply, owners));
}

std::string timeout_line(const stage& on, const probe::neighbor_timeout& timeout) {
  return fmt::format("{} does not answer  seq {}\n", on.label(timeout.target), timeout.number);
}

std::string rejected_line(const stage& on, const probe::neighbor_rejected& what) {
  const auto& said = what.said;
  auto line = fmt::format("frame from {}", to_string(said.frame_source));
  if (said.claimed)
    line += fmt::format(": {} is at {}", on.address_text(said.claimed), to_string(said.owner));
  if (said.tag && said.tag->id != 0) line += fmt::format("  VLAN {}", said.tag->id);
  return line + fmt::format("  not believed: {}\n", describe(what.why));
}

std::string sighting_line(const stage& on, const probe::neighbor_sighting& what) {
  const auto& said = what.said;
  if (said.what == kind::probe)
    return fmt::format("{} is about to be claimed by {}\n", on.address_text(said.asked),
                       on.owner_text(said.owner));
  auto line = fmt::format("{} {} {}", on.address_text(said.claimed), claim_word(said.what),
                          on.owner_text(said.owner));
  if (said.asked && !(said.asked == said.claimed))
    line += fmt::format(", who asks for {}", on.address_text(said.asked));
  return line + '\n';
}

std::string change_line(const stage& on, const probe::neighbor_change& what) {
  const auto label = on.label(what.target);
  const auto announced = what.announced ? "  (announced)" : "";
  if (!what.before && what.after)
    return fmt::format("{} is at {}{}\n", label, on.style.good(on.owner_text(*what.after)), announced);
  if (!what.after)
    return fmt::format("{} does not answer any more; it was at {}\n", label,
                       on.style.bad(what.before ? on.owner_text(*what.before) : "an owner unknown"));
  return fmt::format("{} moved from {} to {}{}\n", label, on.owner_text(*what.before),
                     on.style.bad(on.owner_text(*what.after)), announced);
}

std::string link_line(const stage& on, const probe::neighbor_link_state& what) {
  const auto name = on.interface_name(what.now.interface);
  const auto state = what.now.gone       ? "is gone"
                     : !what.now.up      ? "is down"
                     : !what.now.running ? "has lost its carrier"
                                         : "is up";
  return fmt::format("{} {}\n", name.empty() ? "the interface" : name, state);
}

std::string row_line(const stage& on, const neighbor_reply& reply, std::size_t owners) {
  const int width = on.plan.targets.has(ip_family::v6) ? 39 : 15;  // the longest address there can be
  auto vendor = std::string{on.vendor_of(reply.said.owner)};
  std::size_t kept = 28;
  if (vendor.size() > kept) {
    // Never inside a character of UTF-8.
    while (kept > 0 && (static_cast<unsigned char>(vendor[kept]) & 0xc0U) == 0x80U) --kept;
    vendor.resize(kept);
  }
  return fmt::format("{:<{}}  {}  {:<28}  {}{}\n", on.label(reply.target), width, to_string(reply.said.owner),
                     vendor.empty() ? "-" : vendor, rtt_text(reply), remarks(on, reply, owners));
}

std::string stamp_text(wall_time when) {
  auto text = report::time_text(when);  // RFC 3339 with nanoseconds
  std::replace(text.begin(), text.end(), 'T', ' ');
  constexpr std::size_t to_milliseconds = 23;
  return text.substr(0, to_milliseconds) + "  ";
}

std::string counts_line(const probe::neighbor_summary& account) {
  auto line = fmt::format("{}, {} answered, {} lost", plural(account.sent, "probe", "probes"),
                          account.received, account.lost);
  if (account.pending != 0) line += fmt::format(", {} still open", account.pending);
  if (account.not_sent != 0) line += fmt::format(", {} not sent", account.not_sent);
  if (account.late != 0) line += fmt::format(", {} late", account.late);
  if (account.duplicates != 0)
    line += fmt::format(", {}", plural(account.duplicates, "duplicate", "duplicates"));
  if (account.ambiguous != 0) line += fmt::format(", {} ambiguous", account.ambiguous);
  if (account.rtt != nullptr && account.rtt->count() != 0)
    line += fmt::format("; rtt min/avg/max {}/{}/{} ms", report::milliseconds_words(account.rtt->min()),
                        report::milliseconds_words(account.rtt->mean()),
                        report::milliseconds_words(account.rtt->max()));
  return line;
}

std::string result_block(const stage& on, const target_result& what) {
  const auto& account = *what.account;
  const bool good = what.expected.value_or(what.what == verdict::in_use);
  auto text = fmt::format("--- {}: {}", on.label(account.target),
                          good ? on.style.good(describe(what.what)) : on.style.bad(describe(what.what)));
  if (!account.owners.empty()) text += ": ";
  for (std::size_t i = 0; i < account.owners.size(); ++i)
    text += (i == 0 ? "" : " and ") + on.owner_text(account.owners[i].mac);
  if (account.too_many_owners) text += " and more";
  if (!what.why.empty()) text += fmt::format(" ({})", what.why);
  if (what.expected && *what.expected) text += " (as expected)";
  return text + '\n' + counts_line(account) + '\n';
}

std::string totals_line(const probe::neighbor_totals& totals, std::uint64_t conflicts, duration elapsed) {
  auto line = fmt::format("{} of {} in use", totals.in_use, totals.targets);
  if (conflicts != 0) line += ", " + plural(conflicts, "conflict", "conflicts");
  line += fmt::format("; {} in {}", plural(totals.sent, "probe", "probes"), report::span_words(elapsed));
  if (totals.not_sent != 0) line += fmt::format(", {} not sent", totals.not_sent);
  if (totals.receiver_dropped != 0)
    line += fmt::format("; {} lost by this host's receiver: lower --rate",
                        plural(totals.receiver_dropped, "frame", "frames"));
  return line;
}

}  // namespace diag::arping

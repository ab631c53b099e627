// Each event's values under the keys of its table.
#include "tools/arping/records.hpp"

#include <array>
#include <cstring>

#include "libdiag/report/neighbor_records.hpp"
#include "tools/arping/sentences.hpp"

namespace diag::arping {
namespace {

namespace key = report::neighbor_key;
using message_kind = probe::neighbor_message::kind;
using report::record;

report::object rtt_object(const probe::rtt_statistics& rtt) {
  report::object out{report::neighbor_rtt_fields};
  out.set(key::min, rtt.min()).set(key::avg, rtt.mean());
  out.set(key::max, rtt.max()).set(key::stddev, rtt.stddev());
  constexpr std::array<std::pair<std::string_view, double>, 4> shares{
      {{key::p50, 0.5}, {key::p90, 0.9}, {key::p95, 0.95}, {key::p99, 0.99}}};
  for (const auto& [name, share] : shares) out.set(name, rtt.quantiles().quantile(share));
  return out;
}

/// A sweep keeps the shortest certain time: every figure is that one.
report::object single_rtt(duration rtt) {
  report::object out{report::neighbor_rtt_fields};
  for (const auto figure : {key::min, key::avg, key::max, key::p50, key::p90, key::p95, key::p99})
    out.set(figure, rtt);
  return out;
}

std::vector<mac_address> macs_of(const probe::neighbor_summary& account) {
  std::vector<mac_address> macs;
  for (const auto& owner : account.owners) macs.push_back(owner.mac);
  return macs;
}

report::text_list words_of(std::span<const mac_address> macs) {
  report::text_list words;
  for (const auto& mac : macs) words.push_back(to_string(mac));
  return words;
}

}  // namespace

std::string_view claim_step_word(probe::claim_step::kind what) {
  using step = probe::claim_step::kind;
  switch (what) {
    case step::probed:
      return "probed";
    case step::announced:
      return "announced";
    case step::defended:
      return "defended";
    case step::gave_up:
      break;
  }
  return "gave-up";
}

record record_maker::made(const report::schema& what, mono_time at,
                          std::optional<std::uint32_t> target) const {
  record out{what, on_.wall_of(at)};
  if (!target) return out;
  const auto address = on_.plan.targets.at(*target);
  const auto text = on_.address_text(address);
  const auto name = on_.named.name_of(address);
  return out.set(key::target, name.empty() ? std::string_view{text} : name).set(key::address, text), out;
}

void record_maker::set_message(record& out, const probe::neighbor_message& said,
                               std::optional<std::uint32_t> target) const {
  if (said.owner != mac_address{}) out.set(key::mac, to_string(said.owner));
  if (const auto vendor = on_.vendor_of(said.owner); !vendor.empty()) out.set(key::vendor, vendor);
  const auto& links = on_.plan.links;
  if (links.size() == 1 || target)
    out.set(key::interface,
            on_.interface_name(target ? on_.plan.link(*target).interface : links[0].interface));
  out.set(key::kind, describe(said.what));
  if (said.owner_stated && said.frame_source != said.owner)
    out.set(key::frame_source, to_string(said.frame_source));
  if (said.tag) out.set(key::vlan, said.tag->id);
}

void record_maker::set_owners(record& out, std::span<const mac_address> owners) const {
  if (owners.empty()) return;
  out.set(key::owners, words_of(owners));
  report::text_list vendors;
  for (const auto& mac : owners) {
    const auto vendor = on_.vendor_of(mac);
    vendors.emplace_back(vendor.empty() ? "-" : vendor);
  }
  out.set(key::vendors, std::move(vendors));
}

record record_maker::reply(const probe::neighbor_reply& what) const {
  using probe::neighbor_reply;
  auto out = made(report::neighbor_reply, what.at, what.target);
  set_message(out, what.said, what.target);
  out.set(key::seq, what.number).set(key::rtt_ms, what.rtt).set(key::rtt_source, describe(what.source));
  const bool certain = what.pair == neighbor_reply::pairing::certain;
  if (!certain) out.set(key::rtt_most_ms, what.rtt_most);
  out.set(key::via, describe(what.way)).set(key::pairing, certain ? "certain" : "ambiguous");
  out.set(key::new_owner, what.new_owner);
  if (on_.is_second_look(what)) out.set(key::second_look, true);
  if (what.what == neighbor_reply::kind::late) out.set(key::late, true);
  if (what.what == neighbor_reply::kind::duplicate) out.set(key::duplicate, true);
  if (what.said.what == message_kind::advertisement)
    out.set(key::router, what.said.router)
        .set(key::solicited, what.said.solicited)
        .set(key::override_flag, what.said.override_flag);
  return out;
}

record record_maker::sighting(const probe::neighbor_sighting& what) const {
  auto out = made(report::neighbor_sighting, what.at, what.target);
  set_message(out, what.said, what.target);
  if (what.said.claimed) out.set(key::address, on_.address_text(what.said.claimed));
  if (what.said.asked) out.set(key::asked, on_.address_text(what.said.asked));
  if (what.said.what == message_kind::advertisement)
    out.set(key::router, what.said.router).set(key::override_flag, what.said.override_flag);
  return out;
}

record record_maker::rejected(const probe::neighbor_rejected& what) const {
  const auto target = what.target || on_.plan.targets.size() != 1 ? what.target : std::optional{0U};
  auto out = made(report::neighbor_rejected, what.at, target);
  set_message(out, what.said, target);
  const auto& from = what.said.claimed ? what.said.claimed : what.said.source;
  if (from) out.set(key::from, on_.address_text(from));
  out.set(key::reason, describe(what.why));
  return out;
}

record record_maker::change(const probe::neighbor_change& what) const {
  auto out = made(report::neighbor_change, what.at, what.target);
  if (what.before) out.set(key::before, to_string(*what.before));
  if (what.after) {
    out.set(key::after, to_string(*what.after));
    if (const auto vendor = on_.vendor_of(*what.after); !vendor.empty()) out.set(key::vendor, vendor);
  }
  out.set(key::announced, what.announced);
  return out;
}

record record_maker::link(const probe::neighbor_link_state& what) const {
  record out{report::neighbor_link, on_.wall_of(what.at)};
  if (const auto name = on_.interface_name(what.now.interface); !name.empty()) out.set(key::interface, name);
  out.set(key::up, what.now.up).set(key::running, what.now.running).set(key::gone, what.now.gone);
  return out;
}

std::optional<record> record_maker::event(const probe::neighbor_event& what) const {
  if (const auto* one = std::get_if<probe::neighbor_reply>(&what)) return reply(*one);
  if (const auto* one = std::get_if<probe::neighbor_sighting>(&what)) return sighting(*one);
  if (const auto* one = std::get_if<probe::neighbor_rejected>(&what)) return rejected(*one);
  if (const auto* one = std::get_if<probe::neighbor_change>(&what)) return change(*one);
  if (const auto* one = std::get_if<probe::neighbor_link_state>(&what)) return link(*one);
  if (const auto* one = std::get_if<probe::neighbor_timeout>(&what)) {
    auto out = made(report::neighbor_timeout, one->at, one->target);
    out.set(key::seq, one->number).set(key::waited_ms, one->waited);
    return out;
  }
  if (const auto* one = std::get_if<probe::neighbor_error>(&what)) {
    auto out = made(report::neighbor_error, one->at, one->target);
    out.set(key::seq, one->number).set(key::reason, describe(one->why));
    if (const char* name = one->error != 0 ? ::strerrorname_np(one->error) : nullptr)
      out.set(key::errno_name, name);
    return out;
  }
  return std::nullopt;
}

record record_maker::summary(const target_result& what, std::uint64_t receiver_drops) const {
  const auto& account = *what.account;
  auto out = made(report::neighbor_summary, account.at, account.target);
  out.set(key::verdict, describe(what.what)).set(key::expected, what.expected);
  if (!what.why.empty()) out.set(key::reason, what.why);
  set_owners(out, macs_of(account));
  report::text_list words;
  std::vector<report::object> details;
  for (const auto* one : what.findings) {
    words.emplace_back(describe(one->what));
    auto& row = details.emplace_back(report::neighbor_detail_fields);
    row.set(key::finding, describe(one->what));
    if (one->address) row.set(key::address, on_.address_text(one->address));
    if (one->mac != mac_address{}) row.set(key::mac, to_string(one->mac));
    if (one->other) row.set(key::other, to_string(*one->other));
    if (one->count != 0) row.set(key::count, one->count);
    if (one->tag) row.set(key::vlan, one->tag->id);
    row.set(key::sentence, finding_sentence(*one, on_.vendors));
  }
  out.set(key::findings, std::move(words));
  if (!details.empty()) out.set(key::details, std::move(details));
  out.set(key::sent, account.sent).set(key::received, account.received).set(key::lost, account.lost);
  out.set(key::not_sent, account.not_sent).set(key::late, account.late);
  out.set(key::duplicates, account.duplicates);
  if (account.pending != 0) out.set(key::pending, account.pending);
  if (account.ambiguous != 0) out.set(key::ambiguous, account.ambiguous);
  if (const auto known = account.received + account.lost; known != 0)
    out.set(key::loss_percent, 100.0 * static_cast<double>(account.lost) / static_cast<double>(known));
  if (account.rtt != nullptr && account.rtt->count() != 0) {
    out.set(key::measured, account.rtt->count()).set(key::rtt_ms, rtt_object(*account.rtt));
  } else if (account.rtt == nullptr && !account.owners.empty() && account.owners.front().rtt != 0ns) {
    out.set(key::measured, 1).set(key::rtt_ms, single_rtt(account.owners.front().rtt));
  }
  const auto& from = on_.plan.link(account.target);
  out.set(key::interface, on_.interface_name(from.interface));
  const auto& source = on_.plan.targets.at(account.target).is_v4() ? from.v4 : from.v6;
  if (source) out.set(key::source, on_.address_text(source));
  if (receiver_drops != 0) out.set(key::receiver_dropped, receiver_drops);
  out.set(key::elapsed_ms, account.elapsed);
  return out;
}

record record_maker::difference(const neighbor_difference& what, mono_time at) const {
  record out{report::neighbor_difference, on_.wall_of(at)};
  out.set(key::address, on_.address_text(what.address)).set(key::what, describe(what.what));
  out.set(key::before, words_of(what.before)).set(key::after, words_of(what.after));
  return out;
}

record record_maker::summary(const refused_targets& refused, mono_time at) const {
  record out{report::neighbor_summary, on_.wall_of(at)};
  const auto text = on_.address_text(refused.first);
  const auto name = on_.named.name_of(refused.first);
  out.set(key::target, name.empty() ? std::string_view{text} : name).set(key::address, text);
  out.set(key::verdict, describe(verdict::cannot_tell)).set(key::reason, describe(refused.why));
  for (const auto count : {key::sent, key::received, key::lost, key::not_sent}) out.set(count, 0);
  return out;
}

record record_maker::summary(const tools::lost_target& lost, mono_time at) const {
  record out{report::neighbor_summary, on_.wall_of(at)};
  out.set(key::target, lost.word)
      .set(key::verdict, describe(verdict::cannot_tell))
      .set(key::reason, lost.reason);
  for (const auto count : {key::sent, key::received, key::lost, key::not_sent}) out.set(count, 0);
  return out;
}

}  // namespace diag::arping

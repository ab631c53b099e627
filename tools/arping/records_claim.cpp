// Records of claims and searches.
#include "libdiag/report/neighbor_records.hpp"
#include "tools/arping/records.hpp"

namespace diag::arping {
namespace {

namespace key = report::neighbor_key;
using report::record;

}  // namespace

record record_maker::objection(const probe::claim_objection& what) const {
  auto out = made(report::neighbor_objection, what.at, what.target);
  set_message(out, what.said, what.target);
  if (what.since_probe != 0ns) out.set(key::since_probe_ms, what.since_probe);
  return out;
}

record record_maker::claim(const probe::claim_summary& what) const {
  auto out = made(report::neighbor_summary, what.at, what.target);
  // Who only announces has asked nothing.
  if (on_.options.dad) out.set(key::verdict, describe(what.verdict));
  if (what.why != probe::reason::none)
    out.set(key::reason, describe(what.why));
  else if (on_.options.dad && what.verdict == probe::claim_verdict::cannot_tell)
    out.set(key::reason, "interrupted");
  // Whoever objected to an address that was held does not own it.
  if (what.verdict != probe::claim_verdict::free) set_owners(out, what.owners);
  out.set(key::sent, what.probes).set(key::not_sent, what.not_sent);
  out.set(key::announcements, what.announcements).set(key::defences, what.defences);
  out.set(key::objections, what.objections);
  if (what.looped) out.set(key::looped, true);
  out.set(key::interface, on_.interface_name(on_.plan.link(what.target).interface));
  out.set(key::elapsed_ms, what.elapsed);
  return out;
}

record record_maker::event(const probe::claim_event& what) const {
  if (const auto* one = std::get_if<probe::claim_objection>(&what)) return objection(*one);
  if (const auto* one = std::get_if<probe::neighbor_rejected>(&what)) return rejected(*one);
  if (const auto* one = std::get_if<probe::neighbor_link_state>(&what)) return link(*one);
  if (const auto* one = std::get_if<probe::claim_summary>(&what)) return claim(*one);
  const auto& step = std::get<probe::claim_step>(what);
  auto out = made(report::neighbor_claim, step.at, step.target);
  out.set(key::step, claim_step_word(step.what)).set(key::number, step.number);
  return out;
}

record record_maker::search(const probe::mac_search_summary& what) const {
  record out{report::neighbor_summary, on_.wall_of(what.at)};
  out.set(key::target, to_string(*on_.options.wanted));
  out.set(key::verdict, describe(what.present                ? verdict::in_use
                                 : what.sent > what.not_sent ? verdict::no_answer
                                                             : verdict::cannot_tell));
  if (what.last_error != probe::reason::none) out.set(key::reason, describe(what.last_error));
  if (what.present) set_owners(out, std::vector{*on_.options.wanted});
  report::text_list addresses;
  for (const auto& one : what.addresses) addresses.push_back(on_.address_text(one));
  out.set(key::addresses, std::move(addresses));
  out.set(key::sent, what.sent).set(key::received, what.answers).set(key::not_sent, what.not_sent);
  out.set(key::complete, what.complete);
  if (!on_.plan.links.empty()) out.set(key::interface, on_.interface_name(on_.plan.links.front().interface));
  out.set(key::elapsed_ms, what.elapsed);
  return out;
}

record record_maker::event(const probe::mac_search_event& what) const {
  if (const auto* one = std::get_if<probe::neighbor_rejected>(&what)) return rejected(*one);
  if (const auto* one = std::get_if<probe::neighbor_link_state>(&what)) return link(*one);
  if (const auto* one = std::get_if<probe::mac_search_summary>(&what)) return search(*one);
  const auto& found = std::get<probe::mac_found>(what);
  record out{report::neighbor_found, on_.wall_of(found.at)};
  out.set(key::target, to_string(*on_.options.wanted)).set(key::address, on_.address_text(found.address));
  out.set(key::mac, to_string(*on_.options.wanted));
  if (const auto vendor = on_.vendor_of(*on_.options.wanted); !vendor.empty()) out.set(key::vendor, vendor);
  if (!on_.plan.links.empty()) out.set(key::interface, on_.interface_name(on_.plan.links.front().interface));
  out.set(key::evidence, describe(found.how)).set(key::rtt_ms, found.rtt);
  if (found.rtt) out.set(key::rtt_source, describe(found.source));
  return out;
}

}  // namespace diag::arping

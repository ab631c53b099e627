// The accounts behind the law.
#include "tests/sim/path_ledger.hpp"

#include <algorithm>

#include "tests/sim/path_packets.hpp"

namespace diag::sim {

using probe::hop_state;

watched_course::question_name watched_course::name_of(const probe::path_question& asked) {
  return {asked.target, asked.flow, asked.hop, asked.number, asked.size, asked.dont_fragment};
}

void watched_course::breach_of(const char* what, const probe::path_question& asked) {
  if (!breach_.empty()) return;
  breach_ = std::string{what} + ": target " + std::to_string(asked.target) + " hop " +
            std::to_string(asked.hop) + " flow " + std::to_string(asked.flow) + " number " +
            std::to_string(asked.number);
}

std::optional<probe::path_question> watched_course::next(mono_time now) {
  auto out = inner_.next(now);
  if (!out) return out;
  ++asked_;
  ++accounts_[name_of(*out)].asked;
  if (out->hop == 0) breach_of("a question with a hop limit of 0", *out);
  if (cut_) breach_of("asked after it was cut short", *out);
  return out;
}

void watched_course::hear(mono_time now, const probe::path_question& asked, probe::path_answer&& answer) {
  auto& account = accounts_[name_of(asked)];
  if (answer.late) {
    ++late_;
    if (++account.late > account.heard) breach_of("a late answer before its silence", asked);
    if (answer.state == hop_state::silent) breach_of("late silence", asked);
  } else {
    if (++account.heard > account.asked) breach_of("heard more often than asked", asked);
    ++(answer.state == hop_state::silent ? silent_ : answer.state == hop_state::error ? errors_ : answered_);
  }
  if (cut_) breach_of("heard after it was cut short", asked);
  const auto nobody = answer.state == hop_state::silent || answer.state == hop_state::error;
  if (nobody == static_cast<bool>(answer.from)) breach_of("an answer without sender, or silence with", asked);
  if (answer.rtt && *answer.rtt < 0ns) breach_of("a negative time", asked);
  if (answer.at > now) breach_of("an answer from the future", asked);
  heard_.push_back({asked, answer});
  inner_.hear(now, asked, std::move(answer));
}

void watched_course::cut_short(mono_time now) {
  cut_ = true;
  inner_.cut_short(now);
}

std::string watched_course::breach(const probe::path_run::totals& counts, bool over) const {
  if (!breach_.empty()) return breach_;
  // Until the end some are in flight.
  const auto decided = counts.answered + counts.silent + counts.pending;
  if (decided > counts.sent || (over && decided != counts.sent))
    return "sent is not answered + silent + pending";
  if (over) {
    const auto may_leave = cut_ || inner_.knows_enough();
    if (!may_leave && counts.pending != 0) return "pending after the end";
    if (counts.sent + counts.not_sent != asked_) return "asked is not sent + not sent";
    if (counts.answered != answered_ || counts.silent != silent_ || counts.not_sent != errors_)
      return "the totals are not what the course heard";
    if (counts.late != late_) return "late ones told are not late ones counted";
    std::uint64_t unheard = 0;
    for (const auto& [key, account] : accounts_) unheard += account.asked - account.heard;
    if (unheard != counts.pending) return "what was never heard of is not what is pending";
  }
  if (counts.late > counts.silent) return "more late than silent";
  return "";
}

void flow_watch::see(const packet& octets) {
  ++packets_;
  const auto header = look(octets);
  if (!header || header->payload.size() < 8) {
    breach_ = "a packet without its transport header";
    return;
  }
  judge(octets, *header);
}

void flow_watch::judge(const packet& octets, const ip_header& header) {
  const auto fail = [this](const char* what) {
    if (breach_.empty()) breach_ = what;
  };
  const auto icmp = header.protocol == protocol_icmp || header.protocol == protocol_icmpv6;
  const auto identity = load_be16(header.payload, icmp ? 4 : 0);
  const auto base = icmp ? config_.identifier_base : config_.source_port_base;
  const auto flow = static_cast<std::uint16_t>(identity - base);
  if (flow >= config_.flows && config_.whole_packets) fail("a source port or identifier that is not ours");
  const auto is_target = [&](const probe::path_target& target) {
    return target.address == header.destination && (icmp || target.port == load_be16(header.payload, 2));
  };
  if (std::ranges::none_of(targets_, is_target)) fail("a packet to no target, or another port");
  const face now{header.source, load_be32(header.payload, 0), flow_label(octets), header.traffic_class};
  const auto [place, fresh] = seen_.try_emplace({header.destination, header.protocol, identity}, now);
  if (!fresh && !(place->second == now)) fail("the flow changed");
  if (header.protocol == protocol_udp && !sound_udp(octets)) fail("a wrong UDP checksum");
  if (config_.whole_packets && header.destination.is_v4() && load_be16(octets, 4) == 0)
    fail("an identification of 0, which the kernel would replace");
  if (!header.destination.is_v4() && config_.whole_packets &&
      now.label != ((config_.flow_label + flow) & 0xfffff))
    fail("another flow label");
  if (icmp) {
    auto copy = octets;
    finish_icmp(copy);
    if (copy != octets) fail("a wrong ICMP checksum");
  }
}

std::string breach_of_order(const std::vector<probe::path_event>& events, std::size_t targets,
                            bool cut_short) {
  std::vector<std::uint8_t> last(targets);
  std::vector<std::uint8_t> ended(targets);
  for (const auto& event : events) {
    if (const auto* row = std::get_if<probe::hop_row>(&event)) {
      const auto where = " at hop " + std::to_string(row->hop) + " of target " + std::to_string(row->target);
      if (row->target >= targets) return "a row of no target";
      if (ended[row->target] != 0) return "a row after the end" + where;
      if (last[row->target] != 0 && row->hop != last[row->target] + 1) return "rows do not ascend" + where;
      last[row->target] = row->hop;
      for (const auto& probe : row->probes)
        if (probe.asked.target != row->target || probe.asked.hop < row->hop)
          return "a probe in a foreign row" + where;
      // What was in flight at an interrupt stands nowhere.
      if (row->probes.empty() && !cut_short) return "an empty row" + where;
    } else if (const auto* end = std::get_if<probe::path_end>(&event)) {
      if (end->target >= targets) return "the end of no target";
      if (ended[end->target]++ != 0) return "two ends of target " + std::to_string(end->target);
      if (end->hops > end->asked_to) return "hops beyond what was asked";
      if (end->answered > end->sent) return "more answered than sent";
    }
  }
  return "";
}

}  // namespace diag::sim

// Each event's values under the keys of its table.
#include "tools/ping/records.hpp"

#include <array>
#include <cstring>

#include "libdiag/core/errno_words.hpp"
#include "libdiag/report/ping_records.hpp"

namespace diag::ping {
namespace {

namespace key = report::ping_key;
using report::record;

report::text_list anomaly_words(probe::anomalies odd) {
  using enum probe::anomaly;
  report::text_list words;
  for (const auto one : {truncated, corrupt, longer, checksum_unverified, clock_step, non_standard_time})
    if (has(odd, one)) words.emplace_back(describe(one));
  return words;
}

report::counts reject_words(const probe::reject_counts& rejected) {
  report::counts words;
  for (std::size_t i = 0; i < rejected.size(); ++i)
    if (rejected[i] != 0)
      words.emplace_back(describe(static_cast<probe::reject_reason>(i)),
                         static_cast<std::int64_t>(rejected[i]));
  return words;
}

report::object rtt_object(const probe::rtt_statistics& rtt) {
  report::object out{report::ping_rtt_fields};
  out.set(key::min, rtt.min())
      .set(key::avg, rtt.mean())
      .set(key::max, rtt.max())
      .set(key::stddev, rtt.stddev());
  constexpr std::array<std::pair<std::string_view, double>, 4> shares{
      {{key::p50, 0.5}, {key::p90, 0.9}, {key::p95, 0.95}, {key::p99, 0.99}}};
  for (const auto& [name, share] : shares) out.set(name, rtt.quantiles().quantile(share));
  return out;
}

/// A sweep keeps one answer: every figure is that one, the percentiles too, and nothing can be said of its
/// spread.
report::object single_rtt(duration rtt) {
  report::object out{report::ping_rtt_fields};
  for (const auto figure : {key::min, key::avg, key::max, key::p50, key::p90, key::p95, key::p99})
    out.set(figure, rtt);
  return out;
}

}  // namespace

std::string_view state_word(const probe::ping_summary& account) {
  // A sweep's last word on a target counts a late answer as life; a series holds to its timeout.
  const bool sweep = account.rtt == nullptr;
  if (account.received != 0 || (sweep && account.late != 0)) return "alive";
  if (account.errors != 0) return "unreachable";
  if (account.lost == 0 && account.not_sent != 0) return "error";
  return account.lost == 0 && account.pending != 0 ? "pending" : "silent";
}

record record_maker::made(const report::schema& what, mono_time at,
                          std::optional<std::uint64_t> target) const {
  record out{what, wall_of_(at)};
  if (!target) return out;
  const auto address = targets_.address(*target);
  std::array<char, max_ip_text> room;
  const auto text = format_ip(address, room);
  const auto name = targets_.name_of(address);
  out.set(key::target, name.empty() ? text : name).set(key::address, text);
  return out;
}

record record_maker::reply(const probe::ping_reply& what) const {
  using kind = probe::ping_reply::kind;
  const auto& schema = what.what == kind::duplicate ? report::ping_duplicate
                       : what.what == kind::late    ? report::ping_late
                                                    : report::ping_reply;
  auto out = made(schema, what.at, what.target);
  if (!(what.from == targets_.address(what.target))) out.set(key::from, to_string(what.from));
  out.set(key::seq, what.number).set(key::ttl, what.hop_limit).set(key::tos, what.traffic_class);
  out.set(key::size, what.size).set(key::rtt_ms, what.rtt).set(key::rtt_source, describe(what.source));
  if (what.odd != 0) out.set(key::anomalies, anomaly_words(what.odd));
  out.set(key::clock_offset_ms, what.clock_offset);
  return out;
}

record record_maker::timeout(const probe::ping_timeout& what) const {
  auto out = made(report::ping_timeout, what.at, what.target);
  out.set(key::seq, what.number).set(key::timeout_ms, what.waited);
  return out;
}

record record_maker::error(const probe::ping_error& what) const {
  auto out = made(report::ping_error, what.at, what.target);
  out.set(key::seq, what.number);
  out.set(key::reason, what.why == probe::reason::none ? std::string_view{"redirect"} : describe(what.why));
  if (what.from) {
    out.set(key::from, to_string(what.from)).set(key::icmp_type, what.type).set(key::icmp_code, what.code);
  } else if (what.error != 0) {
    if (const char* name = ::strerrorname_np(what.error)) out.set(key::errno_name, name);
  }
  if (what.mtu != 0) out.set(key::next_hop_mtu, what.mtu);
  if (what.gateway) out.set(key::gateway, to_string(what.gateway));
  return out;
}

record record_maker::rejected(const probe::ping_rejected& what) const {
  auto target = what.target ? std::optional<std::uint64_t>{*what.target} : std::nullopt;
  if (!target && targets_.size() == 1) target = 0;
  auto out = made(report::ping_rejected, what.at, target);
  if (what.from) out.set(key::from, to_string(what.from));
  if (what.number != 0) out.set(key::seq, what.number);
  out.set(key::reason, describe(what.why)).set(key::size, what.size);
  // A packet too broken to hold an ICMP header has neither.
  using probe::reject_reason;
  if (what.why != reject_reason::bad_ip_header && what.why != reject_reason::bad_icmp_header)
    out.set(key::icmp_type, what.type).set(key::icmp_code, what.code);
  return out;
}

record record_maker::summary(const probe::ping_summary& account, std::uint64_t receiver_drops) const {
  auto out = made(report::ping_summary, account.at, account.target);
  out.set(key::state, state_word(account));
  if (account.received == 0 && account.last_error != probe::reason::none)
    out.set(key::reason, describe(account.last_error));
  out.set(key::sent, account.sent).set(key::received, account.received).set(key::late, account.late);
  out.set(key::duplicates, account.duplicates).set(key::errors, account.errors);
  out.set(key::not_sent, account.not_sent).set(key::lost, account.lost);
  if (account.pending != 0) out.set(key::pending, account.pending);
  if (account.corrupt != 0) out.set(key::corrupt, account.corrupt);
  if (auto words = reject_words(account.rejected); !words.empty()) out.set(key::rejected, std::move(words));
  // Without one probe whose fate is known there is no loss to state.
  if (account.received + account.lost + account.errors != 0)
    out.set(key::loss_percent, account.loss_percent());
  if (account.received != 0) {
    out.set(key::rtt_ms, account.rtt ? rtt_object(*account.rtt) : single_rtt(account.last_rtt));
    out.set(key::rtt_source, describe(account.source));
  }
  if (account.rtt != nullptr) {
    out.set(key::jitter_ms, account.rtt->jitter()).set(key::reordered, account.reordered);
    out.set(key::elapsed_ms, account.elapsed);
  }
  out.set(key::clock_offset_ms, account.clock_offset);
  if (receiver_drops != 0) out.set(key::receiver_dropped, receiver_drops);
  if (account.loss == nullptr || account.loss->count() == 0) return out;

  report::object bursts{report::ping_loss_burst_fields};
  bursts.set(key::longest, account.loss->longest()).set(key::count, account.loss->count());
  out.set(key::loss_bursts, std::move(bursts));
  std::vector<report::object> outages;
  for (const auto& one : account.loss->outages()) {
    auto& row = outages.emplace_back(report::ping_outage_fields);
    row.set(key::start, wall_of_(one.start));
    if (one.end) row.set(key::end, wall_of_(*one.end));
    row.set(key::seconds, one.end.value_or(account.at) - one.start).set(key::lost, one.lost);
  }
  out.set(key::outages, std::move(outages));
  return out;
}

record record_maker::summary(std::uint64_t target, const probe::mtu_verdict& verdict) const {
  auto out = made(report::ping_summary, verdict.at, target);
  out.set(key::state, verdict.path_mtu != 0 ? "alive" : verdict.limited_here ? "error" : "silent");
  out.set(key::sent, verdict.sent);
  if (verdict.path_mtu != 0)
    out.set(key::path_mtu, verdict.path_mtu).set(key::black_hole, verdict.black_hole);
  return out;
}

record record_maker::summary(const tools::lost_target& lost, wall_time when) {
  record out{report::ping_summary, when};
  out.set(key::target, lost.word).set(key::state, "error").set(key::reason, lost.reason);
  for (const auto count : {key::sent, key::received, key::late, key::duplicates, key::errors, key::not_sent})
    out.set(count, 0);
  return out;
}

std::optional<record> record_maker::event(const probe::ping_event& what) const {
  if (const auto* one = std::get_if<probe::ping_reply>(&what)) return reply(*one);
  if (const auto* one = std::get_if<probe::ping_timeout>(&what)) return timeout(*one);
  if (const auto* one = std::get_if<probe::ping_error>(&what)) return error(*one);
  if (const auto* one = std::get_if<probe::ping_rejected>(&what)) return rejected(*one);
  if (const auto* one = std::get_if<probe::ping_summary>(&what)) return summary(*one);
  return std::nullopt;
}

}  // namespace diag::ping

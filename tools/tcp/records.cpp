// Each event's values under the keys of its table.
#include "tools/tcp/records.hpp"

#include <array>
#include <cstring>

#include "libdiag/core/hex.hpp"
#include "libdiag/report/tcp_records.hpp"
#include "libdiag/wire/tcp.hpp"

namespace diag::tcp {
namespace {

namespace key = report::tcp_key;
using report::record;

report::text_list oddity_words(probe::tcp_oddities odd) {
  report::text_list words;
  for (const auto one : probe::all_tcp_oddities)
    if (has(odd, one)) words.emplace_back(describe(one));
  return words;
}

report::object offer_object(const probe::tcp_offer& offer) {
  report::object out{report::tcp_offer_fields};
  out.set(key::window, offer.window).set(key::mss, offer.maximum_segment_size);
  out.set(key::wscale, offer.window_scale).set(key::sack, offer.sack_permitted);
  out.set(key::timestamps, offer.timestamps).set(key::ecn, offer.ecn);
  out.set(key::fast_open, offer.fast_open_cookie);
  return out;
}

report::object rewritten_object(const probe::tcp_result& what) {
  report::object out{report::tcp_rewritten_fields};
  for (std::size_t i = 0; i < what.rewritten_count && i < what.rewritten.size(); ++i) {
    const auto& one = what.rewritten[i];
    report::object change{report::tcp_change_fields};
    change.set(key::sent, one.sent).set(key::seen, one.seen);
    out.set(describe(one.what), std::move(change));
  }
  return out;
}

report::object state_object(const probe::tcp_state_counts& states) {
  report::object out{report::tcp_state_fields};
  for (std::size_t i = 0; i < states.size(); ++i)
    out.set(describe(static_cast<probe::tcp_state>(i)), states[i]);
  return out;
}

report::object rtt_object(const probe::tcp_summary& account) {
  report::object out{report::tcp_rtt_fields};
  out.set(key::min, account.rtt_min).set(key::avg, account.rtt_mean).set(key::max, account.rtt_max);
  if (account.rtt == nullptr || account.rtt->count() == 0) return out;
  out.set(key::stddev, account.rtt->stddev());
  constexpr std::array<std::pair<std::string_view, double>, 4> shares{
      {{key::p50, 0.5}, {key::p90, 0.9}, {key::p95, 0.95}, {key::p99, 0.99}}};
  for (const auto& [name, share] : shares) out.set(name, account.rtt->quantiles().quantile(share));
  return out;
}

std::uint64_t count_of(const probe::tcp_state_counts& states, probe::tcp_state state) {
  return states[static_cast<std::size_t>(state)];
}

}  // namespace

void record_maker::name_target(record& out, std::uint32_t target) const {
  const auto address = stage_.asked.plan.address(target);
  std::array<char, max_ip_text> room;
  const auto text = format_ip(address, room);
  const auto name = stage_.asked.names.name_of(address);
  out.set(key::target, name.empty() ? text : name).set(key::address, text);
}

void record_maker::add_dialogue(record& out, const probe::tcp_dialogue& what) const {
  if (!what.received.empty()) {
    std::string text;
    for (const auto octet : what.received) text += static_cast<char>(octet);
    out.set(key::banner, text);
    out.set(key::banner_hex, hex_text(byte_view{what.received}));
  }
  out.set(key::first_octet_ms, what.first_octet);
  if (what.how == probe::tcp_dialogue::ending::none) return;
  out.set(key::close, describe(what.how)).set(key::close_ms, what.ended_after);
}

void record_maker::add_answer(record& out, const probe::tcp_result& what) const {
  using probe::tcp_state;
  if (what.from) out.set(key::from, to_string(what.from));
  if (what.state == tcp_state::rejected || what.state == tcp_state::unreachable)
    out.set(key::icmp_type, what.icmp_type).set(key::icmp_code, what.icmp_code);
  out.set(key::ttl, what.hop_limit).set(key::ip_id, what.identification).set(key::rtt_ms, what.rtt);
  if (what.rtt) out.set(key::rtt_source, what.kernel_rtt ? "tcp-info" : describe(what.source));
  out.set(key::attempts, what.attempts);
  if (what.answered != 0) out.set(key::answered_attempt, what.answered);
  if (what.source_port != 0) out.set(key::source_port, what.source_port);
  if (what.error != 0)
    if (const char* name = ::strerrorname_np(what.error)) out.set(key::errno_name, name);
  if (what.offer) out.set(key::syn_ack, offer_object(*what.offer));
  if (what.odd != 0) out.set(key::anomalies, oddity_words(what.odd));
  out.set(key::device_hops, what.device_hops).set(key::host_hops, what.host_hops);
  if (what.rewritten_count != 0) out.set(key::rewritten, rewritten_object(what));
  out.set(key::quoted_ttl, what.quoted_hop_limit);
}

record record_maker::result(const probe::tcp_result& what) const {
  record out{report::tcp_result, stage_.wall_of(what.at)};
  name_target(out, what.target);
  out.set(key::port, what.port);
  if (const auto name = stage_.services.name_of(what.port); !name.empty()) out.set(key::service, name);
  out.set(key::method, describe(stage_.method)).set(key::state, describe(what.state));
  out.set(key::reason, describe(what.why));
  add_answer(out, what);
  if (stage_.options.targets.flows > 1) out.set(key::flow, what.flow + 1);
  if (stage_.options.rounds != 1) out.set(key::round, what.round);
  if (what.dialogue) add_dialogue(out, *what.dialogue);
  if (stage_.method == probe_method::connect && !stage_.captured)
    out.set(key::not_seen, report::text_list{"ttl", "ip_id", "syn_ack"});
  return out;
}

record record_maker::anomaly(const probe::tcp_anomaly& what) const {
  record out{report::tcp_anomaly, stage_.wall_of(what.at)};
  if (what.target) name_target(out, *what.target);
  if (what.port != 0) out.set(key::port, what.port);
  if (what.from) out.set(key::from, to_string(what.from));
  out.set(key::reason, describe(what.why));
  if (what.icmp)
    out.set(key::icmp_type, what.icmp_type).set(key::icmp_code, what.icmp_code);
  else if (what.why != probe::reject_reason::bad_ip_header &&
           what.why != probe::reject_reason::bad_tcp_header)
    out.set(key::flags, wire::describe_tcp_flags(what.flags));
  out.set(key::ttl, what.hop_limit);
  if (what.source_port != 0) out.set(key::source_port, what.source_port);
  out.set(key::rtt_ms, what.rtt);
  return out;
}

record record_maker::summary(const probe::tcp_summary& account) const {
  using probe::tcp_state;
  record out{report::tcp_summary, stage_.wall_of(account.at)};
  if (account.target) name_target(out, *account.target);
  out.set(key::states, state_object(account.states));
  const auto decided = account.decided();
  const auto silent = count_of(account.states, tcp_state::filtered);
  out.set(key::answered, decided - silent - count_of(account.states, tcp_state::error));
  out.set(key::sent, account.sent).set(key::anomalies, account.anomalies);
  out.set(key::duplicates, account.duplicates).set(key::late, account.late);
  if (account.pending != 0) out.set(key::pending, account.pending);
  if (decided != 0)
    out.set(key::loss_percent, 100 * static_cast<double>(silent) / static_cast<double>(decided));
  if (account.found != 0) {
    report::text_list words;
    for (const auto one : probe::all_tcp_findings)
      if (has(account.found, one)) words.emplace_back(describe(one));
    out.set(key::findings, std::move(words));
  }
  out.set(key::device_hops, account.device_hops).set(key::host_hops, account.host_hops);
  if (account.example_port != 0) out.set(key::example_port, account.example_port);
  if (account.rtt_min) out.set(key::rtt_ms, rtt_object(account));
  const auto elapsed = account.at - stage_.began;
  out.set(key::elapsed_ms, elapsed);
  if (elapsed > 0ns)
    out.set(key::rate_pps, static_cast<std::int64_t>(static_cast<double>(account.sent) / seconds(elapsed)));
  return out;
}

record record_maker::summary(const tools::lost_target& lost, wall_time when) {
  record out{report::tcp_summary, when};
  out.set(key::target, lost.word).set(key::reason, lost.reason).set(key::states, state_object({}));
  out.set(key::answered, 0).set(key::sent, 0).set(key::anomalies, 0);
  return out;
}

}  // namespace diag::tcp

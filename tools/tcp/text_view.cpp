// Lines while results come, summaries when all is known.
#include "tools/tcp/text_view.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "libdiag/core/text.hpp"
#include "libdiag/probe/tcp_run.hpp"
#include "libdiag/report/words.hpp"

namespace diag::tcp {
namespace {

using probe::tcp_state;

constexpr std::uint64_t few_targets = 64;
constexpr std::size_t usual_width = 21;  // "192.0.2.100:65535" and a little

/// What a state means unless something else is said.
probe::reason usual_reason(tcp_state state) {
  switch (state) {
    case tcp_state::open:
      return probe::reason::syn_ack;
    case tcp_state::closed:
      return probe::reason::reset;
    case tcp_state::filtered:
      return probe::reason::no_answer;
    default:
      return probe::reason::none;
  }
}

std::size_t endpoint_width(const probe::tcp_plan& plan) {
  std::size_t width = 0;
  std::string text;
  for (std::uint64_t i = 0; i < plan.size(); ++i) {
    const auto pair = plan.at(i);
    text.clear();
    append_endpoint(text, plan.address(pair.target), pair.port);
    width = std::max(width, text.size());
  }
  return width;
}

}  // namespace

void reason_tally::add(const probe::tcp_result& what) {
  auto& state = states_[static_cast<std::size_t>(what.state)];
  ++state.counts[static_cast<std::size_t>(what.why)];
  const bool refused = what.state == tcp_state::rejected || what.state == tcp_state::unreachable;
  if (refused && !state.many_senders) {
    if (!state.from) state.from = what.from;
    state.many_senders = !what.from || !(state.from == what.from);
  }
  // The open have a line each, and the closed are what is usual.
  if (what.state == tcp_state::open || what.state == tcp_state::closed || state.ports.size() > few_ports)
    return;
  const auto place = std::lower_bound(state.ports.begin(), state.ports.end(), what.port);
  if (place == state.ports.end() || *place != what.port) state.ports.insert(place, what.port);
}

std::string reason_tally::text_of(tcp_state state, const tally& what, bool ports) {
  std::string why;
  bool unusual = false;
  for (std::size_t i = 0; i < reasons; ++i) {
    if (what.counts[i] == 0) continue;
    unusual = unusual || static_cast<probe::reason>(i) != usual_reason(state);
    why += fmt::format("{}{} {}", why.empty() ? "" : ", ", what.counts[i],
                       describe(static_cast<probe::reason>(i)));
  }
  std::string which;
  if (ports && what.ports.size() <= few_ports) which = fmt::format("{}", fmt::join(what.ports, ","));
  if (!unusual) return which;
  if (what.from && !what.many_senders) why += " by " + to_string(what.from);
  return which.empty() ? why : why + " (" + which + ')';
}

std::string reason_tally::text(bool ports) const {
  std::string all;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const auto state = static_cast<tcp_state>(i);
    const auto some = text_of(state, states_[i], ports);
    if (some.empty()) continue;
    all += fmt::format("{}{}: {}", all.empty() ? "" : "; ", describe(state), some);
  }
  return all;
}

text_view::text_view(const stage& on, bool lines)
    : stage_{on},
      lines_{lines},
      small_{on.asked.plan.size() <= small_plan},
      each_target_{on.asked.plan.target_count() <= few_targets},
      width_{small_ ? endpoint_width(on.asked.plan) : usual_width},
      tallies_(each_target_ ? on.asked.plan.target_count() : 1) {}

line_facts text_view::facts_of(const ip_address& address, std::uint16_t port) const {
  const auto& options = stage_.options;
  line_facts facts{.style = stage_.style};
  facts.address = address;
  facts.service = port != 0 ? stage_.services.name_of(port) : std::string_view{};
  facts.width = width_;
  // Not by the attempts of the result: of a connection they count the kernel's own SYNs.
  probe::tcp_pacing pacing;
  pacing.timeout = options.timeout;
  pacing.retries = options.retries;
  facts.patience = pacing.timeout * pacing.retries + probe::wait_for(pacing, pacing.retries + 1U);
  facts.syn = options.asks_syn();
  facts.verbose = options.verbose;
  facts.flows = options.targets.flows > 1;
  facts.rounds = options.rounds != 1;
  return facts;
}

void text_view::take(const probe::tcp_event& event) {
  if (const auto* result = std::get_if<probe::tcp_result>(&event)) return take_result(*result);
  if (const auto* account = std::get_if<probe::tcp_summary>(&event)) return take_summary(*account);
  take_anomaly(std::get<probe::tcp_anomaly>(event));
}

void text_view::take_result(const probe::tcp_result& what) {
  tallies_[each_target_ ? what.target : 0].add(what);
  if (!lines_ || (!small_ && what.state != tcp_state::open && !stage_.options.verbose)) return;
  print(result_line(what, facts_of(stage_.asked.plan.address(what.target), what.port)));
}

void text_view::take_anomaly(const probe::tcp_anomaly& what) {
  // A contradiction to a result is told even to who did not ask for what else is odd.
  const bool conflict = what.why == probe::reject_reason::conflicting_answer;
  if (!lines_ || !(stage_.options.verbose || conflict)) return;
  const auto address = what.target ? stage_.asked.plan.address(*what.target) : ip_address{};
  print(anomaly_line(what, facts_of(address, 0)));
}

void text_view::take_summary(const probe::tcp_summary& account) {
  const auto opened = account.states[static_cast<std::size_t>(tcp_state::open)] != 0;
  if (each_target_) {
    accounts_.push_back(account);
    accounts_.back().rtt = nullptr;  // borrowed, and gone by the time it is told
  } else if (lines_ && account.target && account.decided() > 1 && (opened || account.found != 0)) {
    print(summary_lines(account));
  }
}

void text_view::print(const std::string& lines) {
  if (stage_.before_line) stage_.before_line();
  stage_.out.write(lines);
}

void text_view::rest(mono_time now) {
  if (small_ || pace_.due(now)) stage_.out.flush();
}

std::string text_view::summary_lines(const probe::tcp_summary& account) const {
  std::string label = "all targets";
  if (account.target) {
    const auto address = stage_.asked.plan.address(*account.target);
    const auto name = stage_.options.numeric ? std::string_view{} : stage_.asked.names.name_of(address);
    label = name.empty() ? to_string(address) : fmt::format("{} ({})", safe_text(name), to_string(address));
  }
  auto text = label + ": " + counts_text(account, stage_.options.asks_syn()) + '\n';
  if (each_target_ && account.target && !(small_ && lines_))
    if (const auto why = tallies_[*account.target].text(true); !why.empty()) text += "  " + why + '\n';
  for (const auto one : probe::all_tcp_findings)
    if (has(account.found, one)) text += "  " + finding_text(one, account) + '\n';
  return text;
}

void text_view::print_totals(const ending& how) {
  const auto targets = stage_.asked.plan.target_count();
  if (targets > 1 || accounts_.empty()) {
    auto text = report::count_words(targets, "target", "targets") + ": " +
                counts_text(how.totals, stage_.options.asks_syn());
    stage_.out.line(text);
    if (!each_target_)
      if (const auto why = tallies_[0].text(false); !why.empty()) stage_.out.line("  " + why);
  }
  if (small_ && how.complete && how.receiver_drops == 0) return;
  auto text = report::count_words(how.totals.decided(), "result", "results");
  if (!how.complete) text += fmt::format(" of {}", stage_.asked.plan.size() * stage_.options.rounds);
  text += " in " + report::span_words(how.elapsed);
  if (how.elapsed > 0ns)
    text +=
        fmt::format(", {:.0f} packets a second", static_cast<double>(how.totals.sent) / seconds(how.elapsed));
  if (how.receiver_drops != 0) text += fmt::format(", {} lost by our own receiver", how.receiver_drops);
  stage_.out.line(text);
}

void text_view::end(const ending& how) {
  std::sort(accounts_.begin(), accounts_.end(),
            [](const auto& a, const auto& b) { return a.target < b.target; });
  for (const auto& one : accounts_) stage_.out.write(summary_lines(one));
  print_totals(how);
}

void open_view::take(const probe::tcp_event& event) {
  const auto* result = std::get_if<probe::tcp_result>(&event);
  if (result == nullptr || result->state != tcp_state::open) return;
  if (stage_.options.rounds != 1 || stage_.options.targets.flows > 1) {
    const std::pair one{result->target, result->port};
    const auto at = std::lower_bound(told_.begin(), told_.end(), one);
    if (at != told_.end() && *at == one) return;
    told_.insert(at, one);
  }
  if (stage_.before_line) stage_.before_line();
  line_.clear();
  append_endpoint(line_, stage_.asked.plan.address(result->target), result->port);
  stage_.out.line(line_);
}

void open_view::rest(mono_time now) {
  if (pace_.due(now)) stage_.out.flush();
}

}  // namespace diag::tcp

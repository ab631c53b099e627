// Results to accounts of rows, accounts to verdicts.
#include "tools/tcp/policy_suite.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "libdiag/core/errno_words.hpp"
#include "libdiag/report/words.hpp"

namespace diag::tcp {
namespace {

using probe::tcp_state;

bool before(const pair_evidence& a, const pair_evidence& b) {
  if (const auto order = a.address <=> b.address; order != 0) return order < 0;
  return a.port != b.port ? a.port < b.port : a.source_port < b.source_port;
}

/// Keeps the lowest `most_shown`, so that what a report shows does not hang on the order of the answers.
void keep(std::vector<pair_evidence>& shown, const pair_evidence& one) {
  const auto place = std::upper_bound(shown.begin(), shown.end(), one, before);
  if (place == shown.end() && shown.size() == row_account::most_shown) return;
  shown.insert(place, one);
  if (shown.size() > row_account::most_shown) shown.pop_back();
}

pair_evidence evidence_of(const probe::tcp_result& result, const ip_address& address) {
  pair_evidence out;
  out.address = address;
  out.port = result.port;
  out.source_port = result.source_port;
  out.state = result.state;
  out.why = result.why;
  out.from = result.from;
  out.hop_limit = result.hop_limit;
  out.rtt = result.rtt;
  out.attempts = result.attempts;
  out.answered = result.answered;
  out.icmp_type = result.icmp_type;
  out.icmp_code = result.icmp_code;
  out.error = result.error;
  return out;
}

bool other_link(const policy_row& row, const ip_address& address) {
  const auto scope = row.blocks.front().first.scope();
  return scope != 0 && address.scope() != 0 && scope != address.scope();
}

/// "254 open, 2 filtered"
std::string states_text(const probe::tcp_state_counts& states) {
  std::string out;
  for (std::size_t at = 0; at < states.size(); ++at)
    if (states[at] > 0)
      out += fmt::format("{}{} {}", out.empty() ? "" : ", ", states[at],
                         probe::describe(static_cast<tcp_state>(at)));
  return out;
}

}  // namespace

std::string_view describe(test_outcome outcome) {
  switch (outcome) {
    case test_outcome::passed:
      return "passed";
    case test_outcome::failed:
      return "failed";
    case test_outcome::error:
      return "error";
    case test_outcome::skipped:
      return "skipped";
  }
  return "error";
}

std::string pair_text(const ip_address& address, std::uint16_t port) {
  const auto text = to_string(address);
  return address.is_v6() ? fmt::format("[{}]:{}", text, port) : fmt::format("{}:{}", text, port);
}

std::string describe(const pair_evidence& what) {
  auto out = fmt::format("{} ({}", probe::describe(what.state), probe::describe(what.why));
  if (what.icmp_type != 0) out += fmt::format(", ICMP {}/{}", what.icmp_type, what.icmp_code);
  out += ')';
  if (what.from) out += " from " + to_string(what.from);
  if (what.hop_limit) out += fmt::format(" ttl {}", *what.hop_limit);
  if (what.rtt) out += fmt::format(" in {} ms", report::rtt_words(*what.rtt));
  if (what.state == tcp_state::error && what.error != 0)
    out.append(": ").append(describe_send_error(what.error));
  else if (what.answered > 1)
    out += fmt::format(", attempt {}", what.answered);
  else if (what.state == tcp_state::filtered && what.attempts > 0)
    out += " after " + report::count_words(what.attempts, "attempt", "attempts");
  return out;
}

test_outcome row_account::outcome() const {
  if (unexpected > 0) return test_outcome::failed;
  if (decided == 0 && due > 0) return test_outcome::skipped;
  return errors > 0 || due == 0 || decided < due ? test_outcome::error : test_outcome::passed;
}

policy_suite::policy_suite(const policy& rules, const probe::tcp_plan& plan, const suite_config& config)
    : rules_{rules}, plan_{plan}, index_{rules.rows} {
  const auto times = std::max<std::uint64_t>(config.rounds, 1) * config.flows;
  accounts_.resize(rules.rows.size());
  for (std::size_t row = 0; row < accounts_.size(); ++row)
    accounts_[row].due = rules.rows[row].pairs() * times;
}

bool policy_suite::take(const probe::tcp_result& result) {
  const auto address = plan_.address(result.target);
  bool covered = false;
  index_.find(address, result.port, [&](std::uint32_t number) {
    const auto& row = rules_.rows[number];
    if (other_link(row, address)) return;
    covered = true;
    auto& account = accounts_[number];
    ++account.decided;
    ++account.states[static_cast<std::size_t>(result.state)];
    account.last = std::max(account.last, result.at);
    const bool expected = row.expected.admits(result.state, result.why);
    if (expected && account.sample) return;
    const auto evidence = evidence_of(result, address);
    if (!account.sample) account.sample = evidence;
    if (expected) return;
    ++(result.state == tcp_state::error ? account.errors : account.unexpected);
    keep(account.offending, evidence);
  });
  return covered;
}

std::array<std::uint64_t, 4> policy_suite::outcomes() const {
  std::array<std::uint64_t, 4> counts{};
  for (const auto& account : accounts_) ++counts[static_cast<std::size_t>(account.outcome())];
  return counts;
}

tools::exit_code policy_suite::status() const {
  auto worst = tools::exit_code::positive;
  for (const auto& account : accounts_) {
    if (account.unexpected > 0) worst = tools::worse(worst, tools::exit_code::negative);
    if (account.errors > 0 || account.due == 0 || account.decided < account.due)
      worst = tools::worse(worst, tools::exit_code::ours);
  }
  return worst;
}

std::string policy_suite::evidence(std::size_t row) const {
  const auto& account = accounts_[row];
  if (account.due == 0) return "no address: " + rules_.rows[row].lost;
  if (account.decided == 0) return "the run ended before any of it was decided";
  std::string out;
  const auto wrong = account.unexpected + account.errors;
  if (account.due == 1) {
    out = describe(*account.sample);
  } else {
    out = states_text(account.states);
    if (wrong > 0) out = fmt::format("{} of {} not as expected: {}", wrong, account.due, out);
  }
  if (account.decided < account.due) out += fmt::format(", {} not decided", account.due - account.decided);
  return out;
}

}  // namespace diag::tcp

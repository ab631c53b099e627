// Each result is as expected or not; the worst of them is the run's.
#include "tools/tcp/judge.hpp"

#include <fmt/format.h>

namespace diag::tcp {

using report::nagios_status;
using tools::exit_code;

namespace {

// So many targets in trouble are named in a line for Nagios; a line has its limits.
constexpr std::size_t most_objections = 1000;

}  // namespace

void judge::take(const probe::tcp_result& result) {
  if (stage_.options.expected.admits(result.state, result.why)) return;
  const bool ours = result.state == probe::tcp_state::error;
  worst_ = worse(worst_, ours ? exit_code::ours : exit_code::negative);
  if (stage_.options.format == output_format::nagios)
    object(result, ours ? nagios_status::unknown : nagios_status::critical);
}

void judge::object(const probe::tcp_result& result, nagios_status status) {
  // Where accounts of targets are not kept there is one for all.
  if (objections_.size() >= most_objections && !objections_.contains(result.target)) return;
  auto& held = objections_[result.target];
  if (severity(status) < severity(held.status)) return;
  if (status == held.status) {
    ++held.others;
    return;
  }
  held = {status, fmt::format("port {} {}, {}", result.port, describe(result.state), describe(result.why)),
          0};
}

void judge::judge_thresholds(const probe::tcp_summary& account, objection& held) {
  const auto& [warn, crit] = std::tie(stage_.options.warn, stage_.options.crit);
  if (!warn && !crit) return;
  const auto summary = records_.summary(account);
  const auto cross = [&](const std::optional<report::threshold>& limit, nagios_status status) {
    if (!limit || severity(held.status) >= severity(status)) return;
    auto crossed = limit->crossed(summary);
    if (!crossed) return;
    worst_ = worse(worst_, exit_code::negative);
    held = {status, std::move(*crossed), 0};
  };
  cross(crit, nagios_status::critical);
  cross(warn, nagios_status::warning);
}

void judge::take(const probe::tcp_summary& account) {
  objection held;
  if (account.target) {
    if (const auto at = objections_.find(*account.target); at != objections_.end())
      held = std::move(at->second);
  } else {
    // One line for the run: the first objection of the worst kind speaks for all.
    for (auto& [target, one] : objections_)
      if (severity(one.status) > severity(held.status)) held = std::move(one);
  }
  judge_thresholds(account, held);
  if (stage_.options.format != output_format::nagios) return;
  report::nagios_target line;
  line.target = account.target ? stage_.asked.label(*account.target) : "all targets";
  line.status = held.status;
  line.detail = std::move(held.what);
  if (held.others != 0) line.detail += fmt::format(", and {} more", held.others);
  const auto decided = account.decided();
  const auto silent = account.states[static_cast<std::size_t>(probe::tcp_state::filtered)];
  if (decided != 0) line.loss_percent = 100 * static_cast<double>(silent) / static_cast<double>(decided);
  line.rtt_average = account.rtt_mean;
  nagios_.push_back(std::move(line));
}

void judge::close(bool undecided) {
  undecided_ = undecided;
  if (undecided) worst_ = worse(worst_, exit_code::negative);
  for (const auto& lost : stage_.asked.lost) {
    worst_ = worse(worst_, exit_code::ours);
    if (stage_.options.format == output_format::nagios)
      nagios_.push_back({lost.word, nagios_status::unknown, {}, {}, lost.why});
  }
}

int judge::status() const {
  if (stage_.options.format != output_format::nagios) return static_cast<int>(worst_);
  auto status = report::worst(nagios_);
  if (status == nagios_status::ok && undecided_) status = nagios_status::critical;
  // Bad lines of a file: what was asked for was not all checked.
  if (status == nagios_status::ok && worst_ >= exit_code::usage) status = nagios_status::unknown;
  return static_cast<int>(status);
}

std::string judge::nagios_line() const {
  report::nagios_limits limits;
  if (const auto& warn = stage_.options.warn) {
    limits.warn_rtt = warn->limit_of("rtt");
    limits.warn_loss = warn->limit_of("loss");
  }
  if (const auto& crit = stage_.options.crit) {
    limits.crit_rtt = crit->limit_of("rtt");
    limits.crit_loss = crit->limit_of("loss");
  }
  return report::nagios_line("TCP", nagios_, limits);
}

}  // namespace diag::tcp

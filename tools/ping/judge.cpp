// One opinion for each target; the worst of them is the run's.
#include "tools/ping/judge.hpp"

#include <fmt/format.h>

#include "libdiag/report/words.hpp"

namespace diag::ping {

using report::nagios_status;
using tools::exit_code;

bool judge::answered(const probe::ping_summary& account) const {
  const auto sound =
      options_.strict ? account.received - std::min(account.received, account.corrupt) : account.received;
  // iputils: with both -c and -w the count is what is expected by the deadline.
  if (account.rtt != nullptr && options_.count != 0 && options_.deadline) return sound >= options_.count;
  const bool late_counts = account.rtt == nullptr;  // a sweep asks whether there is life
  return sound != 0 || (late_counts && account.late != 0);
}

judge::opinion judge::of(const probe::ping_summary& account) const {
  // Nothing left this host, so nothing is known of the target.
  if (account.sent != 0 && account.not_sent == account.sent)
    return {exit_code::ours, nagios_status::unknown, std::string{describe(account.last_error)}};
  const bool until = options_.until.what != probe::ping_condition::kind::none;
  if (!until && !answered(account)) {
    const auto why = account.last_error != probe::reason::none ? std::string{describe(account.last_error)}
                     : account.received == 0                   ? std::string{"no answer"}
                                                               : std::string{"too few sound answers"};
    return {exit_code::negative, nagios_status::critical, why};
  }
  if (options_.strict && account.corrupt != 0)
    return {exit_code::negative, nagios_status::critical, "corrupt answers"};
  if (options_.max_loss && account.loss_percent() > *options_.max_loss)
    return {exit_code::negative, nagios_status::critical,
            fmt::format("loss {}% > {}%", report::percent_words(account.loss_percent()),
                        report::percent_words(*options_.max_loss))};
  if (!options_.warn && !options_.crit) return {};
  const auto summary = records_.summary(account);
  if (options_.crit)
    if (auto crossed = options_.crit->crossed(summary))
      return {exit_code::negative, nagios_status::critical, std::move(*crossed)};
  if (options_.warn)
    if (auto crossed = options_.warn->crossed(summary))
      return {exit_code::negative, nagios_status::warning, std::move(*crossed)};
  return {};
}

void judge::take(const probe::ping_summary& account) {
  ++heard_;
  auto held = of(account);
  worst_ = worse(worst_, held.code);
  if (options_.format != output_format::nagios) return;
  report::nagios_target line;
  line.target = targets_.label(account.target);
  line.status = held.nagios;
  if (account.received + account.lost + account.errors != 0) line.loss_percent = account.loss_percent();
  if (account.received != 0) line.rtt_average = account.rtt ? account.rtt->mean() : account.last_rtt;
  line.detail = std::move(held.detail);
  nagios_.push_back(std::move(line));
}

void judge::take(std::uint64_t target, const probe::mtu_verdict& verdict) {
  ++heard_;
  const bool found = verdict.path_mtu != 0 && !verdict.interrupted;
  const bool ours = verdict.path_mtu == 0 && verdict.limited_here;
  const bool good = found && !verdict.black_hole;
  std::optional<std::string> critical;
  std::optional<std::string> warning;
  if (good && (options_.crit || options_.warn)) {
    const auto summary = records_.summary(target, verdict);
    if (options_.crit) critical = options_.crit->crossed(summary);
    if (options_.warn && !critical) warning = options_.warn->crossed(summary);
  }
  const bool crossed = critical || warning;
  worst_ = worse(worst_, good && !crossed ? exit_code::positive
                         : ours           ? exit_code::ours
                                          : exit_code::negative);
  if (options_.format != output_format::nagios) return;
  report::nagios_target line;
  line.target = targets_.label(target);
  line.status = warning             ? nagios_status::warning
                : ours              ? nagios_status::unknown
                : good && !critical ? nagios_status::ok
                                    : nagios_status::critical;
  line.detail = critical                ? *critical
                : warning               ? *warning
                : verdict.path_mtu == 0 ? "no answer"
                : verdict.black_hole    ? fmt::format("black hole above {} octets", verdict.path_mtu)
                                        : fmt::format("path MTU {}", verdict.path_mtu);
  nagios_.push_back(std::move(line));
}

void judge::condition(bool met) {
  condition_unmet_ = !met;
  if (!met) worst_ = worse(worst_, exit_code::negative);
}

void judge::close() {
  if (heard_ < targets_.size()) worst_ = worse(worst_, exit_code::negative);
  for (const auto& lost : targets_.lost()) {
    worst_ = worse(worst_, exit_code::ours);
    if (options_.format == output_format::nagios)
      nagios_.push_back({lost.word, nagios_status::unknown, {}, {}, lost.why});
  }
}

int judge::status() const {
  if (options_.format != output_format::nagios) return static_cast<int>(worst_);
  auto status = report::worst(nagios_);
  if (condition_unmet_) status = nagios_status::critical;
  // Bad lines of a file: what was asked for was not all checked.
  if (status == nagios_status::ok && worst_ >= exit_code::usage) status = nagios_status::unknown;
  return static_cast<int>(status);
}

std::string judge::nagios_line() const {
  report::nagios_limits limits;
  if (options_.warn) {
    limits.warn_rtt = options_.warn->limit_of("rtt");
    limits.warn_loss = options_.warn->limit_of("loss");
  }
  if (options_.crit) {
    limits.crit_rtt = options_.crit->limit_of("rtt");
    limits.crit_loss = options_.crit->limit_of("loss");
  }
  return report::nagios_line("PING", nagios_, limits);
}

}  // namespace diag::ping

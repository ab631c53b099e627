// One opinion for each target; the worst of them is the run's.
#include "tools/arping/judge.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace diag::arping {

using report::nagios_status;
using tools::exit_code;

namespace {

std::string range_text(const count_range& range) {
  if (range.low == range.high) return std::to_string(range.low);
  if (range.high == std::numeric_limits<std::uint64_t>::max()) return fmt::format("{} or more", range.low);
  if (range.low == 0) return fmt::format("{} at most", range.high);
  return fmt::format("{} to {}", range.low, range.high);
}

}  // namespace

judge::judge(const stage& on, const record_maker& records)
    : on_{on},
      records_{records},
      survey_{on.options.local || on.options.expect_count || !on.options.save.empty() ||
              !on.options.compare.empty()} {}

judge::opinion judge::by_thresholds(const target_result& result) const {
  const auto& options = on_.options;
  if (!options.warn && !options.crit) return {};
  const auto summary = records_.summary(result);
  if (options.crit)
    if (auto crossed = options.crit->crossed(summary))
      return {exit_code::negative, nagios_status::critical, std::move(*crossed)};
  if (options.warn)
    if (auto crossed = options.warn->crossed(summary))
      return {exit_code::negative, nagios_status::warning, std::move(*crossed)};
  return {};
}

judge::opinion judge::of(target_result& result) const {
  const auto& options = on_.options;
  const auto& owners = result.account->owners;
  const opinion bad{exit_code::negative, nagios_status::critical, {}};
  const auto with = [&bad](std::string why) {
    auto held = bad;
    held.why = std::move(why);
    return held;
  };
  // Nothing left this host, so nothing is known of the target.
  if (result.what == verdict::cannot_tell)
    return {exit_code::ours, nagios_status::unknown,
            result.account->last_error == probe::reason::none
                ? "nothing was sent"
                : std::string{describe(result.account->last_error)}};
  if (options.expect_free) {
    result.expected = owners.empty();
    return owners.empty() ? opinion{} : with("expected to be free");
  }
  if (options.expect_mac && !owners.empty()) {
    result.expected = std::all_of(owners.begin(), owners.end(),
                                  [&](const auto& one) { return one.mac == *options.expect_mac; });
    if (!*result.expected) return with("expected " + to_string(*options.expect_mac));
  }
  if (result.what == verdict::conflict) return bad;
  if (result.what == verdict::no_answer) {
    if (options.expect_mac) result.expected = false;
    return survey_ && !options.expect_mac ? opinion{} : bad;
  }
  return by_thresholds(result);
}

void judge::count(std::string target, const opinion& held) {
  judged_ = true;
  worst_ = worse(worst_, held.code);
  if (severity(held.nagios) > severity(worst_nagios_)) {
    worst_nagios_ = held.nagios;
    first_trouble_ = target + (held.why.empty() ? "" : ": " + held.why);
  }
}

void judge::take(target_result& result) {
  const auto& account = *result.account;
  auto held = of(result);
  result.why = held.why;
  ++targets_;
  if (!account.owners.empty()) ++in_use_;
  if (result.what == verdict::conflict) ++conflicts_;
  if (on_.options.format != output_format::nagios) return count({}, held);
  count(on_.label(account.target) + ": " + std::string{describe(result.what)}, held);
  if (survey_ || mode_of(on_.options) == run_mode::sweep) return;
  report::nagios_target line;
  line.target = on_.label(account.target);
  line.status = held.nagios;
  if (const auto known = account.received + account.lost; known != 0)
    line.loss_percent = 100.0 * static_cast<double>(account.lost) / static_cast<double>(known);
  if (account.rtt != nullptr && account.rtt->count() != 0) line.rtt_average = account.rtt->mean();
  line.detail = std::string{describe(result.what)};
  for (const auto& owner : account.owners) line.detail += ' ' + to_string(owner.mac);
  if (!held.why.empty()) line.detail += ", " + held.why;
  nagios_.push_back(std::move(line));
}

void judge::take(const probe::claim_summary& claim) {
  using probe::claim_verdict;
  opinion held;
  std::string word;
  if (on_.options.dad) {
    word = describe(claim.verdict);
    if (claim.verdict == claim_verdict::cannot_tell)
      held = {exit_code::ours, nagios_status::unknown, std::string{describe(claim.why)}};
    else if (claim.verdict != claim_verdict::free)
      held = {exit_code::negative, nagios_status::critical, {}};
  } else if (claim.verdict == claim_verdict::conflict) {
    word = "lost";
    held = {exit_code::negative, nagios_status::critical, {}};
  } else {
    word = fmt::format("{} announcements", claim.announcements);
    if (claim.announcements == 0)
      held = {exit_code::ours, nagios_status::unknown, std::string{describe(claim.why)}};
  }
  ++targets_;
  const auto label = on_.label(claim.target);
  count(label, held);
  for (const auto& owner : claim.owners) word += ' ' + to_string(owner);
  if (on_.options.format == output_format::nagios)
    nagios_.push_back({label, held.nagios, {}, {}, word + (held.why.empty() ? "" : ", " + held.why)});
}

void judge::take(const probe::mac_search_summary& search) {
  opinion held;
  std::string word;
  for (const auto& one : search.addresses) word += (word.empty() ? "" : " ") + on_.address_text(one);
  if (!search.present && search.not_sent == search.sent)
    held = {exit_code::ours, nagios_status::unknown, std::string{describe(search.last_error)}};
  else if (search.addresses.empty())
    held = {exit_code::negative, nagios_status::critical, search.present ? "tells no address" : "no answer"};
  ++targets_;
  const auto label = to_string(*on_.options.wanted);
  count(label, held);
  if (on_.options.format == output_format::nagios)
    nagios_.push_back({label, held.nagios, {}, {}, held.why.empty() ? word : held.why});
}

void judge::take(const neighbor_difference& difference) {
  ++differences_;
  count(to_string(difference.address) + ' ' + std::string{describe(difference.what)},
        {exit_code::negative, nagios_status::critical, {}});
}

void judge::take(const refused_targets& refused) {
  targets_ += refused.count;
  const auto label = on_.address_text(refused.first);
  const auto& subject = refused.why.subject;
  const auto why = subject == label ? refused.why.why : subject + ": " + refused.why.why;
  count(label, {exit_code::ours, nagios_status::unknown, why});
  if (on_.options.format == output_format::nagios)
    nagios_.push_back({label, nagios_status::unknown, {}, {}, why});
}

void judge::take(const tools::lost_target& lost) {
  ++targets_;
  count(lost.word, {exit_code::ours, nagios_status::unknown, lost.why});
  if (on_.options.format == output_format::nagios)
    nagios_.push_back({lost.word, nagios_status::unknown, {}, {}, lost.why});
}

std::string judge::close() {
  const auto& options = on_.options;
  const opinion bad{exit_code::negative, nagios_status::critical, {}};
  if (options.expect_count && !options.expect_count->holds(in_use_)) {
    auto unmet = fmt::format("{} in use, expected {}", in_use_, range_text(*options.expect_count));
    count(unmet, bad);
    return unmet;
  }
  if (options.local && !options.expect_count && options.compare.empty() && judged_ && in_use_ == 0)
    count("nobody answers", bad);
  return {};
}

int judge::status() const {
  if (on_.options.format != output_format::nagios) return static_cast<int>(worst_);
  if (worst_nagios_ == nagios_status::ok && worst_ >= exit_code::usage)
    return static_cast<int>(nagios_status::unknown);  // not all that was asked for was checked
  if (!judged_) return static_cast<int>(nagios_status::unknown);
  return static_cast<int>(worst_nagios_);
}

std::string judge::survey_line() const {
  auto line = fmt::format("ARPING {} - {} of {} in use", describe(static_cast<nagios_status>(status())),
                          in_use_, targets_);
  if (conflicts_ != 0) line += fmt::format(", {} in conflict", conflicts_);
  if (differences_ != 0) line += fmt::format(", {} not as saved", differences_);
  if (!first_trouble_.empty()) line += " (" + first_trouble_ + ')';
  std::replace(line.begin(), line.end(), '|', '/');
  return line + fmt::format(" | in_use={};;;0;{} conflicts={};;;0;{} differences={};;;0", in_use_, targets_,
                            conflicts_, targets_, differences_);
}

std::string judge::nagios_line() const {
  const auto mode = mode_of(on_.options);
  if (mode == run_mode::sweep || (survey_ && mode == run_mode::series)) return survey_line();
  report::nagios_limits limits;
  if (on_.options.warn) {
    limits.warn_rtt = on_.options.warn->limit_of("rtt");
    limits.warn_loss = on_.options.warn->limit_of("loss");
  }
  if (on_.options.crit) {
    limits.crit_rtt = on_.options.crit->limit_of("rtt");
    limits.crit_loss = on_.options.crit->limit_of("loss");
  }
  return report::nagios_line("ARPING", nagios_, limits);
}

}  // namespace diag::arping

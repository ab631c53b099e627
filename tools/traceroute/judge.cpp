// Each target is reached or not; the worst of them is the run's.
#include "tools/traceroute/judge.hpp"

#include "libdiag/report/traceroute_records.hpp"

namespace diag::traceroute {

namespace key = report::traceroute_key;
using report::nagios_status;
using tools::exit_code;

namespace {

struct verdict {
  nagios_status status = nagios_status::ok;
  std::string detail{};
};

void cross(const std::optional<report::threshold>& limit, const report::record& summary, nagios_status status,
           verdict& held) {
  // A target that is not there is critical already, whatever its figures.
  if (!limit || held.status != nagios_status::ok) return;
  if (auto crossed = limit->crossed(summary)) held = {status, std::move(*crossed)};
}

}  // namespace

void judge::take(path_outcome&& what, const std::function<report::record()>& summary) {
  verdict held;
  const bool ours = what.why == probe::path_stop::error;
  if (ours)
    held = {nagios_status::unknown, "this host could not send"};
  else if (!what.as_wanted)
    held = {nagios_status::critical, std::move(what.objection)};
  const bool nagios = options_.format == output_format::nagios;
  if (!nagios && !options_.warn && !options_.crit) {
    worst_ = worse(worst_, ours             ? exit_code::ours
                           : what.as_wanted ? exit_code::positive
                                            : exit_code::negative);
    return;
  }
  const auto values = summary();
  cross(options_.crit, values, nagios_status::critical, held);
  cross(options_.warn, values, nagios_status::warning, held);
  if (held.status != nagios_status::ok) worst_ = worse(worst_, ours ? exit_code::ours : exit_code::negative);
  if (!nagios) return;
  report::nagios_target line;
  line.target = std::move(what.label);
  line.status = held.status;
  line.detail = std::move(held.detail);
  if (const auto* loss = values.find<double>(key::loss_percent)) line.loss_percent = *loss;
  if (const auto* rtt = values.find<report::object>(key::rtt_ms))
    if (const auto* average = rtt->find<duration>(key::avg)) line.rtt_average = *average;
  nagios_.push_back(std::move(line));
}

void judge::lose(const tools::lost_target& lost) {
  worst_ = worse(worst_, exit_code::ours);
  if (options_.format == output_format::nagios)
    nagios_.push_back({lost.word, nagios_status::unknown, {}, {}, lost.why});
}

void judge::undecided(std::uint64_t targets) {
  if (targets == 0) return;
  worst_ = worse(worst_, exit_code::negative);
  if (options_.format == output_format::nagios)
    nagios_.push_back({std::to_string(targets) + (targets == 1 ? " target" : " targets"),
                       nagios_status::critical,
                       {},
                       {},
                       "the run was cut short"});
}

int judge::status() const {
  if (options_.format != output_format::nagios) return static_cast<int>(worst_);
  auto status = report::worst(nagios_);
  // Bad lines of a file: what was asked for was not all checked.
  if (status == nagios_status::ok && worst_ >= exit_code::usage) status = nagios_status::unknown;
  return static_cast<int>(status);
}

std::string judge::nagios_line() const {
  report::nagios_limits limits;
  if (const auto& warn = options_.warn) {
    limits.warn_rtt = warn->limit_of("rtt");
    limits.warn_loss = warn->limit_of("loss");
  }
  if (const auto& crit = options_.crit) {
    limits.crit_rtt = crit->limit_of("rtt");
    limits.crit_loss = crit->limit_of("loss");
  }
  return report::nagios_line("TRACEROUTE", nagios_, limits);
}

}  // namespace diag::traceroute

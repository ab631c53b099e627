// Hands results to the suite, and what it says to the report.
#include "tools/tcp/suite_view.hpp"

namespace diag::tcp {

suite_view::suite_view(const stage& on, const inquiry& what) : stage_{on} {
  const suite_config config{on.options.targets.flows, on.options.rounds};
  if (on.options.policy.empty())
    changes_.emplace(*what.rules, what.asked(), config);
  else
    suite_.emplace(what.rules->rules, what.asked().plan, config);
}

void suite_view::take(const probe::tcp_event& event) {
  const auto* result = std::get_if<probe::tcp_result>(&event);
  if (result == nullptr) return;
  if (suite_) suite_->take(*result);
  if (changes_) changes_->take(*result);
}

void suite_view::end(const ending& how) {
  report_context context;
  context.kind = stage_.options.report;
  context.paint = stage_.style;
  context.quiet = stage_.options.quiet;
  context.started = stage_.wall_of(stage_.began);
  context.began = stage_.began;
  context.elapsed = how.elapsed;
  if (suite_) write_report(stage_.out, *suite_, context);
  if (!changes_) return;
  changes_->conclude(how.complete);
  changes_->write(stage_.out, context);
}

tools::exit_code suite_view::status() const {
  return suite_ ? suite_->status() : changes_->status();
}

}  // namespace diag::tcp

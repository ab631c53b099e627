// Rows to test cases, test cases to the writer that was asked for.
#include "tools/tcp/policy_report.hpp"

#include <numeric>

#include "libdiag/core/text.hpp"
#include "libdiag/report/words.hpp"
#include "tools/tcp/report_writers.hpp"

namespace diag::tcp {

std::optional<report_kind> parse_report_kind(std::string_view word) {
  if (word == "text") return report_kind::text;
  if (word == "tap") return report_kind::tap;
  if (word == "junit") return report_kind::junit;
  if (word == "json") return report_kind::json;
  if (word == "html") return report_kind::html;
  return std::nullopt;
}

std::string test_case::place() const {
  return line == 0 ? file : file + ':' + std::to_string(line);
}

std::string test_case::rule() const {
  return target + ' ' + ports + ' ' + expectation;
}

std::uint64_t report_totals::tests() const {
  return std::accumulate(outcomes.begin(), outcomes.end(), std::uint64_t{0});
}

std::string printable(std::string_view text, report_kind kind) {
  return kind == report_kind::json ? std::string{text} : safe_text(text);
}

test_case make_case(const policy_suite& suite, std::size_t row, const report_context& context) {
  const auto& rule = suite.rules().rows[row];
  const auto& account = suite.accounts()[row];
  test_case out;
  out.file = printable(suite.rules().files[rule.file], context.kind);
  out.line = rule.line;
  out.name = printable(rule.name, context.kind);
  out.target = printable(rule.target, context.kind);
  out.ports = rule.ports.text();
  out.expectation = rule.expected.text();
  out.outcome = account.outcome();
  out.evidence = printable(suite.evidence(row), context.kind);
  out.shown = account.offending;
  for (const auto& one : out.shown)
    out.details.push_back(pair_text(one.address, one.port) + ' ' + describe(one));
  if (out.shown.empty() && account.sample) out.shown.push_back(*account.sample);
  out.further = account.further();
  out.pairs = account.due;
  out.decided = account.decided;
  out.unexpected = account.unexpected + account.errors;
  out.states = account.states;
  if (account.decided > 0) out.elapsed = account.last - context.began;
  return out;
}

std::unique_ptr<report_writer> make_report_writer(report::output& out, const report_context& context) {
  switch (context.kind) {
    case report_kind::tap:
      return make_tap_report(out);
    case report_kind::junit:
      return make_junit_report(out, context);
    case report_kind::json:
      return make_json_report(out, context);
    case report_kind::html:
      return make_html_report(out, context);
    case report_kind::text:
      break;
  }
  return make_text_report(out, context);
}

void write_report(report::output& out, const policy_suite& suite, const report_context& context) {
  const auto writer = make_report_writer(out, context);
  const report_totals totals{printable(suite.rules().files[0], context.kind), suite.outcomes()};
  writer->begin(totals);
  for (std::size_t row = 0; row < suite.accounts().size(); ++row) writer->add(make_case(suite, row, context));
  writer->end(totals);
}

std::string further_words(const test_case& test) {
  return test.further == 0 ? std::string{} : "and " + report::count_words(test.further, "more", "more");
}

std::string totals_words(const report_totals& totals) {
  auto out = report::count_words(totals.tests(), "row", "rows") + ": ";
  std::string parts;
  for (const auto one :
       {test_outcome::passed, test_outcome::failed, test_outcome::error, test_outcome::skipped}) {
    if (totals.of(one) == 0) continue;
    const std::string word{one == test_outcome::error && totals.of(one) > 1 ? "errors" : describe(one)};
    parts.append(parts.empty() ? "" : ", ").append(report::count_words(totals.of(one), word, word));
  }
  return out + parts;
}

}  // namespace diag::tcp

// The report for people: a line a row, and under a row that failed the pairs that are not as they should be.
#include "libdiag/report/words.hpp"
#include "tools/tcp/report_writers.hpp"

namespace diag::tcp {
namespace {

class text_report final : public report_writer {
 public:
  text_report(report::output& out, const report_context& context) : out_{out}, context_{context} {}

  void begin(const report_totals&) override {}

  void add(const test_case& test) override {
    if (context_.quiet && test.outcome == test_outcome::passed) return;
    auto line = word(test.outcome) + "  " + test.place() + "  ";
    if (!test.name.empty()) line += '"' + test.name + "\" ";
    out_.line(line + test.rule() + ": " + test.evidence);
    // A row of one pair has said it all by now.
    if (test.pairs <= 1) return;
    for (const auto& one : test.details) out_.line("        " + one);
    if (test.further > 0) out_.line("        " + further_words(test));
  }

  void end(const report_totals& totals) override {
    out_.line(totals_words(totals) + " in " + report::span_words(context_.elapsed));
  }

 private:
  [[nodiscard]] std::string word(test_outcome outcome) const {
    switch (outcome) {
      case test_outcome::passed:
        return context_.paint.good("pass");
      case test_outcome::failed:
        return context_.paint.bad("FAIL");
      case test_outcome::error:
        return context_.paint.bad("ERR ");
      case test_outcome::skipped:
        break;
    }
    return context_.paint.note("skip");
  }

  report::output& out_;
  const report_context& context_;
};

}  // namespace

std::unique_ptr<report_writer> make_text_report(report::output& out, const report_context& context) {
  return std::make_unique<text_report>(out, context);
}

}  // namespace diag::tcp

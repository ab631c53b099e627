// One file for a browser or a mail: no script, nothing fetched, well-formed as XML too.
#include "libdiag/report/markup.hpp"
#include "libdiag/report/time_text.hpp"
#include "libdiag/report/words.hpp"
#include "tools/tcp/report_writers.hpp"

namespace diag::tcp {
namespace {

constexpr std::string_view style_sheet = R"(
    body { font: 14px/1.4 sans-serif; margin: 2em; color: #1c1c1c; background: #fff; }
    table { border-collapse: collapse; }
    th, td { text-align: left; vertical-align: top; padding: .3em .8em; border-bottom: 1px solid #ccc; }
    code, pre { font: 13px/1.4 monospace; margin: 0; }
    .passed td:first-child { color: #fff; background: #1a7f37; }
    .failed td:first-child, .error td:first-child { color: #fff; background: #b3261e; }
    .skipped td:first-child { background: #f0c33c; }
)";

std::string cell(std::string_view text) {
  return "<td>" + report::markup(text) + "</td>";
}

class html_report final : public report_writer {
 public:
  html_report(report::output& out, const report_context& context) : out_{out}, context_{context} {}

  void begin(const report_totals& totals) override {
    const auto title = "diag-tcp: " + report::markup(totals.file);
    out_.line("<!DOCTYPE html>");
    out_.line(R"(<html lang="en">)");
    out_.line("<head>");
    out_.line(R"(  <meta charset="utf-8"/>)");
    out_.line("  <title>" + title + "</title>");
    out_.line("  <style>" + std::string{style_sheet} + "  </style>");
    out_.line("</head>");
    out_.line("<body>");
    out_.line("<h1>" + title + "</h1>");
    constexpr std::size_t to_the_second = 19;
    out_.line("<p>" + totals_words(totals) + " in " + report::span_words(context_.elapsed) + ", " +
              report::time_text(context_.started).substr(0, to_the_second) + "Z</p>");
    out_.line("<table>");
    out_.line(
        "<thead><tr><th>Result</th><th>Row</th><th>Name</th><th>Target</th><th>Ports</th><th>Expected</th>"
        "<th>Evidence</th></tr></thead>");
    out_.line("<tbody>");
  }

  void add(const test_case& test) override {
    const std::string outcome{describe(test.outcome)};
    auto row = "<tr class=\"" + outcome + "\">" + cell(outcome) + cell(test.place()) + cell(test.name) +
               cell(test.target) + cell(test.ports) + cell(test.expectation) + "<td>" +
               report::markup(test.evidence);
    if (!test.details.empty() && test.pairs > 1) {
      row += "<pre>";
      for (const auto& one : test.details) row += '\n' + report::markup(one);
      if (test.further > 0) row += '\n' + further_words(test);
      row += "</pre>";
    }
    out_.line(row + "</td></tr>");
  }

  void end(const report_totals&) override {
    out_.line("</tbody>");
    out_.line("</table>");
    out_.line("</body>");
    out_.line("</html>");
  }

 private:
  report::output& out_;
  const report_context& context_;
};

}  // namespace

std::unique_ptr<report_writer> make_html_report(report::output& out, const report_context& context) {
  return std::make_unique<html_report>(out, context);
}

}  // namespace diag::tcp

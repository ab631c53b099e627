// JUnit XML as CI servers read it: there is no standard, so tests/data/junit.xsd says what is common ground.
//
// A test's time counts from the start of the run, as all rows are probed at once. A row that was never asked
// is `skipped`, one that was not finished an `error`.
#include <algorithm>

#include "libdiag/report/decimal.hpp"
#include "libdiag/report/markup.hpp"
#include "libdiag/report/time_text.hpp"
#include "tools/tcp/report_writers.hpp"

namespace diag::tcp {
namespace {

std::string attribute(std::string_view name, std::string_view text) {
  return ' ' + std::string{name} + "=\"" + report::markup(text) + '"';
}

std::string seconds(duration elapsed) {
  std::string out;
  report::append_elapsed(out, std::max(elapsed, duration{}), report::in_seconds);
  return out;
}

/// "policies/dmz.policy" is "policies.dmz": servers make a tree of what dots divide.
std::string class_name(std::string_view file) {
  const auto slash = file.rfind('/');
  const auto dot = file.rfind('.');
  if (dot != file.npos && dot > 0 && (slash == file.npos || dot > slash + 1)) file = file.substr(0, dot);
  std::string out;
  for (const char c : file) {
    const char plain = c == '/' || c == ' ' || c == '\\' ? '.' : c;
    if (plain != '.' || (!out.empty() && out.back() != '.')) out += plain;
  }
  while (out.ends_with('.')) out.pop_back();
  return out.empty() ? "policy" : out;
}

class junit_report final : public report_writer {
 public:
  junit_report(report::output& out, const report_context& context) : out_{out}, context_{context} {}

  void begin(const report_totals& totals) override {
    out_.line(R"(<?xml version="1.0" encoding="UTF-8"?>)");
    const auto counts = attribute("tests", std::to_string(totals.tests())) +
                        attribute("failures", std::to_string(totals.of(test_outcome::failed))) +
                        attribute("errors", std::to_string(totals.of(test_outcome::error))) +
                        attribute("skipped", std::to_string(totals.of(test_outcome::skipped))) +
                        attribute("time", seconds(context_.elapsed));
    out_.line("<testsuites" + attribute("name", "diag-tcp") + counts + '>');
    // Without fraction and zone: the form that all readers take.
    constexpr std::size_t to_the_second = 19;
    out_.line("  <testsuite" + attribute("name", totals.file) + counts +
              attribute("timestamp", report::time_text(context_.started).substr(0, to_the_second)) + '>');
  }

  void add(const test_case& test) override {
    out_.line("    <testcase" + attribute("classname", class_name(test.file)) +
              attribute("name", test.name.empty() ? test.rule() : test.name) +
              attribute("time", seconds(test.elapsed.value_or(duration{}))) + '>');
    if (test.outcome == test_outcome::failed) trouble("failure", "unexpected", test);
    if (test.outcome == test_outcome::error) trouble("error", "not-decided", test);
    if (test.outcome == test_outcome::skipped)
      out_.line("      <skipped" + attribute("message", test.evidence) + "/>");
    out_.line("      <system-out>" +
              report::markup(test.place() + ": " + test.rule() + ": " + test.evidence) + "</system-out>");
    out_.line("    </testcase>");
  }

  void end(const report_totals&) override {
    out_.line("  </testsuite>");
    out_.line("</testsuites>");
  }

 private:
  void trouble(std::string_view element, std::string_view type, const test_case& test) {
    auto text = "      <" + std::string{element} + attribute("type", type) +
                attribute("message", test.evidence) + '>' + report::markup(test.place()) + ": expected " +
                report::markup(test.expectation);
    for (const auto& one : test.details) text += '\n' + report::markup(one);
    if (test.further > 0) text += '\n' + further_words(test);
    out_.line(text + "</" + std::string{element} + '>');
  }

  report::output& out_;
  const report_context& context_;
};

}  // namespace

std::unique_ptr<report_writer> make_junit_report(report::output& out, const report_context& context) {
  return std::make_unique<junit_report>(out, context);
}

}  // namespace diag::tcp

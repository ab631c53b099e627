// TAP version 13 (testanything.org): a line a test, its evidence as a YAML block. `prove -e cat` reads it.
//
// No SKIP directive: harnesses count it as passed, and a row that was never decided has not passed.
#include "tools/tcp/report_writers.hpp"

namespace diag::tcp {
namespace {

/// A `#` would begin a directive. The backslash of safe_text() is the escape's own sign too.
std::string description(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '#' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

/// A double-quoted YAML scalar: backslash and quote escaped; there are no control characters in `text`.
std::string scalar(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

/// TAP::Parser reads YAML line by line and takes an item whose first word ends in a colon for a map, quotes
/// or no quotes: it goes without.
std::string item(std::string_view text) {
  std::string out{text};
  const auto end = out.find(' ');
  if (end != out.npos && end != 0 && out[end - 1] == ':') out.erase(end - 1, 1);
  return "    - " + scalar(out);
}

class tap_report final : public report_writer {
 public:
  explicit tap_report(report::output& out) : out_{out} {}

  void begin(const report_totals& totals) override {
    out_.line("TAP version 13");
    out_.line("1.." + std::to_string(totals.tests()));
  }

  void add(const test_case& test) override {
    const bool passed = test.outcome == test_outcome::passed;
    const auto title = test.name.empty() ? test.rule() : test.name + ": " + test.rule();
    out_.line((passed ? "ok " : "not ok ") + std::to_string(++number_) + " - " + description(title));
    out_.line("  ---");
    pair("outcome", describe(test.outcome));
    pair("file", test.file);
    if (test.line > 0) out_.line("  line: " + std::to_string(test.line));
    pair("expected", test.expectation);
    pair("evidence", test.evidence);
    if (!test.details.empty()) {
      out_.line("  pairs:");
      for (const auto& one : test.details) out_.line(item(one));
      if (test.further > 0) out_.line(item(further_words(test)));
    }
    out_.line("  ...");
  }

  void end(const report_totals&) override {}

 private:
  void pair(std::string_view key, std::string_view text) {
    out_.line("  " + std::string{key} + ": " + scalar(text));
  }

  report::output& out_;
  std::uint64_t number_ = 0;
};

}  // namespace

std::unique_ptr<report_writer> make_tap_report(report::output& out) {
  return std::make_unique<tap_report>(out);
}

}  // namespace diag::tcp

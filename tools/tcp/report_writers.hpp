// The five forms of a policy's report; policy_report.cpp chooses.
#pragma once

#include <memory>

#include "tools/tcp/policy_report.hpp"

namespace diag::tcp {

std::unique_ptr<report_writer> make_text_report(report::output& out, const report_context& context);
std::unique_ptr<report_writer> make_tap_report(report::output& out);
std::unique_ptr<report_writer> make_junit_report(report::output& out, const report_context& context);
std::unique_ptr<report_writer> make_json_report(report::output& out, const report_context& context);
std::unique_ptr<report_writer> make_html_report(report::output& out, const report_context& context);

/// "and 3 more"; empty for none.
std::string further_words(const test_case& test);
/// "4 rows: 3 passed, 1 failed"
std::string totals_words(const report_totals& totals);

}  // namespace diag::tcp

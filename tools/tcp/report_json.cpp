// NDJSON: a `test` record a row, a `summary` at the end (diag-json(5)).
#include <cstring>

#include "libdiag/report/json.hpp"
#include "libdiag/report/policy_records.hpp"
#include "tools/tcp/report_writers.hpp"

namespace diag::tcp {
namespace {

namespace key = report::policy_key;

report::object pair_object(const pair_evidence& what) {
  report::object out{report::policy_pair_fields};
  out.set(key::address, to_string(what.address)).set(key::port, what.port);
  out.set(key::state, probe::describe(what.state)).set(key::reason, probe::describe(what.why));
  if (what.from) out.set(key::from, to_string(what.from));
  out.set(key::ttl, what.hop_limit).set(key::rtt_ms, what.rtt).set(key::attempts, what.attempts);
  if (what.answered > 0) out.set(key::answered_attempt, what.answered);
  if (what.icmp_type != 0) out.set(key::icmp_type, what.icmp_type).set(key::icmp_code, what.icmp_code);
  if (what.source_port != 0) out.set(key::source_port, what.source_port);
  if (what.error != 0)
    if (const char* name = ::strerrorname_np(what.error)) out.set(key::errno_name, name);
  return out;
}

class json_report final : public report_writer {
 public:
  json_report(report::output& out, const report_context& context) : out_{out}, context_{context} {}

  void begin(const report_totals&) override {}

  void add(const test_case& test) override {
    report::record out{report::policy_test, context_.started + test.elapsed.value_or(context_.elapsed)};
    out.set(key::file, test.file);
    if (test.line > 0) out.set(key::line, test.line);
    if (!test.name.empty()) out.set(key::name, test.name);
    out.set(key::target, test.target).set(key::ports, test.ports).set(key::expectation, test.expectation);
    out.set(key::passed, test.outcome == test_outcome::passed).set(key::outcome, describe(test.outcome));
    out.set(key::evidence, test.evidence);
    out.set(key::pairs, test.pairs).set(key::decided, test.decided).set(key::unexpected, test.unexpected);
    report::counts states;
    for (std::size_t at = 0; at < test.states.size(); ++at)
      if (test.states[at] > 0)
        states.emplace_back(probe::describe(static_cast<probe::tcp_state>(at)),
                            static_cast<std::int64_t>(test.states[at]));
    if (!states.empty()) out.set(key::states, std::move(states));
    std::vector<report::object> shown;
    for (const auto& one : test.shown) shown.push_back(pair_object(one));
    if (!shown.empty()) out.set(key::shown, std::move(shown));
    out.set(key::elapsed_ms, test.elapsed);
    write(out);
  }

  void end(const report_totals& totals) override {
    report::record out{report::policy_summary, context_.started + context_.elapsed};
    out.set(key::file, totals.file).set(key::tests, totals.tests());
    out.set(key::passed, totals.of(test_outcome::passed)).set(key::failed, totals.of(test_outcome::failed));
    out.set(key::errors, totals.of(test_outcome::error)).set(key::skipped, totals.of(test_outcome::skipped));
    out.set(key::elapsed_ms, context_.elapsed);
    write(out);
  }

 private:
  void write(const report::record& what) {
    line_.clear();
    report::append_json(line_, what);
    out_.write(line_);
  }

  report::output& out_;
  const report_context& context_;
  std::string line_;
};

}  // namespace

std::unique_ptr<report_writer> make_json_report(report::output& out, const report_context& context) {
  return std::make_unique<json_report>(out, context);
}

}  // namespace diag::tcp

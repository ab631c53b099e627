// A policy as a test suite: results in, one verdict a row out.
//
// Rows may overlap: a pair is asked once, and every row that covers it judges the result.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/probe/tcp_event.hpp"
#include "libdiag/probe/tcp_plan.hpp"
#include "tools/common/exit_code.hpp"
#include "tools/tcp/policy.hpp"
#include "tools/tcp/suite_index.hpp"

namespace diag::tcp {

enum class test_outcome : std::uint8_t {
  passed,
  failed,   ///< a pair is not as expected
  error,    ///< our part failed: no address, nothing sent, or the run ended before every pair was decided
  skipped,  ///< the run ended before any pair was decided
};
std::string_view describe(test_outcome outcome);

/// What a report shows of one result.
struct pair_evidence {
  ip_address address{};
  std::uint16_t port = 0;
  std::uint16_t source_port = 0;
  probe::tcp_state state = probe::tcp_state::filtered;
  probe::reason why = probe::reason::no_answer;
  ip_address from{};
  std::optional<std::uint8_t> hop_limit{};
  std::optional<duration> rtt{};
  std::uint16_t attempts = 0, answered = 0;
  std::uint8_t icmp_type = 0, icmp_code = 0;
  int error = 0;  ///< errno value
};
/// "open (syn-ack) from 192.0.2.1 ttl 64 in 0.1 ms", "filtered (no-answer) after 3 attempts".
std::string describe(const pair_evidence& what);
/// "192.0.2.1:443", "[2001:db8::1]:443".
std::string pair_text(const ip_address& address, std::uint16_t port);

struct row_account {
  static constexpr std::size_t most_shown = 10;

  std::uint64_t due = 0;  ///< results the row waits for
  std::uint64_t decided = 0;
  std::uint64_t unexpected = 0;  ///< state error not counted
  std::uint64_t errors = 0;      ///< state error where that was not expected
  probe::tcp_state_counts states{};
  std::vector<pair_evidence> offending{};  ///< the lowest by address and port
  std::optional<pair_evidence> sample{};   ///< of the first result
  mono_time last{};

  [[nodiscard]] test_outcome outcome() const;
  /// Results against the row that are not in `offending`.
  [[nodiscard]] std::uint64_t further() const { return unexpected + errors - offending.size(); }
};

struct suite_config {
  std::uint16_t flows = 1;
  std::uint64_t rounds = 1;  ///< 0: endless; each pair is due once
};

class policy_suite {
 public:
  /// All borrowed. Every pair that `plan` holds and a row covers comes with take().
  policy_suite(const policy& rules, const probe::tcp_plan& plan, const suite_config& config = {});

  /// O(log rows + rows that cover the pair). False: no row covers it.
  bool take(const probe::tcp_result& result);

  [[nodiscard]] const policy& rules() const { return rules_; }
  [[nodiscard]] const std::vector<row_account>& accounts() const { return accounts_; }
  [[nodiscard]] std::array<std::uint64_t, 4> outcomes() const;  ///< by test_outcome
  /// negative: a row failed; ours: error or skipped.
  [[nodiscard]] tools::exit_code status() const;
  /// One line: why a row passed or not.
  [[nodiscard]] std::string evidence(std::size_t row) const;

 private:
  const policy& rules_;
  const probe::tcp_plan& plan_;
  suite_index index_;
  std::vector<row_account> accounts_;
};

}  // namespace diag::tcp

// --compare: what is other than a baseline says.
//
// Each row of the file is a test, as in a policy; what the file does not know is told as `new`, what it knows
// and this run does not ask as `gone`.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/tcp/policy_report.hpp"
#include "tools/tcp/policy_suite.hpp"

namespace diag::tcp {

class comparison {
 public:
  /// `before` is what --compare read; `asked` what this run asks (before.asked, or a plan of the user's own
  /// targets). Both borrowed.
  comparison(const gathered_policy& before, const gathered_plan& asked, const suite_config& config = {});

  void take(const probe::tcp_result& result);
  /// After the last result. `whole`: the run was not cut short, so what is missing was not asked.
  void conclude(bool whole);
  /// After conclude(). Text: one line for each change, ports merged, and a last line with the counts. Other
  /// kinds: the rows as tests, and one test more for what is new.
  void write(report::output& out, const report_context& context) const;

  struct change {
    std::string where;      ///< "192.0.2.1:22,80-90", "192.0.2.5-192.0.2.9:22"
    std::string what;       ///< "was open, now filtered (no-answer)", "new: open (syn-ack)", "gone: was open"
    std::uint32_t row = 0;  ///< of the baseline; `no_row`: new
  };
  static constexpr std::uint32_t no_row = 0xffff'ffff;
  /// By row, then address, then port; what is new at the end.
  [[nodiscard]] const std::vector<change>& changes() const { return changes_; }
  /// negative: something changed; ours: errors, or pairs without a result.
  [[nodiscard]] tools::exit_code status() const;

 private:
  struct difference {
    std::uint32_t row = no_row;
    ip_address address{};
    probe::tcp_state state = probe::tcp_state::open;
    probe::reason why = probe::reason::none;
    ip_address from{};
    std::uint16_t port = 0;
    friend auto operator<=>(const difference&, const difference&) = default;
  };
  /// A pair that a row with missing pairs has a result for.
  struct hit {
    std::uint32_t row = 0;
    ip_address address{};
    std::uint16_t port = 0;
    friend auto operator<=>(const hit&, const hit&) = default;
  };
  void tell_differences();
  void tell_gone();
  void tell_gone(std::uint32_t row, std::vector<hit>::const_iterator from,
                 std::vector<hit>::const_iterator to);
  void gone(std::uint32_t row, const ip_address& first, const ip_address& last, const port_set& ports);
  [[nodiscard]] test_case case_of(std::uint32_t row, const report_context& context) const;
  [[nodiscard]] test_case new_case(const report_context& context) const;
  void write_text(report::output& out, const report_context& context) const;

  const gathered_policy& before_;
  const gathered_plan& asked_;
  policy_suite suite_;
  suite_index index_;
  std::vector<difference> differences_;
  std::vector<hit> hits_;  // of the pairs that are asked, where the file knows pairs that are not
  bool narrower_ = false;  // the run does not ask the file's own pairs
  std::vector<change> changes_;
  std::vector<std::uint64_t> gone_;  // pairs, by row
  std::uint64_t changed_pairs_ = 0, new_pairs_ = 0, gone_pairs_ = 0, undecided_ = 0;
};

}  // namespace diag::tcp

// A run on the terminal: every result of a small plan, the open ports of a large one, and what it amounts to.
//
// Of a result that is not shown only counters change: a sweep of a million closed ports formats nothing.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tools/common/flush_pace.hpp"
#include "tools/tcp/text_lines.hpp"
#include "tools/tcp/view.hpp"

namespace diag::tcp {

/// How many results had which state for which reason; by whose word, where it is one node's; and which ports
/// they were, where they are few.
class reason_tally {
 public:
  void add(const probe::tcp_result& what);
  /// "filtered: 23,445; rejected: 18 admin-prohibited, 2 port-unreachable by 192.0.2.254". Nothing of a state
  /// that has its usual reason alone, and many ports. `ports` false: they are those of many targets.
  [[nodiscard]] std::string text(bool ports) const;

 private:
  static constexpr std::size_t reasons = static_cast<std::size_t>(probe::reason::system_error) + 1;
  static constexpr std::size_t few_ports = 10;
  struct tally {
    std::array<std::uint64_t, reasons> counts{};
    std::vector<std::uint16_t> ports{};  ///< sorted; one more than few: too many to tell
    ip_address from{};
    bool many_senders = false;
  };
  [[nodiscard]] static std::string text_of(probe::tcp_state state, const tally& what, bool ports);

  std::array<tally, probe::tcp_state_count> states_{};
};

class text_view final : public view {
 public:
  /// `lines` false: summaries alone (-q, or --packets fills the screen).
  text_view(const stage& on, bool lines);

  void take(const probe::tcp_event& event) override;
  void rest(mono_time now) override;
  void end(const ending& how) override;

 private:
  void take_result(const probe::tcp_result& what);
  void take_anomaly(const probe::tcp_anomaly& what);
  void take_summary(const probe::tcp_summary& account);
  [[nodiscard]] line_facts facts_of(const ip_address& address, std::uint16_t port) const;
  [[nodiscard]] std::string summary_lines(const probe::tcp_summary& account) const;
  void print(const std::string& lines);
  void print_totals(const ending& how);

  const stage& stage_;
  bool lines_;
  bool small_;        ///< every result is worth a line
  bool each_target_;  ///< every target is worth a summary
  std::size_t width_ = 0;
  std::vector<reason_tally> tallies_;  ///< of each target, where there are few; of the run otherwise
  std::vector<probe::tcp_summary> accounts_;
  tools::flush_pace pace_{tools::sweep_flush_period};
};

/// --open: ADDRESS:PORT of each open port, once, as they are found.
class open_view final : public view {
 public:
  explicit open_view(const stage& on) : stage_{on} {}
  void take(const probe::tcp_event& event) override;
  void rest(mono_time now) override;
  void end(const ending&) override {}

 private:
  const stage& stage_;
  std::string line_;
  std::vector<std::pair<std::uint32_t, std::uint16_t>> told_;  ///< sorted; over rounds and flows
  tools::flush_pace pace_{tools::sweep_flush_period};
};

}  // namespace diag::tcp

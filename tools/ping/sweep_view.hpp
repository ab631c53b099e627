// A sweep on the terminal: the living as they are found, or a table when all is known.
//
// One row of eight octets a target and nothing on the heap for it: 65,536 targets take half a megabyte.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libdiag/probe/sweep.hpp"
#include "tools/ping/view.hpp"

namespace diag::ping {

enum class sweep_state : std::uint8_t { unasked, alive, late, unreachable, silent, error };

struct sweep_row {
  std::uint32_t rtt = 0;  ///< in units of 100 ns
  sweep_state state = sweep_state::unasked;
  std::uint8_t hop_limit = 0;  ///< 0: not known
  std::uint8_t sent = 0;
  probe::reason why = probe::reason::none;

  static sweep_row of(const probe::ping_summary& account);
  [[nodiscard]] duration time() const { return duration{std::int64_t{rtt} * 100}; }
  [[nodiscard]] bool is_alive() const { return state == sweep_state::alive || state == sweep_state::late; }
};
static_assert(sizeof(sweep_row) == 8);

class sweep_view final : public view {
 public:
  /// `machine` is asked for its totals at the end. `lines` false: --packets fills the screen.
  sweep_view(const stage& on, const probe::sweep& machine, bool lines);

  void take(const probe::ping_event& event) override;
  void rest(mono_time now) override;
  void end(const ending& how) override;

 private:
  [[nodiscard]] bool listed(const sweep_row& row) const;
  [[nodiscard]] std::vector<std::uint32_t> order() const;
  void list_one(std::uint64_t target);
  void list_all();
  void print_table();
  void print_row(std::string& line, std::uint64_t target, std::size_t width) const;
  void print_footer(const ending& how);
  /// The target as text, in `room` or as the name with its address.
  void append_label(std::string& line, std::uint64_t target) const;

  const stage& stage_;
  const probe::sweep& machine_;
  bool lines_;
  bool streams_;  ///< addresses are printed as they are found, nothing is kept
  std::vector<sweep_row> rows_;
  flush_pace pace_{sweep_flush_period};
  std::string line_;
};

}  // namespace diag::ping

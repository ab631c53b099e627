// --report: mtr's table, printed when the rounds are over.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "libdiag/probe/rounds_course.hpp"
#include "tools/traceroute/view.hpp"

namespace diag::traceroute {

struct table_manner {
  const address_labels& labels;
  const report::style& style;
  bool extensions = false;  ///< lines with what routers appended
};
/// Lines of the table of one path, its head first: " 3.|-- gw.example (198.51.100.1)  0.0%  10 ...".
std::string report_table(std::span<const probe::hop_figures> hops, const table_manner& manner);

/// Whole report of one path: what was asked, the table, how far it came.
std::string report_text(const stage& on, std::span<const probe::hop_figures> hops, std::uint64_t rounds,
                        const probe::path_end& end);

class report_view final : public view {
 public:
  /// Both are borrowed.
  report_view(const stage& on, const probe::rounds_course& course) : on_{on}, course_{course} {}

  void take(const probe::path_event& event) override;
  void end(const ending& how) override;

 private:
  const stage& on_;
  const probe::rounds_course& course_;
  std::vector<probe::path_end> ends_;
};

}  // namespace diag::traceroute

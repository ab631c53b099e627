// A sweep on the terminal: a row for each owner as it answers, the totals at the end.
#pragma once

#include <string>

#include "tools/arping/text_view.hpp"

namespace diag::arping {

class sweep_view final : public view {
 public:
  using view::take;
  explicit sweep_view(const stage& on)
      : stage_{on}, lines_{!on.options.quiet && !on.options.packets}, owners_{on.plan.targets.size()} {}

  void begin() override;
  void take(const probe::neighbor_event& event) override;
  void conclude(const target_result& result) override;
  void rest(mono_time now) override;
  void end(const ending& how) override;

 private:
  const stage& stage_;
  bool lines_;
  owner_count owners_;
  tools::flush_pace pace_{tools::sweep_flush_period};
  std::string odd_;  ///< targets that are not as they should be
  std::uint64_t odd_count_ = 0;
  std::uint64_t conflicts_ = 0;  ///< by the verdicts: flux is none
};

}  // namespace diag::arping

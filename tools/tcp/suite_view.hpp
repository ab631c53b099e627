// A policy or a comparison as a view: results in, the report out when all is known.
#pragma once

#include <optional>
#include <variant>

#include "tools/tcp/compare.hpp"
#include "tools/tcp/inquiry.hpp"
#include "tools/tcp/policy_suite.hpp"
#include "tools/tcp/view.hpp"

namespace diag::tcp {

class suite_view final : public view {
 public:
  /// `what` holds rules and is borrowed.
  suite_view(const stage& on, const inquiry& what);

  void take(const probe::tcp_event& event) override;
  void end(const ending& how) override;

  /// What the rows amount to. After end().
  [[nodiscard]] tools::exit_code status() const;

 private:
  const stage& stage_;
  std::optional<policy_suite> suite_{};
  std::optional<comparison> changes_{};
};

}  // namespace diag::tcp

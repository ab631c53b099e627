// What a run asks and what it is held to: all that comes from names, files and standard input.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "libdiag/craft/tcp_profile.hpp"
#include "tools/tcp/gather.hpp"
#include "tools/tcp/options.hpp"
#include "tools/tcp/policy.hpp"

namespace diag::tcp {

struct inquiry {
  std::optional<gathered_policy> rules{};  ///< --policy, --compare
  std::optional<gathered_plan> own{};      ///< of the user's own targets
  craft::tcp_profile profile{};
  tools::exit_code worst = tools::exit_code::positive;
  bool fatal = false;  ///< do not run

  /// Precondition: not fatal.
  [[nodiscard]] const gathered_plan& asked() const { return own ? *own : rules->asked; }
};

/// Reads, resolves and checks; blocks, so privileges should be gone by now. Every complaint is one line.
inquiry gather(const tcp_options& options, bool have_v4, bool have_v6,
               const std::function<void(const std::string&)>& complain);

/// --dry-run: what would be asked, and how.
std::string dry_run_text(const tcp_options& options, const inquiry& what);

}  // namespace diag::tcp

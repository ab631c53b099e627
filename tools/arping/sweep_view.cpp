// Rows as they come: who pipes them into another program waits for nothing.
#include "tools/arping/sweep_view.hpp"

#include <fmt/format.h>

#include "tools/arping/text_lines.hpp"

namespace diag::arping {
namespace {

constexpr std::uint64_t most_odd = 50;

}  // namespace

void sweep_view::begin() {
  if (!stage_.options.quiet) stage_.out.write(header_line(stage_));
}

void sweep_view::take(const probe::neighbor_event& event) {
  if (const auto* reply = std::get_if<probe::neighbor_reply>(&event)) {
    const auto owners = owners_.note(*reply);
    if (stage_.options.audible && reply->new_owner) stage_.out.write("\a");
    if (lines_ && (reply->new_owner || stage_.options.verbose))
      stage_.out.write(row_line(stage_, *reply, owners));
    return;
  }
  if (!lines_) return;
  if (const auto* link = std::get_if<probe::neighbor_link_state>(&event)) {
    stage_.out.write(link_line(stage_, *link));
  } else if (stage_.options.verbose) {
    if (const auto* seen = std::get_if<probe::neighbor_sighting>(&event))
      stage_.out.write(sighting_line(stage_, *seen));
    if (const auto* rejected = std::get_if<probe::neighbor_rejected>(&event))
      stage_.out.write(rejected_line(stage_, *rejected));
  }
}

void sweep_view::conclude(const target_result& result) {
  if (result.what == verdict::conflict) ++conflicts_;
  const bool odd = result.what == verdict::conflict || result.what == verdict::cannot_tell ||
                   (result.expected && !*result.expected) ||
                   (!result.why.empty() && result.what == verdict::in_use);
  if (!odd) return;
  if (++odd_count_ > most_odd) return;
  odd_ +=
      fmt::format("{}: {}", stage_.label(result.account->target), stage_.style.bad(describe(result.what)));
  const auto& owners = result.account->owners;
  for (std::size_t i = 0; i < owners.size(); ++i)
    odd_ += (i == 0 ? ": " : " and ") + stage_.owner_text(owners[i].mac);
  if (!result.why.empty()) odd_ += fmt::format(" ({})", result.why);
  odd_ += '\n';
}

void sweep_view::rest(mono_time now) {
  if (pace_.due(now)) stage_.out.flush();
}

void sweep_view::end(const ending& how) {
  stage_.out.line(totals_line(how.totals, conflicts_, how.elapsed));
  stage_.out.write(odd_);
  if (odd_count_ > most_odd) stage_.out.line(fmt::format("and {} more", odd_count_ - most_odd));
  print_findings(stage_, how);
}

}  // namespace diag::arping

// Questions asked, the rate so far, and how long the rest takes at that rate.
#include "tools/tcp/progress.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "libdiag/report/words.hpp"

namespace diag::tcp {

std::string progress_text(const probe::tcp_course& course, const probe::tcp_summary& totals,
                          duration elapsed) {
  const auto taken = course.taken();
  const auto total = course.total();
  const auto open = totals.states[static_cast<std::size_t>(probe::tcp_state::open)];
  auto text = fmt::format("asked {}", taken);
  if (total != 0) text += fmt::format(" of {} ({}%)", total, taken * 100 / std::max<std::uint64_t>(total, 1));
  text += fmt::format(", {} open", open);
  const auto rate = static_cast<double>(taken) / std::max(seconds(elapsed), 1e-3);
  text += fmt::format("; {:.0f} a second", rate);
  if (total <= taken || rate < 1e-3) return text;
  const auto left = std::min(static_cast<double>(total - taken) / rate, 1e9);
  return text + ", " +
         report::span_words(std::chrono::duration_cast<duration>(std::chrono::duration<double>{left})) +
         " left";
}

}  // namespace diag::tcp

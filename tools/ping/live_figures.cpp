// Numbers of an account, put into words and cells.
#include "tools/ping/live_figures.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tools/common/live_graph.hpp"

namespace diag::ping {

using namespace tools;

namespace {

constexpr int gap = live_gap;
constexpr int cell_width = 8;
constexpr int least_spark = 8;
constexpr std::array heads{"loss %", "last ms", "avg ms", "p95 ms", "max ms", "sent", "recv"};

std::string loss_text(const probe::ping_summary& account) {
  const auto loss = account.loss_percent();
  return fmt::format("{:.{}f}", loss, loss > 0 && loss < 10 ? 1 : 0);
}

/// In one glance: does it answer now?
live_figure state_figure(const probe::ping_summary& account, mono_time now, bool down) {
  if (down && account.loss != nullptr && account.loss->current() > 0) {
    const auto& outages = account.loss->outages();
    const bool known = !outages.empty() && !outages.back().end;
    auto text =
        known ? fmt::format("DOWN for {}, ", clock_text(now - outages.back().start)) : std::string{"DOWN, "};
    return {text + fmt::format("{} lost in a row", account.loss->current()), live_ink::bad};
  }
  if (account.received > 0) return {"up", live_ink::good};
  if (account.not_sent > 0)
    return {"cannot send: " + std::string{probe::describe(account.last_error)}, live_ink::bad};
  return {"waiting", live_ink::faint};
}

void add_rtt(std::vector<live_figure>& out, const probe::ping_summary& account) {
  if (account.rtt == nullptr || account.rtt->count() == 0) return;
  const auto& rtt = *account.rtt;
  const auto add = [&](std::string_view name, duration value) {
    out.push_back({fmt::format("{} {}", name, short_ms(value))});
  };
  out.push_back({fmt::format("last {} ms", short_ms(account.last_rtt)), live_ink::title});
  add("min", rtt.min());
  add("avg", rtt.mean());
  add("max", rtt.max());
  add("p95", rtt.quantiles().quantile(0.95));
  add("p99", rtt.quantiles().quantile(0.99));
  if (const auto jitter = rtt.jitter()) add("jitter", *jitter);
}

}  // namespace

std::vector<live_figure> account_figures(const probe::ping_summary& account, mono_time now, bool down) {
  std::vector<live_figure> out{state_figure(account, now, down)};
  out.push_back({fmt::format("loss {}%", loss_text(account)),
                 account.loss_percent() > 0 ? live_ink::bad : live_ink::plain});
  add_rtt(out, account);
  out.push_back({fmt::format("sent {}", account.sent)});
  out.push_back({fmt::format("received {}", account.received)});
  const auto odd = [&](std::string_view name, std::uint64_t count) {
    if (count > 0) out.push_back({fmt::format("{} {}", name, count), live_ink::note});
  };
  odd("late", account.late);
  odd("duplicates", account.duplicates);
  odd("errors", account.errors);
  odd("not sent", account.not_sent);
  odd("corrupt", account.corrupt);
  odd("reordered", account.reordered);
  return out;
}

live_table::live_table(int columns, int longest_name)
    : columns_{columns},
      name_{std::clamp(longest_name, 6, std::max({columns / 3, std::min(columns - cell_width, 16), 6}))} {
  const auto used = [&](std::size_t figures) { return name_ + static_cast<int>(figures) * cell_width; };
  if (used(1) <= columns_) shown_ = 1;
  const int enough = columns_ * 2 / 3 + cell_width / 2;  // what is left is the sparkline's
  while (shown_ < heads.size() && used(shown_ + 1) <= enough) ++shown_;
  const int left = columns_ - used(shown_) - gap;
  spark_ = left >= least_spark ? left : 0;
}

void live_table::draw_cell(live_grid& grid, int row, std::size_t cell, std::string_view text,
                           live_ink ink) const {
  if (cell >= shown_) return;
  grid.put(row, name_ + static_cast<int>(cell + 1) * cell_width - width_of(text), text, ink);
}

void live_table::draw_head(live_grid& grid, int row, duration top) const {
  grid.put(row, 0, "target", live_ink::faint);
  for (std::size_t i = 0; i < heads.size(); ++i) draw_cell(grid, row, i, heads[i], live_ink::faint);
  const auto scale = fmt::format("0 to {:g} ms", milliseconds(top));
  if (spark_ >= width_of(scale)) grid.put(row, spark_column(), scale, live_ink::faint);
}

void live_table::draw_row(live_grid& grid, int row, std::string_view name, const probe::ping_summary& account,
                          bool down) const {
  put_clipped(grid, row, 0, name_, name, down ? live_ink::bad : live_ink::plain);

  const auto lossy = account.loss_percent() > 0;
  draw_cell(grid, row, 0, loss_text(account), lossy ? live_ink::bad : live_ink::plain);
  if (account.rtt != nullptr && account.rtt->count() > 0) {
    const auto& rtt = *account.rtt;
    const duration figures[] = {account.last_rtt, rtt.mean(),
                                shown_ > 3 ? rtt.quantiles().quantile(0.95) : 0ns, rtt.max()};
    for (std::size_t i = 0; i < std::size(figures); ++i)
      draw_cell(grid, row, i + 1, short_ms(figures[i]), live_ink::plain);
  }
  draw_cell(grid, row, 5, std::to_string(account.sent), live_ink::plain);
  draw_cell(grid, row, 6, std::to_string(account.received), live_ink::plain);
}

}  // namespace diag::ping

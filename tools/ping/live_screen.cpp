// Layout: one target fills the screen with figures and a graph, many get a line each.
#include "tools/ping/live_screen.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "libdiag/core/text.hpp"
#include "tools/ping/live_figures.hpp"
#include "tools/ping/live_samples.hpp"

namespace diag::ping {

using namespace tools;

namespace {

/// "host2" before "host10", 192.0.2.9 before 192.0.2.10: stretches of digits compare as numbers.
bool natural_less(std::string_view a, std::string_view b) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0;
  std::size_t k = 0;
  while (i < a.size() && k < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[k])) {
      if (a[i] != b[k]) return a[i] < b[k];
      ++i, ++k;
      continue;
    }
    const auto number = [&](std::string_view text, std::size_t& at) {
      while (at < text.size() && text[at] == '0') ++at;
      const auto from = at;
      while (at < text.size() && is_digit(text[at])) ++at;
      return text.substr(from, at - from);
    };
    const auto left = number(a, i);
    const auto right = number(b, k);
    if (left.size() != right.size()) return left.size() < right.size();
    if (left != right) return left < right;
  }
  return a.size() - i < b.size() - k;
}

}  // namespace

live_screen::live_screen(std::vector<std::string> labels)
    : labels_{std::move(labels)}, history_{labels_.size()} {
  for (auto& label : labels_) label = safe_text(label);
  order_.resize(labels_.size());
  std::iota(order_.begin(), order_.end(), 0U);
}

void live_screen::add(const probe::ping_event& event) {
  if (const auto told = sample_of(event)) history_.add(told->target, told->sample);
}

void live_screen::press(live_key key) {
  const auto last = static_cast<std::int64_t>(order_.size()) - 1;
  const auto sort_by = [&](order what) {
    by_ = by_ == what ? order::given : what;
    sorted_at_ = mono_time::min();
  };
  switch (key) {
    case live_key::up:
      --cursor_;
      break;
    case live_key::down:
      ++cursor_;
      break;
    case live_key::page_up:
      cursor_ -= page_;
      break;
    case live_key::page_down:
      cursor_ += page_;
      break;
    case live_key::home:
      cursor_ = 0;
      break;
    case live_key::end:
      cursor_ = last;
      break;
    case live_key::open:
      open_ = !open_;
      break;
    case live_key::back:
      open_ = false;
      break;
    case live_key::by_loss:
      sort_by(order::loss);
      break;
    case live_key::by_rtt:
      sort_by(order::rtt);
      break;
    case live_key::by_name:
      sort_by(order::name);
      break;
    case live_key::pause:
      paused_ = !paused_;
      break;
  }
  cursor_ = std::clamp<std::int64_t>(cursor_, 0, std::max<std::int64_t>(last, 0));
}

void live_screen::paint(live_grid& grid, mono_time now, const account_source& accounts) {
  if (!paused_ || shown_at_ == mono_time::min()) shown_at_ = now;
  if (labels_.empty()) return;
  if (labels_.size() == 1) return paint_one(grid, shown_at_, 0, accounts);
  sort(shown_at_, accounts);
  if (open_) return paint_one(grid, shown_at_, order_[static_cast<std::size_t>(cursor_)], accounts);
  paint_list(grid, shown_at_, accounts);
}

void live_screen::sort(mono_time now, const account_source& accounts) {
  const bool changes = by_ == order::loss || by_ == order::rtt;
  if (sorted_at_ != mono_time::min() && (!changes || now - sorted_at_ < 1s)) return;
  sorted_at_ = now;
  std::iota(order_.begin(), order_.end(), 0U);
  if (by_ == order::name) {
    std::stable_sort(order_.begin(), order_.end(),
                     [&](auto a, auto b) { return natural_less(labels_[a], labels_[b]); });
  } else if (changes) {
    std::vector<double> weight;  // the worst first
    for (const auto target : order_) {
      const auto account = accounts(target);
      const bool measured = account.rtt != nullptr && account.rtt->count() > 0;
      weight.push_back(by_ == order::loss ? account.loss_percent()
                       : measured         ? milliseconds(account.rtt->mean())
                                          : -1);
    }
    std::stable_sort(order_.begin(), order_.end(), [&](auto a, auto b) { return weight[a] > weight[b]; });
  }
}

void live_screen::scroll_into_view(int rows) {
  page_ = std::max(rows, 1);
  top_ = std::clamp(top_, cursor_ - page_ + 1, cursor_);
  const auto count = static_cast<std::int64_t>(order_.size());
  top_ = std::clamp<std::int64_t>(top_, 0, std::max<std::int64_t>(count - page_, 0));
}

void live_screen::paint_one(live_grid& grid, mono_time now, std::uint32_t target,
                            const account_source& accounts) const {
  const auto account = accounts(target);
  const auto keys = paused_ ? "PAUSED  p go on  q quit"
                    : open_ ? "Enter list  p pause  q quit"
                            : "p pause  q quit";
  draw_title(grid, labels_[target], account.elapsed, keys, paused_);
  const int below = flow(grid, 1, grid.rows(), account_figures(account, now, history_.is_down(target)));
  const int rows = grid.rows() - below - 1;
  if (rows < least_graph_rows || grid.columns() < least_graph_columns) return;
  const live_area area{below + 1, 0, rows, grid.columns()};
  draw_graph(grid, area, history_.bins(target, now, graph_bars(area.columns)));
}

void live_screen::paint_list(live_grid& grid, mono_time now, const account_source& accounts) {
  constexpr const char* orders[] = {"as given", "loss", "rtt", "name"};
  const auto title = fmt::format("{} targets, {} down, order: {}", labels_.size(), history_.down(),
                                 orders[static_cast<std::size_t>(by_)]);
  const bool help = grid.rows() >= 8;
  const int rows = std::max(grid.rows() - 2 - (help ? 1 : 0), 1);
  scroll_into_view(rows);

  const auto from = static_cast<std::size_t>(top_);
  const auto count = std::min(static_cast<std::size_t>(rows), order_.size() - from);
  std::size_t name_width = 6;
  for (std::size_t i = from; i < from + count; ++i)
    name_width = std::max(name_width, glyphs_of(labels_[order_[i]]).size());
  const live_table table{grid.columns(), static_cast<int>(name_width)};

  std::vector<live_bins> lines;
  duration worst{};
  for (std::size_t i = from; table.spark_columns() > 0 && i < from + count; ++i) {
    lines.push_back(history_.bins(order_[i], now, table.spark_columns()));
    worst = std::max(worst, lines.back().worst());
  }
  const auto top = round_top(worst);

  draw_title(grid, title, accounts(order_.front()).elapsed, paused_ ? "PAUSED" : "", paused_);
  table.draw_head(grid, 1, top);
  for (std::size_t i = 0; i < count; ++i) {
    const int row = 2 + static_cast<int>(i);
    const auto target = order_[from + i];
    table.draw_row(grid, row, labels_[target], accounts(target), history_.is_down(target));
    if (i < lines.size()) draw_sparkline(grid, row, table.spark_column(), lines[i], top);
    if (static_cast<std::int64_t>(from + i) == cursor_) grid.invert(row, table.name_columns());
  }
  if (help)
    grid.put(grid.rows() - 1, 0, "arrows PgUp PgDn  Enter graph  l loss  r rtt  n name  p pause  q quit",
             live_ink::faint);
}

}  // namespace diag::ping

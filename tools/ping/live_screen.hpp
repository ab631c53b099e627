// The live view without a terminal: what is remembered, what the keys do, what is drawn where.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/ping_event.hpp"
#include "tools/common/live_graph.hpp"
#include "tools/common/live_grid.hpp"
#include "tools/common/live_history.hpp"

namespace diag::ping {

enum class live_key : std::uint8_t {
  up,
  down,
  page_up,
  page_down,
  home,
  end,
  open,  ///< the graph of the target under the cursor
  back,  ///< to the list
  by_loss,
  by_rtt,
  by_name,
  pause,
};

class live_screen {
 public:
  /// Where the account of a target comes from; asked while painting, for what is visible (and for all targets
  /// about once a second while the list is sorted by loss or RTT).
  using account_source = std::function<probe::ping_summary(std::uint32_t)>;

  /// One label a target, in the order of their numbers; escaped here.
  explicit live_screen(std::vector<std::string> labels);

  void add(const probe::ping_event& event);
  void press(live_key key);
  [[nodiscard]] bool paused() const { return paused_; }
  /// Draws on an empty grid of any size. While paused, `now` stands still.
  void paint(tools::live_grid& grid, mono_time now, const account_source& accounts);

 private:
  enum class order : std::uint8_t { given, loss, rtt, name };
  void sort(mono_time now, const account_source& accounts);
  void scroll_into_view(int rows);
  void paint_one(tools::live_grid& grid, mono_time now, std::uint32_t target,
                 const account_source& accounts) const;
  void paint_list(tools::live_grid& grid, mono_time now, const account_source& accounts);

  std::vector<std::string> labels_;
  tools::live_history history_;
  std::vector<std::uint32_t> order_;  ///< targets from the top of the list down
  order by_ = order::given;
  mono_time sorted_at_ = mono_time::min();
  mono_time shown_at_ = mono_time::min();
  std::int64_t cursor_ = 0;  ///< position in order_
  std::int64_t top_ = 0;     ///< first position shown
  std::int64_t page_ = 1;
  bool open_ = false;
  bool paused_ = false;
};

}  // namespace diag::ping

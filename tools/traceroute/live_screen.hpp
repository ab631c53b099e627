// The live view without a terminal: what the keys do, what is drawn where.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/hop_loss.hpp"
#include "libdiag/probe/path_event.hpp"
#include "tools/common/live_grid.hpp"
#include "tools/traceroute/address_labels.hpp"
#include "tools/traceroute/live_columns.hpp"
#include "tools/traceroute/live_path.hpp"

namespace diag::traceroute {

enum class live_key : std::uint8_t {
  up,
  down,
  page_up,
  page_down,
  home,
  end,
  next_target,
  last_target,
  display,
  names,
  extensions,
  jitter,
  pause,
  help,
  back,
};

/// What a drawing is of.
struct live_moment {
  mono_time now{};
  duration elapsed{};
  std::uint64_t round = 0;
};

class live_screen {
 public:
  using hop_source = std::function<std::span<const probe::hop_figures>(std::uint32_t target)>;

  /// One subject a target, safe to show. `labels` is borrowed.
  live_screen(std::vector<std::string> subjects, const address_labels& labels, live_paths memory);

  void add(const probe::path_event& event);
  void press(live_key key);
  /// The course has forgotten its figures, too.
  void reset();
  [[nodiscard]] bool paused() const { return paused_; }
  [[nodiscard]] std::uint32_t target() const { return target_; }
  void show_extensions(bool on) { extensions_ = on; }
  /// Draws on an empty grid of any size. While paused, the time stands still.
  void paint(tools::live_grid& grid, const live_moment& moment, const hop_source& hops);

 private:
  /// A line of the screen below the head.
  struct text_row {
    std::size_t line = 0;  ///< which hop line it belongs to
    bool main = true;      ///< with number, figures and graph
    std::string text;
    tools::live_ink ink = tools::live_ink::plain;
  };
  [[nodiscard]] std::string host_text(const ip_address& address, bool wide) const;
  [[nodiscard]] std::vector<text_row> text_rows(const std::vector<hop_line>& lines, bool wide) const;
  void judge(std::span<const probe::hop_figures> hops);
  void scroll(const std::vector<hop_line>& lines, const std::vector<text_row>& rows, int page);
  int paint_rows(tools::live_grid& grid, const std::vector<hop_line>& lines,
                 const std::vector<text_row>& rows, int page);
  void paint_row(tools::live_grid& grid, int at, const text_row& row, const hop_line& line,
                 const live_columns& layout) const;
  void paint_below(tools::live_grid& grid, int from, int to, const std::vector<hop_line>& lines) const;
  void paint_help(tools::live_grid& grid) const;

  std::vector<std::string> subjects_;
  const address_labels& labels_;
  live_paths memory_;
  live_moment shown_{};
  bool drawn_ = false;
  std::vector<probe::hop_loss_verdict> verdicts_;  ///< of `judged_target_`, a second old at most
  mono_time judged_at_{};
  std::uint32_t judged_target_ = 0;
  std::uint32_t target_ = 0;
  live_mode mode_ = live_mode::both;
  std::optional<std::size_t> cursor_{};  ///< hop line; unset: none was chosen yet
  std::size_t lines_ = 0;                ///< at the last drawing
  std::size_t page_ = 1;
  std::size_t top_ = 0;  ///< first text row shown
  bool names_ = true;
  bool extensions_ = false;
  bool jitter_ = false;
  bool paused_ = false;
  bool help_ = false;
};

}  // namespace diag::traceroute

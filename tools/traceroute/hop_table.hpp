// The figures of hops as cells of a table, and what their loss means in words: for --report and --live.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/hop_loss.hpp"

namespace diag::traceroute {

/// mtr's columns; `jitter` is that of RFC 3550, the three others of it are between neighboring answers.
enum class hop_column : std::uint8_t {
  loss,
  sent,
  last,
  mean,
  best,
  worst,
  stddev,
  p95,
  jitter,
  jitter_last,
  jitter_mean,
  jitter_worst,
};
std::string_view heading(hop_column column);  // "Loss%", "Snt", ...

/// How much an RTT differs from the one before.
struct hop_jitter {
  std::uint64_t count = 0;
  duration last{}, total{}, worst{};
  std::optional<duration> previous{};

  void add(duration rtt);
  [[nodiscard]] duration mean() const {
    return count == 0 ? duration{} : total / static_cast<std::int64_t>(count);
  }
};

/// Milliseconds without a unit; "-" where nothing was measured.
std::string cell_text(hop_column column, const probe::hop_figures& figures, const hop_jitter& jitter = {});

/// One line of a table: a hop, or neighboring hops of which all there is to say is the same nothing.
struct hop_line {
  const probe::hop_figures* figures = nullptr;  ///< of the first of them; borrowed
  std::uint8_t last_hop = 1;
  probe::hop_loss_verdict loss{};
};
std::vector<hop_line> hop_lines(std::span<const probe::hop_figures> hops);
/// With verdicts found before, one a hop; hops that have none yet count as without loss.
std::vector<hop_line> hop_lines(std::span<const probe::hop_figures> hops,
                                std::span<const probe::hop_loss_verdict> verdicts);
/// No probe of it has ended.
bool waits(const hop_line& line);
/// "3", "8-23".
std::string hop_numbers(const hop_line& line);

/// "rate-limited", "forwarding loss 10%", "nothing answers from here on"; empty: there is nothing to say.
std::string loss_words(const hop_line& line);

}  // namespace diag::traceroute

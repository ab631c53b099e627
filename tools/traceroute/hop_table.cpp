// Numbers of a hop, put into cells and words.
#include "tools/traceroute/hop_table.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tools/common/live_graph.hpp"

namespace diag::traceroute {
namespace {

using probe::hop_loss;

constexpr std::string_view headings[] = {"Loss%", "Snt", "Last", "Avg",   "Best", "Wrst",
                                         "StDev", "P95", "Jttr", "Jlast", "Javg", "Jmax"};
constexpr std::string_view nothing = "-";

std::uint64_t decided(const probe::hop_figures& figures) {
  return figures.answered + figures.lost;
}

std::string loss_text(const probe::hop_figures& figures) {
  if (figures.answered == 0) return "100%";
  return fmt::format("{:.1f}%", 100 * figures.loss());
}

std::string percent(double share) {
  return fmt::format("{:.{}f}%", 100 * share, share > 0 && share < 0.1 ? 1 : 0);
}

std::string jitter_text(bool known, duration time) {
  return known ? tools::short_ms(time) : std::string{nothing};
}

}  // namespace

std::string_view heading(hop_column column) {
  return headings[static_cast<std::size_t>(column)];
}

void hop_jitter::add(duration rtt) {
  if (previous) {
    last = std::chrono::abs(rtt - *previous);
    total += last;
    worst = std::max(worst, last);
    ++count;
  }
  previous = rtt;
}

std::string cell_text(hop_column column, const probe::hop_figures& figures, const hop_jitter& jitter) {
  if (column == hop_column::sent) return std::to_string(figures.sent);
  if (column == hop_column::loss) return decided(figures) == 0 ? std::string{nothing} : loss_text(figures);
  const auto& rtt = figures.rtt;
  switch (column) {
    case hop_column::jitter_last:
      return jitter_text(jitter.count > 0, jitter.last);
    case hop_column::jitter_mean:
      return jitter_text(jitter.count > 0, jitter.mean());
    case hop_column::jitter_worst:
      return jitter_text(jitter.count > 0, jitter.worst);
    case hop_column::jitter:
      return jitter_text(rtt.jitter().has_value(), rtt.jitter().value_or(duration{}));
    default:
      break;
  }
  if (rtt.count() == 0) return std::string{nothing};
  const auto time = column == hop_column::last    ? figures.last.value_or(duration{})
                    : column == hop_column::mean  ? rtt.mean()
                    : column == hop_column::best  ? rtt.min()
                    : column == hop_column::worst ? rtt.max()
                    : column == hop_column::p95   ? rtt.quantiles().quantile(0.95)
                                                  : rtt.stddev();
  return tools::short_ms(time);
}

bool waits(const hop_line& line) {
  return decided(*line.figures) == 0 && line.figures->addresses.empty();
}

std::vector<hop_line> hop_lines(std::span<const probe::hop_figures> hops) {
  return hop_lines(hops, probe::judge_loss(hops));
}

std::vector<hop_line> hop_lines(std::span<const probe::hop_figures> hops,
                                std::span<const probe::hop_loss_verdict> verdicts) {
  std::vector<hop_line> lines;
  for (std::size_t i = 0; i < hops.size(); ++i) {
    const hop_line line{&hops[i], hops[i].hop, i < verdicts.size() ? verdicts[i] : probe::hop_loss_verdict{}};
    const bool continues =
        !lines.empty() &&
        ((waits(line) && waits(lines.back())) ||
         (line.loss.what == hop_loss::beyond && lines.back().loss.what == hop_loss::beyond));
    if (continues)
      lines.back().last_hop = line.last_hop;
    else
      lines.push_back(line);
  }
  return lines;
}

std::string hop_numbers(const hop_line& line) {
  const int first = line.figures->hop;
  const int last = line.last_hop;
  return last > first ? fmt::format("{}-{}", first, last) : std::to_string(first);
}

std::string loss_words(const hop_line& line) {
  if (decided(*line.figures) == 0) return {};
  switch (line.loss.what) {
    case hop_loss::none:
      return {};
    case hop_loss::rate_limited:
      return "rate-limited";
    case hop_loss::forwarding:
      return "forwarding loss " + percent(line.loss.forwarding);
    case hop_loss::unclear:
      return "unclear";
    case hop_loss::silent:
      return "silent, passes on";
    case hop_loss::beyond:
      return "nothing answers from here on";
  }
  return {};
}

}  // namespace diag::traceroute

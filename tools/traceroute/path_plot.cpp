// Panels of rows: a label, a scale, and what was measured. Coordinates are pixels, y downwards.
#include "tools/traceroute/path_plot.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "libdiag/probe/path_finders.hpp"
#include "libdiag/report/plot_axis.hpp"
#include "libdiag/report/svg_shapes.hpp"
#include "libdiag/report/words.hpp"

namespace diag::traceroute {
namespace {

namespace svg = report::svg;

constexpr double width = 960, edge = 24, number_right = 68, label_left = 78, left = 408, right = 810,
                 note_left = 822, note_right = 936;
constexpr double head = 82, row_height = 22, axis_height = 52, foot = 28;
constexpr std::size_t longest_title = 84, longest_label = 50;

/// What one row of a panel needs, whatever it shows.
struct plotted_row {
  std::string number;              ///< "4", "8-23"
  std::string label;               ///< empty: silent
  std::vector<double> low_high{};  ///< all that the scale must hold, in milliseconds
};

class panel {
 public:
  panel(double top, const std::vector<plotted_row>& rows) : top_{top}, rows_{rows}, axis_{axis_of(rows)} {}

  void title(std::string_view words, std::string_view about) {
    out += svg::text_at(edge, top_ + 30, "start", 17, svg::ink, svg::shortened(words, longest_title),
                        " font-weight=\"bold\"");
    out += svg::text_at(edge, top_ + 52, "start", 13, svg::faint, about);
  }

  /// Shades, labels and scale; what is measured is drawn over it.
  void frame() {
    for (std::size_t at = 0; at < rows_.size(); ++at) {
      const double y = middle(at);
      if (at % 2 == 0) out += svg::box(edge, y - row_height / 2, note_right - edge, row_height, svg::shade);
      out += svg::text_at(number_right, y + 4, "end", 12, svg::faint, rows_[at].number);
      const bool silent = rows_[at].label.empty();
      out += svg::text_at(label_left, y + 4, "start", 12, silent ? svg::slate : svg::ink,
                          silent ? "*" : std::string_view{rows_[at].label});
    }
    const double bottom = top_ + head + row_height * static_cast<double>(rows_.size());
    const bool measured =
        std::any_of(rows_.begin(), rows_.end(), [](const auto& row) { return !row.low_high.empty(); });
    for (const auto& [value, label] : report::milliseconds_ticks(axis_)) {
      if (!measured) break;
      const double x = axis_.pixel(value);
      out += svg::line(x, top_ + head, x, bottom, svg::grid);
      out += svg::text_at(x, bottom + 17, "middle", 12, svg::faint, label);
    }
    out += svg::line(left, bottom, right, bottom, svg::slate);
    const double centre = (left + right) / 2;
    if (measured)
      out += svg::text_at(centre, bottom + 36, "middle", 12, svg::faint,
                          axis_.logarithmic() ? "RTT, ms (log scale)" : "RTT, ms");
    else
      out += svg::text_at(centre, (top_ + head + bottom) / 2 + 5, "middle", 14, svg::faint, "no answer");
  }

  void note(std::size_t row, std::string_view words, std::string_view colour) {
    out += svg::text_at(note_right, middle(row) + 4, "end", 12, colour, words);
  }

  [[nodiscard]] double x(double ms) const { return axis_.pixel(ms); }
  [[nodiscard]] double middle(std::size_t row) const {
    return top_ + head + row_height * (static_cast<double>(row) + 0.5);
  }
  [[nodiscard]] static double height_of(std::size_t rows) {
    return head + row_height * static_cast<double>(rows) + axis_height;
  }

  std::string out;

 private:
  static report::plot_axis axis_of(const std::vector<plotted_row>& rows) {
    double low = 0;
    double high = 0;
    for (const auto& row : rows)
      for (const double ms : row.low_high) {
        if (ms <= 0) continue;
        low = low > 0 ? std::min(low, ms) : ms;
        high = std::max(high, ms);
      }
    return report::milliseconds_axis(low, high, left, right);
  }

  double top_;
  const std::vector<plotted_row>& rows_;
  report::plot_axis axis_;
};

/// Where there is no room the name is cut, never the address.
std::string label_of(const std::vector<ip_address>& addresses, const address_labels& labels) {
  if (addresses.empty()) return {};
  const auto& first = addresses.front();
  auto text = labels.text(first);
  if (const auto name = labels.name(first); text.size() > longest_label && !name.empty()) {
    constexpr std::size_t least_name = 12;
    const auto rest = text.substr(name.size());
    const auto room = longest_label > rest.size() ? longest_label - rest.size() : 0;
    text = svg::shortened(name, std::max(room, least_name)) + rest;
  }
  return text + (addresses.size() > 1 ? fmt::format(" +{}", addresses.size() - 1) : "");
}

/// One trace as rows; silence to the end is one row.
class trace_painter {
 public:
  trace_painter(const plotted_trace& what, const address_labels& labels) : what_{what} {
    const auto& rows = what.path->rows;
    auto size = rows.size();
    while (size > 0 && !answered(rows[size - 1])) --size;
    for (std::size_t at = 0; at < size; ++at) add(rows[at], labels);
    if (size == rows.size()) return;
    const auto first = rows[size].hop;
    const auto last = rows.back().hop;
    rows_.push_back({first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last), {}, {}});
    drawn_.push_back({});
  }

  [[nodiscard]] double height() const { return panel::height_of(rows_.size()); }

  std::string draw(double top) const {
    panel on{top, rows_};
    on.title(what_.title, about());
    on.frame();
    medians(on);
    for (std::size_t at = 0; at < drawn_.size(); ++at) dots(on, at);
    return std::move(on.out);
  }

 private:
  struct mark {
    double ms = 0;
    std::string_view colour;
    bool late = false;
  };
  struct drawn_row {
    std::vector<mark> marks;
    std::size_t asked = 0, answered = 0;
    std::optional<double> median;
  };

  static bool answered(const probe::hop_row& row) {
    return std::any_of(row.probes.begin(), row.probes.end(),
                       [](const auto& one) { return probe::has_answer(one.answer); });
  }
  static std::string_view colour_of(const probe::path_answer& answer) {
    if (answer.state == probe::hop_state::reached) return svg::green;
    return answer.state == probe::hop_state::unreachable ? svg::red : svg::blue;
  }

  void add(const probe::hop_row& row, const address_labels& labels) {
    plotted_row shown{fmt::format("{}", row.hop), {}, {}};
    drawn_row drawn;
    std::vector<ip_address> addresses;
    for (const auto& probe : row.probes) {
      ++drawn.asked;
      const auto& answer = probe.answer;
      if (!probe::has_answer(answer)) continue;
      ++drawn.answered;
      if (std::find(addresses.begin(), addresses.end(), answer.from) == addresses.end())
        addresses.push_back(answer.from);
      if (!answer.rtt) continue;
      drawn.marks.push_back({milliseconds(*answer.rtt), colour_of(answer), answer.late});
      shown.low_high.push_back(drawn.marks.back().ms);
    }
    shown.label = label_of(addresses, labels);
    if (!shown.low_high.empty()) {
      auto sorted = shown.low_high;
      std::sort(sorted.begin(), sorted.end());
      drawn.median = sorted[(sorted.size() - 1) / 2];
    }
    rows_.push_back(std::move(shown));
    drawn_.push_back(std::move(drawn));
  }

  [[nodiscard]] std::string about() const {
    const auto& end = what_.path->end;
    auto words = end.why == probe::path_stop::reached ? fmt::format("reached at hop {}", end.hops)
                 : end.hops == 0                      ? std::string{"nothing answers"}
                                 : fmt::format("not reached, hop {} is the last", end.hops);
    if (end.target_rtt) words += " in " + report::rtt_words(*end.target_rtt) + " ms";
    return words + fmt::format(", {} probes sent, {} answered", end.sent, end.answered);
  }

  /// Dashed where hops between are silent.
  void medians(panel& on) const {
    std::optional<std::size_t> before;
    for (std::size_t at = 0; at < drawn_.size(); ++at) {
      if (!drawn_[at].median) continue;
      if (before)
        on.out += svg::line(on.x(*drawn_[*before].median), on.middle(*before), on.x(*drawn_[at].median),
                            on.middle(at), svg::blue,
                            at == *before + 1 ? " stroke-opacity=\"0.45\""
                                              : " stroke-opacity=\"0.45\" stroke-dasharray=\"4 4\"");
      before = at;
    }
  }

  void dots(panel& on, std::size_t at) const {
    const auto& row = drawn_[at];
    for (const auto& one : row.marks)
      on.out += one.late ? svg::ring(on.x(one.ms), on.middle(at), 3.6, svg::orange)
                         : svg::dot(on.x(one.ms), on.middle(at), 3.6, one.colour);
    if (row.answered == 0)
      on.note(at, "silent", svg::slate);
    else if (row.answered < row.asked)
      on.note(at, fmt::format("{} of {} answered", row.answered, row.asked), svg::orange);
    else if (row.marks.size() == 1)
      on.note(at, fmt::format("{:.3g} ms", row.marks[0].ms), svg::faint);
    else if (row.median)
      on.note(at, fmt::format("median {:.3g} ms", *row.median), svg::faint);
  }

  const plotted_trace& what_;
  std::vector<plotted_row> rows_;
  std::vector<drawn_row> drawn_;
};

/// Rounds as rows: least to greatest as a thin line, median to p95 as a bar.
class report_painter {
 public:
  report_painter(const plotted_report& what, const address_labels& labels)
      : what_{what}, losses_{probe::judge_loss(what.hops)} {
    for (const auto& hop : what.hops) {
      std::vector<ip_address> addresses;
      for (const auto& one : hop.addresses) addresses.push_back(one.address);
      plotted_row row{fmt::format("{}", hop.hop), label_of(addresses, labels), {}};
      if (hop.rtt.count() != 0) row.low_high = {milliseconds(hop.rtt.min()), milliseconds(hop.rtt.max())};
      rows_.push_back(std::move(row));
    }
  }

  [[nodiscard]] double height() const { return panel::height_of(rows_.size()); }

  std::string draw(double top) const {
    panel on{top, rows_};
    on.title(what_.title, about());
    legend(on, top);
    on.frame();
    for (std::size_t at = 0; at < what_.hops.size(); ++at) row(on, at);
    return std::move(on.out);
  }

 private:
  static constexpr double bar = 9, tick = 13;

  [[nodiscard]] std::string about() const {
    if (what_.hops.empty()) return "no hop answers";
    const auto& last = what_.hops.back();
    auto words = fmt::format("hop {}: {} sent, {} received, {}% loss", last.hop, last.sent, last.answered,
                             report::percent_words(100 * last.loss()));
    if (last.rtt.count() == 0) return words;
    const auto& quantiles = last.rtt.quantiles();
    return words + fmt::format(", min {:.3g}, p50 {:.3g}, p95 {:.3g}, max {:.3g} ms",
                               milliseconds(last.rtt.min()), milliseconds(quantiles.quantile(0.5)),
                               milliseconds(quantiles.quantile(0.95)), milliseconds(last.rtt.max()));
  }

  static void legend(panel& on, double top) {
    const double y = top + 74;
    on.out += svg::line(left, y - 4, left + 30, y - 4, svg::slate);
    on.out += svg::text_at(left + 36, y, "start", 11, svg::faint, "min to max");
    on.out += svg::box(left + 118, y - 8, 24, bar, svg::blue, " fill-opacity=\"0.35\"");
    on.out += svg::text_at(left + 148, y, "start", 11, svg::faint, "p50 to p95");
    on.out += svg::box(left + 232, y - 10, 2.5, tick, svg::blue);
    on.out += svg::text_at(left + 240, y, "start", 11, svg::faint, "p50");
    on.out += svg::text_at(note_right, y, "end", 11, svg::faint, "loss");
  }

  void row(panel& on, std::size_t at) const {
    const auto& hop = what_.hops[at];
    const double y = on.middle(at);
    if (hop.rtt.count() != 0) {
      const auto& quantiles = hop.rtt.quantiles();
      const double least = on.x(milliseconds(hop.rtt.min()));
      const double most = on.x(milliseconds(hop.rtt.max()));
      const double p50 = on.x(milliseconds(quantiles.quantile(0.5)));
      const double p95 = on.x(milliseconds(quantiles.quantile(0.95)));
      on.out += svg::line(least, y, most, y, svg::slate);
      for (const double end : {least, most}) on.out += svg::line(end, y - 4, end, y + 4, svg::slate);
      on.out +=
          svg::box(p50, y - bar / 2, std::max(p95 - p50, 1.0), bar, svg::blue, " fill-opacity=\"0.35\"");
      on.out += svg::box(p50 - 1.25, y - tick / 2, 2.5, tick, svg::blue);
    }
    loss(on, at);
  }

  /// Loss that later hops share is red; what a router does not answer is its own business.
  void loss(panel& on, std::size_t at) const {
    const auto& hop = what_.hops[at];
    if (hop.answered == 0) return on.note(at, hop.sent == 0 ? "" : "silent", svg::slate);
    const auto meaning = at < losses_.size() ? losses_[at].what : probe::hop_loss::none;
    const bool real = meaning == probe::hop_loss::forwarding;
    const auto colour = hop.lost == 0 ? svg::faint : real ? svg::red : svg::orange;
    auto words = fmt::format("{:.1f}%", 100 * hop.loss());
    if (meaning == probe::hop_loss::rate_limited && hop.lost != 0) words = "limited, " + words;
    on.note(at, words, colour);
    if (hop.lost != 0 && real)
      on.out += svg::box(note_left, on.middle(at) + 7, (note_right - note_left) * std::min(hop.loss(), 1.0),
                         2, colour);
  }

  const plotted_report& what_;
  std::vector<probe::hop_loss_verdict> losses_;
  std::vector<plotted_row> rows_;
};

template <class Painter, class Plotted>
std::string picture(std::span<const Plotted> all, const address_labels& labels, std::string_view caption) {
  double top = 0;
  std::string body;
  for (const auto& one : all.first(std::min(all.size(), most_plotted_paths))) {
    const Painter painter{one, labels};
    body += painter.draw(top);
    top += painter.height();
  }
  return svg::sheet(width, std::max(top, head) + foot, note_right, caption, body);
}

}  // namespace

std::string trace_plot(std::span<const plotted_trace> traces, const address_labels& labels,
                       std::string_view caption) {
  return picture<trace_painter>(traces, labels, caption);
}

std::string report_plot(std::span<const plotted_report> reports, const address_labels& labels,
                        std::string_view caption) {
  return picture<report_painter>(reports, labels, caption);
}

}  // namespace diag::traceroute

// Drawing panels. Coordinates are pixels, y downwards.
#include "libdiag/report/svg_plot.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

#include "libdiag/report/plot_axis.hpp"
#include "libdiag/report/svg_shapes.hpp"
#include "libdiag/report/words.hpp"

namespace diag::report {
namespace {

constexpr double width = 960, panel_height = 360, foot_height = 28;
constexpr double left = 72, right = 872, top = 78, bottom = 288;
constexpr double strip_top = 294, strip_bottom = 308, tick_labels = 325, axis_title = 343;
constexpr std::size_t longest_title = 84;
constexpr std::size_t many = 1600;  // samples, two a pixel: beyond it points hide each other

using svg::blue, svg::faint, svg::green, svg::grid, svg::ink, svg::orange, svg::purple, svg::red, svg::slate;
using svg::box, svg::line, svg::shortened, svg::text_at;

std::string_view colour_of(plot_state state) {
  switch (state) {
    case plot_state::answered:
      return blue;
    case plot_state::late:
      return orange;
    case plot_state::duplicate:
      return purple;
    case plot_state::lost:
      return red;
    case plot_state::refused:
      return ink;
    case plot_state::not_sent:
      break;
  }
  return slate;
}

std::string_view word_of(plot_state state) {
  constexpr std::string_view words[] = {"answer", "late", "duplicate", "lost", "refused", "not sent"};
  return words[static_cast<std::size_t>(state)];
}

bool in_strip(plot_state state) {
  return state == plot_state::lost || state == plot_state::refused || state == plot_state::not_sent;
}

class panel_painter {
 public:
  explicit panel_painter(const plot_panel& panel)
      : panel_{panel}, time_{time_axis(panel)}, rtt_{rtt_axis(panel)} {}

  std::string draw() {
    head();
    axes();
    strip();
    percentiles();
    if (panel_.samples.size() > many)
      envelope();
    else
      points();
    legend();
    return std::move(out_);
  }

 private:
  static plot_axis time_axis(const plot_panel& panel) {
    double last = 0;
    for (const auto& s : panel.samples) last = std::max(last, s.at);
    return {0, last > 0 ? last * 1.01 : 1, left, right};
  }

  static plot_axis rtt_axis(const plot_panel& panel) {
    double low = 0;
    double high = 0;
    for (const auto& s : panel.samples) {
      if (!s.rtt_ms || *s.rtt_ms <= 0) continue;
      low = low > 0 ? std::min(low, *s.rtt_ms) : *s.rtt_ms;
      high = std::max(high, *s.rtt_ms);
    }
    return milliseconds_axis(low, high, bottom, top);
  }

  void head() {
    out_ +=
        text_at(left, 30, "start", 17, ink, shortened(panel_.target, longest_title), " font-weight=\"bold\"");
    auto words = fmt::format("{} sent, {} received, {}% loss", panel_.sent, panel_.received,
                             percent_words(panel_.loss_percent));
    const auto part = [&words](std::string_view name, std::optional<double> ms) {
      if (ms) words += fmt::format(", {} {:.4g}", name, *ms);
    };
    part("min", panel_.min_ms);
    part("avg", panel_.avg_ms);
    part("max", panel_.max_ms);
    part("p50", panel_.p50_ms);
    part("p95", panel_.p95_ms);
    if (panel_.min_ms) words += " ms";
    out_ += text_at(left, 51, "start", 13, panel_.loss_percent > 0 ? red : faint, words);
  }

  void axes() {
    const bool measured = std::any_of(panel_.samples.begin(), panel_.samples.end(),
                                      [](const plot_sample& one) { return one.rtt_ms.has_value(); });
    for (const auto& [value, label] : milliseconds_ticks(rtt_)) {
      if (!measured) break;
      const double y = rtt_.pixel(value);
      out_ += line(left, y, right, y, grid);
      out_ += text_at(left - 8, y + 4, "end", 12, faint, label);
    }
    out_ += fmt::format(
        "<text x=\"20\" y=\"{0:.1f}\" text-anchor=\"middle\" font-size=\"12\" fill=\"{1}\" "
        "transform=\"rotate(-90 20 {0:.1f})\">RTT, ms{2}</text>\n",
        (top + bottom) / 2, faint, rtt_.logarithmic() ? " (log scale)" : "");
    for (const auto& [value, label] : seconds_ticks(time_)) {
      const double x = time_.pixel(value);
      out_ += line(x, top, x, bottom, grid);
      out_ += line(x, strip_bottom, x, strip_bottom + 4, slate);
      out_ += text_at(x, tick_labels, "middle", 12, faint, label);
    }
    out_ += line(left, bottom, right, bottom, slate);
    const bool minutes = time_.to() >= 120;
    out_ += text_at((left + right) / 2, axis_title, "middle", 12, faint,
                    minutes ? "time since the start" : "seconds since the start");
  }

  /// What never came back, under the axis. Neighbours of one kind become one band, and so do marks that
  /// touch: a picture of a million losses has no more rectangles than pixels.
  void strip() {
    out_ += box(left, strip_top, right - left, strip_bottom - strip_top, "#f6f8fa");
    const auto& all = panel_.samples;
    double drawn_from = 0;
    double drawn_to = 0;
    std::optional<plot_state> drawn;
    const auto finish = [&] {
      if (!drawn) return;
      const double span = drawn_to - drawn_from + 3;
      out_ += box(drawn_from - 1.5, strip_top + 1, span, strip_bottom - strip_top - 2, colour_of(*drawn));
      if (span > 6)  // an outage is seen in the plot, too
        out_ += box(drawn_from - 1.5, top, span, bottom - top, colour_of(*drawn), " fill-opacity=\"0.08\"");
      drawn.reset();
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!in_strip(all[i].state)) continue;
      const double x = time_.pixel(all[i].at);
      const bool run = i > 0 && all[i - 1].state == all[i].state;
      const bool joins = drawn == all[i].state && (run || x - drawn_to < 0.5);
      if (!joins) {
        finish();
        drawn = all[i].state;
        drawn_from = x;
      }
      drawn_to = x;
    }
    finish();
  }

  void percentiles() {
    if (!panel_.p50_ms || !panel_.p95_ms) return;
    const double y50 = rtt_.pixel(*panel_.p50_ms);
    const double y95 = rtt_.pixel(*panel_.p95_ms);
    const auto dashed = " stroke-dasharray=\"5 4\"";
    out_ += line(left, y50, right, y50, green, dashed);
    out_ += line(left, y95, right, y95, orange, dashed);
    // Two lines of 12 px that touch are moved apart, and kept off the axis below.
    const double middle = std::clamp((y50 + y95) / 2, top + 4, bottom - 8);
    const bool close = y50 - y95 < 14;
    out_ += text_at(right + 6, close ? middle + 11 : y50 + 4, "start", 12, green,
                    fmt::format("p50 {:.3g}", *panel_.p50_ms));
    out_ += text_at(right + 6, close ? middle - 3 : y95 + 4, "start", 12, orange,
                    fmt::format("p95 {:.3g}", *panel_.p95_ms));
  }

  void points() {
    std::string path;
    std::string marks;
    bool pen_down = false;
    const double radius = panel_.samples.size() > 600 ? 1.3 : panel_.samples.size() > 200 ? 1.8 : 2.6;
    for (const auto& s : panel_.samples) {
      const double x = time_.pixel(s.at);
      if (!s.rtt_ms) {
        if (in_strip(s.state)) pen_down = false;
        continue;
      }
      const double y = rtt_.pixel(*s.rtt_ms);
      if (s.state == plot_state::answered) {
        path += fmt::format("{}{:.1f} {:.1f}", pen_down ? " L" : " M", x, y);
        pen_down = true;
        marks += svg::dot(x, y, radius, blue);
      } else {
        pen_down = pen_down && s.state == plot_state::duplicate;
        marks += hollow(x, y, s.state);
      }
    }
    curve(path, 1.2, 0.55);
    out_ += marks;
    if (path.empty()) nothing_came();
  }

  /// Lowest and highest answer of each pixel column, joined; odd answers stay single marks.
  void envelope() {
    struct column {
      double low = 0, high = 0;
      bool used = false;
    };
    std::vector<column> columns(static_cast<std::size_t>(right - left) + 1);
    std::string marks;
    for (const auto& s : panel_.samples) {
      if (!s.rtt_ms) continue;
      const double x = time_.pixel(s.at);
      if (s.state != plot_state::answered) {
        marks += hollow(x, rtt_.pixel(*s.rtt_ms), s.state);
        continue;
      }
      auto& c = columns[static_cast<std::size_t>(x - left)];
      c = {c.used ? std::min(c.low, *s.rtt_ms) : *s.rtt_ms, std::max(c.high, *s.rtt_ms), true};
    }
    std::string path;
    bool pen_down = false;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto& c = columns[i];
      if (c.used)
        path += fmt::format("{}{:.1f} {:.1f} L{:.1f} {:.1f}", pen_down ? " L" : " M",
                            left + static_cast<double>(i), rtt_.pixel(c.low), left + static_cast<double>(i),
                            rtt_.pixel(c.high));
      pen_down = c.used;
    }
    curve(path, 1, 0.9);
    out_ += marks;
    if (path.empty()) nothing_came();
  }

  void curve(const std::string& path, double stroke, double opacity) {
    if (path.empty()) return;
    out_ += fmt::format(
        "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-opacity=\"{}\" "
        "stroke-linejoin=\"round\"/>\n",
        std::string_view{path}.substr(1), blue, stroke, opacity);
  }

  /// An odd answer. Where two of a kind would cover each other, one is enough.
  std::string hollow(double x, double y, plot_state state) {
    if (!odd_drawn_.insert({static_cast<int>(x / 2), static_cast<int>(y / 2), state}).second) return {};
    return svg::ring(x, y, panel_.samples.size() > many ? 2.2 : 3.6, colour_of(state));
  }
  void nothing_came() {
    out_ += text_at((left + right) / 2, (top + bottom) / 2, "middle", 15, faint, "no answer in time");
  }

  /// Names what was drawn and is not plain, from the right.
  void legend() {
    double x = right;
    using enum plot_state;
    for (const auto state : {not_sent, refused, lost, duplicate, late}) {
      const auto here = [state](const plot_sample& s) { return s.state == state; };
      if (std::none_of(panel_.samples.begin(), panel_.samples.end(), here)) continue;
      out_ += text_at(x, 70, "end", 12, faint, word_of(state));
      x -= 7.0 * static_cast<double>(word_of(state).size()) + 9;
      out_ +=
          in_strip(state) ? box(x - 2, 60, 4, 11, colour_of(state)) : svg::ring(x, 66, 3.6, colour_of(state));
      x -= 20;
    }
  }

  const plot_panel& panel_;
  plot_axis time_;
  plot_axis rtt_;
  std::set<std::tuple<int, int, plot_state>> odd_drawn_;
  std::string out_;
};

}  // namespace

std::string svg_plot(std::span<const plot_panel> panels, std::string_view caption) {
  const double height =
      panel_height * static_cast<double>(std::max<std::size_t>(panels.size(), 1)) + foot_height;
  std::string body;
  for (std::size_t i = 0; i < panels.size(); ++i) {
    body += fmt::format("<g transform=\"translate(0 {})\">\n", panel_height * static_cast<double>(i));
    body += panel_painter{panels[i]}.draw();
    body += "</g>\n";
  }
  return svg::sheet(width, height, right, caption, body);
}

}  // namespace diag::report

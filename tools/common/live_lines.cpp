// Words laid out on the grid.
#include "tools/common/live_lines.hpp"

#include "tools/common/live_graph.hpp"

namespace diag::tools {

int width_of(std::string_view text) {
  return static_cast<int>(glyphs_of(text).size());
}

int flow(live_grid& grid, int row, int end, const std::vector<live_figure>& figures) {
  int column = 0;
  for (const auto& figure : figures) {
    if (column > 0 && column + live_gap + width_of(figure.text) > grid.columns()) {
      column = 0;
      ++row;
    }
    if (row >= end) return end;
    column = grid.put(row, column > 0 ? column + live_gap : 0, figure.text, figure.ink);
  }
  return row + 1;
}

void draw_title(live_grid& grid, std::string_view what, duration elapsed, std::string_view keys,
                bool urgent) {
  int used = grid.put(0, 0, what, live_ink::title);
  auto place = grid.columns();
  const auto put_right = [&](std::string_view text, live_ink ink) {
    if (text.empty() || place - width_of(text) < used + live_gap) return;
    place -= width_of(text);
    grid.put(0, place, text, ink);
    place -= live_gap;
  };
  put_right(keys, urgent ? live_ink::note : live_ink::faint);
  put_right(clock_text(std::chrono::floor<std::chrono::seconds>(elapsed)), live_ink::plain);
}

int put_clipped(live_grid& grid, int row, int column, int width, std::string_view text, live_ink ink) {
  if (width <= 0) return column;
  auto glyphs = glyphs_of(text);
  if (glyphs.size() > static_cast<std::size_t>(width)) {
    glyphs.resize(static_cast<std::size_t>(width) - 1);
    glyphs.push_back(grid.either(U'…', U'~'));
  }
  for (const auto glyph : glyphs) grid.set(row, column++, glyph, ink);
  return column;
}

}  // namespace diag::tools

// Cells, clipping and UTF-8 (RFC 3629).
#include "tools/common/live_grid.hpp"

#include <algorithm>
#include <cassert>

namespace diag::tools {
namespace {

constexpr char32_t unknown = U'?';

/// One column in every terminal: not a combining mark, not East Asian wide, not an emoji.
bool single_width(char32_t glyph) {
  if (glyph < 0x300) return glyph >= 0x20 && (glyph < 0x7f || glyph >= 0xa0) && glyph != 0xad;
  return (glyph >= 0x370 && glyph < 0x483) || (glyph >= 0x48a && glyph < 0x591) ||
         (glyph >= 0x1e00 && glyph < 0x200b) || (glyph >= 0x2010 && glyph < 0x2028) ||
         (glyph >= 0x2500 && glyph < 0x25fd) || (glyph >= 0x2800 && glyph < 0x2900);
}

}  // namespace

void append_utf8(std::string& text, char32_t glyph) {
  const auto add = [&](char32_t octet) {
    text.push_back(static_cast<char>(static_cast<unsigned char>(octet)));
  };
  if (glyph < 0x80) return add(glyph);
  if (glyph < 0x800) {
    add(0xc0 | glyph >> 6);
  } else if (glyph < 0x10000) {
    add(0xe0 | glyph >> 12);
    add(0x80 | (glyph >> 6 & 0x3f));
  } else {
    add(0xf0 | glyph >> 18);
    add(0x80 | (glyph >> 12 & 0x3f));
    add(0x80 | (glyph >> 6 & 0x3f));
  }
  add(0x80 | (glyph & 0x3f));
}

std::u32string glyphs_of(std::string_view text) {
  std::u32string glyphs;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i++]);
    const int more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    char32_t glyph = more == 0 ? first : first & (0x3fU >> more);
    for (int k = 0; k < more && i < text.size(); ++k)
      glyph = glyph << 6 | (static_cast<unsigned char>(text[i++]) & 0x3fU);
    glyphs.push_back(glyph);
  }
  return glyphs;
}

live_grid::live_grid(int rows, int columns, glyph_set glyphs)
    : rows_{std::max(rows, 1)},
      columns_{std::max(columns, 1)},
      glyphs_{glyphs},
      cells_(static_cast<std::size_t>(rows_) * static_cast<std::size_t>(columns_)) {}

void live_grid::set(int row, int column, char32_t glyph, live_ink ink) {
  if (row < 0 || row >= rows_ || column < 0 || column >= columns_) return;
  const bool shown = single_width(glyph) && (unicode() || glyph < 0x7f);
  cells_[static_cast<std::size_t>(row * columns_ + column)] = {shown ? glyph : unknown, ink, false};
}

int live_grid::put(int row, int column, std::string_view text, live_ink ink) {
  for (const auto glyph : glyphs_of(text)) set(row, column++, glyph, ink);
  return column;
}

void live_grid::invert(int row, int columns) {
  if (row < 0 || row >= rows_) return;
  for (int column = 0; column < std::min(columns, columns_); ++column)
    cells_[static_cast<std::size_t>(row * columns_ + column)].inverse = true;
}

const live_cell& live_grid::at(int row, int column) const {
  assert(row >= 0 && row < rows_ && column >= 0 && column < columns_);
  return cells_[static_cast<std::size_t>(row * columns_ + column)];
}

std::string live_grid::text(int row) const {
  std::string line;
  for (int column = 0; column < columns_; ++column) append_utf8(line, at(row, column).glyph);
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace diag::tools

// The live view's sheet: what it draws on, so that a test can read what a terminal would show.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diag::tools {

/// What a colour means. Without colour the glyphs alone must tell the story.
enum class live_ink : std::uint8_t { plain, good, bad, note, faint, title };
inline constexpr int live_ink_count = 6;

struct live_cell {
  char32_t glyph = U' ';
  live_ink ink = live_ink::plain;
  bool inverse = false;
  friend bool operator==(const live_cell&, const live_cell&) = default;
};

/// Rows and columns of one glyph each. Whatever lies outside is clipped, so painters need not look.
class live_grid {
 public:
  enum class glyph_set : std::uint8_t { ascii, unicode };

  live_grid(int rows, int columns, glyph_set glyphs);

  [[nodiscard]] int rows() const { return rows_; }
  [[nodiscard]] int columns() const { return columns_; }
  [[nodiscard]] bool unicode() const { return glyphs_ == glyph_set::unicode; }
  /// One of two glyphs, by what the terminal can show.
  [[nodiscard]] char32_t either(char32_t fine, char32_t plain) const { return unicode() ? fine : plain; }

  void set(int row, int column, char32_t glyph, live_ink ink = live_ink::plain);
  /// Writes UTF-8 (escaped by the caller if it is from outside) and returns the column after it. A glyph that
  /// would not take exactly one column, or that the terminal cannot show, becomes '?'.
  int put(int row, int column, std::string_view text, live_ink ink = live_ink::plain);
  /// Reverses the first `columns` cells of a row: a cursor.
  void invert(int row, int columns);

  /// Precondition: inside the grid.
  [[nodiscard]] const live_cell& at(int row, int column) const;
  /// A row as UTF-8 without the blanks at its end.
  [[nodiscard]] std::string text(int row) const;

 private:
  int rows_;
  int columns_;
  glyph_set glyphs_;
  std::vector<live_cell> cells_;
};

void append_utf8(std::string& text, char32_t glyph);
/// Glyphs of well-formed UTF-8.
std::u32string glyphs_of(std::string_view text);

}  // namespace diag::tools

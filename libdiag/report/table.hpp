// A text table for many targets: columns as wide as their widest cell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace diag::report {

class text_table {
 public:
  enum class align : unsigned char { left, right };
  struct column {
    std::string head;
    align side = align::left;
  };

  explicit text_table(std::vector<column> columns) : columns_{std::move(columns)} {}
  /// As many cells as columns; missing ones are empty, further ones dropped. The caller has made text from
  /// outside safe (safe_text).
  void row(std::vector<std::string> cells);
  [[nodiscard]] std::size_t rows() const { return rows_.size(); }
  /// Heads and rows, each line with its newline and without blanks at its end. Colours in a cell take no
  /// room.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// Columns a terminal needs for `text`: code points of UTF-8, without colour sequences. Wide scripts count as
/// one.
std::size_t display_width(std::string_view text);

}  // namespace diag::report

// Text tables.
#include "libdiag/report/table.hpp"

#include <algorithm>

namespace diag::report {
namespace {

constexpr std::string_view gap = "  ";

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\033') {
      i = std::min(text.find('m', i), text.size());  // our own colours end in 'm'; see style.hpp
      continue;
    }
    const bool continuation = (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
    if (!continuation) ++width;
  }
  return width;
}

void text_table::row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string text_table::text() const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    auto width = display_width(columns_[c].head);
    for (const auto& cells : rows_) width = std::max(width, display_width(cells[c]));
    widths.push_back(width);
  }
  std::string out;
  const auto append_line = [&](auto cell_of) {
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::string& cell = cell_of(c);
      const auto padding = std::string(widths[c] - display_width(cell), ' ');
      if (c > 0) out += gap;
      out += columns_[c].side == align::right ? padding + cell : cell + padding;
    }
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  };
  append_line([&](std::size_t c) -> const std::string& { return columns_[c].head; });
  for (const auto& cells : rows_) append_line([&](std::size_t c) -> const std::string& { return cells[c]; });
  return out;
}

}  // namespace diag::report

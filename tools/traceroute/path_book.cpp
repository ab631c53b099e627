// Many paths are open at once; each ends once.
#include "tools/traceroute/path_book.hpp"

#include <utility>

namespace diag::traceroute {

void path_book::add(const probe::hop_row& row) {
  open_[row.target].push_back(row);
}

std::optional<probe::traced_path> path_book::close(const probe::path_end& end) {
  if (end.target >= paths_.size()) return std::nullopt;
  probe::traced_path whole;
  whole.target = paths_[end.target];
  whole.end = end;
  if (const auto found = open_.extract(end.target)) whole.rows = std::move(found.mapped());
  return whole;
}

std::optional<probe::traced_path> path_book::take(const probe::path_event& event) {
  if (const auto* row = std::get_if<probe::hop_row>(&event)) {
    add(*row);
  } else if (const auto* end = std::get_if<probe::path_end>(&event)) {
    return close(*end);
  }
  return std::nullopt;
}

}  // namespace diag::traceroute

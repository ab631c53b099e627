// Rows gathered into whole paths.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>

#include "libdiag/probe/locate.hpp"
#include "libdiag/probe/path_event.hpp"

namespace diag::traceroute {

class path_book {
 public:
  /// `paths` is borrowed.
  explicit path_book(std::span<const probe::path_target> paths) : paths_{paths} {}

  /// The path, once its end is told.
  std::optional<probe::traced_path> take(const probe::path_event& event);
  void add(const probe::hop_row& row);
  std::optional<probe::traced_path> close(const probe::path_end& end);

 private:
  std::span<const probe::path_target> paths_;
  std::unordered_map<std::uint32_t, std::vector<probe::hop_row>> open_;
};

}  // namespace diag::traceroute

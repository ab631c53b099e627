// All timers of a machine as rows of one table: none can be forgotten in deadline().
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "libdiag/core/time.hpp"

namespace diag::probe {

/// `Name` is an enum class whose last enumerator is `count`.
template <class Name>
class timer_table {
 public:
  void set(Name which, std::optional<mono_time> at) { rows_[row(which)] = at; }
  void clear(Name which) { rows_[row(which)].reset(); }
  [[nodiscard]] std::optional<mono_time> at(Name which) const { return rows_[row(which)]; }
  [[nodiscard]] bool due(Name which, mono_time now) const {
    const auto when = rows_[row(which)];
    return when && *when <= now;
  }
  [[nodiscard]] std::optional<mono_time> earliest() const {
    std::optional<mono_time> first;
    for (const auto& when : rows_)
      if (when && (!first || *when < *first)) first = when;
    return first;
  }

 private:
  static std::size_t row(Name which) { return static_cast<std::size_t>(which); }
  std::array<std::optional<mono_time>, static_cast<std::size_t>(Name::count)> rows_{};
};

}  // namespace diag::probe

// Packets that are not believed, by path and reason, until a summary tells of them.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "libdiag/probe/path_event.hpp"
#include "libdiag/report/record.hpp"

namespace diag::traceroute {

class reject_book {
 public:
  /// Those that are of no known path are of no summary.
  void take(const probe::path_reject& what);
  /// Into the summary of the `paths` paths from `first` on, whose counts end here.
  void close(report::record& summary, std::uint32_t first, std::uint32_t paths = 1);

 private:
  std::unordered_map<std::uint32_t, report::counts> by_path_;
};

}  // namespace diag::traceroute

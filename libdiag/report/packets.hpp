// --packets: one line for each frame, in the columns that Network Monitor made familiar.
#pragma once

#include <optional>
#include <string>

#include "libdiag/core/time.hpp"
#include "libdiag/wire/dissect.hpp"

namespace diag::report {

/// Lines of `# time From To Protocol Details`; numbers are given in the order of calls, times count from the
/// first frame.
class packet_lines {
 public:
  /// Appends the column heads.
  static void append_header(std::string& out);
  /// Appends one line with its newline. `from_here`: the frame was sent by this host; nullopt: not known.
  void append(std::string& out, wall_time when, std::optional<bool> from_here, const wire::dissection& frame);

 private:
  std::uint64_t number_ = 0;
  wall_time first_{};
};

}  // namespace diag::report

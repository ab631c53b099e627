// A run as records: NDJSON, CSV, OpenMetrics.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libdiag/probe/rounds_course.hpp"
#include "tools/common/record_sink.hpp"
#include "tools/traceroute/path_book.hpp"
#include "tools/traceroute/records.hpp"
#include "tools/traceroute/reject_book.hpp"
#include "tools/traceroute/view.hpp"

namespace diag::traceroute {

class record_view final : public view {
 public:
  /// All are borrowed. `rounds`: --report, nullptr otherwise. `lost`: targets without an address or a way.
  record_view(const stage& on, const record_maker& records, const std::vector<tools::lost_target>& lost,
              const probe::rounds_course* rounds = nullptr);

  void begin() override { sink_.begin(); }
  void take(const probe::path_event& event) override;
  void rest(mono_time now) override { sink_.rest(now); }
  void end(const ending& how) override;

 private:
  void take_end(const probe::path_end& end);
  void take_path(const probe::traced_path& path);
  void summarise(report::record summary, std::uint32_t path);

  const stage& stage_;
  const record_maker& records_;
  const std::vector<tools::lost_target>& lost_;
  const probe::rounds_course* rounds_;
  tools::record_sink sink_;
  path_book book_;
  reject_book rejects_;
  /// Held back until there is another, because the last one tells what our own receiver lost.
  std::optional<report::record> summary_{};
};

}  // namespace diag::traceroute

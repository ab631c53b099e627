// A run as records: NDJSON, CSV, OpenMetrics.
#pragma once

#include "tools/arping/records.hpp"
#include "tools/common/record_sink.hpp"

namespace diag::arping {

class record_view final : public view {
 public:
  record_view(const stage& on, const record_maker& records);

  void begin() override { sink_.begin(); }
  void take(const probe::neighbor_event& event) override;
  void take(const probe::claim_event& event) override;
  void take(const probe::mac_search_event& event) override;
  void conclude(const target_result& result) override { sink_.write(records_.summary(result)); }
  void rest(mono_time now) override { sink_.rest(now); }
  /// Targets that could not be asked have their summaries here.
  void end(const ending& how) override;

 private:
  [[nodiscard]] bool wants_events() const { return !stage_.options.quiet && sink_.takes_events(); }

  const stage& stage_;
  const record_maker& records_;
  tools::record_sink sink_;
};

}  // namespace diag::arping

// A run as records: NDJSON, CSV, OpenMetrics.
#pragma once

#include "tools/common/record_sink.hpp"
#include "tools/ping/records.hpp"
#include "tools/ping/view.hpp"

namespace diag::ping {

class record_view final : public view {
 public:
  record_view(const stage& on, const record_maker& records);

  void begin() override { sink_.begin(); }
  void take(const probe::ping_event& event) override;
  void rest(mono_time now) override { sink_.rest(now); }
  /// Targets that never got an address have their summaries here.
  void end(const ending& how) override;
  void write(const report::record& what) { sink_.write(what); }

 private:
  const stage& stage_;
  const record_maker& records_;
  tools::record_sink sink_;
};

}  // namespace diag::ping

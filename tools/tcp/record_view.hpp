// A run as records: NDJSON, CSV, OpenMetrics.
#pragma once

#include <optional>

#include "tools/common/record_sink.hpp"
#include "tools/tcp/records.hpp"
#include "tools/tcp/view.hpp"

namespace diag::tcp {

class record_view final : public view {
 public:
  record_view(const stage& on, const record_maker& records);

  void begin() override { sink_.begin(); }
  void take(const probe::tcp_event& event) override;
  void rest(mono_time now) override { sink_.rest(now); }
  /// Targets that never got an address have their summaries here.
  void end(const ending& how) override;

 private:
  const stage& stage_;
  const record_maker& records_;
  tools::record_sink sink_;
  /// Held back until there is another, because the last one carries the resume token.
  std::optional<report::record> summary_{};
};

}  // namespace diag::tcp

// Events to records: the one place that fills the tables of report/ping_records.hpp.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "libdiag/probe/mtu_search.hpp"
#include "libdiag/probe/ping_event.hpp"
#include "libdiag/report/record.hpp"
#include "tools/common/target_set.hpp"

namespace diag::ping {

class record_maker {
 public:
  record_maker(const tools::target_set& targets, std::function<wall_time(mono_time)> wall_of)
      : targets_{targets}, wall_of_{std::move(wall_of)} {}

  /// nullopt for what no record is made of (ping_sent, redirects).
  [[nodiscard]] std::optional<report::record> event(const probe::ping_event& what) const;
  [[nodiscard]] report::record summary(const probe::ping_summary& account,
                                       std::uint64_t receiver_drops = 0) const;
  [[nodiscard]] report::record summary(std::uint64_t target, const probe::mtu_verdict& verdict) const;
  /// A target that never got an address.
  [[nodiscard]] static report::record summary(const tools::lost_target& lost, wall_time when);

 private:
  [[nodiscard]] report::record made(const report::schema& what, mono_time at,
                                    std::optional<std::uint64_t> target) const;
  [[nodiscard]] report::record reply(const probe::ping_reply& what) const;
  [[nodiscard]] report::record timeout(const probe::ping_timeout& what) const;
  [[nodiscard]] report::record error(const probe::ping_error& what) const;
  [[nodiscard]] report::record rejected(const probe::ping_rejected& what) const;

  const tools::target_set& targets_;
  std::function<wall_time(mono_time)> wall_of_;
};

/// alive, unreachable, silent or error; see diag-json(5).
std::string_view state_word(const probe::ping_summary& account);

}  // namespace diag::ping

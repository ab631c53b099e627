// Who listens to a run: the text on the terminal, the records.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/address_claim.hpp"
#include "libdiag/probe/mac_search.hpp"
#include "libdiag/probe/neighbor_run.hpp"
#include "libdiag/report/output.hpp"
#include "libdiag/report/style.hpp"
#include "tools/arping/neighbor_baseline.hpp"
#include "tools/arping/network.hpp"
#include "tools/arping/options.hpp"
#include "tools/arping/plan.hpp"
#include "tools/arping/vendor_table.hpp"
#include "tools/arping/verdict.hpp"
#include "tools/common/flush_pace.hpp"
#include "tools/common/target_set.hpp"

namespace diag::arping {

/// What every view needs; borrowed for the run.
struct stage {
  const arping_options& options;
  const tools::target_set& named;  ///< the names users gave to addresses
  const network& around;
  const link_plan& plan;
  report::output& out;
  report::style style{};
  std::function<wall_time(mono_time)> wall_of{};
  vendor_table* vendors = nullptr;

  /// The name the user gave, or the address; escaped.
  [[nodiscard]] std::string label(std::uint32_t target) const;
  /// With its zone as a name: "fe80::1%eth0".
  [[nodiscard]] std::string address_text(const ip_address& address) const;
  /// Empty: gone.
  [[nodiscard]] std::string interface_name(std::uint32_t index) const;
  /// An answer to a second look, which is no probe of the series: told only when it shows an owner.
  [[nodiscard]] bool is_second_look(const probe::neighbor_reply& reply) const;
  /// Empty: nobody knows.
  [[nodiscard]] std::string_view vendor_of(const mac_address& mac) const;
  /// "52:54:00:12:34:56 (QEMU/KVM)".
  [[nodiscard]] std::string owner_text(const mac_address& mac) const;
};

/// How a run ended, for the last lines.
struct ending {
  mono_time at{};
  duration elapsed{};
  probe::neighbor_totals totals{};                      ///< of a series or a sweep
  std::span<const probe::neighbor_finding> findings{};  ///< all of them
  std::span<const neighbor_difference> differences{};   ///< --compare
  std::string unmet{};                                  ///< what was expected of the whole and is not so
};

class view {
 public:
  view() = default;
  view(const view&) = delete;
  view& operator=(const view&) = delete;
  virtual ~view() = default;

  virtual void begin() {}
  /// All but the summaries of a series or a sweep.
  virtual void take(const probe::neighbor_event&) {}
  virtual void take(const probe::claim_event&) {}
  virtual void take(const probe::mac_search_event&) {}
  virtual void conclude(const target_result&) {}
  /// After every round of events: nothing should wait long in a buffer.
  virtual void rest(mono_time) {}
  virtual void end(const ending&) {}
};

}  // namespace diag::arping

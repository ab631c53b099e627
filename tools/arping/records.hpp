// Events to records: the one place that fills the tables of report/neighbor_records.hpp.
#pragma once

#include <optional>
#include <string_view>

#include "libdiag/report/record.hpp"
#include "tools/arping/view.hpp"

namespace diag::arping {

class record_maker {
 public:
  explicit record_maker(const stage& on) : on_{on} {}

  /// nullopt for a summary, which is made of its result.
  [[nodiscard]] std::optional<report::record> event(const probe::neighbor_event& what) const;
  [[nodiscard]] report::record event(const probe::claim_event& what) const;
  [[nodiscard]] report::record event(const probe::mac_search_event& what) const;
  [[nodiscard]] report::record summary(const target_result& what, std::uint64_t receiver_drops = 0) const;
  [[nodiscard]] report::record difference(const neighbor_difference& what, mono_time at) const;
  /// A target that could not be asked, and one that never got an address.
  [[nodiscard]] report::record summary(const refused_targets& refused, mono_time at) const;
  [[nodiscard]] report::record summary(const tools::lost_target& lost, mono_time at) const;

 private:
  [[nodiscard]] report::record made(const report::schema& what, mono_time at,
                                    std::optional<std::uint32_t> target) const;
  /// mac, vendor, interface, kind, frame_source and vlan, as far as the schema has them.
  void set_message(report::record& out, const probe::neighbor_message& said,
                   std::optional<std::uint32_t> target) const;
  void set_owners(report::record& out, std::span<const mac_address> owners) const;
  [[nodiscard]] report::record reply(const probe::neighbor_reply& what) const;
  [[nodiscard]] report::record sighting(const probe::neighbor_sighting& what) const;
  [[nodiscard]] report::record rejected(const probe::neighbor_rejected& what) const;
  [[nodiscard]] report::record change(const probe::neighbor_change& what) const;
  [[nodiscard]] report::record link(const probe::neighbor_link_state& what) const;
  [[nodiscard]] report::record objection(const probe::claim_objection& what) const;
  [[nodiscard]] report::record claim(const probe::claim_summary& what) const;
  [[nodiscard]] report::record search(const probe::mac_search_summary& what) const;

  const stage& on_;
};

/// "probed", "announced", "defended", "gave-up".
std::string_view claim_step_word(probe::claim_step::kind what);

}  // namespace diag::arping

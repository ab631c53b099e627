// Events to records: the one place that fills the tables of report/traceroute_records.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "libdiag/probe/locate.hpp"
#include "libdiag/probe/path_findings.hpp"
#include "libdiag/probe/rounds_course.hpp"
#include "libdiag/report/record.hpp"
#include "tools/common/target_intake.hpp"
#include "tools/traceroute/view.hpp"

namespace diag::traceroute {

class record_maker {
 public:
  /// `on` is borrowed.
  explicit record_maker(const stage& on) : stage_{on} {}

  /// Times are those of the latest answer in the row.
  [[nodiscard]] report::record hop(const probe::hop_row& row) const;
  [[nodiscard]] report::record hop(const probe::mtu_row& row) const;
  /// One for each hop of the graph.
  [[nodiscard]] std::vector<report::record> hops(const probe::multipath& what) const;
  /// --report, --live.
  [[nodiscard]] report::record hop(std::uint32_t path, const probe::hop_figures& figures,
                                   const probe::hop_loss_verdict& loss, mono_time at) const;
  [[nodiscard]] report::record locate(const probe::location& what, std::uint32_t path, mono_time at) const;
  /// A hop that is not as the file of --expect has it.
  [[nodiscard]] report::record change(std::uint32_t path, std::uint8_t hop,
                                      std::span<const ip_address> expected, std::span<const ip_address> seen,
                                      mono_time at) const;
  [[nodiscard]] report::record rejected(const probe::path_reject& what) const;

  [[nodiscard]] report::record summary(const probe::traced_path& path,
                                       std::span<const probe::path_finding> findings) const;
  [[nodiscard]] report::record summary(const probe::mtu_end& end) const;
  [[nodiscard]] report::record summary(const probe::multipath& what) const;
  /// --report, --live: of the hops of one path.
  [[nodiscard]] report::record summary(const probe::path_end& end, std::span<const probe::hop_figures> hops,
                                       std::uint64_t rounds) const;
  /// A target that never got an address, or that there is no way to.
  [[nodiscard]] static report::record summary(const tools::lost_target& lost, wall_time when);

 private:
  void name_target(report::record& out, std::uint32_t path) const;
  void name_hop(report::object& out, const ip_address& address) const;
  [[nodiscard]] report::object probe_object(const probe::path_result& one) const;
  [[nodiscard]] report::record end_record(const probe::path_end& end) const;

  const stage& stage_;
};

/// Round-trip times and loss of the probes to a path's target hop.
struct target_figures {
  std::uint64_t sent = 0, answered = 0;
  std::optional<duration> min{}, max{}, average{};
  [[nodiscard]] double loss_percent() const;
};
target_figures figures_of(const probe::traced_path& path);

}  // namespace diag::traceroute

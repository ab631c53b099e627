// What a run reads and leaves behind beside its output: --asn, --save, --dot, --plot; and --expect compared.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libdiag/probe/rounds_course.hpp"
#include "libdiag/report/output_file.hpp"
#include "tools/traceroute/asn_table.hpp"
#include "tools/traceroute/baseline.hpp"
#include "tools/traceroute/options.hpp"
#include "tools/traceroute/view.hpp"

namespace diag::traceroute {

class side_files {
 public:
  /// Called when privileges are gone. Reads what is to be read and creates what is to be written.
  /// `targets`: how many, for a picture has its limits.
  result<void> open(const trace_options& options, std::size_t targets);

  /// nullptr: --asn was not given.
  [[nodiscard]] const asn_table* origins() const { return origins_ ? &*origins_ : nullptr; }

  void take(const probe::traced_path& path, const stage& on);
  void take(const probe::multipath& what, const stage& on);
  /// When a run of rounds is over, while its course lives.
  void take(const probe::rounds_course& course, const stage& on);

  /// Writes pictures; failures, if anything was lost.
  std::vector<failure> close(const stage& on);

 private:
  struct drawing {
    std::string title;
    std::shared_ptr<const probe::path_graph> graph;
  };
  std::optional<asn_table> origins_{};
  std::optional<baseline_file> saved_{};
  std::optional<report::output_file> dot_{}, plot_{};
  std::vector<drawing> drawn_;
  std::vector<probe::traced_path> plotted_;
  std::string picture_{};  ///< of rounds, drawn while their course lived
};

/// How a path differs from the file of --expect; nullopt: there is no such file, or all is as it says.
struct path_difference {
  bool listed = true;  ///< the file has this target
  path_comparison what{};
  /// "hop 3: expected 198.51.100.9, seen 198.51.100.77".
  [[nodiscard]] std::vector<std::string> sentences() const;
};
std::optional<path_difference> difference(const path_baseline* expected, const probe::traced_path& path);

}  // namespace diag::traceroute

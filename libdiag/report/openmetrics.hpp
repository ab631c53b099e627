// Summaries as a text that both Prometheus' text format and OpenMetrics 1.0 parsers read.
//
// What differs between the two is avoided: no counters (their suffix rules differ), no exemplars, no UNIT
// lines;
// `# EOF` is the end to one and a comment to the other. Base units: seconds, ratios, bytes.
#pragma once

#include <string>
#include <vector>

#include "libdiag/report/record.hpp"

namespace diag::report {

class openmetrics_writer {
 public:
  /// `summary` is the table the records are of: names, HELP and TYPE come from it.
  explicit openmetrics_writer(const schema& summary) : schema_{&summary} {}

  /// Samples of one metric stand together, so everything is kept until text(). Records of another event are
  /// ignored.
  void add(const record& what);
  [[nodiscard]] std::string text() const;

 private:
  const schema* schema_;
  std::vector<record> records_;
};

}  // namespace diag::report

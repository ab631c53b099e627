// CSV (RFC 4180) for a whole run: one header, one table for all of a tool's events.
//
// The columns are `time`, `event` and then every key of the tool's events in the order of their tables, each
// key once. An object gives a column for each member (`rtt_ms.avg`); a key that is a plain value in one event
// and an object in another gives both. Lists are joined with `;`, counts are `word=number`, a list of objects
// is `key=value` words. An absent value is an empty cell. Lines end in CR LF.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/report/record.hpp"

namespace diag::report {

class csv_writer {
 public:
  /// `events` are the tool's; they must outlive the writer.
  explicit csv_writer(std::span<const schema* const> events);

  void append_header(std::string& out) const;
  void append(std::string& out, const record& what) const;

 private:
  struct column {
    std::string_view key;
    std::string_view member;  // empty: a plain value
  };
  std::vector<column> columns_;
};

/// One cell: quoted when it must be, and with `'` in front when a spreadsheet would take it for a formula.
void append_csv_text(std::string& out, std::string_view text);

}  // namespace diag::report

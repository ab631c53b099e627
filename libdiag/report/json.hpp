// NDJSON: one object a line (RFC 8259), keys in the order of the record's table.
#pragma once

#include <string>

#include "libdiag/report/record.hpp"

namespace diag::report {

/// Appends one line with its newline: "tool", "event", "time", then every key that has a value.
void append_json(std::string& out, const record& what);
/// Appends `text` in quotes.
void append_json_text(std::string& out, std::string_view text);

}  // namespace diag::report

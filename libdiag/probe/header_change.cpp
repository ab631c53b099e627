// The words of header changes: keys in records, names in lines.
#include "libdiag/probe/header_change.hpp"

#include <array>

namespace diag::probe {

std::string_view describe(header_change::field what) {
  static constexpr std::array<std::string_view, header_change_fields> words{
      "source_port",    "destination_port", "flags",
      "window",         "traffic_class",    "mss",
      "wscale",         "sack",             "timestamps",
      "fast_open",      "source",           "destination",
      "identification", "dont_fragment",    "flow_label",
      "total_length",   "checksum",         "identifier",
      "sequence",
  };
  const auto row = static_cast<std::size_t>(what);
  return row < words.size() ? words[row] : "unknown";
}

}  // namespace diag::probe

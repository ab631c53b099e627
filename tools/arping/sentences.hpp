// What was found, in a sentence each: the same in text and in records.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "libdiag/probe/neighbor_findings.hpp"
#include "tools/arping/vendor_table.hpp"

namespace diag::arping {

/// A sentence without a full stop, of printable text only: "52:54:00:12:34:56 (QEMU/KVM) answers for
/// 192.0.2.0, which no host can have: proxy ARP". With `vendors`, addresses are followed by their vendor.
std::string finding_sentence(const probe::neighbor_finding& what, vendor_table* vendors = nullptr);

/// The sentences of all, at most `most` of each kind; where there were more, a line counts the rest.
std::vector<std::string> finding_lines(std::span<const probe::neighbor_finding> all,
                                       vendor_table* vendors = nullptr, std::size_t most = 8);

}  // namespace diag::arping

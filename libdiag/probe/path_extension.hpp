// What a router appended to its answer, as values that outlive the packet: RFC 4884, 4950, 5837.
#pragma once

#include "libdiag/probe/path_answer.hpp"
#include "libdiag/wire/icmp_extension.hpp"

namespace diag::probe {

/// Fills in mpls, interfaces, other_objects and bad_extension. Nothing of a structure of another version, or
/// with a wrong checksum, is believed.
void read_extension(const wire::icmp_extension& extension, path_answer& into);

}  // namespace diag::probe

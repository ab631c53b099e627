// Verification of received Internet checksums: RFC 1071 §1, with the unfinished sums of offloading hosts.
#include "libdiag/wire/checksum.hpp"

#include "libdiag/core/checksum.hpp"

namespace diag::wire {

namespace {
constexpr std::uint16_t all_ones = 0xffff;  // what octets sum to that hold their own right checksum
}

std::string_view describe(checksum_validity validity) {
  switch (validity) {
    case checksum_validity::good:
      return "good";
    case checksum_validity::bad:
      return "bad";
    case checksum_validity::absent:
      return "absent";
    case checksum_validity::unfinished:
      return "unfinished";
    case checksum_validity::unverifiable:
      return "unverifiable";
  }
  return "unverifiable";
}

checksum_validity verify_alone(byte_view message) {
  return checksum_sum{}.add(message).folded() == all_ones ? checksum_validity::good : checksum_validity::bad;
}

checksum_validity verify_with(const pseudo_header& pseudo, byte_view message, std::size_t checksum_at) {
  if (message.size() != pseudo.length || checksum_at + 2 > message.size() || !pseudo.source ||
      pseudo.source.family() != pseudo.destination.family())
    return checksum_validity::unverifiable;
  checksum_sum sum;
  sum.add_pseudo_header(pseudo.source, pseudo.destination, pseudo.protocol, pseudo.length);
  // Linux stores the sum of the pseudo-header, not complemented, where a device is to finish it
  // (CHECKSUM_PARTIAL); veth and loopback hand the segment over as it is.
  const auto pseudo_alone = sum.folded();
  if (sum.add(message).folded() == all_ones) return checksum_validity::good;
  return load_be16(message, checksum_at) == pseudo_alone ? checksum_validity::unfinished
                                                         : checksum_validity::bad;
}

}  // namespace diag::wire

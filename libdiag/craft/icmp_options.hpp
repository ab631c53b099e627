// What ICMP messages carry besides their fields: extension structures (RFC 4884 §7) and neighbor discovery
// options (RFC 4861 §4.6).
#pragma once

#include <cstdint>
#include <vector>

#include "libdiag/core/bytes.hpp"

namespace diag::craft {

/// Appends one object: length, class and type (RFC 4884 §7), then the payload. The length holds up to 65,531
/// octets of payload; more are cut off.
void append_extension_object(std::vector<std::byte>& objects, std::uint8_t class_num, std::uint8_t c_type,
                             byte_view payload);
/// The structure around objects: version 2 and its checksum.
std::vector<std::byte> icmp_extension(byte_view objects);

/// Appends one option, filled up with zeros to a multiple of eight octets. It holds up to 2,038 octets of
/// value; more are cut off.
void append_neighbor_option(std::vector<std::byte>& options, std::uint8_t type, byte_view value);

}  // namespace diag::craft

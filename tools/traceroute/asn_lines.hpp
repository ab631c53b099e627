// One line of an AS table, in any of the shapes that asn_table.hpp names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/address.hpp"

namespace diag::traceroute {

struct asn_line {
  ip_address first{}, last{};  ///< of one family
  std::uint32_t number = 0;    ///< 0: nobody announces it
  std::vector<std::uint32_t> others{};
  std::string_view name{};  ///< borrowed from the line
};

enum class asn_line_kind : std::uint8_t { empty, good, bad };

/// `why` is filled in for a bad line. `into` is cleared first.
asn_line_kind parse_asn_line(std::string_view line, asn_line& into, std::string& why);

}  // namespace diag::traceroute

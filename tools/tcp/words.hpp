// Words of the command line that are diag-tcp's own: flags, octets with escapes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "libdiag/core/result.hpp"
#include "tools/common/options.hpp"

namespace diag::tcp {

/// "SYN,ECE,CWR", in either case, as wire::tcp_flag; "none" is a segment without flags. nullopt: it names
/// something else.
std::optional<std::uint16_t> parse_flags(std::string_view text);

/// C's escapes: \n \r \t \0 \a \b \f \v \e \\ \" \', \xNN (two digits), \NNN (octal, one to three digits).
result<std::vector<std::byte>, tools::usage_error> unescape(std::string_view text);

}  // namespace diag::tcp

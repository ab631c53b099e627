// Options that mean the same in every tool: their readers, and the output formats.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libdiag/core/address.hpp"
#include "libdiag/report/style.hpp"
#include "libdiag/report/threshold.hpp"
#include "tools/common/options.hpp"

namespace diag::tools {

enum class output_format : std::uint8_t { text, json, csv, nagios, openmetrics };
/// json, csv or openmetrics.
bool is_record_format(output_format format);

/// No run is longer: what a duration option takes at most.
inline constexpr duration longest_duration = 365 * 24h;

/// A name of RFC 2474, 2597, 3246, 5865 or 8622, or 0..63.
command_line::reader dscp_reader(std::optional<std::uint8_t>& into);
/// -I: an interface, or by iputils habit an address.
command_line::reader interface_reader(std::string& interface, ip_address& source);
command_line::reader source_reader(ip_address& into);
/// --shard I/N.
command_line::reader shard_reader(std::uint64_t& part, std::uint64_t& parts);
/// --warn, --crit, over the keys of `summary`, which must live on.
command_line::reader threshold_reader(std::optional<report::threshold>& into, const report::schema& summary);
command_line::reader format_reader(std::optional<output_format>& into);
command_line::reader color_reader(report::color_when& into);

/// Whether a usage error has to be told to Nagios: what the words ask for, however wrong the rest is.
bool wants_nagios(int argc, const char* const* argv);

}  // namespace diag::tools

// Options that mean the same in every tool: their readers, and the output formats.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
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

/// The options that mean the same in every tool that asks targets, on whatever layer, into the members of
/// these names. `raw` takes what needs a second look (-4 with -6, --json with --format); `summary` holds the
/// keys of thresholds.
template <class Options, class Raw>
void define_general(command_line& cli, Options& o, Raw& raw, const report::schema& summary) {
  cli.flag("-4", raw.v4);
  cli.flag("-6", raw.v6);
  cli.value("-I,--interface", interface_reader(o.interface, o.source));
  cli.value("-S,--source", source_reader(o.source));
  cli.value("-i,--interval", duration_reader(o.interval, duration::zero(), longest_duration));
  cli.value("-W,--timeout", duration_reader(o.timeout, std::chrono::microseconds{1}, longest_duration));
  cli.value("-w,--deadline", duration_reader(o.deadline, std::chrono::microseconds{1}, longest_duration));
  cli.value("--rate", real_reader(o.rate, 0, 1e9));
  cli.value("-f,--file", text_reader(o.targets.file));
  cli.value("--shard", shard_reader(o.targets.shard, o.targets.shards));
  cli.flag("--all-addresses", o.targets.all_addresses);
  cli.value("--format", format_reader(raw.format));
  cli.flag("--json", raw.json);
  cli.flag("--packets", o.packets);
  cli.value("--pcap", text_reader(o.pcap));
  cli.flag("-n,--numeric", o.numeric);
  cli.flag("-q,--quiet", o.quiet);
  cli.flag("-v,--verbose", o.verbose);
  cli.value("--color", color_reader(o.color));
  cli.value("--warn", threshold_reader(o.warn, summary));
  cli.value("--crit", threshold_reader(o.crit, summary));
  cli.flag("-h,--help", o.help);
  cli.flag("-V,--version", o.version);
}

/// Those, and what is said of IP packets.
template <class Options, class Raw>
void define_shared(command_line& cli, Options& o, Raw& raw, const report::schema& summary) {
  define_general(cli, o, raw, summary);
  cli.value("-m,--mark", integer_reader(o.mark, 0, std::numeric_limits<std::uint32_t>::max()));
  cli.value("--dscp", dscp_reader(raw.dscp));
  cli.value("-t,--ttl", integer_reader(o.hop_limit, 1, 255));
}

/// Whether a usage error has to be told to Nagios: what the words ask for, however wrong the rest is.
bool wants_nagios(int argc, const char* const* argv);

}  // namespace diag::tools

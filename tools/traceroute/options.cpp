// Words to values, and what may not stand together.
#include "tools/traceroute/options.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "libdiag/core/text.hpp"
#include "libdiag/craft/flow_packet.hpp"
#include "libdiag/report/traceroute_records.hpp"
#include "tools/common/port_list.hpp"
#include "tools/traceroute/judged_keys.hpp"

namespace diag::traceroute {
namespace {

using probe::path_method;
using tools::command_line;
using tools::complaint;
using tools::longest_duration;

constexpr std::uint16_t usual_udp_port = 33434, fixed_udp_port = 53, usual_tcp_port = 80;
constexpr std::uint64_t most_rounds = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t most_flows = 1024;  // a descriptor or two for each leased port
constexpr std::uint64_t most_queries = 100;
constexpr std::size_t most_located = 32;  // each is a trace of its own

/// What is only settled once every option has been read.
struct raw_words {
  std::optional<std::uint8_t> dscp{}, tos{};
  bool v4 = false, v6 = false, json = false;
  bool icmp = false, tcp = false, ack = false, udp = false;
  bool mtu = false, mda = false, live = false;
  std::optional<std::uint16_t> port{}, queries{};
  std::optional<std::uint64_t> report{};
  std::optional<duration> interval{}, send_wait{};
  std::optional<output_format> format{};
  bool profile = false;
};

/// -z: seconds, and by Butskoy's habit milliseconds where a plain number is above ten.
command_line::reader send_wait_reader(std::optional<duration>& into) {
  return [&into](std::string_view word) -> complaint {
    constexpr double most = 86'400'000;
    if (const auto plain = parse_real(word, 0, most)) {
      into = duration{static_cast<std::int64_t>(*plain * (*plain > 10 ? 1e6 : 1e9))};
      return std::nullopt;
    }
    return tools::duration_reader(into, 0s, 24h)(word);
  };
}

command_line::reader ports_reader(std::string& into) {
  return [&into](std::string_view word) -> complaint {
    // Services are looked up when privileges are gone; until then any name will do.
    std::uint16_t next = 0;
    const auto form =
        tools::parse_ports(word, [&next](std::string_view) { return std::optional<std::uint16_t>{++next}; });
    if (!form) return form.error().why;
    if (form->size() > most_located)
      return "holds more than " + std::to_string(most_located) +
             " ports, each of which is a trace of its own";
    into = word;
    return std::nullopt;
  };
}

void define_probes(command_line& cli, trace_options& o, raw_words& raw) {
  cli.flag("-I,--icmp", raw.icmp);
  cli.flag("-T,--tcp", raw.tcp);
  cli.flag("--ack", raw.ack);
  cli.flag("-U,--udp", raw.udp);
  cli.value("-p,--port", tools::integer_reader(raw.port, 1, 65535));
  cli.value("-q,--queries", tools::integer_reader(raw.queries, 1, most_queries));
  cli.value("-f,--first", tools::integer_reader(o.first_hop, 1, 255));
  cli.value("-m,--max-hops", tools::integer_reader(o.last_hop, 1, 255));
  cli.value("-N,--window", tools::integer_reader(o.window, 1, 255));
  cli.value("-z,--sendwait", send_wait_reader(raw.send_wait));
  cli.flag("-F,--dont-fragment", o.dont_fragment);
  cli.value("--size", tools::integer_reader(o.size, craft::flow_packet::least_size(ip_family::v4), 65535));
  cli.value("-t,--tos", tools::integer_reader(raw.tos, 0, 255));
  cli.value("--dscp", tools::dscp_reader(raw.dscp));
  cli.value("-l,--flow-label", tools::integer_reader(o.flow_label, 0, 0xfffff));
  cli.value("--source-port", tools::integer_reader(o.source_port, 1, 65535));
  cli.value("--profile", [&o, &raw](std::string_view word) -> complaint {
    raw.profile = true;
    return tools::text_reader(o.profile)(word);
  });
  cli.flag("-4", raw.v4);
  cli.flag("-6", raw.v6);
  cli.value("-i,--interface", tools::interface_reader(o.interface, o.source));
  cli.value("-s,--source", tools::source_reader(o.source));
  cli.value("--mark", tools::integer_reader(o.mark, 0, std::numeric_limits<std::uint32_t>::max()));
  cli.value("-W,--timeout",
            tools::duration_reader(o.timeout, std::chrono::microseconds{1}, longest_duration));
  cli.value("-w,--deadline",
            tools::duration_reader(o.deadline, std::chrono::microseconds{1}, longest_duration));
  cli.value("--rate", tools::real_reader(o.rate, 0, 1e9));
}

void define_modes(command_line& cli, trace_options& o, raw_words& raw) {
  cli.flag("--mtu", raw.mtu);
  cli.flag("--mda", raw.mda);
  cli.value("--locate", ports_reader(o.locate_ports));
  cli.value("--control", ports_reader(o.control_ports));
  cli.value("--report", tools::integer_reader(raw.report, 0, most_rounds));
  cli.flag("--live", raw.live);
  cli.value("--flows", tools::integer_reader(o.flows, 1, most_flows));
  cli.value("--interval",
            tools::duration_reader(raw.interval, std::chrono::milliseconds{1}, longest_duration));
  cli.value("--file", tools::text_reader(o.targets.file));
  cli.value("--shard", tools::shard_reader(o.targets.shard, o.targets.shards));
  cli.flag("--all-addresses", o.targets.all_addresses);
  cli.flag("--doubletree", o.doubletree);
}

void define_output(command_line& cli, trace_options& o, raw_words& raw) {
  cli.flag("-n,--numeric", o.numeric);
  cli.flag("-e,--extensions", o.extensions);
  cli.flag("-A,--as", o.as_numbers);
  cli.value("--asn", tools::text_reader(o.asn_file));
  cli.flag("--quiet", o.quiet);
  cli.flag("-v,--verbose", o.verbose);
  cli.value("--color", tools::color_reader(o.color));
  cli.value("--format", tools::format_reader(raw.format));
  cli.flag("--json", raw.json);
  cli.flag("--packets", o.packets);
  cli.value("--pcap", tools::text_reader(o.pcap));
  cli.value("--plot", tools::text_reader(o.plot));
  cli.value("--dot", tools::text_reader(o.dot));
  cli.value("--expect", tools::text_reader(o.expect));
  cli.value("--save", tools::text_reader(o.save));
  cli.value("--warn", tools::threshold_reader(o.warn, report::traceroute_summary));
  cli.value("--crit", tools::threshold_reader(o.crit, report::traceroute_summary));
  cli.flag("-h,--help", o.help);
  cli.flag("-V,--version", o.version);
}

void define(command_line& cli, trace_options& o, raw_words& raw) {
  define_probes(cli, o, raw);
  define_modes(cli, o, raw);
  define_output(cli, o, raw);
}

std::string exclude_each_other(std::string_view a, std::string_view b) {
  return "options " + std::string{a} + " and " + std::string{b} + " exclude each other";
}

complaint settle_method(trace_options& o, const raw_words& raw) {
  const bool tcp = raw.tcp || raw.ack;
  const std::string_view tcp_name = raw.tcp ? "-T/--tcp" : "--ack";
  if (raw.icmp && tcp) return exclude_each_other("-I/--icmp", tcp_name);
  if (raw.icmp && raw.udp) return exclude_each_other("-I/--icmp", "-U/--udp");
  if (tcp && raw.udp) return exclude_each_other(tcp_name, "-U/--udp");
  if (raw.icmp && raw.port) return "ICMP has no ports: -I/--icmp excludes -p/--port";
  if (raw.profile && (!tcp || raw.ack)) return "option --profile is how a SYN looks: it needs -T/--tcp";
  if (raw.icmp) o.method = path_method::icmp;
  if (tcp) o.method = raw.ack ? path_method::tcp_ack : path_method::tcp_syn;
  const auto usual = tcp ? usual_tcp_port : raw.udp ? fixed_udp_port : usual_udp_port;
  o.port = raw.port.value_or(usual);
  o.fixed_port = raw.udp || (!raw.icmp && !tcp && raw.port);
  return std::nullopt;
}

complaint settle_mode(trace_options& o, const raw_words& raw) {
  struct way {
    bool given;
    std::string_view name;
    run_mode mode;
  };
  const std::array<way, 5> ways{{
      {raw.mtu, "--mtu", run_mode::mtu},
      {raw.mda, "--mda", run_mode::mda},
      {!o.locate_ports.empty(), "--locate", run_mode::locate},
      {raw.report.has_value(), "--report", run_mode::report},
      {raw.live, "--live", run_mode::live},
  }};
  const way* chosen = nullptr;
  for (const auto& one : ways) {
    if (!one.given) continue;
    if (chosen != nullptr) return exclude_each_other(chosen->name, one.name);
    chosen = &one;
  }
  if (chosen == nullptr) return std::nullopt;
  o.mode = chosen->mode;
  o.locate_udp = o.mode == run_mode::locate && raw.udp;
  if (o.mode == run_mode::report) o.rounds = *raw.report;
  if (o.mode == run_mode::live) o.rounds = 0;
  return std::nullopt;
}

/// Options that came in two pieces become one value; nullopt: all is well.
complaint settle(trace_options& o, const raw_words& raw, const char* asn_environment) {
  if (raw.v4 && raw.v6) return exclude_each_other("-4", "-6");
  if (raw.v4) o.targets.family = ip_family::v4;
  if (raw.v6) o.targets.family = ip_family::v6;
  if (raw.json && raw.format && *raw.format != output_format::json)
    return exclude_each_other("--json", "--format");
  o.format = raw.json ? output_format::json : raw.format.value_or(output_format::text);
  if (raw.tos && raw.dscp) return exclude_each_other("-t/--tos", "--dscp");
  if (raw.tos) o.traffic_class = *raw.tos;
  if (raw.dscp) o.traffic_class = static_cast<std::uint8_t>(*raw.dscp << 2);
  // Who names his own address has chosen the family.
  if (o.source && o.targets.family == ip_family::none) o.targets.family = o.source.family();
  if (o.source && o.targets.family != o.source.family())
    return "option -s/--source: " + to_string(o.source) + " is of the other address family";
  if (raw.send_wait && o.rate) return exclude_each_other("-z/--sendwait", "--rate");
  o.send_wait = raw.send_wait.value_or(0s);
  o.interval = raw.interval.value_or(o.interval);
  if (!o.asn_file.empty()) o.as_numbers = true;
  if (o.as_numbers && o.asn_file.empty() && asn_environment != nullptr) o.asn_file = asn_environment;
  if (o.as_numbers && o.asn_file.empty())
    return "option -A/--as needs a table: give --asn FILE, or set DIAG_ASN";
  if (auto wrong = settle_method(o, raw)) return wrong;
  return settle_mode(o, raw);
}

complaint contradiction_of_probes(const trace_options& o) {
  if (o.first_hop > o.last_hop)
    return "option -f/--first: " + std::to_string(o.first_hop) + " is beyond -m/--max-hops, " +
           std::to_string(o.last_hop);
  if (o.size && o.is_tcp()) return "segments have no payload: -T/--tcp and --ack exclude --size";
  if (o.size && o.targets.family == ip_family::v6 && *o.size < craft::flow_packet::least_size(ip_family::v6))
    return "option --size: must be " + std::to_string(craft::flow_packet::least_size(ip_family::v6)) +
           "..65535 with IPv6";
  if (o.source_port && o.method == path_method::icmp && o.mode != run_mode::locate)
    return "ICMP has no ports: -I/--icmp excludes --source-port";
  if (o.source_port && *o.source_port + o.flows - 1 > 65535)
    return "option --source-port: --flows " + std::to_string(o.flows) + " needs as many ports from there on";
  return std::nullopt;
}

complaint contradiction_of_modes(const trace_options& o, const raw_words& raw) {
  const bool plain = o.mode == run_mode::trace;
  if (raw.queries && !plain && o.mode != run_mode::locate)
    return "option -q/--queries: --mtu, --mda, --report and --live ask as often as they need";
  if (o.flows > 1 && !plain && !o.rounds_mode())
    return "option --flows goes with a plain trace, --report and --live";
  if (raw.interval && !o.rounds_mode()) return "option --interval needs --report or --live";
  if (!o.control_ports.empty() && o.mode != run_mode::locate) return "option --control needs --locate";
  if (o.mode == run_mode::locate && (raw.icmp || raw.ack))
    return "--locate asks TCP, with -U/--udp UDP: it excludes -I/--icmp and --ack";
  if (o.mode == run_mode::locate && raw.port) return "--locate names the ports: it excludes -p/--port";
  if (o.mode == run_mode::mtu && (o.size || o.is_tcp()))
    return "--mtu chooses the size: it excludes --size, -T/--tcp and --ack";
  if (o.doubletree && (!plain || o.flows > 1)) return "--doubletree goes with plain traces of one flow";
  return std::nullopt;
}

complaint contradiction_of_output(const trace_options& o) {
  const bool plain = o.mode == run_mode::trace;
  if (o.packets && o.format != output_format::text)
    return "--packets is text: with --format use --pcap FILE for the frames";
  if (o.mode == run_mode::live && (o.format != output_format::text || o.packets))
    return "--live fills the terminal: it excludes --format and --packets";
  if ((!o.expect.empty() || !o.save.empty()) && !plain) return "--expect and --save go with a plain trace";
  if (!o.expect.empty() && o.flows > 1) return "--expect compares one flow: it excludes --flows";
  if (!o.dot.empty() && !plain && o.mode != run_mode::mda) return "--dot goes with --mda or a plain trace";
  if (!o.plot.empty() && !plain && !o.rounds_mode())
    return "--plot goes with a plain trace, --report and --live";
  return std::nullopt;
}

/// `traceroute HOST 60`: a habit that others' programs taught.
complaint packet_length_among(const std::vector<std::string>& words) {
  if (words.size() != 2 || !parse_unsigned(words[1], 1, 65535)) return std::nullopt;
  return "'" + words[1] + "' is no target; the length of the packet is --size " + words[1];
}

complaint contradiction_of_conditions(const trace_options& o) {
  const auto wrong = [&](std::string_view option,
                         const std::optional<report::threshold>& limit) -> complaint {
    if (!limit) return std::nullopt;
    for (const auto place : limit->fields()) {
      const auto key = report::traceroute_summary.fields[place].name;
      if (const auto why = why_never(key, o); !why.empty())
        return "option " + std::string{option} + ": '" + std::string{key} + "' " + std::string{why};
    }
    return std::nullopt;
  };
  auto of_warn = wrong("--warn", o.warn);
  return of_warn ? of_warn : wrong("--crit", o.crit);
}

}  // namespace

std::string_view trace_options::needs_raw() const {
  if (mode == run_mode::locate) return "--locate";
  if (mode == run_mode::mda) return "--mda";
  if (method == path_method::tcp_syn) return "-T";
  if (method == path_method::tcp_ack) return "--ack";
  if (flows > 1) return "--flows";
  if (packets) return "--packets";
  if (!pcap.empty()) return "--pcap";
  if (mark) return "--mark";
  return {};
}

std::uint16_t trace_options::packet_size(ip_family family) const {
  constexpr std::uint16_t v4_size = 60, v6_size = 80;  // as Butskoy's
  return size.value_or(family == ip_family::v6 ? v6_size : v4_size);
}

result<trace_options, tools::usage_error> parse_options(int argc, const char* const* argv,
                                                        const char* asn_environment) {
  trace_options options;
  raw_words raw;
  command_line cli;
  define(cli, options, raw);
  auto words = cli.parse(argc, argv);
  if (options.help || options.version) return options;
  if (!words) return words.error();
  options.targets.words = std::move(*words);
  if (options.targets.words.empty() && options.targets.file.empty())
    return tools::usage_error{"no target given"};
  auto wrong = packet_length_among(options.targets.words);
  if (!wrong) wrong = settle(options, raw, asn_environment);
  if (!wrong) wrong = contradiction_of_probes(options);
  if (!wrong) wrong = contradiction_of_modes(options, raw);
  if (!wrong) wrong = contradiction_of_output(options);
  if (!wrong) wrong = contradiction_of_conditions(options);
  if (wrong) return tools::usage_error{*wrong};
  options.queries = raw.queries.value_or(options.mode == run_mode::locate ? 2 : options.queries);
  return options;
}

std::vector<std::string> option_names() {
  trace_options options;
  raw_words raw;
  command_line cli;
  define(cli, options, raw);
  return cli.names();
}

}  // namespace diag::traceroute

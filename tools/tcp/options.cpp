// Words to values, and what may not stand together.
#include "tools/tcp/options.hpp"

#include <array>
#include <limits>

#include "libdiag/report/tcp_records.hpp"
#include "tools/tcp/words.hpp"

namespace diag::tcp {
namespace {

using tools::command_line;
using tools::complaint;
using tools::longest_duration;

constexpr std::uint64_t most_rounds = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t most_flows = 4096;  // a descriptor for each leased port
constexpr std::size_t most_data = 65536;    // what a stream takes at once

/// What is only settled once every option has been read.
struct raw_words {
  std::optional<std::uint8_t> dscp{};
  bool v4 = false, v6 = false, json = false;
  bool connect = false, ack = false, fin = false, null = false;
  std::optional<std::uint16_t> flags{};
  std::optional<output_format> format{};
  std::optional<report_kind> report{};
  bool expected = false;
};

command_line::reader ports_reader(std::string& into) {
  return [&into](std::string_view word) -> complaint {
    // Services are looked up when privileges are gone; until then any name will do.
    const auto form =
        tools::parse_ports(word, [](std::string_view) { return std::optional<std::uint16_t>{1}; });
    if (!form) return form.error().why;
    into = word;
    return std::nullopt;
  };
}

command_line::reader source_port_reader(std::optional<port_interval>& into) {
  return [&into](std::string_view word) -> complaint {
    const auto dash = word.find('-');
    const auto first = parse_unsigned(word.substr(0, dash), 1, 65535);
    const auto last = dash == word.npos ? first : parse_unsigned(word.substr(dash + 1), 1, 65535);
    if (!first || !last || *last < *first) return "must be a port or a range of them";
    if (*last - *first >= most_flows) return "holds more than 4096 ports";
    into = {static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
    return std::nullopt;
  };
}

command_line::reader resume_reader(std::optional<resume_point>& into) {
  return [&into](std::string_view word) -> complaint {
    into = parse_resume(word);
    return into ? complaint{} : "is no token of an earlier run, or not all of it";
  };
}

command_line::reader flags_reader(std::optional<std::uint16_t>& into) {
  return [&into](std::string_view word) -> complaint {
    into = parse_flags(word);
    return into ? complaint{} : "must be none, or some of FIN,SYN,RST,PSH,ACK,URG,ECE,CWR,AE";
  };
}

command_line::reader data_reader(std::vector<std::byte>& into) {
  return [&into](std::string_view word) -> complaint {
    auto octets = unescape(word);
    if (!octets) return octets.error().what;
    if (octets->empty()) return "must not be empty";
    if (octets->size() > most_data) return "is longer than 65536 octets";
    into = std::move(*octets);
    return std::nullopt;
  };
}

command_line::reader expectation_reader(expectation& into, bool& given) {
  return [&into, &given](std::string_view word) -> complaint {
    auto read = parse_expectation(word);
    if (!read)
      return "cannot be expected: " + read.error().why +
             (read.error().hint.empty() ? "" : " (" + read.error().hint + ")");
    into = std::move(*read);
    given = true;
    return std::nullopt;
  };
}

void define_tcp(command_line& cli, tcp_options& o, raw_words& raw) {
  cli.value("-c,--count", tools::integer_reader(o.rounds, 0, most_rounds));
  cli.value("-p,--ports", ports_reader(o.ports));
  cli.value("-r,--retries", tools::integer_reader(o.retries, 0, 250));
  cli.value("--linger", tools::duration_reader(o.linger, 0s, longest_duration));
  cli.flag("--in-order", o.in_order);
  cli.value("--resume", resume_reader(o.resume));
  cli.flag("--connect", raw.connect);
  cli.flag("--ack", raw.ack);
  cli.flag("--fin", raw.fin);
  cli.flag("--null", raw.null);
  cli.value("--flags", flags_reader(raw.flags));
  cli.value("--data", data_reader(o.data));
  cli.flag("--banner", o.banner);
  cli.value("--profile", [&o](std::string_view word) -> complaint {
    o.profile_given = true;
    return tools::text_reader(o.profile)(word);
  });
  cli.value("--mss", tools::integer_reader(o.mss, 1, 65535));
  cli.value("--wscale", tools::integer_reader(o.window_scale, 0, 14));  // RFC 7323 §2.3
  cli.value("--source-port", source_port_reader(o.source_ports));
  cli.value("--flows", tools::integer_reader(o.targets.flows, 1, most_flows));
  cli.value("--policy", tools::text_reader(o.policy));
  cli.value("--report", tools::choice_reader<std::optional<report_kind>, report_kind>(
                            raw.report, {{"tap", report_kind::tap},
                                         {"junit", report_kind::junit},
                                         {"json", report_kind::json},
                                         {"text", report_kind::text},
                                         {"html", report_kind::html}}));
  cli.value("--baseline", tools::text_reader(o.baseline));
  cli.value("--compare", tools::text_reader(o.compare));
  cli.flag("--dry-run", o.dry_run);
  cli.value("--expect", expectation_reader(o.expected, raw.expected));
  cli.flag("--open", o.open_only);
}

/// One way of asking, whichever names it.
complaint settle_method(tcp_options& o, const raw_words& raw) {
  struct way {
    bool given;
    std::string_view name;
    probe_method method;
    std::uint16_t flags;
  };
  namespace flag = wire::tcp_flag;
  const std::array<way, 7> ways{{
      {raw.connect, "--connect", probe_method::connect, flag::syn},
      {!o.data.empty(), "--data", probe_method::connect, flag::syn},
      {o.banner, "--banner", probe_method::connect, flag::syn},
      {raw.ack, "--ack", probe_method::ack, flag::ack},
      {raw.fin, "--fin", probe_method::fin, flag::fin},
      {raw.null, "--null", probe_method::null, 0},
      {raw.flags.has_value(), "--flags", probe_method::flags, raw.flags.value_or(0)},
  }};
  const way* chosen = nullptr;
  for (const auto& one : ways) {
    if (!one.given) continue;
    if (chosen != nullptr && chosen->method != one.method)
      return "options " + std::string{chosen->name} + " and " + std::string{one.name} + " exclude each other";
    if (chosen == nullptr) chosen = &one;
  }
  if (chosen == nullptr) return std::nullopt;
  o.method = chosen->method;
  o.flags = chosen->flags;
  return std::nullopt;
}

/// Options that came in two pieces become one value; nullopt: all is well.
complaint settle(tcp_options& o, const raw_words& raw) {
  if (raw.v4 && raw.v6) return "options -4 and -6 exclude each other";
  if (raw.v4) o.targets.family = ip_family::v4;
  if (raw.v6) o.targets.family = ip_family::v6;
  if (raw.json && raw.format && *raw.format != output_format::json)
    return "options --json and --format exclude each other";
  o.format = raw.json ? output_format::json : raw.format.value_or(output_format::text);
  if (raw.dscp) o.traffic_class = static_cast<std::uint8_t>(*raw.dscp << 2);
  // Who names his own address has chosen the family.
  if (o.source && o.targets.family == ip_family::none) o.targets.family = o.source.family();
  if (o.source && o.targets.family != o.source.family())
    return "option -S/--source: " + to_string(o.source) + " is of the other address family";
  if (auto wrong = settle_method(o, raw)) return wrong;
  if (raw.report && !o.is_suite()) return "option --report needs --policy or --compare";
  o.report = raw.report.value_or(report_kind::text);
  if (raw.expected && o.is_suite())
    return "the policy says what is expected: --expect and --policy or --compare exclude each other";
  if (!raw.expected) o.expected.add({o.asks_syn() ? probe::tcp_state::open : probe::tcp_state::closed, {}});
  return std::nullopt;
}

complaint contradiction_of_segment(const tcp_options& o) {
  // Privileges are gone when a connection is made, and SO_MARK wants them each time.
  if (o.method == probe_method::connect && o.mark)
    return "a mark on the kernel's connections needs privileges for each: --mark excludes --connect, --data "
           "and "
           "--banner";
  if (o.method == probe_method::connect && o.needs_raw())
    return "with --connect, --data or --banner the kernel makes the SYN: they exclude --profile, --mss and "
           "--wscale";
  if (!o.asks_syn() && (o.mss || o.window_scale)) return "--mss and --wscale are options of a SYN";
  if (o.source_ports) {
    const auto ports = o.source_ports->last - o.source_ports->first + 1;
    if (ports < o.targets.flows)
      return "--flows " + std::to_string(o.targets.flows) + " needs as many ports: --source-port names " +
             std::to_string(ports);
  }
  return std::nullopt;
}

complaint contradiction_of_suite(const tcp_options& o) {
  if (!o.policy.empty() && !o.compare.empty()) return "options --policy and --compare exclude each other";
  const bool own_targets = !o.targets.words.empty() || !o.targets.file.empty();
  if (!o.policy.empty() && (own_targets || !o.ports.empty() || o.targets.shards > 1))
    return "--policy names targets and ports: it excludes TARGET, -f, -p and --shard";
  if (!o.compare.empty() && !own_targets && (!o.ports.empty() || o.targets.shards > 1))
    return "without targets --compare asks what its file names: it excludes -p and --shard";
  if (!o.is_suite()) return std::nullopt;
  if (o.format != output_format::text)
    return "--policy and --compare are told by --report: they exclude --format";
  if (o.warn || o.crit) return "the policy decides: --policy and --compare exclude --warn and --crit";
  if (o.open_only || o.resume) return "--policy and --compare exclude --open and --resume";
  if (o.packets && o.report != report_kind::text) return "--packets is text: it excludes --report";
  return std::nullopt;
}

complaint contradiction(const tcp_options& o) {
  if (o.open_only && o.format != output_format::text) return "--open is text: it excludes --format";
  if (o.packets && o.format != output_format::text)
    return "--packets is text: with --format use --pcap FILE for the frames";
  if (o.dry_run && o.format != output_format::text) return "--dry-run is text: it excludes --format";
  if (o.resume && o.rounds != 1) return "--resume goes on with one round: it excludes -c";
  if (o.resume && o.resume->shuffled && o.in_order)
    return "the run to be resumed was not in order: --resume excludes --in-order";
  if (auto wrong = contradiction_of_segment(o)) return wrong;
  return contradiction_of_suite(o);
}

}  // namespace

std::string_view describe(probe_method method) {
  switch (method) {
    case probe_method::automatic:
    case probe_method::syn:
      return "syn";
    case probe_method::connect:
      return "connect";
    case probe_method::ack:
      return "ack";
    case probe_method::fin:
      return "fin";
    case probe_method::null:
      return "null";
    case probe_method::flags:
      return "flags";
  }
  return "syn";
}

bool tcp_options::needs_raw() const {
  const bool crafted = method != probe_method::automatic && method != probe_method::connect;
  return crafted || profile_given || mss || window_scale || mark;
}

result<tcp_options, tools::usage_error> parse_options(int argc, const char* const* argv) {
  tcp_options options;
  raw_words raw;
  command_line cli;
  tools::define_shared(cli, options, raw, report::tcp_summary);
  define_tcp(cli, options, raw);
  auto words = cli.parse(argc, argv);
  if (options.help || options.version) return options;
  if (!words) return words.error();
  options.targets.words = std::move(*words);
  if (options.targets.words.empty() && options.targets.file.empty() && !options.is_suite())
    return tools::usage_error{"no target given"};
  auto wrong = settle(options, raw);
  if (!wrong) wrong = contradiction(options);
  if (wrong) return tools::usage_error{*wrong};
  return options;
}

std::vector<std::string> option_names() {
  tcp_options options;
  raw_words raw;
  command_line cli;
  tools::define_shared(cli, options, raw, report::tcp_summary);
  define_tcp(cli, options, raw);
  return cli.names();
}

}  // namespace diag::tcp

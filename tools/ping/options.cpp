// Words to values, and what may not stand together.
#include "tools/ping/options.hpp"

#include <array>
#include <limits>

#include "libdiag/core/hex.hpp"
#include "libdiag/report/ping_records.hpp"
#include "tools/common/target_text.hpp"

namespace diag::ping {
namespace {

using tools::command_line;
using tools::complaint;

constexpr std::uint64_t most_probes = std::uint64_t{1} << 63;  // 2^63, as iputils takes
constexpr std::uint64_t most_payload = 65507;                  // 65,535 octets less the IPv4 and ICMP headers
constexpr std::size_t most_pattern = 16;

/// What is only settled once every option has been read.
struct raw_words {
  std::optional<std::uint8_t> tos{}, dscp{};
  bool v4 = false, v6 = false, json = false, no_loopback = false;
  bool adaptive = false, flood = false, alive = false, unreachable = false;
  std::optional<output_format> format{};
  std::optional<std::uint32_t> retries{};
};

command_line::reader pattern_reader(std::vector<std::byte>& into) {
  return [&into](std::string_view word) -> complaint {
    auto octets = parse_hex(word.size() % 2 == 1 ? '0' + std::string{word} : std::string{word});
    if (!octets || octets->empty() || octets->size() > most_pattern)
      return "must be 1..16 octets of hexadecimal digits";
    into = std::move(*octets);
    return std::nullopt;
  };
}

command_line::reader until_reader(probe::ping_condition& into) {
  return [&into](std::string_view word) -> complaint {
    const auto colon = word.find(':');
    const auto what = word.substr(0, colon);
    const auto times = colon == word.npos ? result<std::uint64_t, number_error>{std::uint64_t{1}}
                                          : parse_unsigned(word.substr(colon + 1), 1, 1'000'000);
    using kind = probe::ping_condition::kind;
    if ((what != "up" && what != "down") || !times) return "must be up, down, up:N or down:N";
    into = {what == "up" ? kind::up : kind::down, *times};
    return std::nullopt;
  };
}

void define_ping(command_line& cli, ping_options& o, raw_words& raw) {
  using io::path_mtu_mode;
  using tools::choice_reader;
  cli.value("-c,--count", tools::integer_reader(o.count, 1, most_probes));
  cli.value("-s,--size", tools::integer_reader(o.size, 0, most_payload));
  cli.value("-Q,--tos", tools::integer_reader(raw.tos, 0, 255));
  cli.value("-M,--pmtudisc",
            choice_reader<path_mtu_mode, path_mtu_mode>(o.path_mtu, {{"do", path_mtu_mode::force},
                                                                     {"dont", path_mtu_mode::dont},
                                                                     {"want", path_mtu_mode::want},
                                                                     {"probe", path_mtu_mode::probe}}));
  cli.value("-p,--pattern", pattern_reader(o.pattern));
  cli.flag("-A,--adaptive", raw.adaptive);
  cli.flag("--flood", raw.flood);
  cli.flag("-a,--audible", o.audible);
  cli.flag("-D,--timestamps", o.timestamps);
  cli.flag("-O,--outstanding", o.outstanding);
  cli.flag("-L,--no-loopback", raw.no_loopback);
  cli.flag("-b,--broadcast", o.broadcast);
  cli.value("-r,--retries", tools::integer_reader(raw.retries, 0, 250));
  cli.flag("-g,--generate", o.targets.generate);
  cli.flag("--alive", raw.alive);
  cli.flag("--unreachable", raw.unreachable);
  cli.value("--sort",
            choice_reader<std::optional<sort_key>, sort_key>(o.sort, {{"address", sort_key::address},
                                                                      {"rtt", sort_key::rtt},
                                                                      {"loss", sort_key::loss},
                                                                      {"target", sort_key::target}}));
  cli.value("--until", until_reader(o.until));
  cli.value("--max-loss", tools::real_reader(o.max_loss, 0, 100));
  cli.flag("--mtu", o.mtu);
  cli.flag("--timestamp", o.timestamp);
  cli.flag("--live", o.live);
  cli.value("--plot", tools::text_reader(o.plot));
  cli.flag("--strict", o.strict);
  cli.value("--socket", choice_reader<io::socket_kind, io::socket_kind>(
                            o.socket, {{"best", io::socket_kind::best},
                                       {"raw", io::socket_kind::raw},
                                       {"datagram", io::socket_kind::datagram}}));
}

/// Options that came in two pieces become one value; nullopt: all is well.
complaint settle(ping_options& o, const raw_words& raw) {
  if (raw.v4 && raw.v6) return "options -4 and -6 exclude each other";
  if (raw.v4) o.targets.family = ip_family::v4;
  if (raw.v6) o.targets.family = ip_family::v6;
  if (raw.json && raw.format && *raw.format != output_format::json)
    return "options --json and --format exclude each other";
  o.format = raw.json ? output_format::json : raw.format.value_or(output_format::text);
  if (raw.tos && raw.dscp) return "options --tos and --dscp exclude each other";
  if (raw.tos) o.traffic_class = raw.tos;
  if (raw.dscp) o.traffic_class = static_cast<std::uint8_t>(*raw.dscp << 2);
  if (raw.adaptive && raw.flood) return "options --adaptive and --flood exclude each other";
  if (raw.adaptive) o.rhythm = probe::ping_rhythm::adaptive;
  if (raw.flood) o.rhythm = probe::ping_rhythm::flood;
  if (raw.alive && raw.unreachable) return "options --alive and --unreachable exclude each other";
  if (raw.alive) o.list = listing::alive;
  if (raw.unreachable) o.list = listing::unreachable;
  if (o.timestamp && o.targets.family == ip_family::none) o.targets.family = ip_family::v4;
  // Who names his own address has chosen the family.
  if (o.source && o.targets.family == ip_family::none) o.targets.family = o.source.family();
  if (o.source && o.targets.family != o.source.family())
    return "option -S/--source: " + to_string(o.source) + " is of the other address family";
  o.loopback = !raw.no_loopback;
  o.retries_given = raw.retries.has_value();
  o.retries = raw.retries.value_or(1);
  return std::nullopt;
}

complaint contradiction(const ping_options& o) {
  const bool sweep = mode_of(o) == run_mode::sweep;
  if (o.list != listing::none && !sweep)
    return "--alive and --unreachable ask every target once: they exclude -c, -A, --flood, --until, --live, "
           "--timestamp and --mtu";
  if (o.list != listing::none && o.format != output_format::text)
    return "--alive and --unreachable are text: they exclude --format";
  if (o.live && o.format != output_format::text) return "--live is text: it excludes --format";
  if (o.live && (o.packets || o.quiet)) return "--live fills the screen: it excludes --packets and --quiet";
  if (o.packets && o.format != output_format::text)
    return "--packets is text: with --format use --pcap FILE for the frames";
  if (o.mtu && (o.timestamp || o.live || !o.plot.empty()))
    return "--mtu excludes --timestamp, --live and --plot";
  if (o.timestamp && o.targets.family == ip_family::v6)
    return "--timestamp is ICMP for IPv4: it excludes IPv6";
  if (o.timestamp && o.socket == io::socket_kind::datagram) return "--timestamp needs a raw socket";
  if (sweep && !o.plot.empty()) return "--plot draws a series: add -c COUNT";
  if (o.targets.generate && (o.targets.words.empty() || o.targets.words.size() > 2))
    return "-g takes the first and the last address of a range, or one prefix";
  return std::nullopt;
}

/// What a user without privilege may not do to the network.
complaint forbidden(const ping_options& o) {
  constexpr duration shortest = 2ms;
  constexpr duration shortest_broadcast = 1s;
  const auto interval = o.interval.value_or(1s);
  if (o.rhythm == probe::ping_rhythm::flood) return "option --flood is for root; use -i 0.002";
  if (interval < shortest) return "option -i/--interval: below 2 ms is for root; use -i 0.002";
  if (o.broadcast && interval < shortest_broadcast)
    return "option -i/--interval: with -b below 1 s is for root";
  return std::nullopt;
}

}  // namespace

run_mode mode_of(const ping_options& o) {
  if (o.mtu) return run_mode::mtu;
  const bool again = o.count != 0 || o.live || o.rhythm != probe::ping_rhythm::steady ||
                     o.until.what != probe::ping_condition::kind::none || o.timestamp;
  if (again) return run_mode::series;
  bool many = !o.targets.file.empty() || o.targets.generate || o.retries_given || o.list != listing::none;
  for (const auto& word : o.targets.words) {
    if (many) break;
    const auto text = tools::parse_target(word);
    const auto* block = text ? std::get_if<tools::address_block>(&*text) : nullptr;
    many = block != nullptr && (block->count > 1 || word.find('/') != word.npos);
  }
  return many ? run_mode::sweep : run_mode::series;
}

result<ping_options, tools::usage_error> parse_options(int argc, const char* const* argv, bool privileged) {
  ping_options options;
  raw_words raw;
  command_line cli;
  tools::define_shared(cli, options, raw, report::ping_summary);
  define_ping(cli, options, raw);
  auto words = cli.parse(argc, argv);
  if (options.help || options.version) return options;
  if (!words) return words.error();
  options.targets.words = std::move(*words);
  if (options.targets.words.empty() && options.targets.file.empty())
    return tools::usage_error{"no target given"};
  auto wrong = settle(options, raw);
  if (!wrong) wrong = contradiction(options);
  if (!wrong && !privileged) wrong = forbidden(options);
  if (wrong) return tools::usage_error{*wrong};
  return options;
}

std::vector<std::string> option_names() {
  ping_options options;
  raw_words raw;
  command_line cli;
  tools::define_shared(cli, options, raw, report::ping_summary);
  define_ping(cli, options, raw);
  return cli.names();
}

}  // namespace diag::ping

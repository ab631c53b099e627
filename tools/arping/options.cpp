// Words to values, and what may not stand together.
#include "tools/arping/options.hpp"

#include <algorithm>
#include <array>

#include "libdiag/core/hex.hpp"
#include "libdiag/report/neighbor_records.hpp"
#include "tools/common/target_text.hpp"

namespace diag::arping {
namespace {

using tools::command_line;
using tools::complaint;

constexpr std::uint64_t most_probes = std::uint64_t{1} << 63;
constexpr std::uint8_t shortest_sweep = 108;  // 2^20 addresses, what a run takes

/// What is only settled once every option has been read.
struct raw_words {
  bool v4 = false, v6 = false, json = false;
  bool broadcast = false, unicast = false, check = false, no_check = false;
  bool request = false, reply = false;
  arping_options::announcement form = arping_options::announcement::none;
  std::optional<output_format> format{};
  std::optional<mac_address> reverse{}, inverse{};
};

command_line::reader mac_reader(std::optional<mac_address>& into) {
  return [&into](std::string_view word) -> complaint {
    into = parse_mac(word);
    if (!into) return "is no hardware address (such as 00:11:22:33:44:55)";
    return std::nullopt;
  };
}

command_line::reader vlan_reader(std::vector<craft::vlan_fields>& into) {
  return [&into](std::string_view word) -> complaint {
    const auto dot = word.find('.');
    const auto id = parse_unsigned(word.substr(0, dot), 0, 4094);  // 802.1Q §9.6: 4095 is reserved
    const auto priority = dot == word.npos ? result<std::uint64_t, number_error>{std::uint64_t{0}}
                                           : parse_unsigned(word.substr(dot + 1), 0, 7);
    if (!id || !priority) return "must be ID or ID.PRIORITY, 0..4094 and 0..7";
    if (into.size() == 2) return "is a third tag: two at most, the outer one first";
    craft::vlan_fields tag;
    tag.id = static_cast<std::uint16_t>(*id);
    tag.priority = static_cast<std::uint8_t>(*priority);
    into.push_back(tag);
    return std::nullopt;
  };
}

/// Decimal, or hexadecimal with 0x, as people write these.
command_line::reader ether_type_reader(std::optional<std::uint16_t>& into) {
  return [&into](std::string_view word) -> complaint {
    constexpr std::uint64_t least = 0x600;  // 802.3 §3.2.6: below it is a length
    std::uint64_t value = 0;
    if (word.starts_with("0x")) {
      const auto digits = std::string(word.size() % 2, '0') + std::string{word.substr(2)};
      const auto octets = parse_hex(digits);
      if (octets && octets->size() == 2)
        value =
            std::to_integer<std::uint64_t>((*octets)[0]) << 8 | std::to_integer<std::uint64_t>((*octets)[1]);
    } else if (const auto number = parse_unsigned(word, 0, 0xffff)) {
      value = *number;
    }
    if (value < least) return "must be 0x0600..0xffff";
    into = static_cast<std::uint16_t>(value);
    return std::nullopt;
  };
}

command_line::reader count_range_reader(std::optional<count_range>& into) {
  return [&into](std::string_view word) -> complaint {
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    const auto dots = word.find("..");
    const bool least = word.starts_with(">=");
    const bool highest = word.starts_with("<=");
    const auto low = parse_unsigned(dots != word.npos  ? word.substr(0, dots)
                                    : least || highest ? word.substr(2)
                                                       : word);
    const auto high = dots != word.npos ? parse_unsigned(word.substr(dots + 2)) : low;
    if (!low || !high || *high < *low) return "must be N, '>=N', '<=N' or A..B";
    into = {highest ? 0 : *low, least ? most : *high};
    return std::nullopt;
  };
}

void define_link(command_line& cli, arping_options& o, raw_words& raw) {
  using craft::link_framing;
  using form = arping_options::announcement;
  cli.value("--source-mac", [&o](std::string_view word) -> complaint {
    if (const auto wrong = mac_reader(o.source_mac)(word)) return wrong;
    if ((o.source_mac->octets[0] & std::byte{0x01}) != std::byte{})
      return "is a group's address, which no frame comes from";
    return std::nullopt;
  });
  cli.value("--dest-mac", mac_reader(o.dest_mac));
  cli.each_value("--vlan", vlan_reader(o.tags));
  cli.value("--ethertype", ether_type_reader(o.ether_type));
  cli.value("--framing", tools::choice_reader<link_framing, link_framing>(
                             o.framing, {{"ethernet", link_framing::ethernet_2},
                                         {"snap", link_framing::snap},
                                         {"llc", link_framing::llc}}));
  cli.flag("-b,--broadcast", raw.broadcast);
  cli.flag("--unicast", raw.unicast);
  cli.flag("-D,--dad", o.dad);
  cli.flag("-U", raw.request);
  cli.flag("-A", raw.reply);
  cli.value("--announce",
            tools::choice_reader<form, form>(raw.form, {{"request", form::request}, {"reply", form::reply}}));
  cli.flag("--defend", o.defend);
  cli.value("--rarp", mac_reader(raw.reverse));
  cli.value("--inarp", mac_reader(raw.inverse));
}

void define_run(command_line& cli, arping_options& o, raw_words& raw) {
  cli.value("-c,--count", tools::integer_reader(o.count, 1, most_probes));
  cli.value("-r,--retries", tools::integer_reader(o.retries, 0, 250));
  cli.value("-C,--replies", tools::integer_reader(o.replies, 1, most_probes));
  cli.value("--linger", tools::duration_reader(o.linger, 0s, tools::longest_duration));
  cli.flag("--check", raw.check);
  cli.flag("--no-check", raw.no_check);
  cli.flag("--local", o.local);
  cli.flag("--watch", o.watch);
  cli.flag("-a,--audible", o.audible);
  cli.value("--expect-mac", mac_reader(o.expect_mac));
  cli.value("--expect-count", count_range_reader(o.expect_count));
  cli.flag("--expect-free", o.expect_free);
  cli.value("--save,--baseline", tools::text_reader(o.save));
  cli.value("--compare", tools::text_reader(o.compare));
}

void define_all(command_line& cli, arping_options& o, raw_words& raw) {
  tools::define_general(cli, o, raw, report::neighbor_summary);
  define_link(cli, o, raw);
  define_run(cli, o, raw);
}

/// A hardware address among the words, or behind --rarp or --inarp, is what is searched for.
complaint settle_search(arping_options& o, const raw_words& raw) {
  auto& words = o.targets.words;
  const auto first = std::find_if(words.begin(), words.end(),
                                  [](const std::string& word) { return parse_mac(word).has_value(); });
  const bool named = first != words.end();
  if ((named ? 1 : 0) + (raw.reverse ? 1 : 0) + (raw.inverse ? 1 : 0) > 1)
    return "a hardware address, --rarp and --inarp exclude each other";
  if (named) {
    o.wanted = parse_mac(*first);
    words.erase(first);
    const bool another = std::any_of(words.begin(), words.end(),
                                     [](const std::string& word) { return parse_mac(word).has_value(); });
    if (another) return "one hardware address at a time";
  }
  if (!raw.reverse && !raw.inverse) return std::nullopt;
  if (!words.empty() || !o.targets.file.empty() || o.local)
    return "--rarp and --inarp ask one hardware address for its own: they take no target";
  o.wanted = raw.reverse ? raw.reverse : raw.inverse;
  o.by_reverse = raw.reverse.has_value();
  o.by_inverse = raw.inverse.has_value();
  o.by_asking = false;
  if (o.targets.family == ip_family::v6) return "--rarp and --inarp are IPv4: they exclude -6";
  o.targets.family = ip_family::v4;
  return std::nullopt;
}

/// Options that came in two pieces become one value; nullopt: all is well.
complaint settle(arping_options& o, const raw_words& raw) {
  using form = arping_options::announcement;
  if (raw.v4 && raw.v6) return "options -4 and -6 exclude each other";
  if (raw.v4) o.targets.family = ip_family::v4;
  if (raw.v6) o.targets.family = ip_family::v6;
  if (raw.json && raw.format && *raw.format != output_format::json)
    return "options --json and --format exclude each other";
  o.format = raw.json ? output_format::json : raw.format.value_or(output_format::text);
  // Who names his own address has chosen the family.
  if (o.source && o.targets.family == ip_family::none) o.targets.family = o.source.family();
  if (o.source && o.targets.family != o.source.family())
    return "option -S/--source: " + to_string(o.source) + " is of the other address family";
  if (raw.broadcast && raw.unicast) return "options -b/--broadcast and --unicast exclude each other";
  if (raw.unicast) o.how = manner::unicast;
  if (raw.check && raw.no_check) return "options --check and --no-check exclude each other";
  if (raw.check) o.looks = look_mode::await;
  if (raw.no_check) o.looks = look_mode::none;
  if ((raw.request && raw.reply) || (raw.form == form::reply && raw.request) ||
      (raw.form == form::request && raw.reply))
    return "options -U and -A exclude each other";
  o.announce = raw.request ? form::request : raw.reply ? form::reply : raw.form;
  if (o.defend && o.announce == form::none) o.dad = true;  // nobody defends what he has not asked for
  return settle_search(o, raw);
}

/// A prefix of IPv6 has more addresses than anybody can ask for; the words tell, before a name is looked up.
complaint endless_prefix(const arping_options& o) {
  for (const auto& word : o.targets.words) {
    const auto prefix = parse_prefix(word);
    if (prefix && prefix->address.is_v6() && prefix->length < shortest_sweep)
      return to_string(*prefix) + " cannot be asked for address by address (at most a /" +
             std::to_string(shortest_sweep) + "): --local -6 finds who answers there";
  }
  return std::nullopt;
}

complaint contradiction(const arping_options& o) {
  const auto mode = mode_of(o);
  const bool claim = mode == run_mode::claim;
  if (claim && (o.wanted || o.local || o.watch || o.replies != 0))
    return "--dad, -U, -A and --defend take addresses: they exclude a hardware address, --local, --watch and "
           "-C";
  if (mode == run_mode::search && (o.watch || o.replies > 1))
    return "a search for a hardware address excludes --watch and -C";
  const bool judged =
      o.expect_mac || o.expect_count || o.expect_free || !o.save.empty() || !o.compare.empty();
  if ((claim || mode == run_mode::search) && judged)
    return "--expect-*, --save and --compare judge who has an address: they exclude claims and searches";
  if (o.expect_free && (o.expect_mac || o.expect_count))
    return "option --expect-free excludes --expect-mac and --expect-count";
  if (o.dest_mac && (o.how == manner::unicast || claim))
    return "option --dest-mac says where probes go: it excludes --unicast and claims";
  if (o.packets && o.format != output_format::text)
    return "--packets is text: with --format use --pcap FILE for the frames";
  if (o.framing == craft::link_framing::llc && o.targets.family == ip_family::v6)
    return "--framing llc is ARP's alone: it excludes IPv6";
  if (o.watch && (o.format == output_format::nagios || o.format == output_format::openmetrics))
    return "--watch has no end that --format nagios or openmetrics could tell of";
  return endless_prefix(o);
}

}  // namespace

run_mode mode_of(const arping_options& o) {
  if (o.dad || o.defend || o.announce != arping_options::announcement::none) return run_mode::claim;
  if (o.wanted) return run_mode::search;
  if (o.count != 0 || o.watch) return run_mode::series;
  bool many = o.local || !o.targets.file.empty() || o.targets.words.size() > 1 || o.retries ||
              o.targets.all_addresses;
  for (const auto& word : o.targets.words) {
    if (many) break;
    const auto text = tools::parse_target(word);
    const auto* block = text ? std::get_if<tools::address_block>(&*text) : nullptr;
    many = block != nullptr && (block->count > 1 || word.find('/') != word.npos);
  }
  return many ? run_mode::sweep : run_mode::series;
}

result<arping_options, tools::usage_error> parse_options(int argc, const char* const* argv) {
  arping_options options;
  raw_words raw;
  command_line cli;
  define_all(cli, options, raw);
  auto words = cli.parse(argc, argv);
  if (options.help || options.version) return options;
  if (!words) return words.error();
  options.targets.words = std::move(*words);
  auto wrong = settle(options, raw);
  if (!wrong && options.targets.words.empty() && options.targets.file.empty() && !options.local &&
      !options.wanted)
    return tools::usage_error{"no target given"};
  if (!wrong) wrong = contradiction(options);
  if (wrong) return tools::usage_error{*wrong};
  // A plugin has to come to an end.
  constexpr std::uint64_t plugin_probes = 3;
  if (options.format == output_format::nagios && options.count == 0 && !options.deadline &&
      mode_of(options) == run_mode::series)
    options.count = plugin_probes;
  return options;
}

std::vector<std::string> option_names() {
  arping_options options;
  raw_words raw;
  command_line cli;
  define_all(cli, options, raw);
  return cli.names();
}

}  // namespace diag::arping

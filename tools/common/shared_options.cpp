// Words to values, for what all tools take.
#include "tools/common/shared_options.hpp"

#include "tools/common/target_text.hpp"

namespace diag::tools {
namespace {

std::optional<std::uint8_t> dscp_named(std::string_view name) {
  if (name == "ef") return std::uint8_t{46};
  if (name == "va") return std::uint8_t{44};
  if (name == "le") return std::uint8_t{1};
  if (name == "df" || name == "be") return std::uint8_t{0};
  const auto digit = [&](std::size_t at, int low, int high) {
    const int value = at < name.size() ? name[at] - '0' : -1;
    return value >= low && value <= high ? value : -1;
  };
  if (name.size() == 3 && name.starts_with("cs") && digit(2, 0, 7) >= 0)
    return static_cast<std::uint8_t>(digit(2, 0, 7) * 8);
  if (name.size() == 4 && name.starts_with("af") && digit(2, 1, 4) >= 0 && digit(3, 1, 3) >= 0)
    return static_cast<std::uint8_t>(digit(2, 1, 4) * 8 + digit(3, 1, 3) * 2);
  return std::nullopt;
}

}  // namespace

bool is_record_format(output_format format) {
  return format == output_format::json || format == output_format::csv ||
         format == output_format::openmetrics;
}

command_line::reader dscp_reader(std::optional<std::uint8_t>& into) {
  return [&into](std::string_view word) -> complaint {
    into = dscp_named(word);
    if (into) return std::nullopt;
    const auto number = parse_unsigned(word, 0, 63);
    if (!number) return "must be 0..63 or a name (ef, af11..af43, cs0..cs7, va, le, df)";
    into = static_cast<std::uint8_t>(*number);
    return std::nullopt;
  };
}

command_line::reader interface_reader(std::string& interface, ip_address& source) {
  return [&interface, &source](std::string_view word) -> complaint {
    constexpr std::size_t longest_name = 15;  // IFNAMSIZ less the NUL
    if (const auto address = parse_ip(word)) {
      source = *address;
    } else if (word.empty() || word.size() > longest_name) {
      return "is no name of an interface";
    } else {
      interface = word;
    }
    return std::nullopt;
  };
}

command_line::reader source_reader(ip_address& into) {
  return [&into](std::string_view word) -> complaint {
    const auto address = parse_ip(word);
    if (!address) return "is not an address";
    into = *address;
    return std::nullopt;
  };
}

command_line::reader shard_reader(std::uint64_t& part, std::uint64_t& parts) {
  return [&part, &parts](std::string_view word) -> complaint {
    const auto slash = word.find('/');
    const auto of = parse_unsigned(slash == word.npos ? "" : word.substr(slash + 1), 1, most_targets);
    const auto number = parse_unsigned(word.substr(0, slash), 1, of ? *of : 1);
    if (!of || !number) return "must be I/N with I in 1..N";
    part = *number;
    parts = *of;
    return std::nullopt;
  };
}

command_line::reader threshold_reader(std::optional<report::threshold>& into, const report::schema& summary) {
  return [&into, &summary](std::string_view word) -> complaint {
    auto parsed = report::threshold::parse(word, summary);
    if (!parsed) return "at column " + std::to_string(parsed.error().column) + ": " + parsed.error().why;
    into = std::move(*parsed);
    return std::nullopt;
  };
}

command_line::reader format_reader(std::optional<output_format>& into) {
  return choice_reader<std::optional<output_format>, output_format>(
      into, {{"text", output_format::text},
             {"json", output_format::json},
             {"csv", output_format::csv},
             {"nagios", output_format::nagios},
             {"openmetrics", output_format::openmetrics}});
}

command_line::reader color_reader(report::color_when& into) {
  return choice_reader<report::color_when, report::color_when>(into, {{"auto", report::color_when::automatic},
                                                                      {"always", report::color_when::always},
                                                                      {"never", report::color_when::never}});
}

bool wants_nagios(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word{argv[i]};
    if (word == "--format=nagios") return true;
    if (word == "--format" && i + 1 < argc && std::string_view{argv[i + 1]} == "nagios") return true;
  }
  return false;
}

}  // namespace diag::tools

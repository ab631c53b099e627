// The reader of profiles: small, strict, and it names every bad line.
#include "tools/common/profile_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <unistd.h>

#include "libdiag/core/text.hpp"
#include "libdiag/io/unique_fd.hpp"

namespace diag::tools {
namespace {

using craft::syn_option;
using complaint = std::optional<std::string>;

constexpr std::string_view blanks = " \t\r";
constexpr std::uint16_t widest_shift = 14;  // RFC 7323 §2.3
constexpr std::size_t largest_file = 65536;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// "mss 1460" to "mss" and "1460".
std::pair<std::string_view, std::string_view> split(std::string_view text) {
  const auto blank = text.find_first_of(blanks);
  if (blank == text.npos) return {text, {}};
  return {text.substr(0, blank), trimmed(text.substr(blank))};
}

struct option_word {
  std::string_view word;
  syn_option::kind what;
  std::size_t octets;
};
constexpr std::array<option_word, 7> option_words{{
    {"mss", syn_option::kind::mss, 4},
    {"wscale", syn_option::kind::window_scale, 3},
    {"sack", syn_option::kind::sack_permitted, 2},
    {"timestamps", syn_option::kind::timestamps, 10},
    {"nop", syn_option::kind::no_operation, 1},
    {"eol", syn_option::kind::end, 1},
    {"fast-open", syn_option::kind::fast_open, 2},
}};

complaint read_number(std::string_view word, std::uint64_t low, std::uint64_t high, auto& into) {
  const auto number = parse_unsigned(word, low, high);
  if (!number) return '\'' + safe_text(word.substr(0, 40)) + "' " + number.error().why;
  into = static_cast<std::uint16_t>(*number);
  return std::nullopt;
}

class profile_parser {
 public:
  profile_reading run(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    for (std::uint64_t number = 1; !text.empty(); ++number) {
      const auto end = text.find('\n');
      const auto line = text.substr(0, end);
      if (auto wrong = read_line(trimmed(line.substr(0, line.find('#')))))
        out_.troubles.push_back({number, std::move(*wrong)});
      text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    }
    return std::move(out_);
  }

 private:
  complaint read_line(std::string_view line) {
    if (line.empty()) return std::nullopt;
    const auto [word, rest] = split(line);
    constexpr std::array<std::string_view, 3> known{"window", "ttl", "options"};
    const auto at = std::find(known.begin(), known.end(), word);
    if (at == known.end())
      return "'" + safe_text(word.substr(0, 40)) + "' is none of window, ttl and options";
    auto& seen = seen_[static_cast<std::size_t>(at - known.begin())];
    if (std::exchange(seen, true)) return std::string{word} + " was given before";
    if (word == "window") return read_number(rest, 0, 65535, out_.profile.window);
    if (word == "options") return read_options(rest);
    std::uint16_t hop_limit = 0;
    auto wrong = read_number(rest, 1, 255, hop_limit);
    if (!wrong) out_.profile.hop_limit = static_cast<std::uint8_t>(hop_limit);
    return wrong;
  }

  complaint read_options(std::string_view list) {
    if (list.empty()) return std::nullopt;  // a SYN without options
    for (bool more = true; more;) {
      const auto comma = list.find(',');
      const auto item = trimmed(list.substr(0, comma));
      if (auto wrong = read_option(item)) return wrong;
      more = comma != list.npos;
      if (more) list.remove_prefix(comma + 1);
    }
    if (const auto octets = option_octets(out_.profile); octets > most_option_octets)
      return "the options take " + std::to_string(octets) + " octets, and 40 are the most";
    return std::nullopt;
  }

  complaint read_option(std::string_view item) {
    if (item.empty()) return "an option is missing beside a comma";
    const auto [word, value] = split(item);
    const auto known = std::find_if(option_words.begin(), option_words.end(),
                                    [&](const option_word& one) { return one.word == word; });
    if (known == option_words.end())
      return "no option '" + safe_text(word.substr(0, 40)) +
             "' (there are mss, wscale, sack, timestamps, nop, eol, fast-open)";
    syn_option made{known->what};
    const bool scale = made.what == syn_option::kind::window_scale;
    complaint wrong;
    if (scale || (made.what == syn_option::kind::mss && !value.empty()))
      wrong = read_number(value, scale ? 0 : 1, scale ? widest_shift : 65535, made.value);
    else if (!value.empty())
      wrong = "takes no value";
    if (wrong) return "option " + std::string{word} + ": " + *wrong;
    out_.profile.options.push_back(made);
    return std::nullopt;
  }

  profile_reading out_{craft::bare_profile(), {}};
  std::array<bool, 3> seen_{};
};

}  // namespace

std::size_t option_octets(const craft::tcp_profile& profile) {
  std::size_t octets = 0;
  for (const auto& one : profile.options)
    for (const auto& known : option_words)
      if (known.what == one.what) octets += known.octets;
  return octets;
}

profile_reading parse_profile(std::string_view text) {
  return profile_parser{}.run(text);
}

result<profile_reading> read_profile(const std::string& path) {
  const io::unique_fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
  const auto hint = errno == ENOENT ? "linux, windows, macos and bare are known by name" : "";
  if (!file) return system_failure(errno, "read profile", path, hint);
  std::string text(largest_file + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(errno, "read profile", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > largest_file) return failure{{}, "read profile", path, "it is longer than 65536 octets", {}};
  return parse_profile(std::string_view{text}.substr(0, size));
}

std::optional<craft::tcp_profile> profile_named(std::string_view word) {
  if (word == "linux") return craft::linux_profile();
  if (word == "windows") return craft::windows_profile();
  if (word == "macos") return craft::macos_profile();
  if (word == "bare") return craft::bare_profile();
  return std::nullopt;
}

void set_option(craft::tcp_profile& profile, syn_option::kind what, std::uint16_t value) {
  const auto at = std::find_if(profile.options.begin(), profile.options.end(),
                               [what](const syn_option& one) { return one.what == what; });
  if (at != profile.options.end()) {
    at->value = value;
    return;
  }
  // Behind an end-of-options nothing is read any more.
  const auto end = std::find_if(profile.options.begin(), profile.options.end(),
                                [](const syn_option& one) { return one.what == syn_option::kind::end; });
  profile.options.insert(end, {what, value});
}

}  // namespace diag::tools

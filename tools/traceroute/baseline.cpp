// Paths to lines, lines to paths, and where two paths differ.
#include "tools/traceroute/baseline.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "libdiag/core/text.hpp"
#include "libdiag/probe/path_finders.hpp"
#include "libdiag/report/time_text.hpp"
#include "libdiag/report/words.hpp"
#include "tools/common/whole_file.hpp"

namespace diag::traceroute {
namespace {

constexpr std::size_t largest_file = std::size_t{64} << 20;
constexpr std::string_view blanks = " \t\r";

void insert(std::vector<ip_address>& sorted, const ip_address& one) {
  const auto place = std::lower_bound(sorted.begin(), sorted.end(), one);
  if (place == sorted.end() || !(*place == one)) sorted.insert(place, one);
}

bool holds(const std::vector<ip_address>& sorted, const ip_address& one) {
  return std::binary_search(sorted.begin(), sorted.end(), one);
}

std::string list(const std::vector<ip_address>& all) {
  std::string out;
  for (const auto& one : all) out += (out.empty() ? "" : ", ") + to_string(one);
  return out.empty() ? "nothing" : out;
}

class baseline_reader {
 public:
  /// Why the text is no baseline; empty: it is one.
  std::string read(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    for (std::uint64_t number = 1; !text.empty(); ++number) {
      const auto end = text.find('\n');
      if (auto why = line(text.substr(0, end)); !why.empty()) return fmt::format("line {}: {}", number, why);
      text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return paths.empty() ? "it has no path" : "";
  }

  std::map<ip_address, known_path> paths;

 private:
  static std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> out;
    while (true) {
      const auto first = line.find_first_not_of(blanks);
      if (first == line.npos || line[first] == '#') return out;
      line.remove_prefix(first);
      out.push_back(line.substr(0, line.find_first_of(blanks)));
      line.remove_prefix(out.back().size());
    }
  }
  /// Not made safe: describe() of a failure does that.
  static std::string quoted(std::string_view word) { return '\'' + std::string{word.substr(0, 60)} + '\''; }

  std::string line(std::string_view text) {
    const auto words = words_of(text);
    if (words.empty()) return {};
    return words[0] == "target" ? begin(words) : hop(words);
  }

  std::string begin(const std::vector<std::string_view>& words) {
    if (words.size() != 3 || (words[2] != "reached" && words[2] != "unreached"))
      return "must be 'target ADDRESS reached' or 'target ADDRESS unreached'";
    const auto address = parse_ip(words[1]);
    if (!address) return quoted(words[1]) + " is no address";
    const auto [place, fresh] = paths.try_emplace(*address);
    if (!fresh) return "target " + to_string(*address) + " is here twice";
    now_ = &place->second;
    now_->target = *address;
    now_->reached = words[2] == "reached";
    return {};
  }

  std::string hop(const std::vector<std::string_view>& words) {
    const auto number = parse_unsigned(words[0], 1, 255);
    if (!number) return quoted(words[0]) + " is neither 'target' nor the number of a hop";
    if (now_ == nullptr) return "a hop before the first target";
    const auto at = static_cast<std::uint8_t>(*number);
    if (!now_->hops.empty() && at <= now_->hops.rbegin()->first)
      return fmt::format("hop {} behind hop {}", at, now_->hops.rbegin()->first);
    if (words.size() < 2) return fmt::format("hop {} has neither an address nor *", at);
    auto& all = now_->hops[at];
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (words[i] == "*") continue;
      const auto address = parse_ip(words[i]);
      if (!address) return quoted(words[i]) + " is no address";
      if (address->family() != now_->target.family())
        return to_string(*address) + " is not of the target's family";
      insert(all, *address);
    }
    return {};
  }

  known_path* now_ = nullptr;
};

}  // namespace

known_path known_path_of(const probe::traced_path& path) {
  known_path out{.target = path.target.address, .reached = path.end.why == probe::path_stop::reached};
  std::uint8_t last = 0;
  for (const auto& row : path.rows) {
    auto& here = out.hops[row.hop];
    for (const auto& probe : row.probes) {
      // Who refuses stands at another hop: the one at which it answered time exceeded.
      if (probe::marks_hop(probe.answer)) insert(here, probe.answer.from);
      if (probe.answer.state == probe::hop_state::reached) insert(here, path.target.address);
    }
    if (!here.empty()) last = row.hop;
  }
  out.hops.erase(out.hops.upper_bound(last), out.hops.end());
  return out;
}

void append_path(std::string& out, const known_path& path, std::string_view label) {
  const auto address = to_string(path.target);
  out += fmt::format("target {} {}", address, path.reached ? "reached" : "unreached");
  if (!label.empty() && label != address) out += " # " + safe_text(label);
  out += '\n';
  for (const auto& [hop, addresses] : path.hops) {
    out += std::to_string(hop);
    for (const auto& one : addresses) out += ' ' + to_string(one);
    out += addresses.empty() ? " *\n" : "\n";
  }
}

path_comparison compare(const known_path& expected, const known_path& seen) {
  path_comparison out{.expected_reached = expected.reached, .reached = seen.reached};
  const int last = expected.hops.empty() ? 0 : expected.hops.rbegin()->first;
  for (const auto& [hop, here] : seen.hops) {
    if (here.empty()) continue;
    const auto place = expected.hops.find(hop);
    const auto there = place != expected.hops.end() ? place->second : std::vector<ip_address>{};
    const bool stranger =
        !there.empty() &&
        !std::all_of(here.begin(), here.end(), [&](const ip_address& one) { return holds(there, one); });
    // A target that was reached has its place: routers behind it, or it elsewhere, are a longer or a shorter
    // path, whatever is silent.
    const bool longer = expected.reached && hop > last;
    const bool moved = expected.reached && holds(here, expected.target) && !holds(there, expected.target);
    if (stranger || longer || moved) out.changes.push_back({hop, there, here});
  }
  return out;
}

std::string change_sentence(const path_change& what) {
  return fmt::format("hop {}: expected {}, seen {}", what.hop, list(what.expected), list(what.seen));
}

result<path_baseline> path_baseline::parse(std::string_view text, const std::string& name) {
  baseline_reader reader;
  if (auto why = reader.read(text); !why.empty()) return failure{{}, "read path file", name, why, {}};
  path_baseline out;
  out.paths_ = std::move(reader.paths);
  return out;
}

result<std::string> read_path_file(const std::string& path) {
  return tools::read_whole_file(path, "path file", largest_file);
}

const known_path* path_baseline::find(const ip_address& target) const {
  const auto place = paths_.find(target);
  return place != paths_.end() ? &place->second : nullptr;
}

result<baseline_file> baseline_file::open(std::string path) {
  auto file = report::output_file::create(std::move(path));
  if (!file) return file.error();
  return baseline_file{std::move(*file)};
}

void baseline_file::take(const probe::traced_path& path, std::string_view label) {
  append_path(text_, known_path_of(path), label);
  ++paths_;
}

std::optional<failure> baseline_file::close(wall_time when) {
  file_.out().line("# What diag-traceroute saw until " + report::time_text(when) + ": " +
                   report::count_words(paths_, "path", "paths"));
  file_.out().line("# What changed: diag-traceroute --expect FILE TARGET...");
  file_.out().write(text_);
  return file_.close();
}

}  // namespace diag::traceroute

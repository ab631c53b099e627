// Lines to owners, owners to lines, and where two differ.
#include "tools/arping/neighbor_baseline.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "libdiag/core/text.hpp"
#include "libdiag/report/time_text.hpp"
#include "libdiag/report/words.hpp"
#include "tools/common/whole_file.hpp"

namespace diag::arping {
namespace {

constexpr std::size_t largest_file = std::size_t{64} << 20;
constexpr std::string_view blanks = " \t\r";
constexpr std::string_view header = "diag-arping neighbors";
constexpr std::string_view version = "1";
/// As many as a run keeps of one address.
constexpr std::size_t most_owners = 16;

ip_address without_scope(ip_address address) {
  address.scope(0);
  return address;
}

std::vector<mac_address> sorted(std::span<const mac_address> owners) {
  std::vector<mac_address> out{owners.begin(), owners.end()};
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string list(const std::vector<mac_address>& owners) {
  std::string out;
  for (const auto& one : owners) out += (out.empty() ? "" : ", ") + to_string(one);
  return out;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  while (true) {
    const auto first = line.find_first_not_of(blanks);
    if (first == line.npos || line[first] == '#') return out;
    line.remove_prefix(first);
    out.push_back(line.substr(0, line.find_first_of(blanks)));
    line.remove_prefix(out.back().size());
  }
}

/// What a message shows of a word from the file.
std::string shown(std::string_view word) {
  constexpr std::size_t most = 40;
  return '\'' + safe_text(word.substr(0, most)) + (word.size() > most ? "...'" : "'");
}

class neighbor_reader {
 public:
  explicit neighbor_reader(const std::string& name) : name_{safe_text(name)} {}

  read_neighbors read(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    while (!text.empty() && out_.errors.size() < most_neighbor_errors) {
      const auto end = text.find('\n');
      ++number_;
      if (const auto why = line(words_of(text.substr(0, end))); !why.empty())
        out_.errors.push_back(fmt::format("{}:{}: {}", name_, number_, why));
      // A file of something else would be wrong in every line.
      if (!begun_ && !out_.errors.empty()) return std::move(out_);
      text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    if (!begun_) out_.errors.push_back(fmt::format("{}: it is empty", name_));
    return std::move(out_);
  }

 private:
  std::string line(const std::vector<std::string_view>& words) {
    if (words.empty()) return {};
    return begun_ ? neighbor(words) : begin(words);
  }

  std::string begin(const std::vector<std::string_view>& words) {
    const bool ours = words.size() == 3 && fmt::format("{} {}", words[0], words[1]) == header;
    if (!ours) return fmt::format("the first line is not '{} {}'", header, version);
    if (words[2] != version) return fmt::format("version {} is not known, only {}", shown(words[2]), version);
    begun_ = true;
    return {};
  }

  std::string neighbor(const std::vector<std::string_view>& words) {
    const auto address = parse_ip(words[0]);
    if (!address) return fmt::format("{} is not an IP address", shown(words[0]));
    if (words.size() == 1) return "no hardware address follows";
    if (words.size() > most_owners + 1) return fmt::format("more than {} hardware addresses", most_owners);
    std::vector<mac_address> owners;
    for (std::size_t at = 1; at < words.size(); ++at) {
      const auto mac = parse_mac(words[at]);
      if (!mac) return fmt::format("{} is not a hardware address", shown(words[at]));
      if (std::find(owners.begin(), owners.end(), *mac) != owners.end())
        return fmt::format("{} stands there twice", to_string(*mac));
      owners.push_back(*mac);
    }
    const auto [place, fresh] = lines_.try_emplace(*address, number_);
    if (!fresh) return fmt::format("{} has a line already: {}", to_string(*address), place->second);
    out_.known.take(*address, owners);
    return {};
  }

  std::string name_;
  std::uint64_t number_ = 0;
  bool begun_ = false;
  std::map<ip_address, std::uint64_t> lines_;
  read_neighbors out_;
};

}  // namespace

void known_neighbors::take(const ip_address& address, std::span<const mac_address> owners) {
  for (const auto& one : owners) pairs_.emplace_back(without_scope(address), one);
  sorted_ = sorted_ && owners.empty();
}

std::span<const std::pair<ip_address, mac_address>> known_neighbors::pairs() {
  if (!sorted_) {
    std::sort(pairs_.begin(), pairs_.end());
    pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
    sorted_ = true;
  }
  return pairs_;
}

std::vector<mac_address> known_neighbors::owners_of(const ip_address& address) {
  const auto all = pairs();
  std::vector<mac_address> out;
  for (auto at = std::lower_bound(all.begin(), all.end(), std::pair{address, mac_address{}});
       at != all.end() && at->first == address; ++at)
    out.push_back(at->second);
  return out;
}

std::string_view describe(neighbor_difference::kind what) {
  static constexpr std::array<std::string_view, 3> words{"appeared", "vanished", "changed"};
  const auto row = static_cast<std::size_t>(what);
  return row < words.size() ? words[row] : "unknown";
}

std::string difference_sentence(const neighbor_difference& what) {
  const auto address = to_string(what.address);
  switch (what.what) {
    case neighbor_difference::kind::appeared:
      return fmt::format("{} is at {}, and the file does not have it", address, list(what.after));
    case neighbor_difference::kind::vanished:
      return fmt::format("{} is silent, where the file has {}", address, list(what.before));
    case neighbor_difference::kind::changed:
      break;
  }
  return fmt::format("{} is at {}, where the file has {}", address, list(what.after), list(what.before));
}

std::optional<neighbor_difference> compare(known_neighbors& file, const ip_address& asked,
                                           std::span<const mac_address> seen) {
  using kind = neighbor_difference::kind;
  neighbor_difference out{kind::changed, asked, file.owners_of(asked), sorted(seen)};
  if (out.before == out.after) return std::nullopt;
  const bool less = std::includes(out.before.begin(), out.before.end(), out.after.begin(), out.after.end());
  if (asked.is_v6() && asked.is_link_local() && less && !out.after.empty()) return std::nullopt;
  if (out.before.empty()) out.what = kind::appeared;
  if (out.after.empty()) out.what = kind::vanished;
  return out;
}

result<std::string> read_neighbor_file(const std::string& path) {
  return tools::read_whole_file(path, "neighbor file", largest_file);
}

read_neighbors parse_neighbors(std::string_view text, const std::string& name) {
  return neighbor_reader{name}.read(text);
}

result<neighbor_file> neighbor_file::open(std::string path) {
  auto file = report::output_file::create(std::move(path));
  if (!file) return file.error();
  return neighbor_file{std::move(*file)};
}

std::optional<failure> neighbor_file::close(wall_time when) {
  write_neighbors(file_.out(), seen_, when);
  return file_.close();
}

void write_neighbors(report::output& out, known_neighbors& seen, wall_time when) {
  std::uint64_t addresses = 0;
  const auto pairs = seen.pairs();
  for (std::size_t at = 0; at < pairs.size(); ++at)
    if (at == 0 || !(pairs[at].first == pairs[at - 1].first)) ++addresses;
  out.line(fmt::format("{} {}", header, version));
  out.line("# Who answered until " + report::time_text(when) + ": " +
           report::count_words(addresses, "address", "addresses"));
  out.line("# What changed: diag-arping --compare FILE TARGET...");
  std::string line;
  for (std::size_t at = 0; at < pairs.size(); ++at) {
    if (line.empty()) line = to_string(pairs[at].first);
    line += ' ' + to_string(pairs[at].second);
    if (at + 1 < pairs.size() && pairs[at + 1].first == pairs[at].first) continue;
    out.line(line);
    line.clear();
  }
}

}  // namespace diag::arping

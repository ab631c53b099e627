// Lines to ranges, ranges to origins.
#include "tools/traceroute/asn_table.hpp"

#include <bit>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "tools/common/whole_file.hpp"
#include "tools/traceroute/asn_lines.hpp"
#include "tools/traceroute/asn_ranges.hpp"
#include "tools/traceroute/mmdb_file.hpp"

namespace diag::traceroute {
namespace {

constexpr std::size_t largest_file = std::size_t{1} << 30;

/// What there is beside a number: many prefixes share one. Most tables have none, and pay for none.
struct origin {
  std::vector<std::uint32_t> others{};
  std::string name{};
};

/// The length of the network that [first, last] is; nullopt: none, or more than one.
template <class Word>
std::optional<std::uint8_t> length_of(Word first, Word last) {
  const Word differs = first ^ last;
  if ((differs & (differs + 1)) != 0 || (first & differs) != 0) return std::nullopt;
  return static_cast<std::uint8_t>(std::countl_zero(differs));
}
std::optional<std::uint8_t> length_of(const wide_key& first, const wide_key& last) {
  constexpr std::uint8_t half = 64;
  if (first[0] != last[0]) {
    const bool whole = first[1] == 0 && last[1] == ~std::uint64_t{0};
    return whole ? length_of(first[0], last[0]) : std::nullopt;
  }
  const auto low = length_of(first[1], last[1]);
  return low ? std::optional{static_cast<std::uint8_t>(half + *low)} : std::nullopt;
}

ip_address to_address(std::uint32_t key) {
  return ip_address::v4(key);
}
ip_address to_address(const wide_key& key) {
  std::array<std::byte, 16> octets{};
  store_be64(octets, 0, key[0]);
  store_be64(octets, 8, key[1]);
  return ip_address::from_bytes(octets);
}

}  // namespace

struct asn_table::contents {
  range_map<std::uint32_t> narrow;
  range_map<wide_key> wide;
  std::vector<origin> origins{origin{}};  ///< the first is nothing
  std::uint64_t bad = 0;
  std::string first_bad;
  std::unique_ptr<mmdb_file> database;

  void read(std::string_view text, const std::string& name) {
    asn_line line;
    std::string why;
    for (std::uint64_t number = 1; !text.empty(); ++number) {
      const auto end = text.find('\n');
      const auto kind = parse_asn_line(text.substr(0, end), line, why);
      if (kind == asn_line_kind::good && line.number != 0) add(line);
      if (kind == asn_line_kind::bad && bad++ == 0) first_bad = fmt::format("{}:{}: {}", name, number, why);
      text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    known_.clear();
    narrow.seal();
    wide.seal();
  }

  template <class Key>
  [[nodiscard]] std::optional<as_origin> answer(const numbered_range<Key>* found) const {
    if (found == nullptr) return std::nullopt;
    const auto& beside = origins[found->more];
    as_origin out{found->number, beside.name, {}, beside.others};
    if (const auto length = length_of(found->first, found->last))
      out.prefix = ip_prefix{to_address(found->first), *length};
    return out;
  }

 private:
  void add(const asn_line& line) {
    const auto more = place_of(line);
    if (line.first.is_v4())
      narrow.add({line.first.v4_value(), line.last.v4_value(), line.number, more});
    else
      wide.add({line.first.words(), line.last.words(), line.number, more});
  }

  std::uint32_t place_of(const asn_line& line) {
    if (line.name.empty() && line.others.empty()) return 0;
    // Neighboring lines are mostly of one origin.
    if (origins[latest_].name == line.name && origins[latest_].others == line.others) return latest_;
    key_.assign(line.name).append(1, '\0');
    for (const auto other : line.others) key_.append(1, '_').append(std::to_string(other));
    const auto [place, fresh] = known_.try_emplace(key_, static_cast<std::uint32_t>(origins.size()));
    if (fresh) origins.push_back({line.others, std::string{line.name}});
    latest_ = place->second;
    return latest_;
  }

  std::unordered_map<std::string, std::uint32_t> known_;  // while reading
  std::string key_;
  std::uint32_t latest_ = 0;
};

asn_table::asn_table(std::unique_ptr<contents> all) : all_{std::move(all)} {}
asn_table::asn_table(asn_table&&) noexcept = default;
asn_table& asn_table::operator=(asn_table&&) noexcept = default;
asn_table::~asn_table() = default;

result<asn_table> asn_table::parse(std::string_view text, const std::string& name) {
  const auto refuse = [&name](std::string why, std::string hint) {
    return failure{{}, "read AS table", name, std::move(why), std::move(hint)};
  };
  if (text.starts_with("\x1f\x8b")) return refuse("it is compressed", "gunzip it first");
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  auto all = std::make_unique<contents>();
  all->read(text, name);
  if (all->narrow.size() + all->wide.size() == 0)
    return refuse(all->first_bad.empty() ? "it names no network"
                                         : "no line names a network and its AS, the first: " + all->first_bad,
                  "");
  return asn_table{std::move(all)};
}

result<asn_table> asn_table::open(const std::string& path) {
  if (path.ends_with(".mmdb")) {
    auto database = mmdb_file::open(path);
    if (!database) return database.error();
    auto all = std::make_unique<contents>();
    all->database = std::move(*database);
    return asn_table{std::move(all)};
  }
  const auto text = tools::read_whole_file(path, "AS table", largest_file);
  if (!text) return text.error();
  return parse(*text, path);
}

std::optional<as_origin> asn_table::find(const ip_address& address) const {
  if (!address) return std::nullopt;
  if (all_->database) return all_->database->find(address);
  return address.is_v4() ? all_->answer(all_->narrow.find(address.v4_value()))
                         : all_->answer(all_->wide.find(address.words()));
}

std::uint64_t asn_table::size() const {
  return all_->narrow.size() + all_->wide.size();
}
std::uint64_t asn_table::bad_lines() const {
  return all_->bad;
}
const std::string& asn_table::first_bad() const {
  return all_->first_bad;
}

}  // namespace diag::traceroute

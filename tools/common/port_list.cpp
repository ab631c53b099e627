// Items one after another; a bit for each port remembers which were there before.
#include "tools/common/port_list.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <bitset>
#include <netdb.h>

#include "libdiag/core/text.hpp"

namespace diag::tools {
namespace {

constexpr std::uint16_t highest_port = 65535;

using interval_reading = result<port_interval, port_list_error>;

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 40;
  return '"' + safe_text(text.substr(0, longest)) + (text.size() > longest ? "...\"" : "\"");
}

result<std::uint16_t, port_list_error> read_number(std::string_view digits) {
  const auto number = parse_unsigned(digits, 1, highest_port);
  if (!number) return port_list_error{"port " + safe_text(digits.substr(0, 40)) + ": " + number.error().why};
  return static_cast<std::uint16_t>(*number);
}

interval_reading read_range(std::string_view item, std::size_t dash) {
  const auto first_word = item.substr(0, dash), last_word = item.substr(dash + 1);
  if (first_word.empty() || last_word.empty())
    return port_list_error{"the range " + quoted(item) + " lacks its " +
                           (first_word.empty() ? "first" : "last") + " port"};
  if (last_word.find('-') != last_word.npos) return port_list_error{quoted(item) + " is not one range"};
  const auto first = read_number(first_word);
  if (!first) return first.error();
  const auto last = read_number(last_word);
  if (!last) return last.error();
  if (*last < *first) return port_list_error{"the range " + quoted(item) + " ends before it begins"};
  return port_interval{*first, *last};
}

interval_reading read_item(std::string_view item, const service_lookup& services, std::string_view protocol) {
  if (item == "all") return port_interval{1, highest_port};
  // Names of services hold dashes, and may begin with a digit ("3com-tsmux").
  if (item.find_first_not_of("0123456789-") == item.npos) {
    if (const auto dash = item.find('-'); dash != item.npos) return read_range(item, dash);
    const auto one = read_number(item);
    if (!one) return one.error();
    return port_interval{*one, *one};
  }
  if (item.find_first_of(" \t") != item.npos) return port_list_error{quoted(item) + " holds a blank"};
  const auto port = services(item);
  if (!port || *port == 0)
    return port_list_error{quoted(item) + " is neither a port nor a " + std::string{protocol} +
                           " service that this system knows"};
  return port_interval{*port, *port};
}

result<std::vector<port_interval>, port_list_error> read_list(std::string_view text,
                                                              const service_lookup& services,
                                                              std::string_view protocol) {
  if (text.empty()) return port_list_error{"there is no port"};
  std::vector<port_interval> out;
  for (bool more = true; more;) {
    const auto comma = text.find(',');
    const auto item = text.substr(0, comma);
    more = comma != text.npos;
    if (item.empty())
      return port_list_error{more ? "an item of the list is empty" : "nothing follows the last comma"};
    const auto interval = read_item(item, services, protocol);
    if (!interval) return interval.error();
    out.push_back(*interval);
    if (more) text.remove_prefix(comma + 1);
  }
  return out;
}

std::optional<std::uint16_t> service_of(std::string_view name, const char* protocol) {
  // What getservbyname(3) would take for the end of the name must not make another name of it.
  if (name.find('\0') != name.npos) return std::nullopt;
  const std::string text{name};
  const auto* entry = ::getservbyname(text.c_str(), protocol);
  if (entry == nullptr) return std::nullopt;
  // Network order in the low half of an int.
  const auto raw = static_cast<std::uint16_t>(entry->s_port);
  return ntohs(raw);
}

}  // namespace

std::optional<std::uint16_t> system_service(std::string_view name) {
  return service_of(name, "tcp");
}
std::optional<std::uint16_t> system_udp_service(std::string_view name) {
  return service_of(name, "udp");
}

result<std::vector<std::uint16_t>, port_list_error> parse_ports(std::string_view text,
                                                                const service_lookup& services,
                                                                std::string_view protocol) {
  const auto intervals = read_list(text, services, protocol);
  if (!intervals) return intervals.error();
  std::vector<std::uint16_t> ports;
  std::bitset<std::size_t{highest_port} + 1> known;
  for (const auto& [first, last] : *intervals) {
    if (ports.size() == highest_port) break;  // "all,all,all" costs what one costs
    for (std::uint32_t port = first; port <= last; ++port) {
      if (!known[port]) ports.push_back(static_cast<std::uint16_t>(port));
      known[port] = true;
    }
  }
  return ports;
}

result<port_set, port_list_error> parse_port_set(std::string_view text, const service_lookup& services) {
  auto intervals = read_list(text, services, "TCP");
  if (!intervals) return intervals.error();
  return port_set{std::move(*intervals)};
}

port_set::port_set(std::span<const std::uint16_t> ports) {
  std::vector<port_interval> single;
  single.reserve(ports.size());
  for (const auto port : ports) single.push_back({port, port});
  *this = port_set{std::move(single)};
}

port_set::port_set(std::vector<port_interval> intervals) {
  std::sort(intervals.begin(), intervals.end(),
            [](const port_interval& a, const port_interval& b) { return a.first < b.first; });
  for (const auto& one : intervals) {
    if (!intervals_.empty() && one.first <= intervals_.back().last + 1)
      intervals_.back().last = std::max(intervals_.back().last, one.last);
    else
      intervals_.push_back(one);
  }
}

std::uint32_t port_set::size() const {
  std::uint32_t all = 0;
  for (const auto& [first, last] : intervals_) all += std::uint32_t{last} - first + 1;
  return all;
}

bool port_set::contains(std::uint16_t port) const {
  const auto after =
      std::upper_bound(intervals_.begin(), intervals_.end(), port,
                       [](std::uint16_t value, const port_interval& one) { return value < one.first; });
  return after != intervals_.begin() && std::prev(after)->last >= port;
}

std::optional<std::uint16_t> port_set::common(const port_set& other) const {
  auto mine = intervals_.begin();
  auto theirs = other.intervals_.begin();
  while (mine != intervals_.end() && theirs != other.intervals_.end()) {
    const auto from = std::max(mine->first, theirs->first);
    if (from <= std::min(mine->last, theirs->last)) return from;
    if (mine->last < theirs->last)
      ++mine;
    else
      ++theirs;
  }
  return std::nullopt;
}

std::vector<std::uint16_t> port_set::ports() const {
  std::vector<std::uint16_t> all;
  all.reserve(size());
  for (const auto& [first, last] : intervals_)
    for (std::uint32_t port = first; port <= last; ++port) all.push_back(static_cast<std::uint16_t>(port));
  return all;
}

std::string port_set::text() const {
  if (intervals_.size() == 1 && intervals_[0] == port_interval{1, highest_port}) return "all";
  std::string out;
  for (const auto& [first, last] : intervals_) {
    if (!out.empty()) out += ',';
    out += std::to_string(first);
    if (last != first) out.append("-").append(std::to_string(last));
  }
  return out;
}

}  // namespace diag::tools

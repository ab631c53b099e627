// Words of a line, then what they mean.
#include "tools/tcp/policy_line.hpp"

#include <algorithm>
#include <array>

#include "libdiag/core/text.hpp"

namespace diag::tcp {
namespace {

using probe::reason;
using probe::tcp_state;

constexpr std::string_view blanks = " \t\v\f\r";
constexpr std::string_view form = "write TARGET PORTS EXPECTATION [NAME]";

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 60;
  return '"' + safe_text(text.substr(0, longest)) + (text.size() > longest ? "...\"" : "\"");
}

struct word {
  std::string text;
  bool quoted = false;
};
using words = std::vector<word>;

/// `rest` begins with the opening quote; what follows the closing one is left in it.
result<word, policy_line_error> take_quoted(std::string_view& rest) {
  word out{{}, true};
  for (std::size_t at = 1; at < rest.size(); ++at) {
    if (rest[at] == '"') {
      rest.remove_prefix(at + 1);
      if (rest.empty() || blanks.find(rest.front()) != rest.npos) return out;
      return policy_line_error{"a blank must follow the closing quote", "write \\\" for a quote inside"};
    }
    if (rest[at] == '\\') {
      ++at;
      if (at == rest.size()) break;
      if (rest[at] != '"' && rest[at] != '\\')
        return policy_line_error{"unknown escape \"\\" + safe_text(rest.substr(at, 1)) + "\" in the quotes",
                                 "only \\\" and \\\\ are known"};
    }
    out.text += rest[at];
  }
  return policy_line_error{"the quote is not closed", "end it with \""};
}

/// A `#` begins a comment where a word could begin, as in a file of targets.
result<words, policy_line_error> split(std::string_view line) {
  words out;
  while (true) {
    const auto begin = line.find_first_not_of(blanks);
    if (begin == line.npos || line[begin] == '#') return out;
    line.remove_prefix(begin);
    if (line.front() == '"') {
      auto taken = take_quoted(line);
      if (!taken) return taken.error();
      out.push_back(std::move(*taken));
      continue;
    }
    const auto end = std::min(line.find_first_of(blanks), line.size());
    out.push_back({std::string{line.substr(0, end)}});
    line.remove_prefix(end);
  }
}

/// Whether a probe can end in this state for this reason (probe/tcp_event.hpp).
bool fits(tcp_state state, reason why) {
  const bool from_icmp = why >= reason::net_unreachable && why <= reason::parameter_problem;
  switch (state) {
    case tcp_state::open:
      return why == reason::syn_ack || why == reason::syn_ack_by_device;
    case tcp_state::closed:
      return why == reason::reset || why == reason::reset_by_device || why == reason::unfiltered;
    case tcp_state::filtered:
      return why == reason::no_answer || why == reason::connection_timeout;
    case tcp_state::rejected:
      return from_icmp && why <= reason::other_unreachable && why != reason::fragmentation_needed;
    case tcp_state::unreachable:
      // The first two are our own host's word: a neighbour that does not resolve.
      return why == reason::host_unreachable || why == reason::net_unreachable ||
             why == reason::fragmentation_needed || (from_icmp && why > reason::other_unreachable);
    case tcp_state::error:
      return from_icmp || (why >= reason::local_firewall && why <= reason::system_error);
  }
  return false;
}

std::string reasons_of(tcp_state state) {
  std::string all;
  for (auto at = 0; at <= static_cast<int>(reason::system_error); ++at) {
    const auto why = static_cast<reason>(at);
    if (fits(state, why)) all.append(all.empty() ? "" : ", ").append(probe::describe(why));
  }
  return all;
}

std::string all_states() {
  std::string all;
  for (std::size_t at = 0; at < probe::tcp_state_count; ++at)
    all.append(all.empty() ? "" : ", ").append(probe::describe(static_cast<tcp_state>(at)));
  return all;
}

std::optional<reason> read_reason(tcp_state state, std::string_view text) {
  for (auto at = 0; at <= static_cast<int>(reason::system_error); ++at) {
    const auto why = static_cast<reason>(at);
    if (fits(state, why) && probe::describe(why) == text) return why;
  }
  return std::nullopt;
}

result<expectation::alternative, policy_line_error> read_alternative(std::string_view text) {
  const auto colon = text.find(':');
  const auto state_word = text.substr(0, colon);
  if (state_word.empty()) return policy_line_error{"an expectation is empty", "one of " + all_states()};
  for (std::size_t at = 0; at < probe::tcp_state_count; ++at) {
    const auto state = static_cast<tcp_state>(at);
    if (probe::describe(state) != state_word) continue;
    if (colon == text.npos) return expectation::alternative{state, {}};
    const auto why = read_reason(state, text.substr(colon + 1));
    if (why) return expectation::alternative{state, why};
    return policy_line_error{
        "no port is " + std::string{state_word} + " for the reason " + quoted(text.substr(colon + 1)),
        "one of " + reasons_of(state)};
  }
  return policy_line_error{"unknown expectation " + quoted(state_word), "one of " + all_states()};
}

result<policy_line, policy_line_error> read_row(words& all, const service_lookup& services) {
  constexpr std::array<std::string_view, 3> parts{"TARGET", "PORTS", "EXPECTATION"};
  for (std::size_t at = 0; at < std::min(all.size(), parts.size()); ++at)
    if (all[at].quoted)
      return policy_line_error{std::string{parts[at]} + " stands in quotes",
                               std::string{form} + ", with quotes around NAME alone"};
  if (all.size() < parts.size())
    return policy_line_error{std::string{parts[all.size()]} + " is missing", std::string{form}};
  if (all.size() > parts.size() + 1)
    return policy_line_error{"more than four words", "put a NAME that holds blanks in quotes"};
  auto ports = tools::parse_port_set(all[1].text, services);
  if (!ports) return policy_line_error{"ports " + quoted(all[1].text) + ": " + ports.error().why, {}};
  auto expected = parse_expectation(all[2].text);
  if (!expected) return expected.error();
  policy_entry row{std::move(all[0].text), std::move(*ports), std::move(*expected), {}};
  if (all.size() > parts.size()) row.name = std::move(all[3].text);
  return policy_line{std::move(row)};
}

}  // namespace

void expectation::add(const alternative& one) {
  const auto covered = [&](const alternative& known) {
    return known.state == one.state && (!known.why || known.why == one.why);
  };
  if (std::any_of(any_.begin(), any_.end(), covered)) return;
  if (!one.why) std::erase_if(any_, [&](const alternative& known) { return known.state == one.state; });
  any_.push_back(one);
}

bool expectation::admits(tcp_state state, reason why) const {
  return std::any_of(any_.begin(), any_.end(), [&](const alternative& one) {
    return one.state == state && (!one.why || *one.why == why);
  });
}

bool expectation::contradicts(const expectation& other) const {
  for (const auto& mine : any_)
    for (const auto& theirs : other.any_)
      if (mine.state == theirs.state && (!mine.why || !theirs.why || mine.why == theirs.why)) return false;
  return true;
}

std::string expectation::text() const {
  std::string out;
  for (const auto& one : any_) {
    if (!out.empty()) out += '|';
    out += probe::describe(one.state);
    if (one.why) out.append(":").append(probe::describe(*one.why));
  }
  return out;
}

result<expectation, policy_line_error> parse_expectation(std::string_view text) {
  expectation out;
  while (true) {
    const auto bar = text.find('|');
    const auto one = read_alternative(text.substr(0, bar));
    if (!one) return one.error();
    out.add(*one);
    if (bar == text.npos) return out;
    text.remove_prefix(bar + 1);
  }
}

result<policy_line, policy_line_error> parse_policy_line(std::string_view line,
                                                         const service_lookup& services) {
  if (line.size() > longest_policy_line)
    return policy_line_error{"the line is longer than 1024 octets", "use more rows, or a shorter name"};
  if (line.find('\0') != line.npos) return policy_line_error{"the line holds a NUL octet", "take it out"};
  auto all = split(line);
  if (!all) return all.error();
  if (all->empty()) return policy_line{};
  if (all->front().quoted || all->front().text != "include") return read_row(*all, services);
  if (all->size() != 2 || (*all)[1].text.empty())
    return policy_line_error{"include takes one file", "put a name that holds blanks in quotes"};
  return policy_line{policy_include{std::move((*all)[1].text)}};
}

void append_quoted(std::string& out, std::string_view name) {
  out += '"';
  for (const char c : name) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

}  // namespace diag::tcp

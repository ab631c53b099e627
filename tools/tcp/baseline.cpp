// What was seen, as few rows as say it.
//
// Rows name addresses, not names: a name may lead elsewhere tomorrow, and with --all-addresses it stands for
// several addresses in several states. It is kept as the row's name.
#include "tools/tcp/baseline.hpp"

#include <algorithm>
#include <map>

#include "libdiag/report/time_text.hpp"
#include "libdiag/report/words.hpp"

namespace diag::tcp {
namespace {

using probe::reason;
using probe::tcp_state;

constexpr auto rejected_bit = static_cast<std::uint8_t>(1U << static_cast<unsigned>(tcp_state::rejected));

/// A refusal's reason says whether a filter or the routing is behind it; other reasons differ between a
/// crafted SYN and a connection without meaning anything.
std::string expectation_text(std::uint8_t states, std::uint8_t why) {
  expectation out;
  const unsigned bits = states;
  for (std::size_t at = 0; at < probe::tcp_state_count; ++at)
    if ((bits >> at & 1U) != 0) out.add({static_cast<tcp_state>(at), {}});
  auto text = out.text();
  if (states == rejected_bit && why != 0) text.append(":").append(probe::describe(static_cast<reason>(why)));
  return text;
}

/// Rows of `ports`, each short enough to be read back.
void write_rows(report::output& out, const std::string& target, const port_set& ports,
                const std::string& expected, std::string_view name) {
  constexpr std::size_t most_intervals = 60;  // of at most twelve octets
  std::string tail = ' ' + expected;
  if (!name.empty()) append_quoted(tail += ' ', name);
  const auto all = ports.ports();
  const auto& intervals = ports.intervals();
  for (std::size_t at = 0; at < intervals.size(); at += most_intervals) {
    const auto end = std::min(at + most_intervals, intervals.size()) - 1;
    const auto from = std::lower_bound(all.begin(), all.end(), intervals[at].first);
    const auto to = std::upper_bound(from, all.end(), intervals[end].last);
    out.line(target + ' ' + port_set{std::span{from, to}}.text() + tail);
  }
}

}  // namespace

void seen_pairs::take(const probe::tcp_result& result) {
  const auto bit = static_cast<std::uint8_t>(1U << static_cast<unsigned>(result.state));
  entries_.push_back({result.target, result.port, bit, static_cast<std::uint8_t>(result.why)});
  sorted_ = false;
}

const std::vector<seen_pairs::entry>& seen_pairs::sorted() {
  if (sorted_) return entries_;
  sorted_ = true;
  std::sort(entries_.begin(), entries_.end(), [](const entry& a, const entry& b) {
    return a.target != b.target ? a.target < b.target : a.port < b.port;
  });
  std::size_t kept = 0;
  for (std::size_t at = 0; at < entries_.size(); ++at) {
    auto& last = entries_[kept == 0 ? 0 : kept - 1];
    if (kept > 0 && last.target == entries_[at].target && last.port == entries_[at].port) {
      last.states = static_cast<std::uint8_t>(last.states | entries_[at].states);
      if (last.why != entries_[at].why) last.why = 0;
    } else {
      entries_[kept++] = entries_[at];
    }
  }
  entries_.resize(kept);
  return entries_;
}

void write_baseline(report::output& out, seen_pairs& seen, const gathered_plan& asked, wall_time when) {
  const auto& entries = seen.sorted();
  out.line("# What diag-tcp saw until " + report::time_text(when) + ": " +
           report::count_words(entries.size(), "pair", "pairs"));
  if (const auto pairs = asked.plan.size() / asked.plan.flows(); pairs > entries.size())
    out.line("# Not decided, and not here: " + report::count_words(pairs - entries.size(), "pair", "pairs"));
  out.line("# Again: diag-tcp --policy FILE    What changed: diag-tcp --compare FILE");
  for (auto from = entries.begin(); from != entries.end();) {
    const auto target = from->target;
    std::map<std::string, std::vector<std::uint16_t>> by_state;
    std::vector<std::string> order;
    for (; from != entries.end() && from->target == target; ++from) {
      const auto text = expectation_text(from->states, from->why);
      const auto [place, fresh] = by_state.try_emplace(text);
      if (fresh) order.push_back(text);
      place->second.push_back(from->port);
    }
    const auto address = asked.plan.address(target);
    for (const auto& text : order)
      write_rows(out, to_string(address), port_set{by_state[text]}, text, asked.names.name_of(address));
  }
}

result<baseline> baseline::open(std::string path) {
  auto file = report::output_file::create(std::move(path));
  if (!file) return file.error();
  return baseline{std::move(*file)};
}

std::optional<failure> baseline::close(const gathered_plan& asked, wall_time when) {
  write_baseline(file_.out(), seen_, asked, when);
  return file_.close();
}

}  // namespace diag::tcp

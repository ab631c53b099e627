// Rows in, lines out. What runs once for each target allocates nothing.
#include "tools/ping/sweep_view.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include <fmt/format.h>

#include "libdiag/core/text.hpp"
#include "libdiag/report/words.hpp"
#include "tools/ping/text_lines.hpp"

namespace diag::ping {
namespace {

std::string_view word(sweep_state state) {
  switch (state) {
    case sweep_state::alive:
      return "alive";
    case sweep_state::late:
      return "alive (late)";
    case sweep_state::unreachable:
      return "unreachable";
    case sweep_state::silent:
      return "silent";
    case sweep_state::error:
      return "error";
    case sweep_state::unasked:
      break;
  }
  return "not asked";
}
constexpr std::size_t state_width = 12;

// By hand: a format string for each of a million cells is most of what a table costs.
void append_right(std::string& line, std::string_view text, std::size_t width) {
  line.append(width - std::min(width, text.size()), ' ').append(text);
}
std::string number_text(std::uint8_t number) {
  return std::to_string(unsigned{number});
}

}  // namespace

sweep_row sweep_row::of(const probe::ping_summary& account) {
  sweep_row row;
  row.sent = static_cast<std::uint8_t>(std::min<std::uint64_t>(account.sent, 255));
  row.why = account.last_error;
  if (account.received != 0) {
    row.state = sweep_state::alive;
    const auto units = account.last_rtt.count() / 100;
    row.rtt = static_cast<std::uint32_t>(std::clamp<std::int64_t>(units, 0, UINT32_MAX));
    row.hop_limit = account.hop_limit.value_or(0);
  } else if (account.late != 0) {
    row.state = sweep_state::late;
  } else if (account.errors != 0) {
    row.state = sweep_state::unreachable;
  } else {
    const bool ours = account.lost == 0 && account.not_sent != 0;
    row.state = ours ? sweep_state::error : sweep_state::silent;
  }
  return row;
}

sweep_view::sweep_view(const stage& on, const probe::sweep& machine, bool lines)
    : stage_{on},
      machine_{machine},
      lines_{lines},
      streams_{on.options.list != listing::none && !on.options.sort} {
  if (!streams_ && (!on.options.quiet || on.options.list != listing::none)) rows_.resize(on.targets.size());
}

bool sweep_view::listed(const sweep_row& row) const {
  if (row.state == sweep_state::unasked) return false;
  if (stage_.options.list == listing::none) return true;
  return row.is_alive() == (stage_.options.list == listing::alive);
}

void sweep_view::take(const probe::ping_event& event) {
  if (const auto* account = std::get_if<probe::ping_summary>(&event)) {
    if (account->pending != 0) return;  // cut short: nothing is known of it
    if (!streams_ && rows_.empty()) return;
    const auto row = sweep_row::of(*account);
    if (!streams_)
      rows_[account->target] = row;
    else if (listed(row))
      list_one(account->target);
    return;
  }
  if (!lines_ || stage_.options.list != listing::none) return;
  if (const auto* rejected = std::get_if<probe::ping_rejected>(&event)) {
    if (stage_.options.verbose || rejected->why == probe::reject_reason::wrong_source)
      stage_.out.write(rejected_line(*rejected, stage_.options.verbose));
  } else if (const auto* error = std::get_if<probe::ping_error>(&event);
             error != nullptr && error->from && stage_.options.verbose) {
    auto line = error_line(*error, true);
    line.insert(line.size() - 1, " (asked " + to_string(stage_.targets.address(error->target)) + ")");
    stage_.out.write(line);
  }
}

void sweep_view::rest(mono_time now) {
  if (streams_ && pace_.due(now)) stage_.out.flush();
}

void sweep_view::append_label(std::string& line, std::uint64_t target) const {
  const auto address = stage_.targets.address(target);
  const auto name = stage_.targets.name_of(address);
  std::array<char, max_ip_text> room;
  if (name.empty() || stage_.options.numeric)
    line += format_ip(address, room);
  else if (stage_.options.list != listing::none)
    line += safe_text(name);
  else
    line += subject_text({name, address});
}

void sweep_view::list_one(std::uint64_t target) {
  line_.clear();
  append_label(line_, target);
  stage_.out.line(line_);
}

std::vector<std::uint32_t> sweep_view::order() const {
  std::vector<std::uint32_t> order(rows_.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto by = [&](auto key) {
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return key(a) < key(b); });
  };
  switch (stage_.options.sort.value_or(sort_key::target)) {
    case sort_key::target:
      break;
    case sort_key::address:
      by([&](std::uint32_t i) { return stage_.targets.address(i); });
      break;
    case sort_key::rtt:
      by([&](std::uint32_t i) { return rows_[i].state == sweep_state::alive ? rows_[i].rtt : UINT32_MAX; });
      break;
    case sort_key::loss:
      // The dead first, as in a series; among the living those that needed retries.
      by([&](std::uint32_t i) { return std::pair{rows_[i].is_alive(), -int{rows_[i].sent}}; });
      break;
  }
  return order;
}

void sweep_view::list_all() {
  for (const auto target : order())
    if (listed(rows_[target])) list_one(target);
}

void sweep_view::print_row(std::string& line, std::uint64_t target, std::size_t width) const {
  const auto& row = rows_[target];
  const auto begin = line.size();
  append_label(line, target);
  line.append(width - std::min(width, line.size() - begin), ' ');
  const auto state = word(row.state);
  line += "  ";
  if (stage_.style.on())
    line += row.is_alive() ? stage_.style.good(state) : stage_.style.bad(state);
  else
    line += state;
  line.append(state_width - state.size(), ' ');
  append_right(line, row.state == sweep_state::alive ? report::rtt_words(row.time()) : "", 9);
  append_right(line, row.hop_limit != 0 ? number_text(row.hop_limit) : "", 5);
  append_right(line, number_text(row.sent), 6);
  if (row.why != probe::reason::none && !row.is_alive()) line.append("  ").append(describe(row.why));
  line += '\n';
}

void sweep_view::print_table() {
  std::size_t width = 6;
  for (std::uint64_t target = 0; target < rows_.size(); ++target) {
    line_.clear();
    if (listed(rows_[target])) append_label(line_, target);
    width = std::max(width, line_.size());
  }
  line_ = fmt::format("{:<{}}  {:<{}}{:>9}  {:>3}  {:>4}  {}\n", "TARGET", width, "STATE", state_width,
                      "RTT ms", "TTL", "SENT", "WHY");
  stage_.out.write(line_);
  const auto print = [&](std::uint64_t target) {
    if (!listed(rows_[target])) return;
    line_.clear();
    print_row(line_, target, width);
    stage_.out.write(line_);
  };
  if (!stage_.options.sort || *stage_.options.sort == sort_key::target) {
    for (std::uint64_t target = 0; target < rows_.size(); ++target) print(target);
  } else {
    for (const auto target : order()) print(target);
  }
}

void sweep_view::print_footer(const ending& how) {
  const auto& totals = machine_.totals();
  auto line = fmt::format("{} targets: {} alive", stage_.targets.size(), totals.alive);
  const auto add = [&line](std::uint64_t number, std::string_view what) {
    if (number != 0) line += fmt::format(", {} {}", number, what);
  };
  add(totals.targets - totals.alive, "not");
  add(stage_.targets.size() - totals.targets, "not asked to the end");
  line += fmt::format("; {} packets sent, {} received", totals.sent - totals.not_sent, totals.received);
  add(totals.late, "late");
  add(totals.duplicates, "duplicates");
  add(totals.errors, "errors");
  add(totals.not_sent, "not sent");
  add(how.receiver_drops, "lost by our own receiver");
  std::uint64_t rejected = 0;
  for (const auto number : totals.rejected) rejected += number;
  add(rejected, "rejected");
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(how.elapsed).count();
  stage_.out.line(line + fmt::format(", time {}ms", elapsed));
}

void sweep_view::end(const ending& how) {
  if (streams_) return;
  if (stage_.options.list != listing::none) return list_all();
  if (!stage_.options.quiet) {
    print_table();
    stage_.out.write("\n");
  }
  print_footer(how);
}

}  // namespace diag::ping

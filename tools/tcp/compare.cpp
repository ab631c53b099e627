// Results against the rows of a baseline: what differs is kept, what agrees is only counted.
#include "tools/tcp/compare.hpp"

#include <algorithm>
#include <numeric>

#include "libdiag/core/text.hpp"
#include "libdiag/report/words.hpp"
#include "tools/tcp/report_writers.hpp"

namespace diag::tcp {
namespace {

std::string where_text(const ip_address& first, const ip_address& last, const std::string& ports) {
  auto text = to_string(first);
  if ((first <=> last) != 0) text += '-' + to_string(last);
  return (first.is_v6() ? '[' + text + ']' : text) + ':' + ports;
}

port_set without(const port_set& all, const port_set& taken) {
  auto ports = all.ports();
  std::erase_if(ports, [&](std::uint16_t port) { return taken.contains(port); });
  return port_set{ports};
}

bool other_link(const ip_address& a, const ip_address& b) {
  return a.scope() != 0 && b.scope() != 0 && a.scope() != b.scope();
}

}  // namespace

comparison::comparison(const gathered_policy& before, const gathered_plan& asked, const suite_config& config)
    : before_{before},
      asked_{asked},
      suite_{before.rules, asked.plan, config},
      index_{before.rules.rows},
      narrower_{&before.asked != &asked},
      gone_(before.rules.rows.size()) {}

void comparison::take(const probe::tcp_result& result) {
  const auto address = asked_.plan.address(result.target);
  const difference seen{
      no_row,     address, result.state, result.why, result.from == address ? ip_address{} : result.from,
      result.port};
  if (!suite_.take(result)) {
    differences_.push_back(seen);
    return;
  }
  index_.find(address, result.port, [&](std::uint32_t number) {
    const auto& row = before_.rules.rows[number];
    if (other_link(row.blocks.front().first, address)) return;
    if (narrower_) hits_.push_back({number, address, result.port});
    if (row.expected.admits(result.state, result.why)) return;
    differences_.push_back(seen);
    differences_.back().row = number;
  });
}

void comparison::conclude(bool whole) {
  if (whole && narrower_) tell_gone();
  tell_differences();
  const auto& accounts = suite_.accounts();
  for (std::size_t row = 0; row < accounts.size(); ++row)
    undecided_ += gone_[row] > 0 ? 0 : accounts[row].due - std::min(accounts[row].due, accounts[row].decided);
  std::stable_sort(changes_.begin(), changes_.end(),
                   [](const change& a, const change& b) { return a.row < b.row; });
}

void comparison::tell_differences() {
  std::sort(differences_.begin(), differences_.end());
  differences_.erase(std::unique(differences_.begin(), differences_.end()), differences_.end());
  const auto alike = [](const difference& a, difference b) {
    b.port = a.port;
    return a == b;
  };
  for (auto from = differences_.cbegin(); from != differences_.cend();) {
    const auto& first = *from;
    std::vector<std::uint16_t> ports;
    for (; from != differences_.cend() && alike(first, *from); ++from) ports.push_back(from->port);
    auto now =
        std::string{probe::describe(first.state)} + " (" + std::string{probe::describe(first.why)} + ')';
    if (first.from) now += " from " + to_string(first.from);
    const bool fresh = first.row == no_row;
    (fresh ? new_pairs_ : changed_pairs_) += ports.size();
    changes_.push_back(
        {where_text(first.address, first.address, port_set{ports}.text()),
         fresh ? "new: " + now : "was " + before_.rules.rows[first.row].expected.text() + ", now " + now,
         first.row});
  }
}

void comparison::tell_gone() {
  std::sort(hits_.begin(), hits_.end());
  hits_.erase(std::unique(hits_.begin(), hits_.end()), hits_.end());
  auto from = hits_.cbegin();
  for (std::uint32_t row = 0; row < before_.rules.rows.size(); ++row) {
    const auto to = std::find_if(from, hits_.cend(), [&](const hit& one) { return one.row != row; });
    const auto pairs = before_.rules.rows[row].pairs();
    gone_[row] = pairs - static_cast<std::uint64_t>(to - from);
    gone_pairs_ += gone_[row];
    if (gone_[row] > 0) tell_gone(row, from, to);
    from = to;
  }
}

/// What lies between the hits, and at their addresses the ports that were not hit.
void comparison::tell_gone(std::uint32_t row, std::vector<hit>::const_iterator from,
                           std::vector<hit>::const_iterator to) {
  const auto& rule = before_.rules.rows[row];
  for (const auto& block : rule.blocks) {
    std::uint64_t next = 0;  // offset of the first address not yet accounted for
    const auto last = block.first.plus(block.count - 1);
    const auto inside = [&](const ip_address& one) { return !(one < block.first) && !(last < one); };
    for (auto at = from; at != to;) {
      const auto address = at->address;
      std::vector<std::uint16_t> ports;
      for (; at != to && at->address == address; ++at) ports.push_back(at->port);
      if (!inside(address)) continue;
      const auto offset = address.words()[1] - block.first.words()[1];
      if (offset > next) gone(row, block.first.plus(next), block.first.plus(offset - 1), rule.ports);
      gone(row, address, address, without(rule.ports, port_set{ports}));
      next = offset + 1;
    }
    if (next < block.count) gone(row, block.first.plus(next), last, rule.ports);
  }
}

void comparison::gone(std::uint32_t row, const ip_address& first, const ip_address& last,
                      const port_set& ports) {
  if (ports.intervals().empty()) return;
  changes_.push_back(
      {where_text(first, last, ports.text()), "gone: was " + before_.rules.rows[row].expected.text(), row});
}

tools::exit_code comparison::status() const {
  auto worst = changes_.empty() ? tools::exit_code::positive : tools::exit_code::negative;
  const auto& accounts = suite_.accounts();
  const bool ours = std::any_of(accounts.begin(), accounts.end(),
                                [](const row_account& one) { return one.errors > 0 || one.due == 0; });
  if (ours || undecided_ > 0) worst = tools::worse(worst, tools::exit_code::ours);
  return worst;
}

test_case comparison::case_of(std::uint32_t row, const report_context& context) const {
  auto out = make_case(suite_, row, context);
  if (gone_[row] > 0) {
    out.outcome = test_outcome::failed;
    out.unexpected += gone_[row];
    out.evidence = report::count_words(gone_[row], "pair", "pairs") + " of it not asked any more";
  }
  const auto begin = std::lower_bound(changes_.begin(), changes_.end(), row,
                                      [](const change& one, std::uint32_t at) { return one.row < at; });
  out.details.clear();
  out.further = 0;
  for (auto at = begin; at != changes_.end() && at->row == row; ++at) {
    if (out.details.size() < row_account::most_shown)
      out.details.push_back(at->where + ": " + at->what);
    else
      ++out.further;
  }
  return out;
}

test_case comparison::new_case(const report_context& context) const {
  test_case out;
  out.file = printable(before_.rules.files[0], context.kind);
  out.name = "new";
  out.target = "what the baseline does not know:";
  out.ports = report::count_words(new_pairs_, "pair", "pairs");
  out.expectation = "none";
  out.outcome = test_outcome::failed;
  out.evidence = out.ports + " not in the baseline";
  out.pairs = out.decided = out.unexpected = new_pairs_;
  const auto begin =
      std::find_if(changes_.begin(), changes_.end(), [](const change& one) { return one.row == no_row; });
  for (auto at = begin; at != changes_.end(); ++at) {
    if (out.details.size() < row_account::most_shown)
      out.details.push_back(at->where + ": " + at->what);
    else
      ++out.further;
  }
  return out;
}

void comparison::write_text(report::output& out, const report_context& context) const {
  for (const auto& one : changes_) {
    auto line = one.where + ": " + context.paint.bad(one.what);
    if (one.row != no_row) line += "  [" + safe_text(before_.rules.place(before_.rules.rows[one.row])) + ']';
    out.line(line);
  }
  std::uint64_t decided = 0;
  for (const auto& account : suite_.accounts()) decided += account.decided;
  std::string counts;
  const auto count = [&](std::uint64_t number, std::string_view word) {
    if (number > 0) counts.append(counts.empty() ? "" : ", ").append(report::count_words(number, word, word));
  };
  count(changed_pairs_, "changed");
  count(new_pairs_, "new");
  count(gone_pairs_, "gone");
  count(undecided_, "not decided");
  if (counts.empty())
    counts = context.paint.good("nothing changed") + ": " +
             report::count_words(decided, "result is", "results are") + " as before";
  out.line(counts);
}

void comparison::write(report::output& out, const report_context& context) const {
  if (context.kind == report_kind::text) return write_text(out, context);
  const auto writer = make_report_writer(out, context);
  report_totals totals{printable(before_.rules.files[0], context.kind), {}};
  const auto rows = static_cast<std::uint32_t>(before_.rules.rows.size());
  for (std::uint32_t row = 0; row < rows; ++row) {
    const auto outcome = gone_[row] > 0 ? test_outcome::failed : suite_.accounts()[row].outcome();
    ++totals.outcomes[static_cast<std::size_t>(outcome)];
  }
  if (new_pairs_ > 0) ++totals.outcomes[static_cast<std::size_t>(test_outcome::failed)];
  writer->begin(totals);
  for (std::uint32_t row = 0; row < rows; ++row) writer->add(case_of(row, context));
  if (new_pairs_ > 0) writer->add(new_case(context));
  writer->end(totals);
}

}  // namespace diag::tcp

// A few reasons at most for each path: a list is enough.
#include "tools/traceroute/reject_book.hpp"

#include <algorithm>
#include <string_view>

#include "libdiag/report/traceroute_records.hpp"

namespace diag::traceroute {
namespace {

namespace key = report::traceroute_key;

void add(report::counts& to, std::string_view word, std::int64_t count) {
  const auto at = std::find_if(to.begin(), to.end(), [&](const auto& one) { return one.first == word; });
  if (at == to.end())
    to.emplace_back(word, count);
  else
    at->second += count;
}

}  // namespace

void reject_book::take(const probe::path_reject& what) {
  if (what.target) add(by_path_[*what.target], describe(what.why), 1);
}

void reject_book::close(report::record& summary, std::uint32_t first, std::uint32_t paths) {
  report::counts all;
  for (std::uint32_t path = first; path < first + paths; ++path)
    if (const auto found = by_path_.extract(path))
      for (const auto& [word, count] : found.mapped()) add(all, word, count);
  for (const auto& [word, count] : all)
    if (word == describe(probe::reject_reason::duplicate_answer)) summary.set(key::duplicates, count);
  if (!all.empty()) summary.set(key::rejected, std::move(all));
}

}  // namespace diag::traceroute

// Lines while the series runs, the statistics block or the table when it has ended.
#include "tools/ping/text_view.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "libdiag/core/hex.hpp"
#include "libdiag/core/text.hpp"
#include "libdiag/io/netlink.hpp"
#include "libdiag/report/table.hpp"
#include "libdiag/report/words.hpp"
#include "tools/ping/records.hpp"

namespace diag::ping {

line_subject text_view::subject(const ip_address& address) const {
  return {stage_.options.numeric ? std::string_view{} : stage_.targets.name_of(address), address};
}

void text_view::begin() {
  const auto& options = stage_.options;
  if (!options.pattern.empty()) stage_.out.line("PATTERN: 0x" + hex_text(options.pattern));
  if (stage_.targets.size() != 1) {
    stage_.out.line(fmt::format("PING {} targets, {} data bytes each", stage_.targets.size(), options.size));
    return;
  }
  const auto address = stage_.targets.address(0);
  header_facts facts{{stage_.targets.name_of(address), address}};
  facts.payload = options.size;
  facts.source = options.source;
  facts.interface = options.interface;
  if (!facts.interface.empty() && !facts.source) {
    if (const auto way = io::route_to(address, {.interface = options.interface})) facts.source = way->source;
  }
  facts.timestamp = options.timestamp;
  stage_.out.write(header_line(facts));
}

void text_view::print(mono_time at, const std::string& line) {
  if (stage_.options.timestamps) stage_.out.write(stamp_text(stage_.wall_of(at)));
  stage_.out.write(line);
}

void text_view::take(const probe::ping_event& event) {
  const auto& options = stage_.options;
  if (const auto* account = std::get_if<probe::ping_summary>(&event)) return note(*account);
  if (!lines_) return;
  const bool flood = options.rhythm == probe::ping_rhythm::flood;
  if (const auto* reply = std::get_if<probe::ping_reply>(&event)) {
    take_reply(*reply);
  } else if (const auto* error = std::get_if<probe::ping_error>(&event)) {
    if (error->from && !flood) take_error(*error);
  } else if (const auto* timeout = std::get_if<probe::ping_timeout>(&event)) {
    if (!options.outstanding || flood) return;
    auto line = timeout_line(*timeout);
    if (stage_.targets.size() != 1)
      line.insert(line.size() - 1, " from " + to_string(stage_.targets.address(timeout->target)));
    print(timeout->at, line);
  } else if (const auto* rejected = std::get_if<probe::ping_rejected>(&event)) {
    // A wrong source is what the user must hear of: somebody else answers for the target.
    if (options.verbose || rejected->why == probe::reject_reason::wrong_source)
      print(rejected->at, rejected_line(*rejected, options.verbose));
  } else if (std::holds_alternative<probe::ping_sent>(event)) {
    stage_.out.write(".");
  }
}

void text_view::take_reply(const probe::ping_reply& reply) {
  if (stage_.options.rhythm == probe::ping_rhythm::flood) {
    if (reply.what == probe::ping_reply::kind::in_time) stage_.out.write("\b \b");
    return;
  }
  if (reply.what == probe::ping_reply::kind::duplicate && !worth_a_line(reply)) return;
  auto line = reply_line(reply, subject(reply.from), stage_.options.verbose);
  if (stage_.options.audible && reply.what == probe::ping_reply::kind::in_time)
    line.insert(line.size() - 1, "\a");
  print(reply.at, line);
}

bool text_view::worth_a_line(const probe::ping_reply& duplicate) {
  constexpr std::uint32_t most = 10;
  // The many who answer a broadcast are no repetition.
  if (stage_.options.verbose || !(duplicate.from == stage_.targets.address(duplicate.target))) return true;
  if (std::exchange(repeated_number_, duplicate.number) != duplicate.number) repeats_ = 0;
  if (++repeats_ == most + 1)
    print(duplicate.at, fmt::format("More duplicates of icmp_seq={} are only counted.\n", duplicate.number));
  return repeats_ <= most;
}

void text_view::take_error(const probe::ping_error& error) {
  auto line = error_line(error, stage_.options.verbose);
  if (stage_.targets.size() != 1)
    line.insert(line.size() - 1, " (asked " + to_string(stage_.targets.address(error.target)) + ")");
  print(error.at, line);
}

void text_view::note(const probe::ping_summary& account) {
  const auto address = stage_.targets.address(account.target);
  const auto name = stage_.targets.name_of(address);
  if (stage_.targets.size() == 1) {
    const auto flood = stage_.options.rhythm != probe::ping_rhythm::steady;
    const auto label = name.empty() ? to_string(address) : std::string{name};
    statistics_ = statistics_block(account, {label, flood, stage_.receiver_drops}, stage_.wall_of);
    return;
  }
  row one{account.target, address, account.loss_percent(), duration::max(), {}};
  const auto state = std::string{state_word(account)};
  const auto& style = stage_.style;
  one.cells = {subject_text({name, address}), state == "alive" ? style.good(state) : style.bad(state),
               std::to_string(account.sent - account.not_sent), std::to_string(account.received),
               account.received + account.lost + account.errors == 0
                   ? "-"
                   : report::percent_words(account.loss_percent()) + "%"};
  if (account.received != 0) {
    const auto& rtt = *account.rtt;
    one.average = rtt.mean();
    for (const auto value : {rtt.min(), rtt.mean(), rtt.quantiles().quantile(0.95), rtt.max()})
      one.cells.push_back(report::milliseconds_words(value));
    one.cells.push_back(rtt.jitter() ? report::milliseconds_words(*rtt.jitter()) : "");
  } else if (account.last_error != probe::reason::none) {
    one.cells.resize(10);
    one.cells.push_back(std::string{describe(account.last_error)});
  }
  rows_.push_back(std::move(one));
}

std::string text_view::table() {
  switch (stage_.options.sort.value_or(sort_key::target)) {
    case sort_key::target:
      std::stable_sort(rows_.begin(), rows_.end(), [](auto& a, auto& b) { return a.target < b.target; });
      break;
    case sort_key::address:
      std::stable_sort(rows_.begin(), rows_.end(), [](auto& a, auto& b) { return a.address < b.address; });
      break;
    case sort_key::rtt:
      std::stable_sort(rows_.begin(), rows_.end(), [](auto& a, auto& b) { return a.average < b.average; });
      break;
    case sort_key::loss:
      std::stable_sort(rows_.begin(), rows_.end(), [](auto& a, auto& b) { return a.loss > b.loss; });
      break;
  }
  using enum report::text_table::align;
  report::text_table table{{{"TARGET", left},
                            {"STATE", left},
                            {"SENT", right},
                            {"RECEIVED", right},
                            {"LOSS", right},
                            {"MIN", right},
                            {"AVG", right},
                            {"P95", right},
                            {"MAX ms", right},
                            {"JITTER", right},
                            {"WHY", left}}};
  for (auto& one : rows_) table.row(std::move(one.cells));
  return table.text();
}

void text_view::end(const ending& how) {
  if (statistics_) stage_.out.write(*statistics_);
  if (rows_.empty()) return;
  stage_.out.write("\n" + table());
  if (how.receiver_drops != 0)
    stage_.out.line(fmt::format("lost by our own receiver: {}", how.receiver_drops));
}

}  // namespace diag::ping

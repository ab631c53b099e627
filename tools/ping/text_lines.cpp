// Words and numbers as iputils 20221126 prints them; every difference is an addition.
#include "tools/ping/text_lines.hpp"

#include <functional>

#include <fmt/format.h>

#include "libdiag/core/text.hpp"
#include "libdiag/report/time_text.hpp"
#include "libdiag/report/words.hpp"
#include "tools/ping/icmp_words.hpp"

namespace diag::ping {
namespace {

using report::milliseconds_words;
using report::percent_words;

constexpr std::size_t ipv4_headers = 28;

/// What is odd about a reply, each in brackets.
std::string oddities(const probe::ping_reply& reply, bool verbose) {
  using probe::anomaly;
  std::string text;
  if (has(reply.odd, anomaly::truncated)) text += " (truncated)";
  if (has(reply.odd, anomaly::longer)) text += " (longer than sent)";
  if (has(reply.odd, anomaly::corrupt)) text += fmt::format(" (corrupt at octet {})", reply.first_odd_octet);
  if (has(reply.odd, anomaly::clock_step)) text += " (clock stepped)";
  if (has(reply.odd, anomaly::non_standard_time)) text += " (non-standard time)";
  if (verbose && has(reply.odd, anomaly::checksum_unverified)) text += " (checksum not verified)";
  if (reply.what == probe::ping_reply::kind::duplicate) text += " (DUP!)";
  if (reply.what == probe::ping_reply::kind::late) text += " (late)";
  return text;
}

/// "2026-11-22T12:00:00.123Z".
std::string short_time(wall_time when) {
  auto text = report::time_text(when);
  constexpr std::size_t microseconds_from = 23;
  return text.size() > microseconds_from ? text.substr(0, microseconds_from) + 'Z' : text;
}

std::string outage_list(const probe::loss_runs& loss, const std::function<wall_time(mono_time)>& wall_of) {
  constexpr std::size_t listed = 5;
  std::string text;
  const auto& all = loss.outages();
  for (std::size_t i = 0; i < all.size() && i < listed; ++i) {
    const auto& one = all[i];
    text += fmt::format("{} {} - {} ({} lost)", i == 0 ? "; outages" : ",", short_time(wall_of(one.start)),
                        one.end ? short_time(wall_of(*one.end)) : "the end", one.lost);
  }
  if (loss.count() > listed) text += fmt::format(" and {} more", loss.count() - listed);
  return text;
}

std::string counts_line(const probe::ping_summary& account) {
  auto line =
      fmt::format("{} packets transmitted, {} received", account.sent - account.not_sent, account.received);
  const auto add = [&line](std::uint64_t number, std::string_view what) {
    if (number != 0) line += fmt::format(", +{} {}", number, what);
  };
  add(account.duplicates, "duplicates");
  add(account.corrupt, "corrupted");
  add(account.errors, "errors");
  add(account.late, "late");
  add(account.not_sent, "not sent");
  add(account.pending, "pending");
  std::uint64_t rejected = 0;
  for (const auto number : account.rejected) rejected += number;
  add(rejected, "rejected");
  // Where nothing is known of any probe there is no loss to state.
  if (account.received + account.lost + account.errors != 0)
    line += fmt::format(", {}% packet loss", percent_words(account.loss_percent()));
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(account.elapsed).count();
  return line + fmt::format(", time {}ms\n", elapsed);
}

std::string rtt_line(const probe::ping_summary& account, bool flood) {
  const auto& rtt = *account.rtt;
  auto line = fmt::format("rtt min/avg/max/mdev = {}/{}/{}/{} ms", milliseconds_words(rtt.min()),
                          milliseconds_words(rtt.mean()), milliseconds_words(rtt.max()),
                          milliseconds_words(rtt.stddev()));
  if (flood && account.sent > 1)
    line += fmt::format(", ipg/ewma {}/{} ms",
                        milliseconds_words(account.elapsed / static_cast<std::int64_t>(account.sent - 1)),
                        milliseconds_words(rtt.ewma()));
  return line + '\n';
}

/// What iputils lacks, on one line.
std::string spread_line(const probe::ping_summary& account, const statistics_facts& facts,
                        const std::function<wall_time(mono_time)>& wall_of) {
  std::string line;
  const auto add = [&line](const std::string& part) { line += (line.empty() ? "" : ", ") + part; };
  if (account.received != 0) {
    const auto at = [&](double share) {
      return milliseconds_words(account.rtt->quantiles().quantile(share));
    };
    add(fmt::format("p50/p90/p95/p99 = {}/{}/{}/{} ms", at(0.5), at(0.9), at(0.95), at(0.99)));
    if (const auto jitter = account.rtt->jitter()) add("jitter " + milliseconds_words(*jitter) + " ms");
    add(fmt::format("reordered {}", account.reordered));
  }
  if (account.clock_offset) {
    const auto ahead = *account.clock_offset >= 0ns;
    add(fmt::format("clock {}{} ms", ahead ? "+" : "", milliseconds_words(*account.clock_offset)));
  }
  if (facts.receiver_drops != 0) add(fmt::format("lost by our own receiver {}", facts.receiver_drops));
  if (account.received != 0 || account.loss->longest() != 0)
    add(fmt::format("longest loss run {}", account.loss->longest()) + outage_list(*account.loss, wall_of));
  return line.empty() ? line : line + '\n';
}

}  // namespace

std::string subject_text(const line_subject& who) {
  const auto address = to_string(who.address);
  return who.name.empty() ? address : fmt::format("{} ({})", safe_text(who.name), address);
}

std::string header_line(const header_facts& facts) {
  const auto address = to_string(facts.target.address);
  const auto name = facts.target.name.empty() ? address : safe_text(facts.target.name);
  std::string from;
  if (facts.source || !facts.interface.empty())
    from =
        fmt::format(" from {} {}:", facts.source ? to_string(facts.source) : "", safe_text(facts.interface));
  if (facts.timestamp) return fmt::format("PING {} ({}){} ICMP timestamp requests.\n", name, address, from);
  if (facts.target.address.is_v6())
    return fmt::format("PING {}({}){} {} data bytes\n", name, address, from, facts.payload);
  return fmt::format("PING {} ({}){} {}({}) bytes of data.\n", name, address, from, facts.payload,
                     facts.payload + ipv4_headers);
}

std::string reply_line(const probe::ping_reply& reply, const line_subject& from, bool verbose) {
  auto line = fmt::format("{} bytes from {}: icmp_seq={}", reply.size, subject_text(from), reply.number);
  if (reply.hop_limit) line += fmt::format(" ttl={}", *reply.hop_limit);
  if (verbose && reply.traffic_class && *reply.traffic_class != 0)
    line += fmt::format(" tos={:#04x}", *reply.traffic_class);
  line += fmt::format(" time={} ms", report::rtt_words(reply.rtt));
  if (reply.clock_offset)
    line += fmt::format(" clock={}{} ms", *reply.clock_offset >= 0ns ? "+" : "",
                        milliseconds_words(*reply.clock_offset));
  if (verbose) line += fmt::format(" clock_source={}", describe(reply.source));
  return line + oddities(reply, verbose) + '\n';
}

std::string error_line(const probe::ping_error& error, bool verbose) {
  const auto after = !error.closes && error.why != probe::reason::none ? " (after the probe had ended)" : "";
  return fmt::format("From {} icmp_seq={} {}{}\n", to_string(error.from), error.number,
                     icmp_words(error, verbose), after);
}

std::string rejected_line(const probe::ping_rejected& what, bool verbose) {
  auto line = fmt::format("From {}", what.from ? to_string(what.from) : "an unreadable packet");
  if (what.target) line += fmt::format(" icmp_seq={}", what.number);
  line += ' ' + reject_words(what) + " (not counted)";
  if (verbose) line += fmt::format(" (type {} code {}, {} octets)", what.type, what.code, what.size);
  return line + '\n';
}

std::string timeout_line(const probe::ping_timeout& timeout) {
  return fmt::format("no answer yet for icmp_seq={}\n", timeout.number);
}

std::string stamp_text(wall_time when) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(when.time_since_epoch()).count();
  return fmt::format("[{}.{:06}] ", us / 1'000'000, us % 1'000'000);
}

std::string statistics_block(const probe::ping_summary& account, const statistics_facts& facts,
                             const std::function<wall_time(mono_time)>& wall_of) {
  auto text = fmt::format("\n--- {} ping statistics ---\n", safe_text(facts.label)) + counts_line(account);
  if (account.received != 0) text += rtt_line(account, facts.flood);
  return text + spread_line(account, facts, wall_of);
}

std::string interim_line(const probe::ping_summary& account) {
  auto line = fmt::format("{}/{} packets, {}% loss", account.received, account.sent - account.not_sent,
                          percent_words(account.loss_percent()));
  if (account.received == 0) return line;
  const auto& rtt = *account.rtt;
  return line + fmt::format(", min/avg/ewma/max = {}/{}/{}/{} ms", milliseconds_words(rtt.min()),
                            milliseconds_words(rtt.mean()), milliseconds_words(rtt.ewma()),
                            milliseconds_words(rtt.max()));
}

}  // namespace diag::ping

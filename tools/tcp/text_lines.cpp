// Words and columns.
#include "tools/tcp/text_lines.hpp"

#include <array>
#include <cstring>
#include <iterator>

#include <fmt/format.h>

#include "libdiag/core/errno_words.hpp"
#include "libdiag/core/text.hpp"
#include "libdiag/report/words.hpp"
#include "libdiag/wire/tcp.hpp"

namespace diag::tcp {
namespace {

using probe::tcp_state;
using report::milliseconds_words;

constexpr std::size_t state_width = 8;  // "filtered"; "unreachable" is rare
constexpr std::size_t reason_width = 17;

void pad(std::string& line, std::size_t begin, std::size_t width) {
  const auto used = line.size() - begin;
  line.append(width > used ? width - used : 0, ' ');
}

std::string hops_words(std::uint8_t hops) {
  if (hops == 0) return "on this link";
  return fmt::format("{} {} away", hops, hops == 1 ? "hop" : "hops");
}

std::string offer_words(const probe::tcp_offer& offer) {
  std::string text;
  const auto add = [&text](std::string_view part) {
    text += text.empty() ? "" : ", ";
    text += part;
  };
  if (offer.maximum_segment_size) add(fmt::format("mss {}", *offer.maximum_segment_size));
  add(fmt::format("window {}", offer.window));
  // RFC 7323 §2.2: the window of a SYN-ACK itself is never scaled, those after it are.
  if (offer.window_scale)
    text += fmt::format(" x{}", std::uint32_t{1} << std::min<int>(*offer.window_scale, 14));
  if (offer.sack_permitted) add("sack");
  if (offer.timestamps) add("timestamps");
  if (offer.ecn) add("ecn");
  if (offer.fast_open_cookie) add(fmt::format("fast-open cookie of {} octets", *offer.fast_open_cookie));
  return text;
}

std::string rewrite_words(const probe::tcp_result& what) {
  std::string text;
  for (std::size_t i = 0; i < what.rewritten_count && i < what.rewritten.size(); ++i) {
    const auto& one = what.rewritten[i];
    text += text.empty() ? "  changed on the way: " : ", ";
    text += describe(one.what);
    if (!one.seen)
      text += " taken out";
    else if (!one.sent)
      text += fmt::format(" {} put in", *one.seen);
    else
      text += fmt::format(" {} to {}", *one.sent, *one.seen);
  }
  return text;
}

/// Oddities that say something of the path or the host; those of our own clocks and sockets are for -v.
std::string oddity_words(probe::tcp_oddities odd, bool verbose) {
  using enum probe::tcp_oddity;
  std::string text;
  for (const auto one : probe::all_tcp_oddities) {
    const bool minor = one == checksum_unverified || one == clock_step || one == late_attempt;
    if (!has(odd, one) || (minor && !verbose)) continue;
    text += text.empty() ? "  [" : ", ";
    text += describe(one);
  }
  return text.empty() ? text : text + ']';
}

/// Why, where one word says it: padded to its column, and what was measured behind it.
std::string plain_reason(const probe::tcp_result& what) {
  std::string text{describe(what.why)};
  pad(text, 0, reason_width);
  if (what.rtt) text += "  " + report::rtt_words(*what.rtt) + " ms";
  return text;
}

std::string device_reason(const probe::tcp_result& what) {
  auto text = what.why == probe::reason::reset_by_device ? std::string{"reset"} : std::string{"syn-ack"};
  text += " by a device " + hops_words(what.device_hops.value_or(0));
  if (what.hop_limit) text += fmt::format(" (ttl {})", *what.hop_limit);
  if (what.host_hops) text += fmt::format("; the host is {}", hops_words(*what.host_hops));
  return text;
}

std::string silence(const probe::tcp_result& what, const line_facts& facts) {
  return fmt::format("no answer to {} in {:.1f} s", segment_words(what.attempts, facts.syn),
                     seconds(facts.patience));
}

std::string own_failure(const probe::tcp_result& what) {
  auto text = plain_reason(what);
  if (what.error == 0) return text;
  text += "  ";
  text += describe_send_error(what.error);
  return text;
}

std::string refusal(const probe::tcp_result& what) {
  auto text = plain_reason(what);
  text += fmt::format("  by {} (icmp {}/{})", what.from ? to_string(what.from) : "an unknown node",
                      what.icmp_type, what.icmp_code);
  if (what.quoted_hop_limit) text += fmt::format("  {} of our hops left there", *what.quoted_hop_limit);
  return text;
}

std::string reason_words(const probe::tcp_result& what, const line_facts& facts) {
  switch (what.state) {
    case tcp_state::open:
    case tcp_state::closed: {
      const bool device = what.device_hops.has_value();
      auto text = device ? device_reason(what) : plain_reason(what);
      if (what.hop_limit && !device) text += fmt::format("  ttl {}", *what.hop_limit);
      if (what.from && !(what.from == facts.address)) text += "  from " + to_string(what.from);
      return text;
    }
    case tcp_state::filtered:
      return silence(what, facts);
    case tcp_state::rejected:
    case tcp_state::unreachable:
      return refusal(what);
    case tcp_state::error:
      break;
  }
  return own_failure(what);
}

std::string painted(tcp_state state, const report::style& style) {
  const std::string word{describe(state)};
  if (state == tcp_state::open) return style.good(word);
  return state == tcp_state::closed ? word : style.bad(word);
}

std::string_view ending_words(probe::tcp_dialogue::ending how) {
  switch (how) {
    case probe::tcp_dialogue::ending::fin:
      return "closed by the peer";
    case probe::tcp_dialogue::ending::reset:
      return "reset by the peer";
    case probe::tcp_dialogue::ending::timeout:
      return "left open by the peer";
    case probe::tcp_dialogue::ending::enough:
    case probe::tcp_dialogue::ending::none:
      break;
  }
  return "";
}

/// The first line that says something, in quotes, and how much there is besides. Records have all of it.
std::string banner_words(byte_view said) {
  constexpr std::size_t longest = 100;
  std::string_view breaks = "\r\n";
  std::string all;
  for (const auto octet : said) all += static_cast<char>(octet);
  std::string_view line{all};
  line.remove_prefix(std::min(line.find_first_not_of(breaks), line.size()));
  line = line.substr(0, std::min(line.find_first_of(breaks), longest));
  auto text = '"' + safe_text(line) + '"';
  if (all.find_first_not_of(breaks, static_cast<std::size_t>(line.data() - all.data()) + line.size()) !=
      all.npos)
    text += fmt::format(" ({} octets in all)", all.size());
  return text;
}

/// What the peer said, on lines of its own.
std::string dialogue_lines(const probe::tcp_dialogue& what) {
  std::string text;
  if (!what.received.empty()) {
    text += "    " + banner_words(what.received);
    if (what.first_octet) text += " after " + report::rtt_words(*what.first_octet) + " ms";
  }
  if (const auto how = ending_words(what.how); !how.empty()) {
    text += text.empty() ? "    " : "; ";
    if (what.received.empty()) text += "nothing said; ";
    text += how;
    if (what.ended_after) text += " after " + report::rtt_words(*what.ended_after) + " ms";
  }
  return text.empty() ? text : text + '\n';
}

}  // namespace

void append_endpoint(std::string& line, const ip_address& address, std::uint16_t port) {
  std::array<char, max_ip_text> room;
  if (address.is_v6()) line += '[';
  line += format_ip(address, room);
  if (address.is_v6()) line += ']';
  std::array<char, 8> digits;
  const auto end = fmt::format_to(digits.begin(), ":{}", port);
  line.append(digits.begin(), end);
}

std::string segment_words(std::uint64_t count, bool syn) {
  return report::count_words(count, syn ? "SYN" : "probe", syn ? "SYNs" : "probes");
}

std::string result_line(const probe::tcp_result& what, const line_facts& facts) {
  std::string line;
  append_endpoint(line, facts.address, what.port);
  pad(line, 0, facts.width);
  const auto state = describe(what.state);
  // Colour has no width.
  line += "  " + painted(what.state, facts.style);
  line.append(state_width - std::min(state_width, state.size()), ' ');
  line += "  " + reason_words(what, facts);
  if (what.offer) line += "  " + offer_words(*what.offer);
  line += rewrite_words(what) + oddity_words(what.odd, facts.verbose);
  if (facts.verbose && what.answered > 1) line += fmt::format("  attempt {}", what.answered);
  if (facts.verbose && what.rtt)
    line += fmt::format("  clock {}", what.kernel_rtt ? "tcp-info" : describe(what.source));
  if (facts.flows) line += fmt::format("  flow {} from port {}", what.flow + 1, what.source_port);
  if (facts.rounds) line += fmt::format("  round {}", what.round);
  if (!facts.service.empty()) line += "  (" + safe_text(facts.service) + ')';
  line += '\n';
  if (what.dialogue) line += dialogue_lines(*what.dialogue);
  return line;
}

std::string anomaly_line(const probe::tcp_anomaly& what, const line_facts& facts) {
  std::string line;
  if (facts.address && what.port != 0)
    append_endpoint(line, facts.address, what.port);
  else
    line += '-';
  pad(line, 0, facts.width);
  line += "  " + facts.style.note("anomaly");
  line.append(state_width - std::string_view{"anomaly"}.size(), ' ');
  std::string why{describe(what.why)};
  pad(why, 0, reason_width);
  line += "  " + why + "  from " + (what.from ? to_string(what.from) : std::string{"an unreadable packet"});
  line += what.icmp ? fmt::format(", icmp {}/{}", what.icmp_type, what.icmp_code)
                    : ", " + wire::describe_tcp_flags(what.flags);
  if (what.hop_limit) line += fmt::format(", ttl {}", *what.hop_limit);
  if (what.rtt) line += ", " + report::rtt_words(*what.rtt) + " ms";
  return line + '\n';
}

std::string counts_text(const probe::tcp_summary& account, bool syn) {
  std::string text;
  for (std::size_t i = 0; i < account.states.size(); ++i) {
    if (account.states[i] == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", account.states[i],
                        describe(static_cast<tcp_state>(i)));
  }
  if (text.empty()) text = "nothing decided";
  if (account.pending != 0) text += fmt::format(", {} not decided", account.pending);
  text += "; " + segment_words(account.sent, syn) + " sent";
  if (account.rtt_min && account.rtt_mean && account.rtt_max)
    text += fmt::format(", rtt {}/{}/{} ms", milliseconds_words(*account.rtt_min),
                        milliseconds_words(*account.rtt_mean), milliseconds_words(*account.rtt_max));
  const auto add = [&text](std::uint64_t number, std::string_view one, std::string_view many) {
    if (number != 0) text += fmt::format(", {} {}", number, number == 1 ? one : many);
  };
  add(account.duplicates, "duplicate", "duplicates");
  add(account.late, "late answer", "late answers");
  add(account.anomalies - std::min(account.anomalies, account.duplicates + account.late), "anomaly",
      "anomalies");
  return text;
}

std::string finding_text(probe::tcp_finding what, const probe::tcp_summary& account) {
  using enum probe::tcp_finding;
  const auto where = [&] {
    std::string text = " by a device";
    if (account.device_hops) text += ' ' + hops_words(*account.device_hops);
    if (account.host_hops) text += ", not by the host, which is " + hops_words(*account.host_hops);
    if (account.example_port != 0) text += fmt::format(" (port {} for one)", account.example_port);
    return text;
  };
  switch (what) {
    case reset_by_device:
      return "connections are reset" + where();
    case syn_ack_by_device:
      return "connections are accepted" + where() + ": a SYN proxy or a load balancer";
    case open_everywhere:
      return "every port answered with a SYN-ACK: something on the way may accept in the host's place";
    case icmp_rate_limited:
      return "some ports were rejected and others silent: who rejects may be limited in its rate, so "
             "filtered "
             "may mean rejected";
    case loss:
      return "some answers came to a later attempt only: there is loss on the path";
    case conflict:
      return "contradictory answers came to one probe: not all of them are the host's";
  }
  return std::string{describe(what)};
}

}  // namespace diag::tcp

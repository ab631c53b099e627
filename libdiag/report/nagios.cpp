// The Nagios line: a sentence for people, performance data for graphs.
#include "libdiag/report/nagios.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "libdiag/core/text.hpp"
#include "libdiag/report/words.hpp"

namespace diag::report {
namespace {

/// Without what has a meaning in the line: `|` begins performance data, quotes delimit labels, `=` ends them.
std::string stripped(std::string_view text, bool label) {
  auto safe = safe_text(text);
  std::erase_if(safe, [label](char c) {
    return c == '|' || c == '\'' || c == '"' || c == '`' || c == '\n' || c == '\r' || (label && c == '=');
  });
  return safe;
}

/// The start of a target's labels; never empty, or two targets' labels would be the same as one's alone.
std::string label_of(std::string_view target) {
  auto label = stripped(target, true);
  return label.empty() ? "?" : label;
}

std::string sentence(const nagios_target& one) {
  auto text = stripped(one.target, false) + ':';
  if (one.loss_percent) text += fmt::format(" loss {}%", percent_words(*one.loss_percent));
  if (one.rtt_average)
    text +=
        fmt::format("{} rtt avg {} ms", one.loss_percent ? "," : "", milliseconds_words(*one.rtt_average));
  if (!one.detail.empty()) text += " (" + stripped(one.detail, false) + ')';
  return text;
}

/// A value nobody could measure is `U`, with no unit.
std::string performance(const nagios_target& one, const std::string& prefix, const nagios_limits& limits) {
  const auto label = [&](std::string_view name) {
    return prefix.empty() ? std::string{name} : fmt::format("'{} {}'", prefix, name);
  };
  const auto rtt = one.rtt_average ? milliseconds_words(*one.rtt_average) + "ms" : std::string{"U"};
  const auto loss = one.loss_percent ? percent_words(*one.loss_percent) + "%" : std::string{"U"};
  return fmt::format("{}={};{};{};0 {}={};{};{};0;100", label("rta"), rtt, limits.warn_rtt, limits.crit_rtt,
                     label("pl"), loss, limits.warn_loss, limits.crit_loss);
}

}  // namespace

int severity(nagios_status status) {
  switch (status) {
    case nagios_status::ok:
      return 0;
    case nagios_status::unknown:
      return 1;
    case nagios_status::warning:
      return 2;
    case nagios_status::critical:
      return 3;
  }
  return 1;
}

std::string_view describe(nagios_status status) {
  switch (status) {
    case nagios_status::ok:
      return "OK";
    case nagios_status::warning:
      return "WARNING";
    case nagios_status::critical:
      return "CRITICAL";
    case nagios_status::unknown:
      break;
  }
  return "UNKNOWN";
}

nagios_status worst(std::span<const nagios_target> targets) {
  auto found = targets.empty() ? nagios_status::unknown : nagios_status::ok;
  for (const auto& one : targets)
    if (severity(one.status) > severity(found)) found = one.status;
  return found;
}

std::string nagios_line(std::string_view service, std::span<const nagios_target> targets,
                        const nagios_limits& limits) {
  auto line = fmt::format("{} {} - ", service, describe(worst(targets)));
  if (targets.empty()) return line + "no target";
  if (targets.size() == 1) return line + sentence(targets[0]) + " | " + performance(targets[0], {}, limits);

  const auto good = std::count_if(targets.begin(), targets.end(),
                                  [](const auto& one) { return one.status == nagios_status::ok; });
  line += fmt::format("{} of {} targets OK", good, targets.size());
  // Those in trouble are named in the sentence, the worst first; the good ones speak through their numbers.
  std::vector<const nagios_target*> bad;
  for (const auto& one : targets)
    if (one.status != nagios_status::ok) bad.push_back(&one);
  std::stable_sort(bad.begin(), bad.end(),
                   [](auto* a, auto* b) { return severity(a->status) > severity(b->status); });
  for (const auto* one : bad) line += "; " + sentence(*one);
  line += " |";
  for (const auto& one : targets) line += ' ' + performance(one, label_of(one.target), limits);
  return line;
}

}  // namespace diag::report

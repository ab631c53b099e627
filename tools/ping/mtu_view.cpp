// Sentences for the path MTU search.
#include "tools/ping/mtu_view.hpp"

#include <fmt/format.h>

#include "libdiag/report/words.hpp"

namespace diag::ping {
namespace {

std::string who(const ip_address& address) {
  return address ? to_string(address) : "this host";
}

std::string cause(const probe::mtu_verdict& verdict) {
  if (verdict.black_hole)
    return fmt::format(
        ": BLACK HOLE, or a target that answers no large requests: {} octets vanish and nobody says why",
        verdict.silent_above);
  if (verdict.path_mtu >= verdict.upper) return " (the first hop's own)";
  if (verdict.limited_here) return " (a limit of this host)";
  if (verdict.limited_by) return " (told by " + to_string(verdict.limited_by) + ")";
  return {};
}

}  // namespace

std::string mtu_header(const line_subject& target, std::uint32_t upper) {
  return fmt::format("MTU search to {}, from {} octets down\n", subject_text(target), upper);
}

std::string mtu_step_line(const probe::mtu_step& step) {
  using outcome = probe::mtu_step::outcome;
  switch (step.what) {
    case outcome::answered:
      return fmt::format("{} octets: answered, time={} ms\n", step.size, report::rtt_words(step.rtt));
    case outcome::too_big:
      if (step.mtu == 0) return fmt::format("{} octets: too big, says {}\n", step.size, who(step.from));
      return fmt::format("{} octets: too big, {} says {}\n", step.size, who(step.from), step.mtu);
    case outcome::refused:
      return fmt::format("{} octets: refused by {}: {}\n", step.size, who(step.from), describe(step.why));
    case outcome::silent:
      break;
  }
  return fmt::format("{} octets: no answer\n", step.size);
}

std::string mtu_verdict_line(const line_subject& target, const probe::mtu_verdict& verdict) {
  const auto name = subject_text(target);
  const auto packets = report::count_words(verdict.sent, "packet", "packets");
  if (verdict.path_mtu == 0)
    return fmt::format("path MTU to {} not found: not even a small packet was answered, {}\n", name, packets);
  const auto least = verdict.interrupted ? "at least " : "";
  return fmt::format("path MTU to {} is {}{} octets{}, {}\n", name, least, verdict.path_mtu, cause(verdict),
                     packets);
}

}  // namespace diag::ping

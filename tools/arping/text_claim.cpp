// Lines of claims and searches.
#include <fmt/format.h>

#include "libdiag/report/words.hpp"
#include "tools/arping/records.hpp"
#include "tools/arping/text_lines.hpp"

namespace diag::arping {
namespace {

using probe::claim_verdict;
using report::count_words;

/// A claim has no address of its own yet; a search asks from one.
std::string on_link(const stage& on) {
  if (on.plan.links.empty()) return {};
  const auto& link = on.plan.links.front();
  const auto& source = link.v4 ? link.v4 : link.v6;
  const auto from = source && on.options.wanted ? on.address_text(source) + ' ' : std::string{};
  return from + fmt::format("({}) on {}", to_string(link.hardware), on.interface_name(link.interface));
}

}  // namespace

std::string claim_header(const stage& on) {
  const auto& options = on.options;
  const auto what = options.dad ? "claiming" : "announcing";
  const auto whom =
      on.plan.targets.size() == 1 ? on.label(0) : count_words(on.plan.targets.size(), "address", "addresses");
  return fmt::format("{} {} {}\n", what, whom, on_link(on));
}

std::string step_line(const stage& on, const probe::claim_step& step) {
  return fmt::format("{} {}  {}\n", on.label(step.target), claim_step_word(step.what), step.number);
}

std::string objection_line(const stage& on, const probe::claim_objection& what) {
  const bool wants = what.said.what == probe::neighbor_message::kind::probe;
  auto line = fmt::format("{} {} {}", on.label(what.target), wants ? "is wanted by" : "is at",
                          on.owner_text(what.said.owner));
  if (what.since_probe != 0ns)
    line += fmt::format("  {} ms after the probe", report::rtt_words(what.since_probe));
  return line + fmt::format("  ({})\n", describe(what.said.what));
}

std::string claim_block(const stage& on, const probe::claim_summary& what) {
  const auto label = on.label(what.target);
  const auto took = report::span_words(what.elapsed);
  if (!on.options.dad) {
    auto line = fmt::format("--- {}: {} in {}", label,
                            count_words(what.announcements, "announcement", "announcements"), took);
    if (what.not_sent != 0) line += fmt::format(", {} not sent ({})", what.not_sent, describe(what.why));
    if (what.objections != 0) line += "; " + count_words(what.objections, "objection", "objections");
    return line + '\n';
  }
  const auto word = std::string{describe(what.verdict)};
  auto line = fmt::format("--- {}: {}", label,
                          what.verdict == claim_verdict::free ? on.style.good(word) : on.style.bad(word));
  const auto* const before_owners = what.verdict == claim_verdict::free ? ", held against " : ": ";
  for (std::size_t i = 0; i < what.owners.size(); ++i)
    line += (i == 0 ? before_owners : " and ") + on.owner_text(what.owners[i]);
  if (what.verdict == claim_verdict::cannot_tell)
    line += fmt::format(" ({})", what.why == probe::reason::none ? "cut short" : describe(what.why));
  line += fmt::format("\n{}", count_words(what.probes, "probe", "probes"));
  if (what.announcements != 0)
    line += ", " + count_words(what.announcements, "announcement", "announcements");
  if (what.defences != 0) line += ", " + count_words(what.defences, "defence", "defences");
  line += ", " + count_words(what.objections, "objection", "objections");
  if (what.not_sent != 0) line += fmt::format(", {} not sent", what.not_sent);
  if (what.looped) line += "; a probe of our own came back: the link has a loop";
  return line + " in " + took + '\n';
}

std::string search_header(const stage& on) {
  return fmt::format("searching for {} from {}\n", on.owner_text(*on.options.wanted), on_link(on));
}

std::string found_line(const stage& on, const probe::mac_found& found) {
  auto line = fmt::format("{} has {}  ({})", to_string(*on.options.wanted), on.address_text(found.address),
                          describe(found.how));
  if (found.rtt) line += fmt::format("  {} ms", report::rtt_words(*found.rtt));
  return line + (found.again ? "  again\n" : "\n");
}

std::string search_block(const stage& on, const probe::mac_search_summary& what) {
  auto line = fmt::format("--- {}: ", to_string(*on.options.wanted));
  if (!what.addresses.empty()) {
    for (std::size_t i = 0; i < what.addresses.size(); ++i)
      line += (i == 0 ? "" : " and ") + on.style.good(on.address_text(what.addresses[i]));
  } else {
    line += on.style.bad(what.present ? "is on the link, and tells no address" : "no-answer");
  }
  line += fmt::format("\n{}, {} in {}", count_words(what.sent, "question", "questions"),
                      count_words(what.answers, "answer", "answers"), report::span_words(what.elapsed));
  if (what.not_sent != 0) line += fmt::format(", {} not sent ({})", what.not_sent, describe(what.last_error));
  return line + (what.complete ? "\n" : "; cut short\n");
}

}  // namespace diag::arping

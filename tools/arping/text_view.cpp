// Lines while the run goes on, the results and findings when it has ended.
#include "tools/arping/text_view.hpp"

#include "tools/arping/sentences.hpp"
#include "tools/arping/text_lines.hpp"

namespace diag::arping {
namespace {

// Somebody who repeats himself must not fill the screen.
constexpr std::uint32_t most_repeats = 4;

/// What somebody else's frame says about a target; the everyday ones only with -v.
bool is_news(const probe::neighbor_sighting& what, bool verbose) {
  using kind = probe::neighbor_message::kind;
  return verbose || (what.target && (what.said.what == kind::announcement || what.said.what == kind::probe ||
                                     what.said.what == kind::advertisement));
}

}  // namespace

void print_findings(const stage& on, const ending& how) {
  if (!how.unmet.empty()) on.out.line(on.style.bad(how.unmet));
  for (const auto& one : how.differences) on.out.line(on.style.bad(difference_sentence(one)));
  for (const auto& line : finding_lines(how.findings, on.vendors)) on.out.line(line);
}

void series_view::begin() {
  if (!stage_.options.quiet) stage_.out.write(header_line(stage_));
}

void series_view::take_reply(const probe::neighbor_reply& reply) {
  const auto owners = owners_.note(reply);
  if (reply.what == probe::neighbor_reply::kind::duplicate) {
    if (repeated_ != reply.number) repeats_ = 0;
    repeated_ = reply.number;
    if (++repeats_ > most_repeats && !stage_.options.verbose) return;
  }
  if (stage_.options.audible) stage_.out.write("\a");
  if (lines_) stage_.out.write(reply_line(stage_, reply, owners));
}

void series_view::take(const probe::neighbor_event& event) {
  if (const auto* reply = std::get_if<probe::neighbor_reply>(&event)) return take_reply(*reply);
  if (!lines_) return;
  if (const auto* timeout = std::get_if<probe::neighbor_timeout>(&event)) {
    stage_.out.write(timeout_line(stage_, *timeout));
  } else if (const auto* link = std::get_if<probe::neighbor_link_state>(&event)) {
    stage_.out.write(link_line(stage_, *link));
  } else if (const auto* seen = std::get_if<probe::neighbor_sighting>(&event)) {
    if (is_news(*seen, stage_.options.verbose)) stage_.out.write(sighting_line(stage_, *seen));
  } else if (const auto* rejected = std::get_if<probe::neighbor_rejected>(&event)) {
    if (stage_.options.verbose) stage_.out.write(rejected_line(stage_, *rejected));
  }
}

void series_view::conclude(const target_result& result) {
  results_ += result_block(stage_, result);
}

void series_view::end(const ending& how) {
  stage_.out.write(results_);
  print_findings(stage_, how);
}

void watch_view::begin() {
  if (!stage_.options.quiet) stage_.out.write("watching: " + header_line(stage_));
}

void watch_view::print(mono_time at, const std::string& line) {
  stage_.out.write(stamp_text(stage_.wall_of(at)));
  stage_.out.write(line);
  if (stage_.options.audible) stage_.out.write("\a");
}

void watch_view::take(const probe::neighbor_event& event) {
  if (const auto* reply = std::get_if<probe::neighbor_reply>(&event)) {
    const auto owners = owners_.note(*reply);
    if (!lines_ || !reply->new_owner) return;
    // Whether both have it, or it has moved, only the next answers tell.
    auto line = reply_line(stage_, *reply, 1);
    if (owners > 1) line.insert(line.size() - 1, "  " + stage_.style.bad("another owner than before"));
    print(reply->at, line);
    return;
  }
  if (!lines_) return;
  if (const auto* change = std::get_if<probe::neighbor_change>(&event)) {
    // That an address has an owner now was said when that one answered.
    if (change->before || !change->after || change->announced)
      print(change->at, change_line(stage_, *change));
  } else if (const auto* link = std::get_if<probe::neighbor_link_state>(&event)) {
    print(link->at, link_line(stage_, *link));
  } else if (const auto* seen = std::get_if<probe::neighbor_sighting>(&event)) {
    if (is_news(*seen, stage_.options.verbose)) print(seen->at, sighting_line(stage_, *seen));
  } else if (const auto* rejected = std::get_if<probe::neighbor_rejected>(&event)) {
    if (stage_.options.verbose) print(rejected->at, rejected_line(stage_, *rejected));
  }
}

void watch_view::conclude(const target_result& result) {
  results_ += result_block(stage_, result);
}

void watch_view::end(const ending& how) {
  stage_.out.write(results_);
  print_findings(stage_, how);
}

}  // namespace diag::arping

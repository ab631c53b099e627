// A claim is slow (RFC 5227 takes seven seconds), so each step has a line.
#include "tools/arping/claim_view.hpp"

#include "tools/arping/text_lines.hpp"

namespace diag::arping {

void claim_view::begin() {
  if (!stage_.options.quiet) stage_.out.write(claim_header(stage_));
}

void claim_view::take(const probe::claim_event& event) {
  if (const auto* end = std::get_if<probe::claim_summary>(&event))
    return stage_.out.write(claim_block(stage_, *end));
  if (const auto* objection = std::get_if<probe::claim_objection>(&event)) {
    if (stage_.options.audible) stage_.out.write("\a");
    if (lines_) stage_.out.write(objection_line(stage_, *objection));
    return;
  }
  if (!lines_) return;
  if (const auto* step = std::get_if<probe::claim_step>(&event)) {
    stage_.out.write(step_line(stage_, *step));
  } else if (const auto* link = std::get_if<probe::neighbor_link_state>(&event)) {
    stage_.out.write(link_line(stage_, *link));
  } else if (const auto* rejected = std::get_if<probe::neighbor_rejected>(&event)) {
    if (stage_.options.verbose) stage_.out.write(rejected_line(stage_, *rejected));
  }
}

void search_view::begin() {
  if (!stage_.options.quiet) stage_.out.write(search_header(stage_));
}

void search_view::take(const probe::mac_search_event& event) {
  if (const auto* end = std::get_if<probe::mac_search_summary>(&event))
    return stage_.out.write(search_block(stage_, *end));
  if (const auto* found = std::get_if<probe::mac_found>(&event)) {
    if (stage_.options.audible) stage_.out.write("\a");
    if (lines_ && (!found->again || stage_.options.verbose)) stage_.out.write(found_line(stage_, *found));
    return;
  }
  if (!lines_) return;
  if (const auto* link = std::get_if<probe::neighbor_link_state>(&event)) {
    stage_.out.write(link_line(stage_, *link));
  } else if (const auto* rejected = std::get_if<probe::neighbor_rejected>(&event)) {
    if (stage_.options.verbose) stage_.out.write(rejected_line(stage_, *rejected));
  }
}

}  // namespace diag::arping

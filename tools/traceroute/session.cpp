// The run: a course, the machine that walks it, a view and the loop that feeds them.
#include "tools/traceroute/session.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <poll.h>
#include <unistd.h>

#include <fmt/format.h>

#include "libdiag/core/errno_words.hpp"
#include "libdiag/core/text.hpp"
#include "libdiag/io/netlink.hpp"
#include "libdiag/probe/path_findings.hpp"
#include "libdiag/report/traceroute_records.hpp"
#include "tools/traceroute/locate_view.hpp"
#include "tools/traceroute/record_view.hpp"
#include "tools/traceroute/report_view.hpp"
#include "tools/traceroute/text_view.hpp"

namespace diag::traceroute {
namespace {

using tools::exit_code;

constexpr duration live_tick = 100ms, names_tick = 50ms, progress_tick = 250ms;
constexpr std::uint64_t many_targets = 64;  // a run that takes its time

/// Nothing to show but the judgement (--format nagios).
class silent_view final : public view {
 public:
  void take(const probe::path_event&) override {}
  void end(const ending&) override {}
};

/// The interface's own, whatever the kernel has learned of the path: that is what is to be found out.
std::uint32_t first_hop_mtu(const trace_options& options, const ip_address& target) {
  constexpr std::uint32_t usual = 1500;
  io::route_query query;
  query.interface = options.interface;
  query.source = options.source;
  query.mark = options.mark;
  const auto way = io::route_to(target, query);
  const auto all = io::links();
  if (!way || !all) return usual;
  const auto found = std::find_if(all->begin(), all->end(),
                                  [&](const io::link& one) { return one.index == way->interface; });
  return found == all->end() || found->mtu == 0 ? usual : found->mtu;
}

/// Why a path ends where it does, for the line that Nagios shows.
std::string objection_to(const probe::path_end& end) {
  if (end.why == probe::path_stop::reached) return {};
  if (end.hops == 0) return fmt::format("not reached: {}, and nothing answers at all", describe(end.why));
  return fmt::format("not reached: {} after hop {}", describe(end.why), end.hops);
}

}  // namespace

std::unique_ptr<view> session::make_view(probe::path_course& course) {
  if (options_.format == output_format::nagios) return std::make_unique<silent_view>();
  const bool records = tools::is_record_format(options_.format);
  if (options_.mode == run_mode::locate) {
    if (records) return std::make_unique<locate_record_view>(stage_, records_, plan_);
    return std::make_unique<locate_text_view>(stage_, plan_);
  }
  if (records) return std::make_unique<record_view>(stage_, records_, plan_.lost, rounds_);
  if (options_.mode == run_mode::report)
    return std::make_unique<report_view>(stage_, dynamic_cast<const probe::rounds_course&>(course));
  return std::make_unique<text_view>(stage_, !options_.quiet && !options_.packets);
}

/// What our own host says of a probe is a diagnostic, told once for each cause.
void session::explain_send_failure(std::uint32_t path, const probe::path_answer& answer) {
  if (answer.state != probe::hop_state::error || answer.error == 0) return;
  // The live view owns the terminal, and has a mark for it.
  if (options_.mode == run_mode::live || !explained_.insert(answer.error).second) return;
  failure what;
  what.operation = "send to";
  what.subject = to_string(plan_.paths[path].address);
  what.why = describe_send_error(answer.error);
  if (answer.error == EMSGSIZE) {
    what.why = open_.whole_packets
                   ? "larger than the MTU of the interface, and packets are not fragmented here"
                   : "larger than the MTU of the interface, and it must not be fragmented";
    what.hint = "give a smaller --size; --mtu finds what fits";
    return around_.complain(what);
  }
  // Broadcast has no place here, though the hint for EACCES speaks of it.
  what.hint = answer.error == EACCES ? "see: ip route get ADDRESS" : send_error_hint(answer.error);
  around_.complain(what);
}

void session::finish_path(const probe::traced_path& path) {
  ++decided_;
  path_outcome outcome;
  outcome.label = stage_.label(path.end.target);
  outcome.why = path.end.why;
  outcome.as_wanted = path.end.why == probe::path_stop::reached;
  outcome.objection = objection_to(path.end);
  if (stage_.expected != nullptr) {
    const auto differs = difference(stage_.expected, path);
    outcome.as_wanted = !differs;
    outcome.objection = differs ? differs->sentences().front() : std::string{};
  }
  const bool as_expected = outcome.as_wanted;
  if (rounds_ == nullptr) files_.take(path, stage_);
  judge_.take(std::move(outcome), [&] {
    auto summary = rounds_ != nullptr
                       ? records_.summary(path.end, rounds_->hops(path.end.target), rounds_->round())
                       : records_.summary(path, probe::find_oddities(path.target, path.rows, path.end));
    if (stage_.expected != nullptr) summary.set(report::traceroute_key::expected, as_expected);
    return with_rejects(std::move(summary), path.end.target);
  });
}

/// As the views have it, which hear of events when the names of their addresses are known.
report::record session::with_rejects(report::record summary, std::uint32_t path) {
  rejects_.close(summary, path, plan_.paths_per_target);
  return summary;
}

void session::take(const probe::path_event& event, view& shown) {
  shown.take(event);
  if (const auto* row = std::get_if<probe::hop_row>(&event)) {
    for (const auto& one : row->probes) explain_send_failure(row->target, one.answer);
  } else if (const auto* one = std::get_if<probe::path_result>(&event)) {
    explain_send_failure(one->asked.target, one->answer);
  } else if (const auto* fits = std::get_if<probe::mtu_row>(&event)) {
    explain_send_failure(fits->target, fits->answer);
  } else if (const auto* fit = std::get_if<probe::mtu_end>(&event)) {
    ++decided_;
    const bool passes = fit->why == probe::path_stop::reached && fit->smallest_lost == 0;
    judge_.take(
        {stage_.label(fit->target), fit->why, passes,
         fit->smallest_lost != 0 ? "packets vanish that are larger than the path MTU" : "not reached"},
        [&] { return with_rejects(records_.summary(*fit), fit->target); });
  } else if (const auto* all = std::get_if<probe::multipath>(&event)) {
    ++decided_;
    files_.take(*all, stage_);
    judge_.take({stage_.label(all->target), all->why, all->why == probe::path_stop::reached, "not reached"},
                [&] { return with_rejects(records_.summary(*all), all->target); });
  } else if (const auto* reject = std::get_if<probe::path_reject>(&event)) {
    if (options_.warn || options_.crit) rejects_.take(*reject);
  }
  if (located_) {
    const auto whole = located_->take(event);
    if (!whole) return;
    ++decided_;
    judge_.take(
        {stage_.label(whole->path),
         whole->best.end.why == probe::path_stop::error ? probe::path_stop::error : probe::path_stop::reached,
         whole->all_pass(), "not every port passes"},
        [&] { return with_rejects(records_.summary(whole->best, {}), whole->path); });
  } else if (const auto path = book_->take(event)) {
    finish_path(*path);
  }
}

void session::add_hooks(io::driver_hooks& hooks, probe::path_run& machine, view& shown,
                        const patient_view* patient, live_view* live) {
  hooks.recognise = [&machine](const io::outgoing_packet& one) {
    return machine.recognise(one.protocol, one.destination, one.transport);
  };
  if (frames_)
    hooks.on_frame = [this](const io::frame& one) {
      if (ours_->concerns(one)) frames_->take(one);
    };
  if (names_ && names_->fd() >= 0)
    hooks.inputs.push_back({names_->fd(), [this, &shown] {
                              names_->drain();
                              shown.rest(io::now());
                            }});
  if (live != nullptr) {
    hooks.inputs.push_back({live->input_fd(), [this, live] {
                              if (!live->handle_input()) driver_.interrupt();
                            }});
    hooks.on_resize = [live] { live->resize(); };
    hooks.tick = live_tick;
    hooks.on_tick = [live](mono_time now) { live->draw(now); };
    return;
  }
  const auto progress = [this] {
    return fmt::format("{} of {} targets", decided_, plan_.paths.size() / plan_.paths_per_target);
  };
  hooks.on_interim = [this, progress] { around_.remark(progress() + '\n'); };
  if (patient == nullptr) return;
  hooks.tick = names_tick;
  hooks.on_tick = [&shown](mono_time now) { shown.rest(now); };
}

/// The probes are done; what waits for names may wait a little longer, and no signal is ignored meanwhile.
void session::wait_for_names(patient_view& shown) {
  for (auto now = io::now();; now = io::now()) {
    shown.rest(now);
    const auto until = shown.waits_until();
    if (!until || !around_.out().ok()) return;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - now).count();
    pollfd names{names_->fd(), POLLIN, 0};
    if (left <= 0 || ::poll(&names, 1, static_cast<int>(left)) < 0) return;
    if (names.revents != 0) names_->drain();
  }
}

/// Names that gave no address have their say all the same.
void session::drive_nothing() {
  if (plan_.lost.empty() && found_.worst == exit_code::positive)
    judge_.note(around_.misused("nothing to trace"));
  if (!tools::is_record_format(options_.format)) return;
  record_view shown{stage_, records_, plan_.lost};
  shown.begin();
  shown.end({.at = stage_.began});
}

void session::drive() {
  stage_.began = io::now();
  if (plan_.paths.empty()) return drive_nothing();
  const auto course = make_course(options_, stage_.paths,
                                  [this](const ip_address& to) { return first_hop_mtu(options_, to); });
  auto* rounds = dynamic_cast<probe::rounds_course*>(course.get());
  rounds_ = rounds;
  probe::path_run machine{run_config(options_, open_, what_.profile, plan_.paths.size()), stage_.paths,
                          *course};

  std::unique_ptr<view> shown;
  live_view* live = nullptr;
  patient_view* patient = nullptr;
  if (options_.mode == run_mode::live) {
    auto screen = live_view::open(stage_, *rounds);
    if (!screen) {
      around_.complain(screen.error());
      return judge_.note(exit_code::ours);
    }
    live = screen->get();
    shown = std::move(*screen);
  } else {
    shown = make_view(*course);
    if (names_) {
      auto waits = std::make_unique<patient_view>(std::move(shown), labels_);
      patient = waits.get();
      shown = std::move(waits);
    }
  }
  io::driver_hooks hooks;
  hooks.on_progress = [&](mono_time now) {
    while (auto event = machine.next_event()) take(*event, *shown);
    shown->rest(now);
    // Nobody reads any more, or nothing can be written: going on would measure for no one.
    if (!around_.out().ok()) driver_.interrupt();
  };
  add_hooks(hooks, machine, *shown, patient, live);
  if (frames_) frames_->begin();
  shown->begin();
  stage_.began = io::now();
  const auto outcome = driver_.run(machine, hooks);
  if (outcome.trouble) {
    around_.complain(*outcome.trouble);
    judge_.note(exit_code::ours);
  }
  if (patient != nullptr && outcome.signal == 0) wait_for_names(*patient);
  ending how;
  how.at = io::now();
  how.elapsed = how.at - stage_.began;
  how.receiver_drops = outcome.receiver_drops;
  how.totals = machine.counts();
  const auto targets = plan_.paths.size() / plan_.paths_per_target;
  how.complete = decided_ >= targets;
  shown->end(how);
  if (rounds != nullptr) files_.take(*rounds, stage_);
  rounds_ = nullptr;
  judge_.undecided(how.complete ? 0 : targets - decided_);
}

int session::conclude() {
  if (options_.format == output_format::nagios) around_.out().line(judge_.nagios_line());
  auto troubles = files_.close(stage_);
  if (frames_)
    if (auto trouble = frames_->close()) troubles.push_back(std::move(*trouble));
  for (const auto& trouble : troubles) {
    around_.complain(trouble);
    judge_.note(exit_code::ours);
  }
  // While signals are still taken: timeout(1) sends its one twice, and the second must not find lines
  // unwritten.
  around_.out().flush();
  return judge_.status();
}

}  // namespace diag::traceroute

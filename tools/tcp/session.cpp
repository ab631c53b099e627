// The run: a machine, a view and the loop that feeds both.
#include "tools/tcp/session.hpp"

#include <cerrno>
#include <cstdlib>
#include <unistd.h>

#include <fmt/format.h>

#include "libdiag/core/errno_words.hpp"
#include "tools/tcp/plan.hpp"
#include "tools/tcp/progress.hpp"
#include "tools/tcp/record_view.hpp"
#include "tools/tcp/suite_view.hpp"
#include "tools/tcp/text_view.hpp"

namespace diag::tcp {
namespace {

using tools::exit_code;

constexpr duration progress_tick = 250ms;

/// Nothing to show but the judgement (--format nagios).
class silent_view final : public view {
 public:
  void take(const probe::tcp_event&) override {}
  void end(const ending&) override {}
};

/// What a capture saw leave, as the kernel's connections are known: by ports and destination.
std::optional<probe::probe_token> recognise(const probe::connect_sweep& machine,
                                            const io::outgoing_packet& packet) {
  if (packet.transport.size() < 4) return std::nullopt;
  return machine.recognise(load_be16(packet.transport, 0), packet.destination,
                           load_be16(packet.transport, 2));
}

}  // namespace

session::session(tools::shell& around, const tcp_options& options, inquiry&& what)
    : around_{around},
      options_{options},
      what_{std::move(what)},
      services_{!options.numeric},
      stage_{options,
             what_.asked(),
             services_,
             around.out(),
             report::style{
                 options.color, around.out().is_terminal(), {std::getenv("NO_COLOR"), std::getenv("TERM")}},
             [this](mono_time at) { return driver_.wall_of(at); }},
      records_{stage_},
      judge_{stage_, records_} {
  judge_.note(what_.worst);
  stage_.before_line = [this] {
    if (std::exchange(progress_shown_, false)) around_.remark("\r\033[K");
  };
}

result<void> session::check_targets() const {
  const auto& targets = what_.asked().plan.targets();
  if (targets.has(ip_family::v4) && !open_.have(ip_family::v4) && open_.without_v4) return *open_.without_v4;
  if (targets.has(ip_family::v6) && !open_.have(ip_family::v6) && open_.without_v6) return *open_.without_v6;
  return {};
}

result<void> session::attach() {
  for (auto* family : {&open_.v4, &open_.v6}) {
    if (family->segments) driver_.attach(std::move(*family->segments));
    if (family->errors) driver_.attach(std::move(*family->errors));
  }
  if (open_.connects()) {
    io::stream_config streams;
    streams.interface = options_.interface;
    streams.source = options_.source;
    streams.traffic_class = options_.traffic_class;
    if (auto attached = driver_.attach(streams); !attached) return attached;
  }
  // What the raw sockets receive needs no second look; connections show their SYN-ACKs to a capture alone.
  if (open_.tap) driver_.attach(std::move(*open_.tap), open_.connects());
  return {};
}

result<void> session::build(doors&& open) {
  open_ = std::move(open);
  stage_.method = open_.method;
  stage_.captured = open_.tap.has_value();
  if (what_.asked().plan.size() == 0) return {};
  if (auto checked = check_targets(); !checked) return checked;
  if (options_.verbose && open_.fell_back)
    around_.complain(
        "without CAP_NET_RAW: the kernel makes the connections; TTL, IP ID and options of the answers are "
        "not "
        "seen (see diag(7))");
  if (open_.tap && (options_.packets || !options_.pcap.empty())) {
    auto log = tools::frame_log::open(options_.packets, options_.pcap, open_.tap->link(), around_.out());
    if (!log) return log.error();
    frames_.emplace(std::move(*log));
  }
  if (!options_.baseline.empty()) {
    auto file = baseline::open(options_.baseline);
    if (!file) return file.error();
    baseline_.emplace(std::move(*file));
  }
  return attach();
}

std::unique_ptr<view> session::make_view() {
  if (options_.is_suite()) return std::make_unique<suite_view>(stage_, what_);
  if (tools::is_record_format(options_.format)) return std::make_unique<record_view>(stage_, records_);
  if (options_.format == output_format::nagios) return std::make_unique<silent_view>();
  if (options_.open_only) return std::make_unique<open_view>(stage_);
  return std::make_unique<text_view>(stage_, !options_.quiet && !options_.packets);
}

void session::drive() {
  stage_.began = io::now();
  if (what_.asked().plan.size() == 0) return drive_nothing();
  if (frames_) frames_->begin();
  open_.connects() ? drive_connections() : drive_crafted();
}

/// Names that gave no address have their say all the same.
void session::drive_nothing() {
  const auto& asked = what_.asked();
  if (asked.lost.empty() && !options_.is_suite() && asked.worst == exit_code::positive)
    judge_.note(around_.misused("nothing to ask"));
  if (!options_.is_suite() && !tools::is_record_format(options_.format)) return;
  const auto shown = make_view();
  shown->begin();
  shown->end({.at = stage_.began});
  if (const auto* suite = dynamic_cast<const suite_view*>(shown.get())) judge_.note(suite->status());
}

void session::drive_crafted() {
  probe::tcp_sweep machine{sweep_config(options_, what_, open_.identity, open_.ports->ports()),
                           what_.asked().plan};
  const frame_scope own{[ports = open_.ports->ports()](const connection& which) {
    return ports.holds(which.our_port) ? std::optional{mono_time::max()} : std::nullopt;
  }};
  run(machine, {}, own);
}

void session::drive_connections() {
  probe::connect_sweep machine{connect_config(options_, what_, open_), what_.asked().plan};
  const frame_scope own{[&machine](const connection& which) {
    return machine.done_with(which.ours, which.our_port, which.theirs, which.their_port);
  }};
  io::driver_hooks hooks;
  if (stage_.captured)
    hooks.recognise = [&machine](const io::outgoing_packet& packet) { return recognise(machine, packet); };
  run(machine, std::move(hooks), own);
}

/// What our own host says of a probe is a diagnostic, told once for each cause; the counts are in the
/// results.
void session::explain_send_failure(const probe::tcp_result& result) {
  if (result.state != probe::tcp_state::error || result.error == 0 || !explained_.insert(result.error).second)
    return;
  stage_.before_line();
  failure what;
  what.operation = "send to";
  what.subject = to_string(what_.asked().plan.address(result.target));
  what.why = describe_send_error(result.error);
  // Broadcast has no place here, though the hint for EACCES speaks of it.
  what.hint = result.error == EACCES ? "see: ip route get ADDRESS" : send_error_hint(result.error);
  around_.complain(what);
}

void session::take(const probe::tcp_event& event, view& shown) {
  if (const auto* result = std::get_if<probe::tcp_result>(&event)) {
    explain_send_failure(*result);
    if (!options_.is_suite()) judge_.take(*result);
    if (baseline_) baseline_->take(*result);
  } else if (const auto* account = std::get_if<probe::tcp_summary>(&event)) {
    judge_.take(*account);
  }
  shown.take(event);
}

template <class Machine>
void session::add_progress_hooks(io::driver_hooks& hooks, const Machine& machine) {
  const auto text = [this, &machine] {
    return progress_text(machine.course(), machine.totals(), io::now() - stage_.began);
  };
  hooks.on_interim = [this, text] {
    stage_.before_line();
    around_.remark(text() + '\n');
  };
  // A line that rewrites itself is for a terminal, and for runs that take their time.
  if (options_.quiet || options_.packets || what_.asked().plan.size() <= small_plan || ::isatty(2) != 1)
    return;
  hooks.tick = progress_tick;
  hooks.on_tick = [this, text](mono_time) {
    around_.remark("\r" + text() + "\033[K");
    progress_shown_ = true;
  };
}

template <class Machine>
void session::run(Machine& machine, io::driver_hooks hooks, const frame_scope& own) {
  const auto shown = make_view();
  hooks.on_progress = [&](mono_time now) {
    while (auto event = machine.next_event()) take(*event, *shown);
    shown->rest(now);
    // Nobody reads any more, or nothing can be written: going on would measure for no one.
    if (!around_.out().ok()) driver_.interrupt();
  };
  if (frames_)
    hooks.on_frame = [this, &own](const io::frame& one) {
      if (own.concerns(one)) frames_->take(one);
    };
  add_progress_hooks(hooks, machine);
  shown->begin();
  stage_.began = io::now();
  const auto outcome = driver_.run(machine, hooks);
  stage_.before_line();
  if (outcome.trouble) {
    around_.complain(*outcome.trouble);
    judge_.note(exit_code::ours);
  }
  finish(machine, *shown, outcome);
}

template <class Machine>
void session::finish(const Machine& machine, view& shown, const io::run_outcome& outcome) {
  const auto& plan = what_.asked().plan;
  ending how;
  how.at = io::now();
  how.elapsed = how.at - stage_.began;
  how.receiver_drops = outcome.receiver_drops;
  how.totals = machine.totals();
  // A run without end is not cut short by its end.
  how.complete = options_.rounds == 0 || (machine.course().all_taken() && how.totals.pending == 0);
  if (!how.complete) how.resume = resume_token(options_, open_.identity, plan, machine.undecided_from());
  shown.end(how);
  if (const auto* suite = dynamic_cast<const suite_view*>(&shown)) judge_.note(suite->status());
  judge_.close(!how.complete);
  if (!how.resume.empty() && !options_.is_suite()) around_.complain("resume with: --resume " + how.resume);
}

int session::conclude() {
  if (what_.asked().plan.size() == 0) judge_.close(false);
  if (options_.format == output_format::nagios) around_.out().line(judge_.nagios_line());
  const auto told = [this](const std::optional<failure>& trouble) {
    if (!trouble) return;
    around_.complain(*trouble);
    judge_.note(exit_code::ours);
  };
  if (frames_) told(frames_->close());
  if (baseline_) told(baseline_->close(what_.asked(), io::wall_now()));
  // While signals are still taken: timeout(1) sends its one twice, and the second must not find lines
  // unwritten.
  around_.out().flush();
  return judge_.status();
}

}  // namespace diag::tcp

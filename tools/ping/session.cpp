// The run: a machine, a view and the loop that feeds both.
#include "tools/ping/session.hpp"

#include <algorithm>
#include <cstdlib>
#include <unistd.h>

#include <fmt/format.h>

#include "libdiag/core/errno_words.hpp"
#include "libdiag/io/netlink.hpp"
#include "libdiag/report/time_text.hpp"
#include "tools/ping/mtu_view.hpp"
#include "tools/ping/plan.hpp"
#include "tools/ping/record_view.hpp"
#include "tools/ping/sweep_view.hpp"
#include "tools/ping/text_view.hpp"

namespace diag::ping {
namespace {

using tools::exit_code;

constexpr duration live_tick = 100ms;
constexpr duration progress_tick = 250ms;
// Every target of a series keeps its statistics: about 1 KiB each.
constexpr std::uint64_t most_in_series = 1'000'000;

/// Nothing to show but the judgement (--format nagios).
class silent_view final : public view {
 public:
  void take(const probe::ping_event&) override {}
  void end(const ending&) override {}
};

/// Whether no answer comes in fragments, which a capture would not put together: every IPv6 link carries
/// 1,280 octets (RFC 8200 section 5), and IPv4 links that carry less have died out.
bool arrives_whole(const ping_options& options) {
  constexpr std::size_t surely_carried = 1280;
  constexpr std::size_t headers = 48;  // IPv6 and ICMPv6
  return mode_of(options) != run_mode::mtu && options.size + headers <= surely_carried;
}

}  // namespace

session::session(tools::shell& around, const ping_options& options, tools::gathered_targets&& found)
    : around_{around},
      options_{options},
      found_{std::move(found)},
      stage_{options,
             found_.targets,
             around.out(),
             report::style{
                 options.color, around.out().is_terminal(), {std::getenv("NO_COLOR"), std::getenv("TERM")}},
             [this](mono_time at) { return driver_.wall_of(at); },
             [&around](std::string_view sentence) { around.complain(sentence); }},
      records_{found_.targets, stage_.wall_of},
      judge_{options, records_, found_.targets} {
  judge_.note(found_.worst);
}

result<void> session::check_targets(const doors& open) const {
  const auto& targets = found_.targets.list();
  if (targets.has(ip_family::v4) && !open.v4 && open.without_v4) return *open.without_v4;
  if (targets.has(ip_family::v6) && !open.v6 && open.without_v6) return *open.without_v6;
  if (mode_of(options_) == run_mode::series && targets.size() > most_in_series)
    return failure{{},
                   "ask again and again",
                   std::to_string(targets.size()) + " targets",
                   "a series keeps statistics for at most 1,000,000",
                   "leave -c out, or use --shard"};
  return {};
}

result<void> session::build(doors&& open) {
  if (found_.targets.size() == 0) return {};
  if (auto settled = settle_identity(open, found_.targets.list()); !settled) return settled;
  if (auto checked = check_targets(open); !checked) return checked;
  if (options_.verbose && !open.raw())
    around_.complain(
        "without CAP_NET_RAW: one identifier, given by the kernel; packets that are no answers "
        "are not seen (see diag(7))");
  identity_ = open.identity;
  if (open.tap) {
    auto log = tools::frame_log::open(options_.packets, options_.pcap, open.tap->link(), around_.out());
    if (!log) return log.error();
    frames_.emplace(std::move(*log));
    driver_.attach(std::move(*open.tap), arrives_whole(options_));
  }
  if (open.v4) driver_.attach(std::move(*open.v4));
  if (open.v6) driver_.attach(std::move(*open.v6));
  if (!options_.plot.empty()) {
    auto log = plot_log::open(options_.plot, found_.targets);
    if (!log) return log.error();
    plot_.emplace(std::move(*log));
  }
  if (!options_.live) return {};
  std::vector<std::string> labels;
  for (std::uint64_t i = 0; i < found_.targets.size(); ++i) labels.push_back(found_.targets.label(i));
  auto screen = live_view::open(std::move(labels), options_.color != report::color_when::never);
  if (!screen) return screen.error();
  live_ = std::move(*screen);
  return {};
}

void session::drive(bool privileged) {
  began_ = io::now();
  if (found_.targets.size() == 0) return drive_nothing();
  if (frames_) frames_->begin();
  switch (mode_of(options_)) {
    case run_mode::series:
      return drive_series(privileged);
    case run_mode::sweep:
      return drive_sweep();
    case run_mode::mtu:
      return drive_mtu();
  }
}

/// Names that gave no address have their say all the same.
void session::drive_nothing() {
  if (found_.targets.lost().empty() && found_.worst == exit_code::positive)
    judge_.note(around_.misused("no target in " + options_.targets.file));
  if (!tools::is_record_format(options_.format)) return;
  record_view records{stage_, records_};
  records.begin();
  records.end({began_});
}

/// What our own host says of a packet is a diagnostic, told once for each cause; the counts are in the
/// results.
void session::explain_send_failure(const probe::ping_error& error) {
  if (error.from || error.error == 0 || live_ || !explained_.insert(error.error).second) return;
  failure what;
  what.operation = "send to";
  what.subject = to_string(found_.targets.address(error.target));
  what.why = describe_send_error(error.error);
  what.hint = send_error_hint(error.error);
  if (error.mtu != 0) what.why += fmt::format(" (mtu {})", error.mtu);
  around_.complain(what);
}

void session::take(const probe::ping_event& event, view& shown) {
  if (const auto* error = std::get_if<probe::ping_error>(&event)) explain_send_failure(*error);
  if (const auto* account = std::get_if<probe::ping_summary>(&event)) judge_.take(*account);
  if (plot_) plot_->take(event);
  if (live_) live_->add(event);
  shown.take(event);
}

template <class Machine>
io::driver_hooks session::common_hooks(Machine& machine, view& shown) {
  io::driver_hooks hooks;
  hooks.on_progress = [&](mono_time now) {
    while (auto event = machine.next_event()) take(*event, shown);
    shown.rest(now);
    // Nobody reads any more, or nothing can be written: going on would measure for no one. What was measured
    // still decides how the run ends.
    if (!around_.out().ok()) driver_.interrupt();
  };
  if (!frames_) return hooks;
  hooks.on_frame = [this](const io::frame& one) { frames_->take(one); };
  hooks.recognise = [&machine](const io::outgoing_packet& one) {
    return machine.recognise(one.transport, one.destination);
  };
  return hooks;
}

io::run_outcome session::run(probe::machine& machine, const io::driver_hooks& hooks) {
  auto outcome = driver_.run(machine, hooks);
  if (outcome.trouble) {
    around_.complain(*outcome.trouble);
    judge_.note(exit_code::ours);
  }
  return outcome;
}

std::unique_ptr<view> session::make_series_view() const {
  if (tools::is_record_format(options_.format)) return std::make_unique<record_view>(stage_, records_);
  if (options_.format == output_format::nagios) return std::make_unique<silent_view>();
  return std::make_unique<text_view>(stage_, !live_ && !options_.packets);
}

void session::add_live_hooks(io::driver_hooks& hooks, const probe::ping& machine) {
  hooks.inputs.push_back({live_->input_fd(), [this] {
                            if (live_ && !live_->handle_input()) driver_.interrupt();
                          }});
  hooks.tick = live_tick;
  hooks.on_tick = [this, &machine](mono_time now) { live_->draw(now, machine); };
  hooks.on_resize = [this] { live_->resize(); };
}

void session::drive_series(bool privileged) {
  const auto config = series_config(options_, identity_, io::clock_bridge::read(), privileged);
  probe::ping machine{config, found_.targets.list()};
  const auto shown = make_series_view();
  auto hooks = common_hooks(machine, *shown);
  hooks.on_progress = [this, &machine, drain = std::move(hooks.on_progress)](mono_time now) {
    stage_.receiver_drops = machine.dropped_by_receiver();
    drain(now);
  };
  hooks.on_interim = [&] {
    for (std::uint32_t i = 0; i < found_.targets.size() && !live_; ++i) {
      const auto line = interim_line(machine.account(i, io::now()));
      around_.remark((found_.targets.size() == 1 ? line : found_.targets.label(i) + ": " + line) + '\n');
    }
  };
  if (live_) add_live_hooks(hooks, machine);
  // Under the live view the header would go to a screen that vanishes with it.
  if (!live_) shown->begin();
  began_ = io::now();
  shown->rest(began_);
  if (plot_) plot_->begin(began_);
  run(machine, hooks);
  if (live_) {
    live_->close();
    shown->begin();
  }
  if (options_.until.what != probe::ping_condition::kind::none) judge_.condition(machine.condition_met());
  const auto now = io::now();
  shown->end({now, now - began_, stage_.receiver_drops});
}

void session::add_progress_hooks(io::driver_hooks& hooks, std::function<std::string()> text) {
  // A line that rewrites itself is for a terminal, and only where no other output crosses it.
  const bool crossed = around_.out().is_terminal() && (options_.list != listing::none || options_.packets);
  if (crossed || options_.quiet || ::isatty(2) != 1) return;
  hooks.tick = progress_tick;
  hooks.on_tick = [this, text = std::move(text)](mono_time) { around_.remark("\r" + text() + "\033[K"); };
}

void session::drive_sweep() {
  probe::sweep machine{sweep_config(options_, identity_, found_.targets.size()), found_.targets.list()};
  std::unique_ptr<view> shown;
  const sweep_view* table = nullptr;
  if (tools::is_record_format(options_.format)) {
    shown = std::make_unique<record_view>(stage_, records_);
  } else if (options_.format == output_format::nagios) {
    shown = std::make_unique<silent_view>();
  } else {
    auto made = std::make_unique<sweep_view>(stage_, machine, !options_.packets);
    table = made.get();
    shown = std::move(made);
  }
  auto hooks = common_hooks(machine, *shown);
  const auto progress = [&] {
    return fmt::format("asked {} of {}, {} alive", machine.asked(), found_.targets.size(),
                       machine.totals().alive);
  };
  hooks.on_interim = [&] { around_.remark(progress() + '\n'); };
  if (table != nullptr) add_progress_hooks(hooks, progress);
  shown->begin();
  run(machine, hooks);
  if (hooks.on_tick) around_.remark("\r\033[K");
  const auto now = io::now();
  shown->end({now, now - began_, machine.totals().receiver_dropped});
}

int session::conclude() {
  judge_.close();
  if (options_.format == output_format::nagios) around_.out().line(judge_.nagios_line());
  const auto told = [this](const std::optional<failure>& trouble) {
    if (!trouble) return;
    around_.complain(*trouble);
    judge_.note(exit_code::ours);
  };
  if (frames_) told(frames_->close());
  if (plot_) told(plot_->close("diag-ping " DIAG_VERSION ", " + report::time_text(io::wall_now())));
  // While signals are still taken: timeout(1) sends its one twice, and the second must not find lines
  // unwritten.
  around_.out().flush();
  return judge_.status();
}

}  // namespace diag::ping

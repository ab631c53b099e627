// The run: a machine, a view and the loop that feeds both.
#include "tools/arping/session.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "libdiag/core/errno_words.hpp"
#include "libdiag/io/entropy.hpp"
#include "libdiag/report/words.hpp"
#include "tools/arping/claim_view.hpp"
#include "tools/arping/record_view.hpp"
#include "tools/arping/sweep_view.hpp"
#include "tools/arping/text_lines.hpp"
#include "tools/arping/text_view.hpp"

namespace diag::arping {
namespace {

using tools::exit_code;

constexpr std::size_t most_told = 16;

/// Nothing to show but the judgement (--format nagios), or no run at all.
class silent_view final : public view {};

}  // namespace

session::session(tools::shell& around, const arping_options& options, tools::gathered_targets&& found,
                 baseline_input&& before)
    : around_{around},
      options_{options},
      found_{std::move(found)},
      stage_{options,
             found_.targets,
             network_,
             plan_,
             around.out(),
             report::style{
                 options.color, around.out().is_terminal(), {std::getenv("NO_COLOR"), std::getenv("TERM")}},
             [this](mono_time at) { return driver_.wall_of(at); },
             &vendors_},
      records_{stage_},
      judge_{stage_, records_},
      before_{std::move(before.known)} {
  judge_.note(found_.worst);
}

/// One line for each reason, and the whole story in the records.
void session::tell_refused() {
  std::size_t told = 0;
  std::string last;
  for (const auto& one : plan_.refused) {
    judge_.take(one);
    auto line = describe(one.why);
    // What is wrong with the link is told once, not for each of its targets.
    if (line == last) continue;
    last = line;
    if (++told > most_told) continue;
    if (one.count > 1 && one.why.subject == stage_.address_text(one.first))
      line += fmt::format("; and so for the {} that follow it",
                          report::count_words(one.count - 1, "address", "addresses"));
    around_.complain(line);
  }
  if (told > most_told)
    around_.complain(fmt::format("and {} more that cannot be asked for", told - most_told));
  for (const auto& one : plan_.own)
    if (options_.verbose) around_.complain(to_string(one) + " is this host's own: left out");
}

result<void> session::choose_search() {
  auto link = search_link(options_, network_);
  if (!link) return link.error();
  if (options_.by_asking) plan_.targets = search_targets(options_, found_.targets.list(), *link, network_);
  plan_.targets.seal();
  plan_.links.push_back(std::move(*link));
  return {};
}

/// `present`: who answered the roll call.
result<void> session::choose_targets(const std::vector<ip_address>& present) {
  auto wanted = found_.targets.list();
  if (options_.local) {
    if (options_.targets.family != ip_family::v6) {
      const auto local = local_targets(options_, network_);
      if (!local) return local.error();
      for (std::uint64_t i = 0; i < local->size(); ++i) wanted.add(local->at(i));
    }
    for (const auto& one : present) wanted.add(one);
    wanted.seal();
    if (options_.targets.shards > 1)
      wanted = wanted.shard(options_.targets.shard - 1, options_.targets.shards);
  }
  auto plan = plan_links(options_, wanted, network_);
  if (!plan) return plan.error();
  plan_ = std::move(*plan);
  tell_refused();
  return {};
}

result<void> session::listen(io::link_socket&& socket, std::vector<std::uint32_t> interfaces) {
  std::sort(interfaces.begin(), interfaces.end());
  interfaces.erase(std::unique(interfaces.begin(), interfaces.end()), interfaces.end());
  // What answers a hardware address that is not the interface's is for somebody else, as it sees it.
  const bool foreign =
      options_.source_mac && std::any_of(interfaces.begin(), interfaces.end(), [&](std::uint32_t index) {
        const auto* link = network_.link_at(index);
        return link != nullptr && link->mac != options_.source_mac;
      });
  auto wanted = wanted_frames(options_);
  wanted.others = foreign;
  if (auto bound = socket.listen(interfaces.size() == 1 ? interfaces[0] : 0, wanted, foreign); !bound)
    return bound;
  driver_.attach(std::move(socket));
  listening_ = true;
  return driver_.watch_links(std::move(interfaces));
}

/// The IPv6 half of --local: a prefix has too many addresses to ask for each.
result<std::vector<ip_address>> session::call_roll(io::link_socket&& socket) {
  const auto links = local_links(options_, network_);
  if (!links) return links.error();
  const auto config = roll_call_config_of(options_, *links, network_, random_);
  std::vector<std::uint32_t> interfaces;
  for (const auto* link : *links) interfaces.push_back(link->index);
  if (auto bound = listen(std::move(socket), std::move(interfaces)); !bound) return bound.error();
  std::vector<ip_address> present;
  probe::roll_call machine{config};
  io::driver_hooks hooks;
  hooks.on_progress = [&](mono_time) {
    while (const auto answer = machine.next_event()) present.push_back(answer->address);
  };
  if (frames_) hooks.on_frame = [this](const io::frame& one) { frames_->take(one); };
  const auto outcome = driver_.run(machine, hooks);
  if (outcome.trouble) return *outcome.trouble;
  called_off_ = outcome.signal != 0;
  return present;
}

result<void> session::open_files(doors& open) {
  if (open.tap) {
    auto log = tools::frame_log::open(options_.packets, options_.pcap, open.tap->link(), around_.out());
    if (!log) return log.error();
    frames_.emplace(std::move(*log));
    driver_.attach(std::move(*open.tap), false);
    frames_->begin();
  }
  if (options_.save.empty()) return {};
  auto file = neighbor_file::open(options_.save);
  if (!file) return file.error();
  saved_.emplace(std::move(*file));
  return {};
}

result<void> session::build(doors&& open) {
  const auto seed = io::entropy();
  if (!seed) return seed.error();
  random_ = seeded_random{*seed};
  auto network = ask_kernel();
  if (!network) return network.error();
  network_ = std::move(*network);
  if (auto opened = open_files(open); !opened) return opened;
  std::vector<ip_address> present;
  if (options_.local && !options_.wanted && options_.targets.family != ip_family::v4) {
    auto called = call_roll(std::move(open.link));
    if (!called) return called.error();
    present = std::move(*called);
  }
  if (called_off_) return {};
  if (auto chosen = options_.wanted ? choose_search() : choose_targets(present); !chosen) return chosen;
  if (plan_.links.empty() || listening_) return {};
  std::vector<std::uint32_t> interfaces;
  for (const auto& link : plan_.links) interfaces.push_back(link.interface);
  return listen(std::move(open.link), std::move(interfaces));
}

std::unique_ptr<view> session::make_view() {
  if (tools::is_record_format(options_.format)) return std::make_unique<record_view>(stage_, records_);
  if (options_.format == output_format::nagios || plan_.links.empty()) return std::make_unique<silent_view>();
  switch (mode_of(options_)) {
    case run_mode::sweep:
      return std::make_unique<sweep_view>(stage_);
    case run_mode::claim:
      return std::make_unique<claim_view>(stage_);
    case run_mode::search:
      return std::make_unique<search_view>(stage_);
    case run_mode::series:
      break;
  }
  if (options_.watch) return std::make_unique<watch_view>(stage_);
  return std::make_unique<series_view>(stage_);
}

void session::drive() {
  began_ = io::now();
  for (const auto& one : found_.targets.lost()) judge_.take(one);
  if (plan_.links.empty()) {
    if (found_.targets.lost().empty() && plan_.refused.empty() && found_.worst == exit_code::positive) {
      if (!called_off_)
        around_.complain(options_.local ? "nobody answered, so there is nobody to ask"
                                        : "there is nobody to ask: no address is left");
      judge_.note(options_.local ? exit_code::negative : exit_code::ours);
    }
    const auto shown = make_view();
    shown->begin();
    shown->end({.at = began_});
    return;
  }
  switch (mode_of(options_)) {
    case run_mode::claim:
      return drive_claim();
    case run_mode::search:
      return drive_search();
    case run_mode::series:
    case run_mode::sweep:
      return drive_run();
  }
}

template <class Machine, class Take>
void session::run(Machine& machine, view& shown, Take take_event, std::function<void()> interim) {
  io::driver_hooks hooks;
  hooks.on_progress = [&](mono_time now) {
    while (auto event = machine.next_event()) take_event(*event);
    shown.rest(now);
    // Nobody reads any more: what was measured still decides how the run ends.
    if (!around_.out().ok()) driver_.interrupt();
  };
  hooks.on_interim = std::move(interim);
  if (frames_) hooks.on_frame = [this](const io::frame& one) { frames_->take(one); };
  shown.begin();
  shown.rest(began_);
  const auto outcome = driver_.run(machine, hooks);
  if (!outcome.trouble) return;
  around_.complain(*outcome.trouble);
  judge_.note(exit_code::ours);
}

void session::explain_send_failure(const probe::neighbor_error& error) {
  if (error.error == 0 || !explained_.insert(error.error).second) return;
  around_.complain(failure{{},
                           "ask for",
                           stage_.label(error.target),
                           std::string{describe_send_error(error.error)},
                           std::string{send_error_hint(error.error)}});
}

/// That a link is up is no news before it was down.
bool session::is_news(const probe::neighbor_link_state& state) {
  const auto& now = state.now;
  if (now.up && now.running && !now.gone) return down_.erase(now.interface) != 0;
  down_.insert(now.interface);
  return true;
}

/// What every machine reports; false: not to be shown.
template <class Event>
bool session::passes(const Event& event) {
  const auto* state = std::get_if<probe::neighbor_link_state>(&event);
  if (state == nullptr) return true;
  if (!is_news(*state)) return false;
  note_link(*state);
  return true;
}

/// An outage in a series is something measured; a sweep, or an interface that is gone, ends there.
void session::note_link(const probe::neighbor_link_state& state) {
  const bool carries = state.now.up && state.now.running && !state.now.gone;
  if (carries || (mode_of(options_) == run_mode::series && !state.now.gone)) return;
  auto line = link_line(stage_, state);
  line.pop_back();
  around_.complain(line);
  judge_.note(exit_code::ours);
}

void session::compare(const probe::neighbor_summary& account) {
  std::vector<mac_address> owners;
  for (const auto& owner : account.owners) owners.push_back(owner.mac);
  const auto address = plan_.targets.at(account.target);
  if (saved_) saved_->take(address, owners);
  // What was never asked has not vanished.
  if (!before_ || (owners.empty() && account.lost == 0)) return;
  auto difference = arping::compare(*before_, address, owners);
  if (!difference) return;
  judge_.take(*difference);
  differences_.push_back(std::move(*difference));
}

/// Before the first verdict: what two owners are to each other shows in the answers for all targets.
void session::find_oddities(const probe::neighbor_run& machine) {
  probe::neighbor_oddities oddities{machine.facts(), machine.totals().in_use};
  for (std::uint32_t i = 0; i < plan_.targets.size(); ++i) {
    const auto account = machine.account(i);
    if (account.sent != 0) oddities.take({i, plan_.targets.at(i), account.received, account.owners});
  }
  findings_.emplace(oddities.finish(), plan_.targets.size() == 1);
}

void session::conclude_target(const probe::neighbor_summary& account, const probe::neighbor_run& machine,
                              view& shown) {
  if (!findings_) find_oddities(machine);
  target_result result;
  result.account = &account;
  result.findings = findings_->of(account);
  result.what = verdict_of(account, result.findings);
  judge_.take(result);
  if (saved_ || before_) compare(account);
  shown.conclude(result);
}

void session::take(const probe::neighbor_event& event, const probe::neighbor_run& machine, view& shown) {
  if (const auto* account = std::get_if<probe::neighbor_summary>(&event))
    return conclude_target(*account, machine, shown);
  if (const auto* error = std::get_if<probe::neighbor_error>(&event)) explain_send_failure(*error);
  const auto* reply = std::get_if<probe::neighbor_reply>(&event);
  const bool twice_told =
      reply != nullptr && !reply->new_owner && !options_.verbose && stage_.is_second_look(*reply);
  if (!twice_told && passes(event)) shown.take(event);
}

/// What this host remembers of targets: whom to ask by unicast, and whom to ask when everybody is silent.
void session::recall_neighbors(probe::neighbor_config& config) {
  for (const auto& link : plan_.links) {
    const auto all = io::neighbors(link.interface);
    if (!all) continue;  // it is of use, not needed
    for (const auto& one : *all)
      if (one.mac && plan_.targets.find(one.address)) config.known.emplace_back(one.address, *one.mac);
  }
}

void session::drive_run() {
  auto config = run_config(options_, plan_);
  if (config.looks) config.impossible = impossible_addresses(plan_, network_, random_);
  recall_neighbors(config);
  probe::neighbor_run machine{config, plan_.targets};
  const auto shown = make_view();
  const auto interim = [&] {
    if (plan_.targets.size() == 1) return around_.remark(counts_line(machine.account(0)) + '\n');
    auto totals = machine.totals();
    totals.targets = plan_.targets.size();  // the machine counts them as they end
    around_.remark(totals_line(totals, totals.conflicts, io::now() - began_) + '\n');
  };
  run(
      machine, *shown, [&](const probe::neighbor_event& event) { take(event, machine, *shown); }, interim);
  const auto now = io::now();
  ending how{.at = now, .elapsed = now - began_, .totals = machine.totals(), .differences = differences_};
  how.unmet = judge_.close();
  if (findings_) how.findings = findings_->all();
  shown->end(how);
}

void session::drive_claim() {
  probe::address_claim machine{claim_config_of(options_, plan_, random_()), plan_.targets};
  const auto shown = make_view();
  const auto take_event = [&](const probe::claim_event& event) {
    if (const auto* end = std::get_if<probe::claim_summary>(&event)) judge_.take(*end);
    if (passes(event)) shown->take(event);
  };
  run(machine, *shown, take_event, {});
  shown->end({.at = io::now()});
}

void session::drive_search() {
  probe::mac_search machine{search_config(options_, plan_.links.front(), network_, random_), plan_.targets};
  const auto shown = make_view();
  const auto take_event = [&](const probe::mac_search_event& event) {
    if (const auto* end = std::get_if<probe::mac_search_summary>(&event)) judge_.take(*end);
    if (passes(event)) shown->take(event);
  };
  run(machine, *shown, take_event, {});
  shown->end({.at = io::now()});
}

int session::conclude() {
  if (options_.format == output_format::nagios) around_.out().line(judge_.nagios_line());
  const auto told = [this](const std::optional<failure>& trouble) {
    if (!trouble) return;
    around_.complain(*trouble);
    judge_.note(exit_code::ours);
  };
  if (frames_) told(frames_->close());
  if (saved_) told(saved_->close(io::wall_now()));
  // While signals are still taken: timeout(1) sends its one twice, and the second must not find lines
  // unwritten.
  around_.out().flush();
  if (auto link = driver_.detach_link()) io::close_in_child(std::move(*link));
  return judge_.status();
}

}  // namespace diag::arping

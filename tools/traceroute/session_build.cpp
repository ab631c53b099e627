// What a run stands on: paths planned, files opened, sockets handed to the loop.
#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "libdiag/report/words.hpp"
#include "tools/traceroute/session.hpp"

namespace diag::traceroute {
namespace {

/// Whether no answer comes in fragments, which a capture would not put together. Only echo replies are as
/// large as their requests; every IPv6 link carries 1,280 octets (RFC 8200 section 5), and IPv4 links that
/// carry less have died out.
bool arrives_whole(const trace_options& options) {
  constexpr std::uint16_t surely_carried = 1280;
  const bool echoed = options.method == probe::path_method::icmp || options.mode == run_mode::locate;
  if (!echoed) return !options.fixed_port;  // what a service says may be of any size
  return options.mode != run_mode::mtu && options.size.value_or(0) <= surely_carried;
}

}  // namespace

session::session(tools::shell& around, const trace_options& options, inquiry&& what,
                 tools::gathered_targets&& found)
    : around_{around},
      options_{options},
      what_{std::move(what)},
      found_{std::move(found)},
      labels_{make_label_sources()},
      stage_{options,
             found_.targets,
             {},
             labels_,
             around.out(),
             report::style{
                 options.color, around.out().is_terminal(), {std::getenv("NO_COLOR"), std::getenv("TERM")}},
             [this](mono_time at) { return driver_.wall_of(at); }},
      records_{stage_},
      judge_{options} {
  judge_.note(found_.worst);
}

label_sources session::make_label_sources() {
  label_sources from;
  if (options_.as_numbers)
    from.find_origin = [this](const ip_address& address) {
      return files_.origins() != nullptr ? files_.origins()->find(address) : std::nullopt;
    };
  // A check that waits for a broken name service tells of the wrong thing.
  const bool check =
      options_.format == output_format::nagios || (options_.quiet && options_.mode != run_mode::report);
  if (options_.numeric || check) return from;
  names_ = std::make_unique<io::name_finder>();
  from.ask_name = [this](const ip_address& address) { names_->ask(address); };
  from.find_name = [this](const ip_address& address) { return names_->find(address); };
  return from;
}

result<void> session::check_families() const {
  const auto& targets = found_.targets.list();
  if (targets.has(ip_family::v4) && !open_.v4.usable() && open_.without_v4) return *open_.without_v4;
  if (targets.has(ip_family::v6) && !open_.v6.usable() && open_.without_v6) return *open_.without_v6;
  return {};
}

/// A datagram ICMP socket has an identifier of its own.
result<void> session::settle_identifier() {
  if (open_.whole_packets || options_.method != probe::path_method::icmp) return {};
  const auto& targets = found_.targets.list();
  const bool v6 = targets.has(ip_family::v6);
  if (targets.has(ip_family::v4) && v6)
    return failure{{},
                   "ask both address families at once",
                   {},
                   "a datagram ICMP socket has an identifier of its own",
                   "use -4 or -6, or give the program CAP_NET_RAW; see diag(7)"};
  (v6 ? open_.v4 : open_.v6) = {};
  const auto& socket = open_.of(v6 ? ip_family::v6 : ip_family::v4).errors;
  if (socket) open_.identity.identifier_base = socket->identifier();
  return {};
}

void session::plan() {
  const auto now = io::now();
  for (auto* family : {&open_.v4, &open_.v6})
    if (family->sources) family->sources->refresh(now);
  plan_ = plan_paths(found_.targets, what_.questions, [this](const ip_address& to) {
    auto found = open_.of(to.family()).sources->find(to);
    if (found.error == 0 && options_.source) found.source = options_.source;
    return found;
  });
  for (const auto& lost : found_.targets.lost()) plan_.lost.push_back(lost);
  stage_.paths = plan_.paths;
  book_.emplace(stage_.paths);
  if (options_.mode == run_mode::locate) located_.emplace(plan_);
}

/// Names without an address have been told of already; those there is no way to have not.
void session::tell_lost() {
  const auto named = found_.targets.lost().size();
  for (std::size_t i = 0; i + named < plan_.lost.size(); ++i) {
    const auto& lost = plan_.lost[i];
    around_.complain(failure{{}, "trace the path to", lost.word, lost.why, "see: ip route get ADDRESS"});
  }
  for (const auto& lost : plan_.lost) judge_.lose(lost);
}

void session::attach() {
  for (auto* family : {&open_.v4, &open_.v6})
    for (auto* socket : {&family->sender, &family->errors, &family->segments, &family->datagrams})
      if (*socket) driver_.attach(std::move(**socket));
  if (open_.tap) driver_.attach(std::move(*open_.tap), arrives_whole(options_));
}

result<void> session::build(doors&& open) {
  open_ = std::move(open);
  if (found_.targets.size() == 0) {
    for (const auto& lost : found_.targets.lost()) plan_.lost.push_back(lost);
    tell_lost();
    return {};
  }
  if (auto checked = check_families(); !checked) return checked;
  if (auto settled = settle_identifier(); !settled) return settled;
  plan();
  tell_lost();
  if (!open_.whole_packets) stage_.method_note = unprivileged_note(options_);
  if (options_.verbose && !stage_.method_note.empty())
    around_.complain(std::string{stage_.method_note} + " (see diag(7))");
  if (open_.tap) {
    auto log = tools::frame_log::open(options_.packets, options_.pcap, open_.tap->link(), around_.out());
    if (!log) return log.error();
    frames_.emplace(std::move(*log));
    std::vector<ip_address> targets;
    for (const auto& path : plan_.paths) targets.push_back(path.address);
    const auto echoes = std::any_of(plan_.paths.begin(), plan_.paths.end(),
                                    [](const auto& path) { return path.method == probe::path_method::icmp; });
    ours_.emplace(open_.ports ? open_.ports->ports() : io::port_range{},
                  io::identifier_range{open_.identity.identifier_base, flow_count(options_), {}}, echoes,
                  std::move(targets));
  }
  if (auto opened = files_.open(options_, found_.targets.size()); !opened) return opened;
  stage_.expected = what_.expected ? &*what_.expected : nullptr;
  if (const auto* table = files_.origins(); table != nullptr && table->bad_lines() != 0)
    around_.complain(fmt::format("{} left out of the AS table, the first: {}",
                                 report::count_words(table->bad_lines(), "line", "lines"),
                                 table->first_bad()));
  attach();
  return {};
}

}  // namespace diag::traceroute

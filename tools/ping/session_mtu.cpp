// The run of --mtu: one search after the other, each with a machine of its own.
#include <algorithm>

#include <fmt/format.h>

#include "libdiag/io/netlink.hpp"
#include "tools/ping/mtu_view.hpp"
#include "tools/ping/plan.hpp"
#include "tools/ping/record_view.hpp"
#include "tools/ping/session.hpp"

namespace diag::ping {
namespace {

constexpr std::uint32_t longest_packet = 65535;  // RFC 791 §3.1, RFC 8200 §3 without jumbograms
constexpr duration deadline_tick = 20ms;

}  // namespace

/// The interface's own, whatever the kernel has learned of the path: that is what the search is to find.
result<std::uint32_t> session::first_hop_mtu(const ip_address& target) const {
  io::route_query query;
  query.interface = options_.interface;
  query.source = options_.source;
  query.mark = options_.mark;
  const auto way = io::route_to(target, query);
  if (!way) return way.error();
  const auto all = io::links();
  if (!all) return all.error();
  const auto found = std::find_if(all->begin(), all->end(),
                                  [&](const io::link& one) { return one.index == way->interface; });
  if (found == all->end() || found->mtu == 0) return std::uint32_t{1500};
  return std::min(found->mtu, longest_packet);
}

probe::mtu_verdict session::search_mtu(std::uint64_t target) {
  const auto address = found_.targets.address(target);
  const auto upper = first_hop_mtu(address);
  probe::mtu_verdict verdict;
  const line_subject subject{found_.targets.name_of(address), address};
  const bool text = options_.format == output_format::text;
  auto& out = around_.out();
  if (!upper) {
    around_.complain(upper.error());
    verdict.limited_here = true;
    verdict.at = io::now();
  } else {
    if (text && !options_.packets) out.write(mtu_header(subject, *upper));
    probe::mtu_search machine{mtu_config(options_, identity_, address, *upper)};
    io::driver_hooks hooks;
    hooks.on_progress = [&](mono_time) {
      while (auto event = machine.next_event()) {
        if (const auto* last = std::get_if<probe::mtu_verdict>(&*event))
          verdict = *last;
        else if (text && !options_.quiet && !options_.packets)
          out.write(mtu_step_line(std::get<probe::mtu_step>(*event)));
      }
      out.flush();
      if (!out.ok()) driver_.stop();
    };
    if (options_.deadline) {
      hooks.tick = deadline_tick;
      hooks.on_tick = [this](mono_time now) {
        if (now - began_ >= *options_.deadline) driver_.interrupt();
      };
    }
    if (frames_) hooks.on_frame = [this](const io::frame& one) { frames_->take(one); };
    hooks.recognise = [&](const io::outgoing_packet& one) {
      return machine.recognise(one.transport, one.destination);
    };
    const auto outcome = run(machine, hooks);
    verdict.interrupted = verdict.interrupted || outcome.stopped;
  }
  if (text) out.write(mtu_verdict_line(subject, verdict));
  return verdict;
}

void session::drive_mtu() {
  record_view records{stage_, records_};
  const bool recorded = options_.format != output_format::text && options_.format != output_format::nagios;
  if (recorded) records.begin();
  for (std::uint64_t i = 0; i < found_.targets.size() && around_.out().ok(); ++i) {
    const auto verdict = search_mtu(i);
    judge_.take(i, verdict);
    if (recorded) records.write(records_.summary(i, verdict));
    if (verdict.interrupted) break;
  }
  if (recorded) records.end({io::now()});
}

}  // namespace diag::ping

// A queue: the first that waits holds up those behind it.
#include "tools/traceroute/patient_view.hpp"

#include <algorithm>

namespace diag::traceroute {
namespace {

class address_collector {
 public:
  void operator()(const probe::path_result& one) { add(one.answer.from); }
  void operator()(const probe::hop_row& row) {
    for (const auto& one : row.probes) add(one.answer.from);
  }
  void operator()(const probe::mtu_row& row) {
    add(row.answer.from);
    add(row.limited_by);
  }
  void operator()(const probe::multipath& all) {
    if (!all.graph) return;
    for (const auto& node : all.graph->nodes) add(node.address);
  }
  void operator()(const probe::path_reject&) {}
  void operator()(const probe::path_end&) {}
  void operator()(const probe::mtu_end&) {}

  std::vector<ip_address> found{};

 private:
  void add(const ip_address& address) {
    if (address && std::find(found.begin(), found.end(), address) == found.end()) found.push_back(address);
  }
};

}  // namespace

std::vector<ip_address> addresses_in(const probe::path_event& event) {
  address_collector collector;
  std::visit(collector, event);
  return std::move(collector.found);
}

void patient_view::take(const probe::path_event& event) {
  auto unknown = addresses_in(event);
  for (const auto& address : unknown) labels_.ask(address);
  std::erase_if(unknown, [this](const auto& address) { return labels_.settled(address); });
  if (waiting_.empty() && unknown.empty()) return shown_->take(event);
  waiting_.push_back({event, std::move(unknown)});
}

void patient_view::hand_on(std::optional<mono_time> now) {
  while (!waiting_.empty()) {
    auto& first = waiting_.front();
    std::erase_if(first.unknown, [this](const auto& address) { return labels_.settled(address); });
    if (!first.unknown.empty() && now && *now < *first.until) return;
    const auto event = std::move(first.event);
    waiting_.pop_front();
    shown_->take(event);
  }
}

void patient_view::rest(mono_time now) {
  for (auto one = waiting_.rbegin(); one != waiting_.rend() && !one->until; ++one)
    one->until = now + patience;
  hand_on(now);
  shown_->rest(now);
}

std::optional<mono_time> patient_view::waits_until() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.front().until;
}

void patient_view::end(const ending& how) {
  hand_on(std::nullopt);
  shown_->end(how);
}

}  // namespace diag::traceroute

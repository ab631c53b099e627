// Events to samples, samples to a picture.
#include "tools/ping/plot_log.hpp"

#include <algorithm>

namespace diag::ping {

using report::plot_state;

result<plot_log> plot_log::open(const std::string& path, const tools::target_set& targets) {
  // A picture of more panels is no picture.
  constexpr std::uint64_t most_panels = 256;
  if (targets.size() > most_panels)
    return failure{{}, "draw", path, "more than 256 targets", "leave --plot out, or use --json"};
  auto file = report::output_file::create(path);
  if (!file) return file.error();
  plot_log made{std::move(*file)};
  for (std::uint64_t i = 0; i < targets.size(); ++i) {
    const auto address = targets.address(i);
    const auto name = targets.name_of(address);
    auto& panel = made.panels_.emplace_back();
    panel.target = name.empty() ? to_string(address) : std::string{name} + " (" + to_string(address) + ")";
  }
  return made;
}

void plot_log::add(std::uint32_t target, mono_time sent, std::optional<duration> rtt, plot_state state) {
  if (samples_ >= most_samples) return;
  ++samples_;
  auto& sample = panels_[target].samples.emplace_back();
  sample.at = seconds(sent - began_);
  if (rtt) sample.rtt_ms = milliseconds(*rtt);
  sample.state = state;
}

void plot_log::take(const probe::ping_event& event) {
  if (const auto* reply = std::get_if<probe::ping_reply>(&event)) {
    using kind = probe::ping_reply::kind;
    const auto state = reply->what == kind::duplicate ? plot_state::duplicate
                       : reply->what == kind::late    ? plot_state::late
                                                      : plot_state::answered;
    add(reply->target, reply->at - reply->rtt, reply->rtt, state);
  } else if (const auto* timeout = std::get_if<probe::ping_timeout>(&event)) {
    add(timeout->target, timeout->at - timeout->waited, {}, plot_state::lost);
  } else if (const auto* error = std::get_if<probe::ping_error>(&event); error != nullptr && error->closes) {
    add(error->target, error->at, {}, error->from ? plot_state::refused : plot_state::not_sent);
  } else if (const auto* account = std::get_if<probe::ping_summary>(&event)) {
    auto& panel = panels_[account->target];
    panel.sent = account->sent - account->not_sent;
    panel.received = account->received;
    panel.loss_percent = account->loss_percent();
    if (account->received == 0 || account->rtt == nullptr) return;
    panel.min_ms = milliseconds(account->rtt->min());
    panel.avg_ms = milliseconds(account->rtt->mean());
    panel.max_ms = milliseconds(account->rtt->max());
    panel.p50_ms = milliseconds(account->rtt->quantiles().quantile(0.5));
    panel.p95_ms = milliseconds(account->rtt->quantiles().quantile(0.95));
  }
}

std::optional<failure> plot_log::close(const std::string& caption) {
  // Outcomes come in the order in which they were known; the picture wants the order of sending.
  for (auto& panel : panels_)
    std::stable_sort(panel.samples.begin(), panel.samples.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
  file_.out().write(report::svg_plot(panels_, caption));
  return file_.close();
}

}  // namespace diag::ping

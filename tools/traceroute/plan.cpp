// Options to paths, courses and rates.
#include "tools/traceroute/plan.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "libdiag/core/errno_words.hpp"
#include "libdiag/core/text.hpp"
#include "libdiag/probe/mda_course.hpp"
#include "libdiag/probe/trace_course.hpp"
#include "tools/common/port_list.hpp"

namespace diag::traceroute {
namespace {

using probe::path_method;

// More stamps than this cost more than they tell: one system call for each probe.
constexpr std::size_t stamped_paths = 64;
constexpr std::uint32_t longest_packet = 65535;  // RFC 791 §3.1, RFC 8200 §3 without jumbograms
constexpr std::array<std::uint16_t, 3> usual_controls{443, 80, 22};

/// The form is known to be right; what may still be wrong is a service, which the error names.
result<std::vector<std::uint16_t>, tools::usage_error> ports_of(std::string_view option,
                                                                const std::string& text, bool udp) {
  auto ports = udp ? tools::parse_ports(text, tools::system_udp_service, "UDP") : tools::parse_ports(text);
  if (ports) return std::move(*ports);
  return tools::usage_error{"option " + std::string{option} + ": " + ports.error().why};
}

probe::trace_config trace_config(const trace_options& options) {
  probe::trace_config config;
  config.first_hop = options.first_hop;
  config.last_hop = options.last_hop;
  config.probes_per_hop = options.queries;
  config.flows = options.flows;
  config.window = options.window;
  config.timeout = options.timeout;
  config.doubletree = options.doubletree;
  return config;
}

probe::rounds_config rounds_config(const trace_options& options) {
  probe::rounds_config config;
  config.first_hop = options.first_hop;
  config.last_hop = options.last_hop;
  config.window = options.window;
  config.flows = options.flows;
  config.rounds = options.rounds;
  config.interval = options.interval;
  config.timeout = options.timeout;
  return config;
}

probe::mda_config mda_config(const trace_options& options) {
  probe::mda_config config;
  config.first_hop = options.first_hop;
  config.last_hop = options.last_hop;
  config.most_flows = flow_count(options);
  config.timeout = options.timeout;
  return config;
}

probe::mtu_config mtu_config(const trace_options& options, std::span<const probe::path_target> paths,
                             const find_mtu& mtu) {
  probe::mtu_config config;
  config.first_hop = options.first_hop;
  config.last_hop = options.last_hop;
  config.window = options.window;
  config.timeout = options.timeout;
  for (const auto& path : paths)
    config.start.push_back(static_cast<std::uint16_t>(std::min(mtu(path.address), longest_packet)));
  return config;
}

}  // namespace

result<question_list, tools::usage_error> questions_of(const trace_options& options) {
  question_list list;
  if (options.mode != run_mode::locate) {
    list.all.push_back({options.method, options.port});
    return list;
  }
  // -U is the one that is not TCP: --locate takes no other method.
  const auto method = options.locate_udp ? path_method::udp : path_method::tcp_syn;
  const auto ports = ports_of("--locate", options.locate_ports, options.locate_udp);
  if (!ports) return ports.error();
  for (const auto port : *ports) list.all.push_back({method, port});
  list.asked = static_cast<std::uint32_t>(list.all.size());
  const auto is_asked = [&](std::uint16_t port) {
    return method == path_method::tcp_syn && std::find(ports->begin(), ports->end(), port) != ports->end();
  };
  if (!options.control_ports.empty()) {
    list.own_controls = true;
    const auto controls = ports_of("--control", options.control_ports, false);
    if (!controls) return controls.error();
    for (const auto port : *controls)
      if (!is_asked(port)) list.all.push_back({path_method::tcp_syn, port});
    return list;
  }
  for (const auto port : usual_controls)
    if (!is_asked(port)) list.all.push_back({path_method::tcp_syn, port});
  list.all.push_back({path_method::icmp, 0});
  return list;
}

path_plan plan_paths(const tools::target_set& targets, const question_list& questions,
                     const find_source& source) {
  path_plan plan;
  plan.paths_per_target = static_cast<std::uint32_t>(questions.all.size());
  plan.asked_per_target = questions.asked;
  plan.own_controls = questions.own_controls;
  plan.paths.reserve(targets.size() * questions.all.size());
  for (std::uint64_t i = 0; i < targets.size(); ++i) {
    const auto address = targets.address(i);
    const auto from = source(address);
    if (from.error != 0 || !from.source) {
      plan.lost.push_back({targets.label(i), std::string{describe(probe::send_reason(from.error))},
                           std::string{describe_send_error(from.error)}});
      continue;
    }
    for (const auto& one : questions.all) plan.paths.push_back({address, from.source, one.method, one.port});
  }
  return plan;
}

std::unique_ptr<probe::path_course> make_course(const trace_options& options,
                                                std::span<const probe::path_target> paths,
                                                const find_mtu& mtu) {
  switch (options.mode) {
    case run_mode::mtu:
      return std::make_unique<probe::mtu_course>(mtu_config(options, paths, mtu), paths);
    case run_mode::mda:
      return std::make_unique<probe::mda_course>(mda_config(options), paths);
    case run_mode::report:
    case run_mode::live:
      return std::make_unique<probe::rounds_course>(rounds_config(options), paths);
    case run_mode::trace:
    case run_mode::locate:
      break;
  }
  return std::make_unique<probe::trace_course>(trace_config(options), paths);
}

probe::path_run_config run_config(const trace_options& options, const doors& open,
                                  const craft::tcp_profile& profile, std::size_t paths) {
  probe::path_run_config config;
  auto& probes = config.probes;
  probes.source_port_base = open.port_base;
  probes.identifier_base = open.identity.identifier_base;
  probes.flows = flow_count(options);
  probes.size_v4 = options.packet_size(ip_family::v4);
  probes.size_v6 = options.packet_size(ip_family::v6);
  probes.traffic_class = options.traffic_class;
  probes.dont_fragment = options.dont_fragment;
  probes.flow_label = options.flow_label.value_or(open.identity.flow_label);
  probes.profile = profile;
  probes.key = open.identity.key;
  probes.whole_packets = open.whole_packets;
  // A late answer is recognised for as long again as it was waited for.
  probes.memory = std::max<duration>(10s, options.timeout * 2);
  config.timeout = options.timeout;
  config.deadline = options.deadline;
  config.rate = options.rate.value_or(0);
  config.unlimited = options.rate && *options.rate <= 0;
  if (options.send_wait > 0ns) config.rate = 1 / seconds(options.send_wait);
  config.want_stamps = paths <= stamped_paths;
  return config;
}

}  // namespace diag::traceroute

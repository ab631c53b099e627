// Paths made by hand: rows and ends as a trace course would tell them.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "libdiag/probe/locate.hpp"
#include "libdiag/probe/path_findings.hpp"
#include "libdiag/wire/tcp.hpp"

namespace diag::test {

inline ip_address address(std::string_view text) {
  return parse_ip(text).value_or(ip_address{});
}

inline probe::path_answer silence() {
  return {};
}

/// A router's time exceeded that quotes all of the probe.
inline probe::path_answer expired(std::string_view from, std::uint8_t hop_limit = 0) {
  probe::path_answer out;
  out.state = probe::hop_state::time_exceeded;
  out.why = probe::reason::hop_limit_exceeded;
  out.from = address(from);
  out.rtt = 1ms;
  out.icmp_type = 11;
  if (hop_limit != 0) out.hop_limit = hop_limit;
  out.quoted_hop_limit = std::uint8_t{1};
  out.quoted = probe::quote_depth::header;
  return out;
}

inline probe::path_answer refused(std::string_view from, probe::reason why) {
  auto out = expired(from);
  out.state = probe::hop_state::unreachable;
  out.why = why;
  out.icmp_type = 3;
  return out;
}

/// The target's own word; for TCP with flags.
inline probe::path_answer arrived(std::string_view from, std::uint16_t flags = 0,
                                  std::uint8_t hop_limit = 0) {
  probe::path_answer out;
  out.state = probe::hop_state::reached;
  out.why = flags == 0 ? probe::reason::port_unreachable
                       : ((flags & wire::tcp_flag::rst) != 0 ? probe::reason::reset : probe::reason::syn_ack);
  out.from = address(from);
  out.rtt = 2ms;
  out.tcp_flags = flags;
  if (hop_limit != 0) out.hop_limit = hop_limit;
  return out;
}

/// An echo reply.
inline probe::path_answer echoed(std::string_view from, std::uint8_t hop_limit = 0) {
  auto out = arrived(from, 0, hop_limit);
  out.why = probe::reason::none;
  return out;
}

inline constexpr std::uint16_t syn_ack = wire::tcp_flag::syn | wire::tcp_flag::ack;
inline constexpr std::uint16_t reset = wire::tcp_flag::rst | wire::tcp_flag::ack;

inline probe::path_answer changed(probe::path_answer what, probe::header_change change) {
  what.changes.push_back(std::move(change));
  return what;
}
inline probe::path_answer changed(probe::path_answer what, probe::header_change::field field,
                                  std::uint32_t sent, std::uint32_t seen) {
  return changed(std::move(what), {field, sent, seen, {}, {}});
}

/// One target's path, hop after hop.
class made_path {
 public:
  explicit made_path(std::string_view target = "192.0.2.99",
                     probe::path_method method = probe::path_method::udp, std::uint16_t port = 33434) {
    path_.target = {address(target), address("192.0.2.1"), method, port};
    path_.end.why = probe::path_stop::silence;
  }

  /// Probes of the next hop, all of flow 0.
  made_path& hop(std::vector<probe::path_answer> answers) { return add({std::move(answers)}); }
  /// One probe a flow.
  made_path& flows(std::vector<probe::path_answer> answers) {
    std::vector<std::vector<probe::path_answer>> by_flow;
    for (auto& one : answers) by_flow.push_back({std::move(one)});
    return add(std::move(by_flow));
  }
  made_path& silent(int hops) {
    for (int i = 0; i < hops; ++i) hop({silence()});
    return *this;
  }
  /// A probe that came to the last row with hops to spare.
  made_path& spare(std::uint8_t hop_limit, probe::path_answer answer, std::uint16_t flow = 0) {
    path_.rows.back().probes.push_back({{.flow = flow, .hop = hop_limit}, std::move(answer)});
    return *this;
  }
  made_path& known() {
    path_.rows.back().known = true;
    return *this;
  }

  [[nodiscard]] probe::traced_path done() const {
    auto out = path_;
    for (const auto& row : out.rows) {
      out.end.asked_to = row.hop;
      for (const auto& probe : row.probes) {
        if (out.end.why == probe::path_stop::reached) break;
        if (probe.answer.state == probe::hop_state::silent) continue;
        out.end.hops = row.hop;
        if (probe.answer.state == probe::hop_state::reached) out.end.why = probe::path_stop::reached;
        if (probe.answer.state == probe::hop_state::unreachable &&
            probe.answer.why != probe::reason::reassembly_time_exceeded)
          out.end.why = probe::path_stop::unreachable;
        if (probe.answer.state == probe::hop_state::error) out.end.why = probe::path_stop::error;
      }
    }
    return out;
  }
  [[nodiscard]] std::vector<probe::path_finding> findings() const {
    const auto path = done();
    return probe::find_oddities(path.target, path.rows, path.end);
  }

 private:
  made_path& add(std::vector<std::vector<probe::path_answer>> by_flow) {
    probe::hop_row row;
    row.hop = static_cast<std::uint8_t>(path_.rows.size() + 1);
    for (std::uint16_t flow = 0; flow < by_flow.size(); ++flow)
      for (std::uint16_t number = 0; number < by_flow[flow].size(); ++number)
        row.probes.push_back(
            {{.flow = flow, .hop = row.hop, .number = number}, std::move(by_flow[flow][number])});
    path_.rows.push_back(std::move(row));
    return *this;
  }

  probe::traced_path path_;
};

}  // namespace diag::test

// A connect_sweep fed by hand: the test is the kernel.
#pragma once

#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include "libdiag/probe/connect_sweep.hpp"

#include "tests/catch.hpp"

namespace diag::probe {

inline tcp_plan plan_of(const char* prefix, const std::vector<std::uint16_t>& ports) {
  tcp_plan plan;
  plan.add(*parse_prefix(prefix), ports);
  plan.seal();
  return plan;
}

inline std::string text_of(byte_view octets) {
  std::string text;
  for (const auto octet : octets) text.push_back(std::to_integer<char>(octet));
  return text;
}

/// One port of 198.51.100.1 unless the plan says otherwise; no cap on the rate, no retries, one second.
struct connect_rig {
  static inline const ip_address here = ip_address::v4(0xC0000201);
  static inline const ip_address there = ip_address::v4(0xC6336401);

  tcp_plan plan;
  connect_config config{};
  std::optional<connect_sweep> machine{};
  mono_time now{};
  std::vector<open_stream> opens{};
  std::vector<close_stream> closes{};
  std::vector<std::string> writes{};
  std::vector<tcp_result> results{};
  std::vector<tcp_anomaly> anomalies{};
  std::vector<tcp_summary> summaries{};

  explicit connect_rig(tcp_plan asked = plan_of("198.51.100.1/32", {443})) : plan{std::move(asked)} {
    config.pacing.unlimited = true;
    config.pacing.retries = 0;
  }
  void begin() {
    machine.emplace(config, plan);
    drain();
  }
  void drain() {
    while (auto next = machine->next_effect(now)) {
      if (const auto* open = std::get_if<open_stream>(&*next)) opens.push_back(*open);
      if (const auto* close = std::get_if<close_stream>(&*next)) closes.push_back(*close);
      if (const auto* write = std::get_if<write_stream>(&*next)) writes.push_back(text_of(write->bytes));
    }
    while (auto event = machine->next_event()) {
      if (auto* result = std::get_if<tcp_result>(&*event)) results.push_back(*result);
      if (auto* odd = std::get_if<tcp_anomaly>(&*event)) anomalies.push_back(*odd);
      if (auto* summary = std::get_if<tcp_summary>(&*event)) summaries.push_back(*summary);
    }
  }
  void feed(const stimulus& what) {
    machine->feed(now, what);
    drain();
  }
  /// The clock goes on; deadlines on the way are kept as a host keeps them.
  void pass(duration time) {
    const auto until = now + time;
    for (auto due = machine->deadline(); due && *due <= until; due = machine->deadline()) {
      now = std::max(now, *due);
      feed(wakeup{});
    }
    now = until;
  }
  void start(probe_token token, std::uint16_t port = 50000) {
    feed(stream_started{token, here, static_cast<std::uint16_t>(port + token), now});
  }
  void fail(probe_token token, int error, std::optional<path_notice> notice = {}) {
    feed(stream_failed{token, error, true, now, notice});
  }
  void open(probe_token token, stream_facts facts = {}) { feed(stream_opened{token, now, facts}); }
  void hear(probe_token token, std::string_view text) { feed(stream_data{token, as_bytes(text), now}); }
  void close(probe_token token, stream_closed::manner how) { feed(stream_closed{token, how, 0, now}); }
  [[nodiscard]] bool finished() const { return !machine->deadline().has_value(); }
  [[nodiscard]] const tcp_result& only() const {
    REQUIRE(results.size() == 1);
    return results.front();
  }
};

inline path_notice icmp_notice(std::uint8_t type, std::uint8_t code, const ip_address& offender) {
  path_notice notice;
  notice.origin = offender.is_v6() ? path_notice::origin_kind::icmpv6 : path_notice::origin_kind::icmpv4;
  notice.type = type;
  notice.code = code;
  notice.offender = offender;
  return notice;
}

}  // namespace diag::probe

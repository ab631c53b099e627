// What the views, records and judges of diag-traceroute stand on, without a run.
#pragma once

#include <fcntl.h>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include "tools/traceroute/plan.hpp"
#include "tools/traceroute/view.hpp"

#include "tests/catch.hpp"
#include "tests/tools/hop_stage.hpp"

namespace diag::traceroute::test {

inline wall_time wall_of(mono_time at) {
  return wall_time{1700000000s + at.time_since_epoch()};
}

inline ip_address ip(std::string_view text) {
  const auto parsed = parse_ip(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}

inline mono_time at(duration since_start) {
  return mono_time{} + since_start;
}

inline trace_options options_of(std::vector<const char*> argv) {
  argv.insert(argv.begin(), "diag-traceroute");
  auto read = parse_options(static_cast<int>(argv.size()), argv.data());
  INFO((read ? std::string{} : read.error().what));
  REQUIRE(read.has_value());
  return *read;
}

class scene {
 public:
  /// `argv` with its targets, which are addresses.
  explicit scene(std::vector<const char*> argv, address_labels names = {})
      : options{options_of(std::move(argv))}, labels{std::move(names)} {
    REQUIRE(::pipe2(ends_, O_CLOEXEC | O_NONBLOCK) == 0);
    out_.emplace(ends_[1]);
    found = tools::gather_targets(options.targets, [](const std::string& line) { FAIL(line); });
    REQUIRE_FALSE(found.fatal);
    const auto questions = questions_of(options);
    REQUIRE(questions.has_value());
    plan = plan_paths(found.targets, *questions, [](const ip_address& to) {
      return io::source_finder::answer{ip(to.is_v4() ? "192.0.2.2" : "2001:db8::2"), 0};
    });
    on.emplace(stage{.options = options,
                     .names = found.targets,
                     .paths = plan.paths,
                     .labels = labels,
                     .out = *out_,
                     .wall_of = wall_of});
  }
  scene(const scene&) = delete;
  scene& operator=(const scene&) = delete;
  ~scene() {
    out_.reset();
    ::close(ends_[0]);
    ::close(ends_[1]);
  }

  /// What was written since the last call.
  std::string text() {
    out_->flush();
    std::string all(65536, '\0');
    const auto got = ::read(ends_[0], all.data(), all.size());
    all.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return all;
  }

 private:
  int ends_[2]{-1, -1};
  std::optional<report::output> out_{};

 public:
  trace_options options;
  address_labels labels;
  tools::gathered_targets found{};
  path_plan plan{};
  std::optional<stage> on{};
};

inline probe::path_answer answer_from(std::string_view address, duration rtt,
                                      probe::hop_state state = probe::hop_state::time_exceeded) {
  probe::path_answer answer;
  answer.state = state;
  answer.why = state == probe::hop_state::reached ? probe::reason::port_unreachable
                                                  : probe::reason::hop_limit_exceeded;
  answer.from = ip(address);
  answer.rtt = rtt;
  answer.source = probe::stamp_source::socket;
  answer.at = at(rtt);
  answer.icmp_type = state == probe::hop_state::reached ? 3 : 11;
  answer.icmp_code = state == probe::hop_state::reached ? 3 : 0;
  answer.hop_limit = std::uint8_t{60};
  answer.quoted_hop_limit = std::uint8_t{1};
  return answer;
}

inline probe::path_answer refusal_from(std::string_view address, std::uint8_t type, std::uint8_t code) {
  auto answer = answer_from(address, 1ms, probe::hop_state::unreachable);
  answer.icmp_type = type;
  answer.icmp_code = code;
  answer.why = probe::icmp_reason(answer.from.family(), type, code);
  return answer;
}

inline probe::hop_row row_of(std::uint8_t hop, std::vector<probe::path_answer> answers,
                             std::uint32_t target = 0) {
  probe::hop_row row;
  row.target = target;
  row.hop = hop;
  std::uint16_t number = 0;
  for (auto& one : answers)
    row.probes.push_back({{.target = target, .hop = hop, .number = number++}, std::move(one)});
  return row;
}

inline probe::hop_row silent_row(std::uint8_t hop, std::size_t probes = 3, std::uint32_t target = 0) {
  return row_of(hop, std::vector<probe::path_answer>(probes), target);
}

inline probe::path_end end_of(probe::path_stop why, std::uint8_t hops, std::uint32_t target = 0) {
  probe::path_end end;
  end.target = target;
  end.at = at(20ms);
  end.why = why;
  end.hops = hops;
  end.asked_to = hops;
  end.sent = 9;
  end.answered = 8;
  if (why == probe::path_stop::reached) end.target_rtt = 1100us;
  return end;
}

}  // namespace diag::traceroute::test

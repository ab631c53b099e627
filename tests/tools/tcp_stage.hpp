// What the views, records and judges of diag-tcp stand on, without a run.
#pragma once

#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "tools/tcp/view.hpp"

#include "tests/catch.hpp"

namespace diag::tcp::test {

inline wall_time wall_of(mono_time at) {
  return wall_time{1700000000s + at.time_since_epoch()};
}

class scene {
 public:
  /// `argv` with its targets.
  explicit scene(std::vector<const char*> argv) {
    REQUIRE(::pipe2(ends_, O_CLOEXEC | O_NONBLOCK) == 0);
    out_.emplace(ends_[1]);
    argv.insert(argv.begin(), "diag-tcp");
    auto read = parse_options(static_cast<int>(argv.size()), argv.data());
    INFO((read ? std::string{} : read.error().what));
    REQUIRE(read.has_value());
    options = *read;
    auto request = options.targets;
    if (!options.ports.empty()) request.ports = *tools::parse_ports(options.ports);
    asked = gather_plan(request, [](const std::string& line) { FAIL(line); });
    REQUIRE_FALSE(asked.fatal);
    on.method = options.method == probe_method::automatic ? probe_method::syn : options.method;
  }
  scene(const scene&) = delete;
  ~scene() {
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
  tcp_options options{};
  gathered_plan asked{};
  service_names services{false};
  stage on{.options = options, .asked = asked, .services = services, .out = *out_, .wall_of = wall_of};
};

/// Of the plan's first target.
inline probe::tcp_result ended(probe::tcp_state state, probe::reason why, std::uint16_t port = 22) {
  probe::tcp_result out;
  out.port = port;
  out.state = state;
  out.why = why;
  out.attempts = 1;
  return out;
}

inline probe::tcp_result opened(std::uint16_t port = 22) {
  auto out = ended(probe::tcp_state::open, probe::reason::syn_ack, port);
  out.from = ip_address::v4(0xc0000201);
  out.answered = 1;
  out.rtt = 123us;
  out.source = probe::stamp_source::socket;
  out.hop_limit = 64;
  out.offer = probe::tcp_offer{.window = 64240,
                               .maximum_segment_size = 1460,
                               .window_scale = 7,
                               .sack_permitted = true,
                               .timestamps = true};
  return out;
}

inline probe::tcp_result closed(std::uint16_t port = 80) {
  auto out = ended(probe::tcp_state::closed, probe::reason::reset, port);
  out.from = ip_address::v4(0xc0000201);
  out.answered = 1;
  out.rtt = 101us;
  out.hop_limit = 64;
  return out;
}

inline probe::tcp_result filtered(std::uint16_t port = 445) {
  auto out = ended(probe::tcp_state::filtered, probe::reason::no_answer, port);
  out.attempts = 3;
  return out;
}

inline probe::tcp_result rejected(std::uint16_t port = 443) {
  auto out = ended(probe::tcp_state::rejected, probe::reason::admin_prohibited, port);
  out.from = ip_address::v4(0xcb007101);
  out.icmp_type = 3;
  out.icmp_code = 13;
  out.answered = 1;
  out.rtt = 200us;
  return out;
}

inline probe::tcp_summary summary(std::initializer_list<std::uint64_t> states) {
  probe::tcp_summary out;
  out.target = 0;
  std::size_t i = 0;
  for (const auto count : states) out.states[i++] = count;
  for (const auto count : out.states) out.sent += count;
  return out;
}

}  // namespace diag::tcp::test

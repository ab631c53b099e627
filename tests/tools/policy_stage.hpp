// A policy out of text, and results as a machine would give them, for the tests of suite, reports and
// compare.
#pragma once

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>

#include "libdiag/report/output.hpp"
#include "tools/tcp/policy_suite.hpp"

#include "tests/catch.hpp"
#include "tests/tools/scratch.hpp"

namespace diag::test {

/// Rows of addresses; the file is called "dmz.policy" in messages.
inline tcp::gathered_policy policy_of(std::string_view text, std::uint16_t flows = 1) {
  const scratch dir;
  std::string complaints;
  auto out = tcp::gather_policy({.file = dir.file("p", text), .flows = flows},
                                [&](const std::string& line) { complaints += line + '\n'; });
  INFO(complaints);
  REQUIRE_FALSE(out.asked.fatal);
  for (auto& name : out.rules.files) name = "dmz.policy";
  return out;
}

/// What an open port answers, by default, 2 ms after the start.
struct answer {
  std::string_view address;
  std::uint16_t port = 0;
  probe::tcp_state state = probe::tcp_state::open;
};

inline probe::tcp_result result_of(const probe::tcp_plan& plan, const answer& what) {
  using probe::tcp_state;
  probe::tcp_result out;
  const auto address = *parse_ip(what.address);
  bool known = false;
  for (std::uint32_t target = 0; target < plan.target_count(); ++target)
    if (plan.address(target) == address) {
      out.target = target;
      known = true;
    }
  REQUIRE(known);
  out.port = what.port;
  out.source_port = 40'000;
  out.at = mono_time{} + 2ms;
  out.state = what.state;
  out.attempts = 1;
  switch (what.state) {
    case tcp_state::open:
    case tcp_state::closed:
      out.why = what.state == tcp_state::open ? probe::reason::syn_ack : probe::reason::reset;
      out.from = address;
      out.hop_limit = 64;
      out.rtt = 100us;
      out.answered = 1;
      break;
    case tcp_state::filtered:
      out.attempts = 3;
      break;
    case tcp_state::rejected:
    case tcp_state::unreachable:
      out.why = what.state == tcp_state::rejected ? probe::reason::admin_prohibited
                                                  : probe::reason::hop_limit_exceeded;
      out.icmp_type = what.state == tcp_state::rejected ? 3 : 11;
      out.icmp_code = what.state == tcp_state::rejected ? 13 : 0;
      out.from = ip_address::v4(0xc00002fe);
      out.hop_limit = 63;
      out.rtt = 400us;
      out.answered = 1;
      break;
    case tcp_state::error:
      out.why = probe::reason::no_route;
      out.error = ENETUNREACH;
      break;
  }
  return out;
}

/// What `write` wrote, through a file as report::output wants a descriptor.
template <class Write>
std::string written(Write&& write) {
  const scratch dir;
  const auto path = dir.in("out");
  const int fd = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  REQUIRE(fd >= 0);
  {
    report::output out{fd, report::output::flush_policy::when_asked};
    write(out);
    REQUIRE(out.flush());
  }
  ::close(fd);
  return dir.text("out");
}

}  // namespace diag::test

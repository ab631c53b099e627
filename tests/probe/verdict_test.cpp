// Every word of the closed lists, and the tables that lead to them.
#include "libdiag/probe/verdict.hpp"

#include <cerrno>
#include <set>
#include <string>

#include "libdiag/probe/timers.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::probe;

TEST_CASE("verdict: every reason has a word of its own", "[probe][verdict]") {
  std::set<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(reason::system_error); ++i)
    words.insert(describe(static_cast<reason>(i)));
  CHECK(words.size() == static_cast<std::size_t>(reason::system_error) + 1);
  CHECK(words.count("unknown") == 0);
  std::set<std::string_view> refusals;
  for (std::size_t i = 0; i < reject_reason_count; ++i)
    refusals.insert(describe(static_cast<reject_reason>(i)));
  CHECK(refusals.size() == reject_reason_count);
  CHECK(refusals.count("unknown") == 0);
  CHECK(describe(reject_reason::forgotten) == "forgotten");
  CHECK(describe(reason::system_error) == "system-error");
  CHECK(describe(static_cast<reason>(200)) == "unknown");
  CHECK(describe(static_cast<reject_reason>(200)) == "unknown");
}

TEST_CASE("verdict: ICMP codes become the RFCs' reasons", "[probe][verdict]") {
  CHECK(icmp_reason(ip_family::v4, 3, 0) == reason::net_unreachable);
  CHECK(icmp_reason(ip_family::v4, 3, 1) == reason::host_unreachable);
  CHECK(icmp_reason(ip_family::v4, 3, 3) == reason::port_unreachable);
  CHECK(icmp_reason(ip_family::v4, 3, 4) == reason::fragmentation_needed);
  for (const auto code : {9, 10, 13})
    CHECK(icmp_reason(ip_family::v4, 3, static_cast<std::uint8_t>(code)) == reason::admin_prohibited);
  CHECK(icmp_reason(ip_family::v4, 3, 16) == reason::other_unreachable);
  CHECK(icmp_reason(ip_family::v4, 11, 0) == reason::hop_limit_exceeded);
  CHECK(icmp_reason(ip_family::v4, 11, 1) == reason::reassembly_time_exceeded);
  CHECK(icmp_reason(ip_family::v6, 1, 0) == reason::net_unreachable);
  CHECK(icmp_reason(ip_family::v6, 1, 1) == reason::admin_prohibited);
  CHECK(icmp_reason(ip_family::v6, 1, 6) == reason::route_rejected);
  CHECK(icmp_reason(ip_family::v6, 1, 7) == reason::other_unreachable);
  CHECK(icmp_reason(ip_family::v6, 2, 0) == reason::packet_too_big);
  CHECK(icmp_reason(ip_family::v6, 3, 0) == reason::hop_limit_exceeded);
  for (int code = 0; code < 256; ++code)
    for (const auto family : {ip_family::v4, ip_family::v6})
      for (const auto type : {1, 2, 3, 4, 11, 12})
        CHECK_FALSE(
            is_local(icmp_reason(family, static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(code))));
}

TEST_CASE("verdict: every errno of a send call is this host's matter", "[probe][verdict]") {
  for (int error = 1; error < 134; ++error) CHECK(is_local(send_reason(error)));
  CHECK(send_reason(EPERM) == reason::local_firewall);
  CHECK(send_reason(EINVAL) == reason::blackhole_route);
  CHECK(send_reason(EIO) == reason::system_error);
}

TEST_CASE("timers: the earliest of those that are set", "[probe][timers]") {
  enum class name { one, two, count };
  timer_table<name> timers;
  CHECK_FALSE(timers.earliest().has_value());
  timers.set(name::one, mono_time{} + 5s);
  timers.set(name::two, mono_time{} + 3s);
  CHECK(timers.earliest() == mono_time{} + 3s);
  CHECK(timers.due(name::two, mono_time{} + 3s));
  CHECK_FALSE(timers.due(name::one, mono_time{} + 3s));
  timers.clear(name::two);
  CHECK(timers.earliest() == mono_time{} + 5s);
  timers.set(name::one, std::nullopt);
  CHECK_FALSE(timers.earliest().has_value());
}

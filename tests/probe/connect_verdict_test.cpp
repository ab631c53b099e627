// Every errno and every ICMP error has one verdict.
#include "libdiag/probe/connect_verdict.hpp"

#include "tests/probe/connect_rig.hpp"

using namespace diag;
using namespace diag::probe;

namespace {

const auto here = connect_rig::here;
const auto there = connect_rig::there;
const auto router = *parse_ip("203.0.113.9");

tcp_result judged(int error, std::optional<path_notice> notice = {}, bool started = true,
                  const ip_address& target = there) {
  tcp_result result;
  judge_failure({1, error, started, {}, notice}, here, target, result);
  return result;
}

}  // namespace

TEST_CASE("connect verdict: errno alone, when the SYN had left", "[probe][tcp]") {
  const auto [error, state, why] = GENERATE(table<int, tcp_state, reason>({
      {ECONNREFUSED, tcp_state::closed, reason::reset},
      {ETIMEDOUT, tcp_state::filtered, reason::connection_timeout},
      {EHOSTUNREACH, tcp_state::unreachable, reason::host_unreachable},
      {EHOSTDOWN, tcp_state::unreachable, reason::host_unreachable},
      {ENETUNREACH, tcp_state::unreachable, reason::net_unreachable},
      {ENONET, tcp_state::unreachable, reason::net_unreachable},
      {EACCES, tcp_state::rejected, reason::admin_prohibited},
      {ENOPROTOOPT, tcp_state::rejected, reason::protocol_unreachable},
      {EOPNOTSUPP, tcp_state::rejected, reason::source_route_failed},
      {EPROTO, tcp_state::unreachable, reason::parameter_problem},
      {EMSGSIZE, tcp_state::unreachable, reason::packet_too_big},
      {EPERM, tcp_state::error, reason::local_firewall},
      {ENETDOWN, tcp_state::error, reason::interface_down},
      {EINPROGRESS, tcp_state::error, reason::system_error},
      {EALREADY, tcp_state::error, reason::system_error},
      {EISCONN, tcp_state::error, reason::system_error},
      {ECONNABORTED, tcp_state::error, reason::system_error},
  }));
  const auto result = judged(error);
  CHECK(result.state == state);
  CHECK(result.why == why);
  CHECK(result.error == (state == tcp_state::error ? error : 0));
  CHECK(result.from == (state == tcp_state::closed ? there : ip_address{}));
}

TEST_CASE("connect verdict: a RST after the SYN-ACK is an open port", "[probe][tcp]") {
  for (const auto error : {ECONNRESET, EPIPE}) {
    const auto result = judged(error);
    CHECK(result.state == tcp_state::open);
    CHECK(result.from == there);
    CHECK(has(result.odd, tcp_oddity::reset_after_open));
  }
}

TEST_CASE("connect verdict: what connect(2) itself refuses never left this host", "[probe][tcp]") {
  const auto [error, why] = GENERATE(table<int, reason>({
      {EPERM, reason::local_firewall},
      {EACCES, reason::prohibited_route},
      {ENETUNREACH, reason::no_route},
      {EHOSTUNREACH, reason::no_route},
      {EADDRNOTAVAIL, reason::no_route},
      {EINVAL, reason::blackhole_route},
      {EMFILE, reason::system_error},
  }));
  const auto result = judged(error, {}, false);
  CHECK(result.state == tcp_state::error);
  CHECK(result.why == why);
  CHECK(result.error == error);
  CHECK_FALSE(result.from);
}

TEST_CASE("connect verdict: an ICMP error decides, whatever errno it became", "[probe][tcp]") {
  const auto [error, type, code, state, why] =
      GENERATE(table<int, std::uint8_t, std::uint8_t, tcp_state, reason>({
          {ECONNREFUSED, 3, 3, tcp_state::rejected, reason::port_unreachable},
          {EHOSTUNREACH, 3, 1, tcp_state::rejected, reason::host_unreachable},
          {EHOSTUNREACH, 3, 13, tcp_state::rejected, reason::admin_prohibited},
          {EHOSTUNREACH, 3, 10, tcp_state::rejected, reason::admin_prohibited},
          {ENETUNREACH, 3, 9, tcp_state::rejected, reason::admin_prohibited},
          {ENETUNREACH, 3, 0, tcp_state::rejected, reason::net_unreachable},
          {EMSGSIZE, 3, 4, tcp_state::unreachable, reason::fragmentation_needed},
          {EHOSTUNREACH, 11, 0, tcp_state::unreachable, reason::hop_limit_exceeded},
          {EPROTO, 12, 0, tcp_state::unreachable, reason::parameter_problem},
          {ETIMEDOUT, 3, 13, tcp_state::rejected, reason::admin_prohibited},
      }));
  const auto result = judged(error, icmp_notice(type, code, router));
  CHECK(result.state == state);
  CHECK(result.why == why);
  CHECK(result.from == router);
  CHECK(result.icmp_type == type);
  CHECK(result.icmp_code == code);
  CHECK(result.error == 0);
}

TEST_CASE("connect verdict: ICMPv6 errors", "[probe][tcp]") {
  const auto target = *parse_ip("2001:db8::80");
  const auto box = *parse_ip("2001:db8:1::1");
  const auto [error, type, code, state, why] =
      GENERATE(table<int, std::uint8_t, std::uint8_t, tcp_state, reason>({
          {EACCES, 1, 1, tcp_state::rejected, reason::admin_prohibited},
          {ENETUNREACH, 1, 0, tcp_state::rejected, reason::net_unreachable},
          {ECONNREFUSED, 1, 4, tcp_state::rejected, reason::port_unreachable},
          {EHOSTUNREACH, 3, 0, tcp_state::unreachable, reason::hop_limit_exceeded},
          {EMSGSIZE, 2, 0, tcp_state::unreachable, reason::packet_too_big},
          {EPROTO, 4, 1, tcp_state::unreachable, reason::parameter_problem},
      }));
  const auto result = judged(error, icmp_notice(type, code, box), true, target);
  CHECK(result.state == state);
  CHECK(result.why == why);
  CHECK(result.from == box);
}

TEST_CASE("connect verdict: an ICMP error of this very host is its firewall's", "[probe][tcp]") {
  for (const auto& own : {here, *parse_ip("127.0.0.1")}) {
    const auto result = judged(ECONNREFUSED, icmp_notice(3, 3, own));
    CHECK(result.state == tcp_state::error);
    CHECK(result.why == reason::local_firewall);
    CHECK(result.from == own);
    CHECK(result.error == EPERM);
  }
}

TEST_CASE("connect verdict: a neighbour that does not resolve is no firewall", "[probe][tcp]") {
  auto local = icmp_notice(0, 0, ip_address{});
  local.origin = path_notice::origin_kind::local;
  for (const auto& notice : {icmp_notice(3, 1, here), local}) {
    const auto result = judged(EHOSTUNREACH, notice);
    CHECK(result.state == tcp_state::unreachable);
    CHECK(result.why == reason::host_unreachable);
  }
}

TEST_CASE("connect verdict: a shortage is one of descriptors, ports or memory", "[probe][tcp]") {
  for (const auto error : {EMFILE, ENFILE, EADDRNOTAVAIL, EADDRINUSE, ENOBUFS}) CHECK(is_shortage(error));
  for (const auto error : {EPERM, EACCES, ENETUNREACH, ECONNREFUSED, EINVAL}) CHECK_FALSE(is_shortage(error));
}

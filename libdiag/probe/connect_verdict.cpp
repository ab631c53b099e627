// One verdict for each errno of connect(2), tcp(7), and ICMP type.
//
// The kernel turns many ICMP errors into one errno (icmp(7)): ECONNREFUSED is a RST or a port unreachable,
// EHOSTUNREACH one of nine codes, a time exceeded or a neighbour that does not answer. So the queued error
// decides wherever there is one, and errno alone says no more than it can: a RST leaves nothing in the queue.
//
// How it can be fooled: a firewall of this host that answers with a RST cannot be told from the target, one
// that drops cannot be told from silence, and one that answers "host unreachable" looks like a neighbour that
// does not resolve.
#include "libdiag/probe/connect_verdict.hpp"

#include <cerrno>

namespace diag::probe {

namespace {

struct meaning {
  tcp_state state;
  reason why;
};

/// The errno of a connection whose SYN left, without the ICMP error behind it.
meaning meaning_of(int error_number) {
  switch (error_number) {
    case ECONNREFUSED:
      return {tcp_state::closed, reason::reset};
    // In SYN-SENT a RST is ECONNREFUSED. These two are a RST that came after the SYN-ACK, before we were
    // told.
    case ECONNRESET:
    case EPIPE:
      return {tcp_state::open, reason::syn_ack};
    case ETIMEDOUT:
      return {tcp_state::filtered, reason::connection_timeout};
    case EHOSTUNREACH:
    case EHOSTDOWN:
      return {tcp_state::unreachable, reason::host_unreachable};
    case ENETUNREACH:
    case ENONET:
      return {tcp_state::unreachable, reason::net_unreachable};
    // What only an ICMP error makes of a connection under way.
    case EACCES:
      return {tcp_state::rejected, reason::admin_prohibited};
    case ENOPROTOOPT:
      return {tcp_state::rejected, reason::protocol_unreachable};
    case EOPNOTSUPP:
      return {tcp_state::rejected, reason::source_route_failed};
    case EPROTO:
      return {tcp_state::unreachable, reason::parameter_problem};
    case EMSGSIZE:
      return {tcp_state::unreachable, reason::packet_too_big};
    default:
      return {tcp_state::error, send_reason(error_number)};
  }
}

bool is_our_own(const ip_address& offender, const ip_address& source, const ip_address& destination) {
  if (!offender) return false;
  return offender == source || (offender.is_loopback() && !destination.is_loopback());
}

void judge_notice(const path_notice& notice, const ip_address& source, const ip_address& destination,
                  tcp_result& result) {
  const auto v4 = notice.origin == path_notice::origin_kind::icmpv4;
  result.why = icmp_reason(v4 ? ip_family::v4 : ip_family::v6, notice.type, notice.code);
  result.from = notice.offender;
  result.icmp_type = notice.type;
  result.icmp_code = notice.code;
  // RFC 792, RFC 4443 §3.1: "destination unreachable", but for what is about the size.
  const bool refused = notice.type == (v4 ? 3 : 1) && result.why != reason::fragmentation_needed;
  result.state = refused ? tcp_state::rejected : tcp_state::unreachable;
  if (!is_our_own(notice.offender, source, destination)) return;
  // Linux tells itself "host unreachable", by ICMP, when ARP or neighbour discovery got no answer.
  const bool silent_neighbor = result.why == reason::host_unreachable;
  result.state = silent_neighbor ? tcp_state::unreachable : tcp_state::error;
  if (silent_neighbor) return;
  result.why = reason::local_firewall;
  // What the kernel made of it (ECONNREFUSED, EHOSTUNREACH) would name another cause.
  result.error = EPERM;
}

}  // namespace

void judge_failure(const stream_failed& failed, const ip_address& source, const ip_address& destination,
                   tcp_result& result) {
  const auto from_network = failed.notice && failed.notice->origin != path_notice::origin_kind::local;
  if (from_network) {
    judge_notice(*failed.notice, source, destination, result);
  } else if (failed.started || failed.error == ECONNREFUSED) {
    const auto said = meaning_of(failed.error);
    result.state = said.state;
    result.why = said.why;
    if (said.state == tcp_state::open) result.odd = result.odd | tcp_oddity::reset_after_open;
    if (said.state == tcp_state::closed || said.state == tcp_state::open) result.from = destination;
  } else {
    result.state = tcp_state::error;
    result.why = send_reason(failed.error);
  }
  if (result.state == tcp_state::error && result.error == 0) result.error = failed.error;
}

bool is_shortage(int error_number) {
  switch (error_number) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case ENOSPC:  // epoll's watches
    case EAGAIN:
    case EADDRINUSE:
    case EADDRNOTAVAIL:
      return true;
    default:
      return false;
  }
}

}  // namespace diag::probe

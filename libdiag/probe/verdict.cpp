// The words of the closed lists, and the tables that lead to them.
#include "libdiag/probe/verdict.hpp"

#include <array>
#include <cerrno>

namespace diag::probe {

std::string_view describe(reason why) {
  static constexpr std::array<std::string_view, 32> words{
      "none",
      "net-unreachable",
      "host-unreachable",
      "protocol-unreachable",
      "port-unreachable",
      "fragmentation-needed",
      "source-route-failed",
      "admin-prohibited",
      "beyond-scope",
      "source-address-failed",
      "route-rejected",
      "unreachable",
      "packet-too-big",
      "hop-limit-exceeded",
      "reassembly-time-exceeded",
      "parameter-problem",
      "syn-ack",
      "syn-ack-by-device",
      "reset",
      "reset-by-device",
      "unfiltered",
      "no-answer",
      "connection-timeout",
      "local-firewall",
      "no-route",
      "blackhole-route",
      "prohibited-route",
      "message-too-long",
      "local-queue-full",
      "interface-down",
      "interface-gone",
      "system-error",
  };
  const auto row = static_cast<std::size_t>(why);
  return row < words.size() ? words[row] : "unknown";
}

namespace {

// RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1: the codes of type 3.
constexpr std::array<reason, 16> unreachable_v4{
    reason::net_unreachable,  reason::host_unreachable,     reason::protocol_unreachable,
    reason::port_unreachable, reason::fragmentation_needed, reason::source_route_failed,
    reason::net_unreachable,  reason::host_unreachable,     reason::host_unreachable,
    reason::admin_prohibited, reason::admin_prohibited,     reason::net_unreachable,
    reason::host_unreachable, reason::admin_prohibited,     reason::admin_prohibited,
    reason::admin_prohibited,
};
// RFC 4443 §3.1, RFC 8883: the codes of type 1.
constexpr std::array<reason, 7> unreachable_v6{
    reason::no_route,         reason::admin_prohibited,      reason::beyond_scope,   reason::host_unreachable,
    reason::port_unreachable, reason::source_address_failed, reason::route_rejected,
};

}  // namespace

reason icmp_reason(ip_family family, std::uint8_t type, std::uint8_t code) {
  if (family == ip_family::v6) {
    // "no route to destination" is the router's, so it is not the local no_route.
    if (type == 1 && code == 0) return reason::net_unreachable;
    if (type == 1) return code < unreachable_v6.size() ? unreachable_v6[code] : reason::other_unreachable;
    if (type == 2) return reason::packet_too_big;
    if (type == 3) return code == 1 ? reason::reassembly_time_exceeded : reason::hop_limit_exceeded;
    return type == 4 ? reason::parameter_problem : reason::other_unreachable;
  }
  if (type == 3) return code < unreachable_v4.size() ? unreachable_v4[code] : reason::other_unreachable;
  if (type == 11) return code == 1 ? reason::reassembly_time_exceeded : reason::hop_limit_exceeded;
  return type == 12 ? reason::parameter_problem : reason::other_unreachable;
}

reason send_reason(int error_number) {
  switch (error_number) {
    case EPERM:
      return reason::local_firewall;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
      return reason::no_route;
    case EINVAL:  // what a blackhole route answers; "Invalid argument" alone would send the user looking
                  // elsewhere
      return reason::blackhole_route;
    case EACCES:
      return reason::prohibited_route;
    case EMSGSIZE:
      return reason::message_too_long;
    case ENOBUFS:
    case ENOMEM:
    case EAGAIN:
      return reason::local_queue_full;
    case ENETDOWN:
      return reason::interface_down;
    case ENXIO:
    case ENODEV:
      return reason::interface_gone;
    default:
      return reason::system_error;
  }
}

bool is_local(reason why) {
  return why >= reason::local_firewall;
}

std::string_view describe(reject_reason why) {
  static constexpr std::array<std::string_view, reject_reason_count> words{
      "bad-ip-header",     "bad-icmp-header",   "bad-checksum",
      "bad-code",          "wrong-id",          "future-sequence",
      "wrong-token",       "wrong-source",      "bad-quote",
      "foreign-quote",     "source-quench",     "bad-mtu",
      "unexpected-type",   "forgotten",         "bad-tcp-header",
      "bad-flags",         "simultaneous-open", "wrong-ack",
      "reset-without-ack", "wrong-port",        "late",
      "duplicate",         "conflict",          "bad-link-header",
      "bad-arp-header",    "bad-operation",     "bad-neighbor-message",
      "bad-hop-limit",     "invalid-hardware",  "wrong-hardware",
      "wrong-target",      "wrong-vlan",        "wrong-framing",
  };
  const auto row = static_cast<std::size_t>(why);
  return row < words.size() ? words[row] : "unknown";
}

std::string_view describe(anomaly one) {
  switch (one) {
    case anomaly::truncated:
      return "truncated";
    case anomaly::corrupt:
      return "corrupt";
    case anomaly::longer:
      return "longer";
    case anomaly::checksum_unverified:
      return "checksum-unverified";
    case anomaly::clock_step:
      return "clock-step";
    case anomaly::non_standard_time:
      return "non-standard-time";
  }
  return "unknown";
}

}  // namespace diag::probe

// Refusals, and the time of an answer.
#include "libdiag/probe/path_verdict.hpp"

#include "libdiag/probe/correlate.hpp"
#include "libdiag/probe/segment_reader.hpp"
#include "libdiag/wire/ip_protocol.hpp"

namespace diag::probe {

std::uint8_t protocol_of(path_method method, ip_family family) {
  if (method == path_method::udp) return wire::ip_protocol::udp;
  if (method != path_method::icmp) return wire::ip_protocol::tcp;
  return family == ip_family::v4 ? wire::ip_protocol::icmp : wire::ip_protocol::icmpv6;
}

path_reject refuse(reject_reason why, mono_time at, const ip_address& from) {
  return {.why = why, .at = at, .from = from, .target = {}, .hop = 0, .icmp_type = 0, .icmp_code = 0};
}

path_reject about(path_reject what, const path_record* probe) {
  if (probe == nullptr) return what;
  what.target = probe->asked.target;
  what.hop = probe->asked.hop;
  return what;
}

void stamp(path_answer& answer, const path_record& probe, const arrival& packet) {
  const auto trip = measure(probe.user_sent, probe.kernel(), packet);
  answer.at = best_time(packet);
  answer.rtt = trip.rtt;
  answer.source = trip.source;
}

}  // namespace diag::probe

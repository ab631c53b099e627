// Captured frames against the attempts they belong to, by the ports and addresses of both ends.
#include "libdiag/probe/connect_evidence.hpp"

#include <algorithm>
#include <limits>

#include "libdiag/wire/ip_protocol.hpp"

namespace diag::probe {

namespace {

using namespace wire::tcp_flag;
using trace = connect_evidence::trace;

tcp_anomaly remark(const arrival& packet, const ip_message& ip, const trace& attempt) {
  tcp_anomaly out;
  out.at = best_time(packet);
  out.from = ip.from;
  out.target = attempt.pair.target;
  out.port = attempt.pair.port;
  out.source_port = attempt.source_port;
  out.hop_limit = ip.hop_limit;
  if (packet.kernel.source == stamp_source::capture && attempt.left && out.at >= *attempt.left)
    out.rtt = out.at - *attempt.left;
  return out;
}

tcp_anomaly with(tcp_anomaly&& what, reject_reason why) {
  what.why = why;
  // A round trip is told of answers that came too late, and of nothing else.
  if (why != reject_reason::late_answer) what.rtt.reset();
  return std::move(what);
}

bool acknowledges(const trace& attempt, const segment_arrival& segment) {
  return !attempt.sequence || segment.tcp.acknowledgment() == *attempt.sequence + 1;
}

}  // namespace

void connect_evidence::began(probe_token attempt, const trace& how) {
  by_ends_[{how.source_port, how.pair.port, how.destination}] = attempt;
  traces_[attempt] = how;
}

void connect_evidence::ended(mono_time now, probe_token attempt, tcp_state fate) {
  const auto found = traces_.find(attempt);
  if (found == traces_.end()) return;
  if (!remembers_) return forget(attempt);
  found->second.fate = fate;
  found->second.ended = now;
  past_.push_back({now, attempt});
  while (past_.size() > most_remembered || now - past_.front().at > memory) {
    forget(past_.front().attempt);
    past_.pop_front();
  }
}

void connect_evidence::forget(probe_token attempt) {
  const auto found = traces_.find(attempt);
  if (found == traces_.end()) return;
  const auto& how = found->second;
  // A fixed source port is used again: then the ends are a later attempt's by now.
  const auto place = by_ends_.find({how.source_port, how.pair.port, how.destination});
  if (place != by_ends_.end() && place->second == attempt) by_ends_.erase(place);
  traces_.erase(found);
}

void connect_evidence::left(const sent& what) {
  const auto found = traces_.find(what.token);
  if (found == traces_.end() || what.when.source != stamp_source::capture) return;
  auto& attempt = found->second;
  // Once it is answered no further SYN leaves: this is the end of the connection.
  if (attempt.fate || attempt.syn_ack || attempt.reset) return;
  attempt.left = what.when.at;
  if (attempt.seen_leaving < std::numeric_limits<std::uint16_t>::max()) ++attempt.seen_leaving;
}

const trace* connect_evidence::of(probe_token attempt) const {
  const auto found = traces_.find(attempt);
  return found == traces_.end() ? nullptr : &found->second;
}

const connect_evidence::answer* connect_evidence::frame_of(const trace& attempt, tcp_state state) {
  const auto pick = [](const auto& one) { return one ? &*one : nullptr; };
  switch (state) {
    case tcp_state::open:
      return pick(attempt.syn_ack);
    case tcp_state::closed:
      return pick(attempt.reset);
    case tcp_state::rejected:
    case tcp_state::unreachable:
      return pick(attempt.error);
    case tcp_state::filtered:
    case tcp_state::error:
      return nullptr;
  }
  return nullptr;
}

bool connect_evidence::completes(probe_token attempt, tcp_state state) const {
  const auto* known = of(attempt);
  return known && frame_of(*known, state);
}

void connect_evidence::complete(probe_token attempt, tcp_result& result) const {
  const auto* known = of(attempt);
  const auto* frame = known ? frame_of(*known, result.state) : nullptr;
  if (!frame) return;
  result.hop_limit = frame->hop_limit;
  result.identification = frame->identification;
  result.offer = frame->offer;
  result.quoted_hop_limit = frame->quoted_hop_limit;
  result.odd = result.odd | frame->odd;
  // Karn (RFC 6298 §3): where two SYNs left, nobody knows which of them was answered.
  if (!known->left || known->seen_leaving != 1 || frame->at.source != stamp_source::capture) return;
  const auto rtt = frame->at.at - *known->left;
  if (rtt < duration{0}) {
    result.odd = result.odd | tcp_oddity::clock_step;
    return;
  }
  result.rtt = rtt;
  result.source = stamp_source::capture;
  result.kernel_rtt = false;
}

std::optional<probe_token> connect_evidence::recognise(std::uint16_t source_port,
                                                       const ip_address& destination,
                                                       std::uint16_t destination_port) const {
  const auto found = by_ends_.find({source_port, destination_port, destination});
  if (found == by_ends_.end()) return std::nullopt;
  return found->second;
}

std::optional<mono_time> connect_evidence::done_with(const ip_address& source, std::uint16_t source_port,
                                                     const ip_address& destination,
                                                     std::uint16_t destination_port) const {
  const auto token = recognise(source_port, destination, destination_port);
  const auto* known = token ? of(*token) : nullptr;
  if (known == nullptr || (known->source && !(known->source == source))) return std::nullopt;
  return known->fate ? known->ended : mono_time::max();
}

connect_evidence::entry* connect_evidence::find(const ends& which, const ip_address& our_address) {
  const auto place = by_ends_.find(which);
  if (place == by_ends_.end()) return nullptr;
  const auto found = traces_.find(place->second);
  if (found == traces_.end()) return nullptr;
  const auto& source = found->second.source;
  return !source || source == our_address ? &*found : nullptr;
}

connect_evidence::reading connect_evidence::read(const arrival& packet) {
  const auto ip = read_ip(packet);
  if (!ip) return {};
  if (ip->protocol == wire::ip_protocol::tcp) return read_segment_of(packet, *ip);
  const auto icmp = ip->family == ip_family::v4 ? wire::ip_protocol::icmp : wire::ip_protocol::icmpv6;
  return ip->protocol == icmp ? read_error_of(packet, *ip) : reading{};
}

connect_evidence::reading connect_evidence::read_segment_of(const arrival& packet, const ip_message& ip) {
  if (ip.octets.size() < 4) return {};
  const auto from_port = load_be16(ip.octets, 0);
  const auto to_port = load_be16(ip.octets, 2);
  const auto segment = read_segment(packet, ip);
  const auto* read = std::get_if<segment_arrival>(&segment);
  auto* attempt = find({to_port, from_port, ip.from}, ip.to);
  if (!attempt) {
    auto* ours = find({from_port, to_port, ip.to}, ip.from);
    if (ours && read && read->control() == syn) ours->second.sequence = read->tcp.sequence();
    return {};
  }
  auto refusal = remark(packet, ip, attempt->second);
  if (!read) return with(std::move(refusal), reject_reason::bad_tcp_header);
  refusal.flags = read->tcp.flags();
  const auto control = read->control();
  if ((control & (syn | rst)) == 0) return {};  // the connection goes on, and the kernel tells of that
  if (read->checksum == checksum_verdict::bad) return with(std::move(refusal), reject_reason::bad_checksum);

  answer what;
  what.at = packet.kernel;
  what.hop_limit = ip.hop_limit;
  what.identification = ip.identification;
  if (control == (syn | ack)) return take_syn_ack(*attempt, *read, what, std::move(refusal));
  if (control == rst || control == (rst | ack)) return take_reset(*attempt, *read, what, std::move(refusal));
  return with(std::move(refusal),
              control == syn ? reject_reason::simultaneous_open : reject_reason::bad_flags);
}

connect_evidence::reading connect_evidence::take_syn_ack(entry& attempt, const segment_arrival& segment,
                                                         const answer& what, tcp_anomaly&& refusal) {
  auto& known = attempt.second;
  if (!acknowledges(known, segment)) return with(std::move(refusal), reject_reason::wrong_ack);
  const auto open = !known.fate || *known.fate == tcp_state::open;
  if (open && !known.reset && !known.error) {
    if (known.syn_ack) return with(std::move(refusal), reject_reason::duplicate_answer);
    known.syn_ack = what;
    known.syn_ack->offer = offer_of(segment.tcp);
    known.syn_ack->odd = oddities_of(*known.syn_ack->offer, true);
    if (segment.checksum == checksum_verdict::unknown)
      known.syn_ack->odd = known.syn_ack->odd | tcp_oddity::checksum_unverified;
    return attempt.first;
  }
  const auto given_up = known.fate == tcp_state::filtered;
  return with(std::move(refusal), given_up ? reject_reason::late_answer : reject_reason::conflicting_answer);
}

connect_evidence::reading connect_evidence::take_reset(entry& attempt, const segment_arrival& segment,
                                                       const answer& what, tcp_anomaly&& refusal) {
  auto& known = attempt.second;
  // After a SYN-ACK it is the end of a connection that stood.
  if (known.syn_ack || known.fate == tcp_state::open) return {};
  // RFC 9293 §3.10.7.3: in SYN-SENT a RST must acknowledge the SYN.
  if (!segment.tcp.has(ack)) return with(std::move(refusal), reject_reason::reset_without_ack);
  if (!acknowledges(known, segment)) return with(std::move(refusal), reject_reason::wrong_ack);
  const auto closed = !known.fate || *known.fate == tcp_state::closed;
  if (closed && !known.error) {
    if (known.reset) return with(std::move(refusal), reject_reason::duplicate_answer);
    known.reset = what;
    if (segment.checksum == checksum_verdict::unknown)
      known.reset->odd = tcp_oddities{} | tcp_oddity::checksum_unverified;
    return attempt.first;
  }
  const auto given_up = known.fate == tcp_state::filtered;
  return with(std::move(refusal), given_up ? reject_reason::late_answer : reject_reason::conflicting_answer);
}

connect_evidence::reading connect_evidence::read_error_of(const arrival& packet, const ip_message& ip) {
  const auto message = read_icmp(packet, ip);
  const auto* error = std::get_if<icmp_error>(&message);
  if (!error || !error->quote || error->quote->protocol != wire::ip_protocol::tcp) return {};
  const auto ports = wire::quoted_ports(*error->quote);
  if (!ports) return {};
  auto* attempt = find({ports->source, ports->destination, error->quote->destination}, error->quote->source);
  if (!attempt) return {};
  auto& known = attempt->second;
  auto refusal = remark(packet, ip, known);
  refusal.icmp = true;
  refusal.icmp_type = error->envelope.type;
  refusal.icmp_code = error->envelope.code;
  if (error->envelope.checksum_bad) return with(std::move(refusal), reject_reason::bad_checksum);
  const auto quoted = wire::quoted_tcp_sequence(*error->quote);
  if (known.sequence && quoted && *quoted != *known.sequence)
    return with(std::move(refusal), reject_reason::foreign_quote);
  // Redirects and source quenches end nothing; after an answer nothing is left to end.
  const auto v4 = ip.family == ip_family::v4;
  const auto type = error->envelope.type;
  const auto final = v4 ? type == 3 || type == 11 || type == 12 : type >= 1 && type <= 4;
  if (!final || known.syn_ack || known.reset) return {};
  if (known.fate == tcp_state::filtered) return with(std::move(refusal), reject_reason::late_answer);
  if (known.error) return with(std::move(refusal), reject_reason::duplicate_answer);
  known.error = answer{};
  known.error->at = packet.kernel;
  known.error->hop_limit = ip.hop_limit;
  known.error->quoted_hop_limit = error->quote->ttl;
  return attempt->first;
}

}  // namespace diag::probe

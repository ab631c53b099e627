// Whose answer is it, and what does it say? The checks run from cheap and certain to subtle: a readable
// segment for one of our ports, a right checksum, flags that answer something, a sequence number that was
// sent, the right address, the right ports. The first that fails names the reject reason.
#include "libdiag/probe/tcp_exchange.hpp"

#include <algorithm>
#include <cerrno>

#include "libdiag/probe/correlate.hpp"
#include "libdiag/probe/icmp_reader.hpp"
#include "libdiag/probe/quote_diff.hpp"
#include "libdiag/probe/segment_reader.hpp"
#include "libdiag/wire/ip_protocol.hpp"

namespace diag::probe {

namespace {

using namespace wire::tcp_flag;

// What a segment without payload occupies of the sequence space: RFC 9293 §3.4.
std::uint32_t occupied(std::uint16_t flags) {
  return ((flags & syn) != 0 ? 1U : 0U) + ((flags & fin) != 0 ? 1U : 0U);
}

tcp_anomaly refuse(mono_time at, reject_reason why, const ip_address& from) {
  tcp_anomaly out;
  out.why = why;
  out.at = at;
  out.from = from;
  return out;
}

}  // namespace

segment_exchange::segment_exchange(const segment_config& config, const tcp_plan& plan)
    : config_{config},
      plan_{plan},
      table_{config.max_slots, config.memory},
      token_{config.key},
      v4_{ip_family::v4, config.flags, config.profile},
      v6_{ip_family::v6, config.flags, config.profile} {
  // Answers to a SYN acknowledge it plus one; a RST to a segment with ACK has the number that was
  // acknowledged.
  answers_acknowledge_ = (config.flags & ack) == 0;
}

std::uint16_t segment_exchange::port_for(const tcp_pair& pair, std::uint64_t round,
                                         std::uint32_t number) const {
  // Every flow keeps its own ports, or it would be another flow; within them attempts and rounds take turns,
  // so that a far end or a firewall that remembers the last one does not mistake the next for it.
  const std::uint64_t ports = std::max<std::uint16_t>(config_.source_port_count, 1);
  const auto flows = std::max<std::uint64_t>(plan_.flows(), 1);
  if (flows > 1) return static_cast<std::uint16_t>(config_.source_port_base + pair.flow % ports);
  return static_cast<std::uint16_t>(config_.source_port_base + (round + number - 2) % ports);
}

transmit segment_exchange::request(mono_time now, const segment_record& attempt, bool want_stamp) {
  transmit out;
  out.token = attempt.index;
  out.destination = plan_.address(attempt.pair.target);
  out.protocol = wire::ip_protocol::tcp;
  out.hop_limit = config_.hop_limit;
  out.want_stamp = want_stamp;
  out.checksum_at = craft::segment_template::checksum_at;
  craft::segment_template::fields fields;
  fields.source_port = attempt.source_port;
  fields.destination_port = attempt.pair.port;
  fields.sequence = token_.sequence_of(attempt.index);
  if ((config_.flags & ack) != 0) fields.acknowledgment = fields.sequence;
  fields.timestamp =
      config_.timestamp_base +
      static_cast<std::uint32_t>(
          std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
  out.bytes = (out.destination.is_v4() ? v4_ : v6_).stamp(fields);
  return out;
}

void segment_exchange::left(const sent& what) {
  if (auto* attempt = table_.record(what.token)) note_departure(*attempt, what.when);
}

probe_token segment_exchange::attempt_behind(std::uint32_t sequence) const {
  const auto low = token_.attempt_of(sequence);
  const auto behind = static_cast<std::uint32_t>(table_.newest()) - low;
  return behind < table_.newest() ? table_.newest() - behind : 0;
}

segment_record* segment_exchange::find(std::uint32_t sequence) {
  return table_.record(attempt_behind(sequence));
}

bool segment_exchange::our_port(std::uint16_t port) const {
  return static_cast<std::uint16_t>(port - config_.source_port_base) <
         std::max<std::uint16_t>(config_.source_port_count, 1);
}

segment_exchange::judgement segment_exchange::judge(const arrival& packet) {
  const auto ip = read_ip(packet);
  if (!ip) return refuse(best_time(packet), reject_reason::bad_ip_header, ip.error().from);
  if (ip->protocol == wire::ip_protocol::tcp) return judge_segment(packet, *ip);
  return judge_icmp(packet, *ip);
}

segment_exchange::judgement segment_exchange::judge_segment(const arrival& packet, const ip_message& ip) {
  const auto reading = read_segment(packet, ip);
  auto refusal = refuse(best_time(packet), reject_reason::bad_tcp_header, ip.from);
  refusal.hop_limit = ip.hop_limit;
  const auto* segment = std::get_if<segment_arrival>(&reading);
  if (!segment) {
    // Even a cut header tells whether it is meant for us.
    if (ip.octets.size() >= 4 && !our_port(load_be16(ip.octets, 2))) return nothing{};
    return refusal;
  }
  const auto& tcp = segment->tcp;
  if (!our_port(tcp.destination_port())) return nothing{};
  refusal.port = tcp.source_port();
  refusal.source_port = tcp.destination_port();
  refusal.flags = tcp.flags();
  if (is_own_segment(tcp, ip)) return nothing{};
  const auto control = segment->control();
  const auto refused = [&](reject_reason why) { return refusal.why = why, refusal; };
  if (segment->checksum == checksum_verdict::bad) return refused(reject_reason::bad_checksum);

  const bool is_syn_ack = control == (syn | ack);
  const bool is_reset = control == rst || control == (rst | ack);
  if (control == syn) return refused(reject_reason::simultaneous_open);
  if (!is_reset && (!is_syn_ack || (config_.flags & syn) == 0)) return refused(reject_reason::bad_flags);
  // RFC 9293 §3.10.7.3: in SYN-SENT a RST counts only with an acceptable ACK. §3.5.2: a RST to a segment that
  // had ACK carries its number as the sequence, and no ACK.
  if (is_reset && answers_acknowledge_ && control == rst) return refused(reject_reason::reset_without_ack);
  const auto answered =
      is_reset && !answers_acknowledge_ ? tcp.sequence() : tcp.acknowledgment() - occupied(config_.flags);
  auto* attempt = find(answered);
  if (!attempt)
    return refused(attempt_behind(answered) != 0 ? reject_reason::forgotten : reject_reason::wrong_ack);
  // A number that means an attempt nobody could have seen at that address is a guess.
  if (!(plan_.address(attempt->pair.target) == ip.from))
    return refused(attempt->pair.port == tcp.source_port() && attempt->source_port == tcp.destination_port()
                       ? reject_reason::wrong_source
                       : reject_reason::wrong_ack);
  refusal.target = attempt->pair.target;
  if (attempt->pair.port != tcp.source_port() || attempt->source_port != tcp.destination_port())
    return refused(reject_reason::wrong_port);

  answer out;
  out.attempt = attempt;
  out.flags = tcp.flags();
  auto& result = out.result;
  const auto trip = measure(attempt->user_sent, attempt->kernel(), packet);
  result.at = segment->at;
  result.state = is_syn_ack ? tcp_state::open : tcp_state::closed;
  result.why = is_syn_ack ? reason::syn_ack : (config_.flags & syn) != 0 ? reason::reset : reason::unfiltered;
  result.from = ip.from;
  result.rtt = trip.rtt;
  result.source = trip.source;
  result.hop_limit = ip.hop_limit;
  result.identification = ip.identification;
  if (trip.clock_step) result.odd = result.odd | tcp_oddity::clock_step;
  if (segment->checksum == checksum_verdict::unknown)
    result.odd = result.odd | tcp_oddity::checksum_unverified;
  if (is_syn_ack) {
    result.offer = offer_of(tcp);
    result.odd =
        static_cast<tcp_oddities>(result.odd | oddities_of(*result.offer, !config_.profile.options.empty()));
  }
  return out;
}

bool segment_exchange::is_own_segment(const wire::tcp_view& tcp, const ip_message& ip) {
  // On loopback our own segments come back to the socket when the target's port is one of our source ports.
  if (!our_port(tcp.source_port()) || (tcp.flags() & 0x1ff) != (config_.flags & 0x1ff)) return false;
  const auto* attempt = find(tcp.sequence());
  return attempt && attempt->source_port == tcp.source_port() &&
         attempt->pair.port == tcp.destination_port() && plan_.address(attempt->pair.target) == ip.to;
}

segment_exchange::judgement segment_exchange::judge_icmp(const arrival& packet, const ip_message& ip) {
  const auto reading = read_icmp(packet, ip);
  const auto* error = std::get_if<icmp_error>(&reading);
  if (!error) {
    if (const auto* bad = std::get_if<icmp_unreadable>(&reading))
      return refuse(best_time(packet), bad->why, bad->from);
    return nothing{};  // an echo reply is somebody else's
  }
  const auto& envelope = error->envelope;
  auto refusal = refuse(best_time(packet), reject_reason::bad_quote, envelope.from);
  refusal.icmp = true;
  refusal.icmp_type = envelope.type;
  refusal.icmp_code = envelope.code;
  refusal.hop_limit = envelope.hop_limit;
  if (envelope.checksum_bad) return refusal.why = reject_reason::bad_checksum, refusal;
  if (!error->quote) return refusal;
  if (envelope.family == ip_family::v4 && envelope.type == 4)
    return refusal.why = reject_reason::source_quench, refusal;                  // RFC 6633
  if (envelope.family == ip_family::v4 && envelope.type == 5) return nothing{};  // a redirect refuses nothing
  auto judged = judge_quote(*error->quote, refusal);
  if (auto* found = std::get_if<answer>(&judged)) {
    // From our own address: our neighbour discovery gave up, or our own firewall refuses.
    if (envelope.from == envelope.to && found->result.state == tcp_state::rejected) {
      const auto silent_neighbor = found->result.why == reason::host_unreachable;
      found->result.state = silent_neighbor ? tcp_state::unreachable : tcp_state::error;
      if (!silent_neighbor) found->result.why = reason::local_firewall;
    }
    const auto trip = measure(found->attempt->user_sent, found->attempt->kernel(), packet);
    found->result.rtt = trip.rtt;
    found->result.source = trip.source;
  }
  return judged;
}

segment_exchange::judgement segment_exchange::judge_quote(const wire::quoted_packet& quote,
                                                          tcp_anomaly refusal) {
  const auto ports = wire::quoted_ports(quote);
  const auto sequence = wire::quoted_tcp_sequence(quote);
  if (quote.protocol != wire::ip_protocol::tcp || (ports && !our_port(ports->source))) return nothing{};
  if (!ports || !sequence) return refusal.why = reject_reason::bad_quote, refusal;
  refusal.port = ports->destination;
  refusal.source_port = ports->source;
  auto* attempt = find(*sequence);
  if (!attempt || attempt->source_port != ports->source ||
      !(plan_.address(attempt->pair.target) == quote.destination) || attempt->pair.port != ports->destination)
    return refusal.why = reject_reason::foreign_quote, refusal;
  return judge_word(refusal, *attempt, &quote);
}

segment_exchange::judgement segment_exchange::judge_word(const tcp_anomaly& said, segment_record& attempt,
                                                         const wire::quoted_packet* quote) {
  const auto family = plan_.address(attempt.pair.target).family();
  answer out;
  out.attempt = &attempt;
  auto& result = out.result;
  result.at = said.at;
  result.why = icmp_reason(family, said.icmp_type, said.icmp_code);
  const bool unreachable = said.icmp_type == (family == ip_family::v4 ? 3 : 1);
  result.state = unreachable && result.why != reason::fragmentation_needed ? tcp_state::rejected
                                                                           : tcp_state::unreachable;
  result.from = said.from;
  result.hop_limit = said.hop_limit;
  result.icmp_type = said.icmp_type;
  result.icmp_code = said.icmp_code;
  if (quote)
    compare_quote(*quote, request(attempt.user_sent, attempt, false).bytes, config_.traffic_class, result);
  return out;
}

segment_exchange::judgement segment_exchange::judge(mono_time now, const path_notice& notice) {
  // The queue quotes our segment from the TCP header on.
  if (notice.quoted.size() < 8) return nothing{};
  const auto source_port = load_be16(notice.quoted, 0);
  if (!our_port(source_port)) return nothing{};
  auto* attempt = find(load_be32(notice.quoted, 4));
  auto refusal = refuse(now, reject_reason::foreign_quote, notice.offender);
  refusal.port = load_be16(notice.quoted, 2);
  refusal.source_port = source_port;
  if (!attempt || attempt->source_port != source_port || attempt->pair.port != refusal.port) return refusal;
  if (notice.origin != path_notice::origin_kind::local) {
    refusal.icmp = true;
    refusal.icmp_type = notice.type;
    refusal.icmp_code = notice.code;
    return judge_word(refusal, *attempt, nullptr);
  }
  // RFC 1122 §3.3.2.4 and our own neighbour discovery: the host we share a link with does not answer.
  answer out;
  out.attempt = attempt;
  out.result.at = now;
  out.result.error = notice.error;
  out.result.why = notice.error == EHOSTUNREACH ? reason::host_unreachable : send_reason(notice.error);
  out.result.state = notice.error == EHOSTUNREACH ? tcp_state::unreachable : tcp_state::error;
  return out;
}

}  // namespace diag::probe

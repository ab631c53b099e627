// Whose answer is it? The checks run from cheap and certain to subtle: our identifier, a sound message, a
// sequence that was sent, the keyed token, the right address, the payload as sent. The first one that fails
// names the reject reason.
#include "libdiag/probe/echo_exchange.hpp"

#include <algorithm>

#include "libdiag/core/rounding.hpp"
#include "libdiag/wire/icmpv4.hpp"
#include "libdiag/wire/icmpv6.hpp"
#include "libdiag/wire/ip_protocol.hpp"

namespace diag::probe {

namespace {

constexpr std::size_t token_size = 8;
constexpr double day_ms = 86'400'000;
// How many times round the sequence space a token is looked for when it does not fit the newest probe.
constexpr int wraps_tried = 4;

std::uint8_t number(wire::icmpv4_type type) {
  return static_cast<std::uint8_t>(type);
}
std::uint8_t number(wire::icmpv6_type type) {
  return static_cast<std::uint8_t>(type);
}

ping_rejected refuse(mono_time at, reject_reason why, const icmp_envelope& envelope) {
  ping_rejected out;
  out.why = why;
  out.at = at;
  out.from = envelope.from;
  out.type = envelope.type;
  out.code = envelope.code;
  out.size = envelope.size;
  return out;
}

mono_time best(const arrival& packet) {
  return packet.kernel.source == stamp_source::user ? packet.read_at : packet.kernel.at;
}

}  // namespace

echo_exchange::echo_exchange(const echo_config& config, const target_list& targets)
    : config_{config},
      targets_{targets},
      table_{config.identifier_base, config.identifiers,
             static_cast<std::uint32_t>(
                 std::min<std::uint64_t>(config.max_slots, std::uint64_t{65536} * config.identifiers)),
             config.memory},
      mint_{config.run_nonce, config.key},
      v4_{ip_family::v4, config.payload_size, config.pattern},
      v6_{ip_family::v6, config.payload_size, config.pattern} {}

transmit echo_exchange::request(const send_record& probe, bool want_stamp) {
  transmit out;
  out.token = probe.index;
  out.destination = targets_.at(probe.target);
  out.want_stamp = want_stamp;
  const auto wire = table_.token_of(probe.index);
  if (config_.timestamp) {
    const auto originate = static_cast<std::uint32_t>(ut_milliseconds(probe.user_sent));
    timestamp_message_ = craft::timestamp_request(wire.identifier, wire.sequence, originate);
    out.protocol = wire::ip_protocol::icmp;
    out.bytes = timestamp_message_;
    return out;
  }
  const auto v4 = out.destination.is_v4();
  out.protocol = v4 ? wire::ip_protocol::icmp : wire::ip_protocol::icmpv6;
  out.bytes =
      (v4 ? v4_ : v6_).stamp(wire.identifier, wire.sequence, mint_.mint(probe.index, out.destination));
  return out;
}

echo_exchange::judgement echo_exchange::judge(const arrival& packet) {
  const auto reading = read_icmp(packet);
  if (const auto* bad = std::get_if<icmp_unreadable>(&reading)) {
    ping_rejected out;
    out.why = bad->why;
    out.at = best(packet);
    out.from = bad->from;
    out.size = bad->size;
    return out;
  }
  if (const auto* error = std::get_if<icmp_error>(&reading)) return judge_error(best(packet), *error);
  return judge_reply(packet, std::get<icmp_reply>(reading));
}

bool echo_exchange::answers_us(const icmp_envelope& envelope) const {
  if (envelope.family == ip_family::v6) return envelope.type == number(wire::icmpv6_type::echo_reply);
  return envelope.type ==
         number(config_.timestamp ? wire::icmpv4_type::timestamp_reply : wire::icmpv4_type::echo_reply);
}

bool echo_exchange::token_fits(const icmp_reply& reply, probe_token index,
                               const ip_address& destination) const {
  if (!config_.timestamp) {
    const auto carried = std::min(reply.body.size(), std::min(token_size, config_.payload_size));
    // One octet of eight may have suffered on the way: a stranger's payload would differ in all of them.
    const std::size_t forgiven = carried == token_size ? 1 : 0;
    return mint_.wrong_octets(reply.body.first(carried), index, destination) <= forgiven;
  }
  // RFC 792: the originate time comes back unchanged, which makes it the token of a timestamp request.
  const auto* probe = table_.record(index);
  return probe && reply.body.size() >= 4 &&
         load_be32(reply.body, 0) == static_cast<std::uint32_t>(ut_milliseconds(probe->user_sent));
}

echo_exchange::judgement echo_exchange::judge_identity(const icmp_reply& reply, ping_rejected& refusal) {
  const auto& envelope = reply.envelope;
  const auto carries_nonce = !config_.timestamp && config_.payload_size >= 4 && reply.body.size() >= 4 &&
                             load_be32(reply.body, 0) == mint_.run_nonce();
  const auto found = table_.find(reply.identifier, reply.sequence);
  // Requests are seen too (loopback, captures): they answer nothing.
  const auto request = envelope.family == ip_family::v4
                           ? envelope.type == number(wire::icmpv4_type::echo_request) ||
                                 envelope.type == number(wire::icmpv4_type::timestamp_request)
                           : envelope.type == number(wire::icmpv6_type::echo_request);
  if (request || (!found.ours && !carries_nonce)) return nothing{};
  if (!found.ours) return refusal.why = reject_reason::wrong_id, refusal;
  if (!answers_us(envelope)) {
    if (!carries_nonce) return nothing{};
    return refusal.why = reject_reason::unexpected_type, refusal;
  }
  if (envelope.checksum_bad) return refusal.why = reject_reason::bad_checksum, refusal;
  if (envelope.code != 0) return refusal.why = reject_reason::bad_code, refusal;
  if (found.index == 0) return refusal.why = reject_reason::future_sequence, refusal;
  auto index = found.index;
  for (int turn = 0; turn < wraps_tried; ++turn) {
    auto* probe = table_.record(index);
    const auto destination = probe ? targets_.at(probe->target) : envelope.from;
    if (token_fits(reply, index, destination)) {
      if (!probe) return refusal.why = reject_reason::forgotten, refusal;
      return matched_reply{probe, {}};
    }
    if (index <= table_.wrap()) break;
    index -= table_.wrap();
  }
  return refusal.why = reject_reason::wrong_token, refusal;
}

echo_exchange::judgement echo_exchange::judge_reply(const arrival& packet, const icmp_reply& reply) {
  const auto at = best(packet);
  auto refusal = refuse(at, reject_reason::unexpected_type, reply.envelope);
  auto outcome = judge_identity(reply, refusal);
  auto* match = std::get_if<matched_reply>(&outcome);
  if (!match) return outcome;

  auto& probe = *match->probe;
  const auto destination = targets_.at(probe.target);
  if (!(reply.envelope.from == destination) && !destination.is_multicast() && !config_.any_source) {
    refusal.why = reject_reason::wrong_source;
    refusal.target = probe.target;
    refusal.number = probe.number;
    return refusal;
  }
  auto& out = match->reply;
  const auto trip = measure(probe.user_sent, probe.kernel(), packet);
  out.target = probe.target;
  out.number = probe.number;
  out.at = at;
  out.rtt = trip.rtt;
  out.source = trip.source;
  out.from = reply.envelope.from;
  out.hop_limit = reply.envelope.hop_limit;
  out.traffic_class = reply.envelope.traffic_class;
  out.size = reply.envelope.size;
  if (trip.clock_step) out.odd = out.odd | anomaly::clock_step;
  if (!reply.envelope.checksum_known) out.odd = out.odd | anomaly::checksum_unverified;
  if (config_.timestamp)
    read_timestamps(reply, probe, at, out);
  else
    compare_payload(reply, probe, out);
  return outcome;
}

void echo_exchange::compare_payload(const icmp_reply& reply, const send_record& probe,
                                    ping_reply& into) const {
  const auto received = reply.envelope.size > 8 ? reply.envelope.size - 8 : 0;
  if (received < config_.payload_size) into.odd = into.odd | anomaly::truncated;
  if (received > config_.payload_size) into.odd = into.odd | anomaly::longer;
  // What was sent: the token of this probe, then the template's octets, the same for all.
  const auto sent = (reply.envelope.family == ip_family::v4 ? v4_ : v6_).payload();
  std::array<std::byte, token_size> token{};
  store_be64(token, 0, mint_.mint(probe.index, targets_.at(probe.target)));
  const auto shared = std::min(reply.body.size(), sent.size());
  for (std::size_t i = 0; i < shared; ++i) {
    if (reply.body[i] == (i < token_size ? token[i] : sent[i])) continue;
    into.odd = into.odd | anomaly::corrupt;
    into.first_odd_octet = static_cast<std::uint32_t>(i);
    return;
  }
}

double echo_exchange::ut_milliseconds(mono_time at) const {
  return wrap_into(config_.ut_midnight_ms + milliseconds(at.time_since_epoch()), day_ms);
}

void echo_exchange::read_timestamps(const icmp_reply& reply, const send_record& probe, mono_time received,
                                    ping_reply& into) const {
  if (reply.body.size() < 12) {
    into.odd = into.odd | anomaly::truncated;
    return;
  }
  const auto their_receive = load_be32(reply.body, 4);
  const auto their_transmit = load_be32(reply.body, 8);
  // RFC 792: the high bit says that the time is not in milliseconds since midnight UT.
  if (((their_receive | their_transmit) & 0x80000000U) != 0 || their_receive >= day_ms ||
      their_transmit >= day_ms) {
    into.odd = into.odd | anomaly::non_standard_time;
    return;
  }
  // The NTP offset (RFC 5905 §8), each difference folded into half a day so that midnight does no harm.
  const auto fold = [](double ms) {
    return ms - day_ms * static_cast<double>(round_to_integer(ms / day_ms));
  };
  const auto forward = fold(their_receive - ut_milliseconds(probe.user_sent));
  const auto backward = fold(their_transmit - ut_milliseconds(received));
  into.clock_offset = duration{round_to_integer((forward + backward) / 2 * 1e6)};
}

echo_exchange::judgement echo_exchange::judge_error(mono_time at, const icmp_error& error) {
  const auto& envelope = error.envelope;
  auto refusal = refuse(at, reject_reason::bad_quote, envelope);
  if (envelope.checksum_bad) return refusal.why = reject_reason::bad_checksum, refusal;
  if (!error.quote) return refusal;
  const auto echo = wire::quoted_echo(*error.quote);
  if (!echo) {
    // A readable quote of another protocol is somebody else's business; ours without its eight octets is
    // useless.
    const auto icmp = envelope.family == ip_family::v4 ? wire::ip_protocol::icmp : wire::ip_protocol::icmpv6;
    if (error.quote->protocol != icmp || error.quote->transport.size() >= 8) return nothing{};
    return refusal;
  }
  const auto found = table_.find(echo->identifier, echo->sequence);
  if (!found.ours) return nothing{};
  auto* probe = found.index != 0 ? table_.record(found.index) : nullptr;
  if (!probe) {
    refusal.why = found.index != 0 ? reject_reason::forgotten : reject_reason::foreign_quote;
    return refusal;
  }
  if (!(error.quote->destination == targets_.at(probe->target)) ||
      !was_sent(*probe, echo->type, echo->payload)) {
    refusal.why = reject_reason::foreign_quote;
    return refusal;
  }
  matched_error out{probe, {}};
  out.error.at = at;
  out.error.from = envelope.from;
  out.error.type = envelope.type;
  out.error.code = envelope.code;
  out.error.mtu = error.mtu;
  out.error.gateway = error.gateway;
  return judge_word(envelope.family, refusal, out);
}

bool echo_exchange::was_sent(const send_record& probe, std::uint8_t type, byte_view payload) const {
  const auto destination = targets_.at(probe.target);
  const auto asked = config_.timestamp     ? number(wire::icmpv4_type::timestamp_request)
                     : destination.is_v4() ? number(wire::icmpv4_type::echo_request)
                                           : number(wire::icmpv6_type::echo_request);
  // A router need not quote more than eight octets of the message: then there is no token to look at.
  const auto carried =
      config_.timestamp ? std::size_t{0} : std::min({payload.size(), token_size, config_.payload_size});
  return type == asked && mint_.proves(payload.first(carried), probe.index, destination);
}

echo_exchange::judgement echo_exchange::judge_word(ip_family family, ping_rejected& refusal,
                                                   matched_error& match) {
  auto& error = match.error;
  refusal.target = error.target = match.probe->target;
  refusal.number = error.number = match.probe->number;
  const auto v4 = family == ip_family::v4;
  if (v4 && error.type == number(wire::icmpv4_type::source_quench))
    return refusal.why = reject_reason::source_quench, refusal;
  if (!v4 && error.type == number(wire::icmpv6_type::packet_too_big) && error.mtu < 1280)
    return refusal.why = reject_reason::bad_mtu, refusal;
  const auto redirect = v4 && error.type == number(wire::icmpv4_type::redirect);
  // Nothing in an echo request can be a parameter problem: whoever says so has lost the packet's thread.
  const auto known =
      v4 ? error.type == 3 || error.type == 11 || redirect : error.type >= 1 && error.type <= 3;
  if (!known) return refusal.why = reject_reason::unexpected_type, refusal;
  error.why = redirect ? reason::none : icmp_reason(family, error.type, error.code);
  error.closes = !redirect;
  return match;
}

echo_exchange::judgement echo_exchange::judge(mono_time now, const path_notice& notice) {
  if (notice.quoted.size() < 8) return nothing{};
  const auto found = table_.find(load_be16(notice.quoted, 4), load_be16(notice.quoted, 6));
  auto* probe = found.index != 0 ? table_.record(found.index) : nullptr;
  // A raw socket hears of every process's packets: what is not provably ours is nobody's fault here.
  if (!probe || !(notice.destination == targets_.at(probe->target)) ||
      !was_sent(*probe, load_u8(notice.quoted, 0), notice.quoted.subspan(8)))
    return nothing{};
  matched_error out{probe, {}};
  out.error.at = now;
  out.error.mtu = notice.mtu;
  if (notice.origin == path_notice::origin_kind::local) {
    out.error.target = probe->target;
    out.error.number = probe->number;
    out.error.error = notice.error;
    out.error.why = send_reason(notice.error);
    return out;
  }
  out.error.from = notice.offender;
  out.error.type = notice.type;
  out.error.code = notice.code;
  ping_rejected refusal;
  refusal.at = now;
  refusal.from = notice.offender;
  refusal.type = notice.type;
  refusal.code = notice.code;
  refusal.size = static_cast<std::uint32_t>(notice.quoted.size());
  const auto v4 = notice.origin == path_notice::origin_kind::icmpv4;
  return judge_word(v4 ? ip_family::v4 : ip_family::v6, refusal, out);
}

void echo_exchange::left(const sent& what) {
  auto* probe = table_.record(what.token);
  if (!probe || probe->state != probe_state::in_flight) return;
  // A timestamp request carries its send time as its token: that one stays as it was written.
  if (config_.timestamp && what.when.source == stamp_source::user) return;
  note_departure(*probe, what.when);
}

std::optional<probe_token> echo_exchange::recognise(byte_view icmp_message,
                                                    const ip_address& destination) const {
  if (icmp_message.size() < 8) return std::nullopt;
  const auto type = load_u8(icmp_message, 0);
  if (type != 8 && type != 13 && type != 128) return std::nullopt;
  const auto found = table_.find(load_be16(icmp_message, 4), load_be16(icmp_message, 6));
  const auto* probe = found.index != 0 ? table_.record(found.index) : nullptr;
  if (!probe || !(targets_.at(probe->target) == destination)) return std::nullopt;
  return probe->index;
}

}  // namespace diag::probe

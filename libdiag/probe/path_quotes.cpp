// What an ICMP error is to us: weighed by what its quote still has of a probe.
#include <algorithm>
#include <array>

#include "libdiag/core/checksum.hpp"
#include "libdiag/probe/path_exchange.hpp"
#include "libdiag/probe/path_extension.hpp"
#include "libdiag/probe/path_verdict.hpp"
#include "libdiag/probe/quote_diff.hpp"
#include "libdiag/probe/segment_reader.hpp"
#include "libdiag/wire/icmpv4.hpp"
#include "libdiag/wire/icmpv6.hpp"
#include "libdiag/wire/ip_protocol.hpp"

namespace diag::probe {

namespace {

constexpr std::size_t query_header = 8;  // UDP, ICMP echo

/// A checksum as it was before the words under it became what they are.
std::uint16_t undo(std::uint16_t checksum, byte_view seen, byte_view sent) {
  for (std::size_t at = 0; at + 2 <= seen.size() && at + 2 <= sent.size(); at += 2)
    checksum = checksum_update(checksum, load_be16(seen, at), load_be16(sent, at));
  return checksum == 0 ? std::uint16_t{0xffff} : checksum;
}

quote_depth depth_of(const wire::quoted_packet& quote) {
  const auto octets = quote.fragment_offset == 0 && !quote.malformed ? quote.transport.size() : 0;
  if (octets < query_header) return quote_depth::none;
  if (quote.protocol != wire::ip_protocol::tcp) return quote_depth::header;
  constexpr std::size_t offset_at = 12;
  const bool whole =
      octets > offset_at && octets >= std::size_t{load_u8(quote.transport, offset_at)} / 16 * 4;
  return whole ? quote_depth::header : quote_depth::start;
}

}  // namespace

path_record* path_exchange::record_if(probe_token index, const wire::quoted_packet& quote) {
  auto* probe = table_.record(index);
  if (!probe) return nullptr;
  const auto& target = target_of(*probe);
  if (quote.protocol != protocol_of(target.method, target.address.family())) return nullptr;
  return target.address == quote.destination ? probe : nullptr;
}

/// A translator that put our address back into the quote and forgot the checksum, or the sequence number that
/// it hides from others: it is off by the same in every probe. One alone is not believed, the second of
/// another probe is.
bool path_exchange::same_offset_again(const path_record& probe, std::uint32_t offset) {
  const bool again = offset_probe_ != 0 && offset_probe_ != probe.index && offset_ == offset;
  offset_ = offset;
  offset_probe_ = probe.index;
  return again;
}

path_exchange::evidence path_exchange::weigh(const wire::quoted_packet& quote) {
  evidence out;
  const auto& transport = quote.transport;
  const bool whole = quote.fragment_offset == 0 && !quote.malformed;
  const bool v4 = quote.family == ip_family::v4;
  auto* by_id =
      v4 ? record_if(identifications_.newest_of(quote.identification, table_.newest()), quote) : nullptr;
  if (by_id) out.about_us = true;
  if (!whole || transport.size() < 4) return out;
  const auto echo = wire::quoted_echo(quote);
  const auto ports = wire::quoted_ports(quote);
  std::optional<std::uint16_t> flow;
  if (echo) flow = flow_of(path_method::icmp, echo->identifier);
  if (ports && !echo) flow = flow_of(path_method::udp, ports->source);
  out.about_us = out.about_us || flow.has_value();
  if (transport.size() < query_header) return out;

  // What proves by itself.
  const bool query = quote.protocol == wire::ip_protocol::udp || echo.has_value();
  if (query) {
    auto* proven = proven_by_tag(transport.subspan(query_header));
    if (proven && quote.protocol == protocol_of(target_of(*proven).method, quote.family))
      return {proven, true};
  }
  if (const auto sequence = wire::quoted_tcp_sequence(quote)) {
    auto* probe = record_if(index_of_token(*sequence), quote);
    // Who guesses 32 bits has many tries: the ports too, or the identification, must be right.
    const bool fits = probe && flow == probe->asked.flow && ports->destination == target_of(*probe).port;
    if (probe && (fits || probe == by_id)) return {probe, true};
    // A firewall that translates sequence numbers, and forgets to in quotes. The identification alone is too
    // easily guessed.
    if (by_id && flow == by_id->asked.flow && ports->destination == target_of(*by_id).port &&
        same_offset_again(*by_id, *sequence - token_.sequence_of(by_id->index)))
      return {by_id, true};
    return out;
  }

  // Two fields that agree.
  const auto field_in = [&](const path_record& probe) -> std::uint16_t {
    if (echo) return echo->sequence;
    const auto& target = target_of(probe);
    std::array<std::byte, 4> sent{};
    store_be16(sent, 0, local_number(probe));
    store_be16(sent, 2, target.port);
    // With the address or the port the translator had to change the checksum, by a known amount.
    return undo(undo(load_be16(transport, 6), quote.source.bytes(), target.source.bytes()),
                transport.first(4), sent);
  };
  if (by_id && field_in(*by_id) == fields_.of(by_id->index)) return {by_id, true};
  const auto offset_in = [&](const path_record& probe) {
    const auto sent = static_cast<std::uint16_t>(~fields_.of(probe.index));
    return checksum_sum{}.add16(field_in(probe)).add16(sent).folded();
  };
  if (by_id && ports && flow == by_id->asked.flow && ports->destination == target_of(*by_id).port &&
      same_offset_again(*by_id, offset_in(*by_id)))
    return {by_id, true};
  // IPv6 has no identification, so where the quote ends before the tag one number must do; so little of a
  // quote is rare there (RFC 4443 §2.4 c).
  if (v4 || !flow || transport.size() >= query_header + craft::flow_packet::tag_size) return out;
  const auto number = echo ? echo->sequence : load_be16(transport, 6);
  auto* probe = record_if(fields_.newest_of(number, table_.newest()), quote);
  const bool right_port = echo || (probe && ports->destination == target_of(*probe).port);
  if (probe && flow == probe->asked.flow && right_port) out.probe = probe;
  return out;
}

void path_exchange::classify(const path_target& target, path_answer& answer) const {
  const auto family = target.address.family();
  answer.why = icmp_reason(family, answer.icmp_type, answer.icmp_code);
  answer.state = hop_state::unreachable;
  if (answer.why == reason::hop_limit_exceeded) answer.state = hop_state::time_exceeded;
  // RFC 1122 §3.2.2.1: only the host itself says that a port is. From anybody else it is a refusal.
  if (answer.why == reason::port_unreachable && target.method == path_method::udp &&
      answer.from == target.address)
    answer.state = hop_state::reached;
}

path_exchange::judgement path_exchange::judge_error(const arrival& packet, const icmp_error& error) {
  const auto& envelope = error.envelope;
  const bool v4 = envelope.family == ip_family::v4;
  auto refusal = refuse(reject_reason::bad_quote, best_time(packet), envelope.from);
  refusal.icmp_type = envelope.type;
  refusal.icmp_code = envelope.code;
  const auto refused = [&](reject_reason why) { return refusal.why = why, refusal; };
  if (v4 && envelope.type == static_cast<std::uint8_t>(wire::icmpv4_type::redirect)) return nothing{};
  if (!error.quote) return refusal;
  const auto found = weigh(*error.quote);
  if (!found.about_us) return nothing{};
  refusal = about(refusal, found.probe);
  if (envelope.checksum_bad) return refused(reject_reason::bad_checksum);
  if (v4 && envelope.type == static_cast<std::uint8_t>(wire::icmpv4_type::source_quench))
    return refused(reject_reason::source_quench);  // RFC 6633
  if (!v4 && envelope.type > static_cast<std::uint8_t>(wire::icmpv6_type::parameter_problem))
    return refused(reject_reason::unexpected_type);
  if (!found.probe)
    return refused(error.quote->transport.size() < query_header ? reject_reason::bad_quote
                                                                : reject_reason::foreign_quote);
  finding out;
  out.probe = found.probe;
  auto& answer = out.answer;
  stamp(answer, *found.probe, packet);
  answer.from = envelope.from;
  answer.icmp_type = envelope.type;
  answer.icmp_code = envelope.code;
  answer.hop_limit = envelope.hop_limit;
  answer.quoted_hop_limit = error.quote->ttl;
  answer.mtu = error.mtu;
  classify(target_of(*found.probe), answer);
  answer.bad_extension = error.bad_extension;
  if (error.extension) read_extension(*error.extension, answer);
  answer.quoted = depth_of(*error.quote);
  if (config_.whole_packets) {
    const auto sent = wire::parse_quote(build(*found.probe), envelope.family);
    if (sent) answer.changes = compare_packets(*sent, *error.quote);
  }
  return out;
}

/// The queue has our payload behind the UDP header, and an echo request from its ICMP header on.
path_exchange::evidence path_exchange::weigh_notice(const path_notice& notice) {
  const auto end =
      notice.extension_at != 0 ? std::min(notice.extension_at, notice.quoted.size()) : notice.quoted.size();
  const auto quoted = notice.quoted.first(end);
  if (has_udp_) return {proven_by_tag(quoted), true};
  if (quoted.size() < query_header) return {nullptr, true};
  if (auto* proven = proven_by_tag(quoted.subspan(query_header))) return {proven, true};
  auto* probe = table_.record(fields_.newest_of(load_be16(quoted, 6), table_.newest()));
  const bool cut = quoted.size() < query_header + craft::flow_packet::tag_size;
  // The kernel hands the queue of a socket only what is about its own identifier.
  return {cut ? probe : nullptr, true};
}

path_exchange::judgement path_exchange::judge(mono_time now, const path_notice& notice) {
  const auto found = weigh_notice(notice);
  auto refusal = about(refuse(reject_reason::bad_quote, now, notice.offender), found.probe);
  refusal.icmp_type = notice.type;
  refusal.icmp_code = notice.code;
  if (!found.probe) return refusal;
  finding out;
  out.probe = found.probe;
  auto& answer = out.answer;
  answer.at = now;
  if (notice.origin == path_notice::origin_kind::local) {
    answer.state = hop_state::error;
    answer.error = notice.error;
    answer.why = send_reason(notice.error);
    answer.mtu = notice.mtu;
    return out;
  }
  arrival as_packet;
  as_packet.kernel = notice.kernel;
  as_packet.read_at = notice.read_at != mono_time{} ? notice.read_at : now;
  stamp(answer, *found.probe, as_packet);
  answer.from = notice.offender;
  answer.icmp_type = notice.type;
  answer.icmp_code = notice.code;
  answer.hop_limit = notice.hop_limit;
  answer.mtu = notice.mtu;
  classify(target_of(*found.probe), answer);
  if (notice.extension_at != 0 && notice.extension_at < notice.quoted.size()) {
    const auto extension = wire::parse_extension(notice.quoted.subspan(notice.extension_at));
    if (extension)
      read_extension(*extension, answer);
    else
      answer.bad_extension = true;
  }
  return out;
}

}  // namespace diag::probe

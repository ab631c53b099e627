// How probes are built, and what segments, replies and datagrams are to us: believed by what only who saw the
// probe can know. ICMP errors are in path_quotes.cpp.
#include "libdiag/probe/path_exchange.hpp"

#include <algorithm>

#include "libdiag/probe/path_verdict.hpp"
#include "libdiag/probe/segment_reader.hpp"
#include "libdiag/wire/icmpv4.hpp"
#include "libdiag/wire/icmpv6.hpp"
#include "libdiag/wire/ip_protocol.hpp"
#include "libdiag/wire/udp.hpp"

namespace diag::probe {

namespace {

namespace tcp_flag = wire::tcp_flag;

/// Every constant of a run that must not be guessed, drawn from its key for one use.
std::uint64_t drawn(const hash_key& key, std::uint64_t use, std::uint64_t what = 0) {
  return keyed_hash(key, {use, what, 0x7472616365});
}
constexpr std::uint64_t use_identification = 1, use_field = 2, use_tag = 3, use_checksum = 4;

}  // namespace

path_exchange::path_exchange(const path_probe_config& config, std::span<const path_target> targets)
    : config_{config},
      targets_{targets},
      table_{config.max_slots, config.memory},
      syn_v4_{ip_family::v4, tcp_flag::syn, config.profile},
      syn_v6_{ip_family::v6, tcp_flag::syn, config.profile},
      ack_v4_{ip_family::v4, tcp_flag::ack, config.profile},
      ack_v6_{ip_family::v6, tcp_flag::ack, config.profile},
      identifications_{config.key, use_identification},
      fields_{config.key, use_field},
      token_{config.key} {
  for (const auto& target : targets) {
    has_udp_ = has_udp_ || target.method == path_method::udp;
    has_icmp_ = has_icmp_ || target.method == path_method::icmp;
    has_tcp_ = has_tcp_ || target.method == path_method::tcp_syn || target.method == path_method::tcp_ack;
  }
}

// The low half proves, the high half leads to the probe.
std::uint64_t path_exchange::tag_of(const path_record& probe) const {
  const auto words = target_of(probe).address.words();
  const auto proof = keyed_hash(config_.key, {use_tag, probe.index, words[0], words[1]}) & 0xffffffff;
  return std::uint64_t{token_.sequence_of(probe.index)} << 32 | proof;
}

std::uint16_t path_exchange::local_number(const path_record& probe) const {
  const bool icmp = target_of(probe).method == path_method::icmp;
  const auto base = icmp ? config_.identifier_base : config_.source_port_base;
  return static_cast<std::uint16_t>(base + probe.asked.flow);
}

std::optional<std::uint16_t> path_exchange::flow_of(path_method method, std::uint16_t number) const {
  const auto base = method == path_method::icmp ? config_.identifier_base : config_.source_port_base;
  const auto flow = static_cast<std::uint16_t>(number - base);
  if (flow >= std::max<std::uint16_t>(config_.flows, 1)) return std::nullopt;
  return flow;
}

byte_view path_exchange::build(const path_record& probe) {
  const auto& target = target_of(probe);
  const bool v4 = target.address.is_v4();
  craft::flow_packet_header ip;
  ip.source = target.source;
  ip.destination = target.address;
  ip.hop_limit = probe.asked.hop;
  ip.traffic_class = config_.traffic_class;
  ip.identification = identifications_.of(probe.index);
  ip.dont_fragment = config_.dont_fragment || probe.asked.dont_fragment;
  ip.flow_label = config_.flow_label + probe.asked.flow;
  const auto usual = v4 ? config_.size_v4 : config_.size_v6;
  ip.size = std::max<std::size_t>(probe.asked.size != 0 ? probe.asked.size : usual,
                                  craft::flow_packet::least_size(target.address.family()));
  const auto local = local_number(probe);
  const auto field = fields_.of(probe.index);
  switch (target.method) {
    case path_method::udp:
      return packet_.udp(ip, local, target.port, field, tag_of(probe));
    case path_method::icmp: {
      // Of a flow's own, and nobody's guess; neither 0 nor 0xffff, which are one in this arithmetic.
      const auto sum = 1 + drawn(config_.key, use_checksum, local) % 0xfffe;
      return packet_.echo(ip, local, field, static_cast<std::uint16_t>(sum), tag_of(probe));
    }
    case path_method::tcp_syn:
    case path_method::tcp_ack:
      break;
  }
  const bool syn = target.method == path_method::tcp_syn;
  craft::segment_template::fields fields;
  fields.source_port = local;
  fields.destination_port = target.port;
  fields.sequence = token_.sequence_of(probe.index);
  if (!syn) fields.acknowledgment = fields.sequence;
  fields.timestamp = static_cast<std::uint32_t>(probe.index);
  auto& segment = syn ? (v4 ? syn_v4_ : syn_v6_) : (v4 ? ack_v4_ : ack_v6_);
  return packet_.tcp(ip, segment, fields);
}

transmit path_exchange::request(const path_record& probe, bool want_stamp) {
  const auto& target = target_of(probe);
  transmit out;
  out.token = probe.index;
  out.destination = target.address;
  out.protocol = protocol_of(target.method, target.address.family());
  out.want_stamp = want_stamp;
  out.bytes = build(probe);
  if (config_.whole_packets) {
    out.layer = transmit::layer_kind::network;
  } else {
    out.hop_limit = probe.asked.hop;
    out.bytes = out.bytes.subspan(target.address.is_v4() ? 20 : 40);
  }
  return out;
}

void path_exchange::left(const sent& what) {
  if (auto* probe = table_.record(what.token)) note_departure(*probe, what.when);
}

std::optional<probe_token> path_exchange::recognise(std::uint8_t protocol, const ip_address& destination,
                                                    byte_view transport) {
  constexpr std::size_t header = 8;  // UDP, ICMP echo; of TCP as much as holds the sequence number
  if (transport.size() < header) return std::nullopt;
  const bool tcp = protocol == wire::ip_protocol::tcp;
  const auto* probe =
      tcp ? table_.record(index_of_token(load_be32(transport, 4))) : proven_by_tag(transport.subspan(header));
  if (!probe || !(target_of(*probe).address == destination)) return std::nullopt;
  if (protocol != protocol_of(target_of(*probe).method, destination.family())) return std::nullopt;
  return probe->index;
}

probe_token path_exchange::index_of_token(std::uint32_t number) const {
  const auto behind = static_cast<std::uint32_t>(table_.newest()) - token_.attempt_of(number);
  return behind < table_.newest() ? table_.newest() - behind : 0;
}

path_record* path_exchange::proven_by_tag(byte_view payload) {
  if (payload.size() < craft::flow_packet::tag_size) return nullptr;
  const auto tag = load_be64(payload, 0);
  auto* probe = table_.record(index_of_token(static_cast<std::uint32_t>(tag >> 32)));
  return probe && tag_of(*probe) == tag ? probe : nullptr;
}

path_exchange::judgement path_exchange::judge(const arrival& packet) {
  const auto ip = read_ip(packet);
  if (!ip) return nothing{};  // a stranger's broken packet is not about us
  if (ip->protocol == wire::ip_protocol::tcp) return judge_segment(packet, *ip);
  if (ip->protocol == wire::ip_protocol::udp) return judge_datagram(packet, *ip);
  return judge_icmp(packet, *ip);
}

path_exchange::judgement path_exchange::judge_icmp(const arrival& packet, const ip_message& ip) {
  const auto reading = read_icmp(packet, ip);
  if (const auto* error = std::get_if<icmp_error>(&reading)) return judge_error(packet, *error);
  if (const auto* reply = std::get_if<icmp_reply>(&reading)) return judge_echo(packet, *reply);
  return nothing{};
}

path_exchange::judgement path_exchange::judge_echo(const arrival& packet, const icmp_reply& reply) {
  const auto& envelope = reply.envelope;
  const std::uint8_t wanted = envelope.family == ip_family::v4
                                  ? static_cast<std::uint8_t>(wire::icmpv4_type::echo_reply)
                                  : static_cast<std::uint8_t>(wire::icmpv6_type::echo_reply);
  const auto flow = flow_of(path_method::icmp, reply.identifier);
  if (!has_icmp_ || envelope.type != wanted || !flow) return nothing{};
  auto* probe = table_.record(fields_.newest_of(reply.sequence, table_.newest()));
  auto refusal = about(refuse(reject_reason::wrong_token, best_time(packet), envelope.from), probe);
  refusal.icmp_type = envelope.type;
  refusal.icmp_code = envelope.code;
  const auto refused = [&](reject_reason why) { return refusal.why = why, refusal; };
  // Another ping's identifier may be ours by chance: what is not even about a probe of ours is not told.
  if (!probe || target_of(*probe).method != path_method::icmp || probe->asked.flow != *flow) return nothing{};
  if (envelope.checksum_bad) return refused(reject_reason::bad_checksum);
  if (envelope.code != 0) return refused(reject_reason::bad_code);
  if (reply.body.size() >= craft::flow_packet::tag_size && load_be64(reply.body, 0) != tag_of(*probe))
    return refused(reject_reason::wrong_token);
  if (!(target_of(*probe).address == envelope.from)) return refused(reject_reason::wrong_source);
  finding out;
  out.probe = probe;
  stamp(out.answer, *probe, packet);
  out.answer.state = hop_state::reached;
  out.answer.why = reason::none;
  out.answer.from = envelope.from;
  out.answer.icmp_type = envelope.type;
  out.answer.hop_limit = envelope.hop_limit;
  return out;
}

path_exchange::judgement path_exchange::judge_segment(const arrival& packet, const ip_message& ip) {
  const auto reading = read_segment(packet, ip);
  const auto* segment = std::get_if<segment_arrival>(&reading);
  if (!has_tcp_ || !segment) return nothing{};
  const auto& tcp = segment->tcp;
  const auto flow = flow_of(path_method::tcp_syn, tcp.destination_port());
  if (!flow) return nothing{};
  auto refusal = refuse(reject_reason::bad_flags, segment->at, ip.from);
  const auto refused = [&](reject_reason why) { return refusal.why = why, refusal; };
  if (segment->checksum == checksum_verdict::bad) return refused(reject_reason::bad_checksum);
  using namespace wire::tcp_flag;
  const auto control = segment->control();
  const bool syn_ack = control == (syn | ack);
  if (!syn_ack && control != rst && control != (rst | ack)) return refused(reject_reason::bad_flags);
  // RFC 9293 §3.10.7.3: to a SYN both acknowledge its number plus one. §3.5.2: a RST to an ACK has its
  // acknowledgment number, and none of its own.
  const bool to_ack = control == rst;
  auto* probe = table_.record(index_of_token(to_ack ? tcp.sequence() : tcp.acknowledgment() - 1));
  const auto method = to_ack ? path_method::tcp_ack : path_method::tcp_syn;
  if (!probe || target_of(*probe).method != method) return refused(reject_reason::wrong_ack);
  refusal = about(refusal, probe);
  const auto& target = target_of(*probe);
  if (!(target.address == ip.from)) return refused(reject_reason::wrong_source);
  if (target.port != tcp.source_port() || probe->asked.flow != *flow)
    return refused(reject_reason::wrong_port);
  finding out;
  out.probe = probe;
  stamp(out.answer, *probe, packet);
  out.answer.state = hop_state::reached;
  out.answer.why = syn_ack ? reason::syn_ack : to_ack ? reason::unfiltered : reason::reset;
  out.answer.from = ip.from;
  out.answer.hop_limit = ip.hop_limit;
  out.answer.tcp_flags = tcp.flags();
  return out;
}

/// Replies of a service do not say which probe they are to. Of the probes that could have got there the one
/// with the highest hop limit did so most certainly.
path_record* path_exchange::furthest_in_flight(const ip_message& ip, std::uint16_t flow) {
  const auto port = load_be16(ip.octets, 0);
  path_record* best = nullptr;
  for (const auto* one = table_.oldest_in_flight(); one != nullptr; one = table_.next_in_flight(*one)) {
    const auto& target = target_of(*one);
    if (!(target.address == ip.from) || target.port != port || one->asked.flow != flow) continue;
    if (!best || one->asked.hop > best->asked.hop) best = table_.record(one->index);
  }
  return best;
}

path_exchange::judgement path_exchange::judge_datagram(const arrival& packet, const ip_message& ip) {
  const auto udp = wire::udp_view::parse(ip.octets);
  if (!has_udp_ || !udp) return nothing{};
  const auto flow = flow_of(path_method::udp, udp->destination_port());
  if (!flow) return nothing{};
  constexpr std::size_t checksum_at = 6;
  if (udp->checksum() != 0 && judge_checksum(packet, ip, checksum_at) == checksum_verdict::bad)
    return refuse(reject_reason::bad_checksum, best_time(packet), ip.from);
  auto* proven = proven_by_tag(udp->payload());
  if (proven && !(target_of(*proven).address == ip.from))
    return about(refuse(reject_reason::wrong_source, best_time(packet), ip.from), proven);
  auto* probe = proven ? proven : furthest_in_flight(ip, *flow);
  if (!probe) return refuse(reject_reason::wrong_source, best_time(packet), ip.from);
  finding out;
  out.probe = probe;
  stamp(out.answer, *probe, packet);
  if (!proven) out.answer.rtt.reset();
  out.answer.state = hop_state::reached;
  out.answer.why = reason::none;
  out.answer.from = ip.from;
  out.answer.hop_limit = ip.hop_limit;
  return out;
}

}  // namespace diag::probe

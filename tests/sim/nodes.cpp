// Forwarding, refusing, translating, answering.
#include "tests/sim/nodes.hpp"

#include <algorithm>
#include <cmath>

#include "libdiag/core/checksum.hpp"

#include "tests/sim/tcp_packets.hpp"

namespace diag::sim {

void prober::receive(world& net, packet octets) {
  inbox.push_back({net.now(), std::move(octets)});
}

void prober::send(world& net, packet octets) {
  if (tap) tap(net.now(), octets);
  const auto header = look(octets);
  auto* via = header ? route_to(header->destination) : nullptr;
  if (via) net.carry(*via, std::move(octets));
}

bool router::may_speak(mono_time now) {
  if (config_.silent) return false;
  if (!config_.limit) return true;
  const auto refill = tokens_ ? seconds(now - filled_) * config_.limit->per_second : config_.limit->burst;
  tokens_ = std::min(config_.limit->burst, tokens_.value_or(0) + refill);
  filled_ = now;
  if (*tokens_ < 1) return false;
  *tokens_ -= 1;
  return true;
}

void router::refuse(world& net, const packet& octets, std::uint8_t type, std::uint8_t code,
                    std::uint32_t rest) {
  const auto header = *look(octets);
  // RFC 1122 §3.2.2: no error about an ICMP error.
  const auto v4 = header.source.is_v4();
  if (!header.payload.empty()) {
    const auto first = load_u8(header.payload, 0);
    if (v4 && header.protocol == protocol_icmp && (first == 3 || first == 11 || first == 5)) return;
    if (!v4 && header.protocol == protocol_icmpv6 && first < 128) return;
  }
  auto* via = route_to(header.source);
  if (!via || !may_speak(net.now())) return;
  ++errors_sent_;
  icmp_error_fields fields;
  fields.from = v4 ? config_.v4 : config_.v6;
  fields.type = type;
  fields.code = code;
  fields.rest = rest;
  fields.quote = config_.quote;
  speak(net, *via, octets, fields);
}

void router::speak(world& net, link& via, const packet& offending, const icmp_error_fields& fields) {
  net.carry(via, icmp_error(offending, fields));
}

link* router::way_out(world&, const packet&, const ip_header& header) {
  return route_to(header.destination);
}

bool filter_rule::fits(const ip_header& header) const {
  if (!to.contains(header.destination) || (protocol && *protocol != header.protocol)) return false;
  if (!ports && !only_openings) return true;
  const auto udp = header.protocol == protocol_udp && header.payload.size() >= 8;
  const auto tcp = header.protocol == protocol_tcp && header.payload.size() >= 20;
  if (!tcp && !(udp && !only_openings)) return false;
  const auto port = load_be16(header.payload, 2);
  if (udp) return port >= ports->first && port <= ports->second;
  const auto flags = load_u8(header.payload, 13);
  return (!ports || (port >= ports->first && port <= ports->second)) &&
         (!only_openings || (flags & (tcp_flag::syn | tcp_flag::ack)) == tcp_flag::syn);
}

bool router::filtered(world& net, const packet& octets, const ip_header& header) {
  for (const auto& rule : rules_) {
    if (!rule.fits(header)) continue;
    if (rule.what == filter_rule::verdict::reject) refuse(net, octets, rule.type, rule.code);
    if (rule.what == filter_rule::verdict::tcp_reset) {
      const auto asked = look_tcp(octets);
      auto reset = asked ? reset_for(*asked) : std::nullopt;
      auto* via = route_to(header.source);
      if (reset && via) net.carry(*via, std::move(*reset));
    }
    return true;
  }
  return false;
}

void router::receive(world& net, packet octets) {
  const auto header = look(octets);
  if (!header) return;
  const auto mine = header->destination == config_.v4 || header->destination == config_.v6;
  if (!mine) return forward(net, std::move(octets), *header);
  const auto asked = header->payload.empty() ? std::uint8_t{0} : load_u8(header->payload, 0);
  if (!config_.answers || (asked != 8 && asked != 128)) return;
  if (auto* via = route_to(header->source)) net.carry(*via, echo_reply(octets));
}

void router::forward(world& net, packet octets, const ip_header& header) {
  const auto v4 = header.destination.is_v4();
  // RFC 792 type 11, RFC 4443 §3.3.
  if (header.hop_limit <= 1) return refuse(net, octets, v4 ? 11 : 3, 0);
  if (!rules_.empty() && filtered(net, octets, header)) return;
  auto* via = way_out(net, octets, header);
  if (!via) return refuse(net, octets, v4 ? 3 : 1, 0);
  if (octets.size() > via->config.mtu && header.dont_fragment) {
    if (via->config.black_hole) return;
    const auto mtu = config_.told_mtu.value_or(via->config.mtu);
    // RFC 1191 §4, RFC 4443 §3.2.
    return v4 ? refuse(net, octets, 3, 4, mtu) : refuse(net, octets, 2, 0, mtu);
  }
  take_hop(octets);
  net.carry(*via, std::move(octets));
}

std::uint16_t nat::outside_identifier(const flow& inner) {
  const auto known = outward_.find(inner);
  if (known != outward_.end()) return known->second;
  const auto fresh = static_cast<std::uint16_t>(40000 + outward_.size());
  outward_.emplace(inner, fresh);
  inward_.emplace(fresh, inner);
  return fresh;
}

bool nat::restore(packet& octets, const ip_header& header) {
  const auto put_back = [this](byte_span ip, std::size_t address_at) {
    const auto size = std::size_t{load_u8(ip, 0) & 15U} * 4;
    if (ip.size() < size + 8) return false;
    const auto found = inward_.find(load_be16(ip, size + 4));
    if (found == inward_.end()) return false;
    const auto before = load_be16(ip, size + 4);
    store_be32(ip, address_at, found->second.first);
    store_be16(ip, size + 4, found->second.second);
    store_be16(ip, size + 2, checksum_update(load_be16(ip, size + 2), before, found->second.second));
    store_be16(ip, 10, 0);
    store_be16(ip, 10, internet_checksum(byte_view{ip}.first(size)));
    return true;
  };
  const auto type = load_u8(header.payload, 0);
  if (type == 0 || type == 14) return put_back(octets, 16);
  if (type != 3 && type != 11 && type != 5) return false;
  const auto quote = header.header_size + 8;
  if (octets.size() < quote + 28) return false;
  if (!put_back(byte_span{octets}.subspan(quote), 12)) return false;
  store_be32(octets, 16, load_be32(octets, quote + 12));
  finish_ip(octets);
  finish_icmp(octets);
  return true;
}

void nat::receive(world& net, packet octets) {
  const auto header = look(octets);
  if (!header || header->protocol != protocol_icmp || header->payload.size() < 8)
    return router::receive(net, std::move(octets));
  if (header->destination == outside_) {
    if (!restore(octets, *header)) return;
    return forward(net, octets, *look(octets));
  }
  if (!inside_.contains(header->source)) return router::receive(net, std::move(octets));
  if (header->hop_limit <= 1) return forward(net, octets, *header);
  const auto at = header->header_size;
  const auto before = load_be16(octets, at + 4);
  const auto after = outside_identifier({header->source.v4_value(), before});
  store_be16(octets, at + 4, after);
  store_be16(octets, at + 2, checksum_update(load_be16(octets, at + 2), before, after));
  store_be32(octets, 12, outside_.v4_value());
  finish_ip(octets);
  forward(net, octets, *look(octets));
}

void host::receive(world& net, packet octets) {
  const auto header = look(octets);
  if (!header || header->payload.size() < 8) return;
  if (config_.range && !config_.range->contains(header->destination)) return;
  const auto asked = load_u8(header->payload, 0);
  const auto v4 = header->destination.is_v4();
  if (header->protocol != (v4 ? protocol_icmp : protocol_icmpv6)) return;
  if (config_.alive && !config_.alive(header->destination)) return;
  packet reply;
  if (asked == (v4 ? 8 : 128)) {
    reply = echo_reply(octets, config_.hop_limit);
  } else if (v4 && asked == 13 && header->payload.size() >= 20) {
    const auto ms =
        config_.ut_midnight_ms + milliseconds(net.now().time_since_epoch() + config_.clock_offset);
    const auto today = std::fmod(std::fmod(ms, 86'400'000.0) + 86'400'000.0, 86'400'000.0);
    reply = timestamp_reply(octets, static_cast<std::uint32_t>(today), config_.hop_limit);
  } else {
    return;
  }
  if (config_.answers_from) {
    const auto address = config_.answers_from->bytes();
    std::copy(address.begin(), address.end(), reply.begin() + (v4 ? 12 : 8));
    finish_ip(reply);
    finish_icmp(reply);
  }
  if (config_.mangle) config_.mangle(reply);
  auto* via = reply.empty() ? nullptr : route_to(header->source);
  if (!via) return;
  const auto wait = config_.think.draw(net.random());
  if (wait <= 0ns) return net.carry(*via, std::move(reply));
  net.at(net.now() + wait,
         [&net, via, reply = std::move(reply)]() mutable { net.carry(*via, std::move(reply)); });
}

void link_chain(world& net, const std::vector<node*>& chain, const link_config& wire, std::vector<link*>& out,
                std::vector<link*>& back) {
  const ip_prefix all4{ip_address::v4(0), 0};
  const ip_prefix all6{*parse_ip("::"), 0};
  const ip_prefix ours4{ip_address::v4(0xC0000200), 24};
  const ip_prefix ours6{*parse_ip("2001:db8::"), 64};
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    out.push_back(&net.connect(*chain[i + 1], wire));
    back.push_back(&net.connect(*chain[i], wire));
    for (const auto& all : {all4, all6}) chain[i]->route(all, *out.back());
    for (const auto& ours : {ours4, ours6}) chain[i + 1]->route(ours, *back.back());
  }
}

street build_street(world& net, const street_config& config) {
  street out;
  out.here = &net.add<prober>(*parse_ip("192.0.2.1"), *parse_ip("2001:db8::1"));
  out.there = &net.add<host>(config.host);
  std::vector<node*> chain{out.here};
  for (std::size_t i = 0; i < config.hops; ++i) {
    auto own = config.routers;
    own.v4 = ip_address::v4(static_cast<std::uint32_t>(0xCB007100 + i + 1));
    own.v6 = parse_ip("2001:db8:ff::")->plus(i + 1);
    out.routers.push_back(&net.add<router>(own));
    chain.push_back(out.routers.back());
  }
  chain.push_back(out.there);
  link_chain(net, chain, config.wire, out.out, out.back);
  return out;
}

}  // namespace diag::sim

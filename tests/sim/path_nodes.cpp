// Forwarding with habits, balancing, translating, answering.
#include "tests/sim/path_nodes.hpp"

#include <algorithm>

#include "libdiag/core/checksum.hpp"

#include "tests/sim/tcp_packets.hpp"

namespace diag::sim {

namespace {
const ip_prefix& home(ip_family family) {
  static const ip_prefix v4{ip_address::v4(0xC0000200), 24};
  static const ip_prefix v6{*parse_ip("2001:db8::"), 64};
  return family == ip_family::v4 ? v4 : v6;
}

void say(world& net, link& via, packet answer, duration wait, unsigned copies) {
  for (unsigned i = 1; i < copies; ++i) say(net, via, answer, wait, 1);
  if (wait <= 0ns) return net.carry(via, std::move(answer));
  net.at(net.now() + wait,
         [&net, &via, answer = std::move(answer)]() mutable { net.carry(via, std::move(answer)); });
}
}  // namespace

bool is_homeward(const ip_address& destination) {
  return home(destination.family()).contains(destination);
}

void path_router::receive(world& net, packet octets) {
  const auto header = look(octets);
  if (!header) return;
  const auto homeward = is_homeward(header->destination);
  if (habits_.hidden && homeward) {
    set_hop_limit(octets, std::min(header->hop_limit, *habits_.hidden));
    if (auto* via = route_to(header->destination)) net.carry(*via, std::move(octets));
    return;
  }
  if (homeward || is_mine(header->destination)) return router::receive(net, std::move(octets));
  if (habits_.filters_first && filtered(net, octets, *header)) return;
  const auto unheeded = habits_.passes_expired && header->hop_limit == 1;
  if (habits_.hidden || unheeded) {
    if (unheeded) take_hop(octets);
    if (auto* via = way_out(net, octets, *header)) net.carry(*via, std::move(octets));
    return;
  }
  if (habits_.touch && header->hop_limit > 1) habits_.touch(octets);
  const auto changed = look(octets);
  if (changed) forward(net, octets, *changed);
}

void path_router::speak(world& net, link& via, const packet& offending, const icmp_error_fields& fields) {
  if (habits_.mute > 0 && net.random().unit() < habits_.mute) return;
  auto made = fields;
  made.hop_limit = habits_.speaks_with;
  if (habits_.speaks_as) made.from = habits_.speaks_as(fields.from.family());
  auto quoted = offending;
  if (habits_.quoted_hop_limit) set_hop_limit(quoted, *habits_.quoted_hop_limit);
  auto error = habits_.quotes ? exact_error(quoted, made, *habits_.quotes) : icmp_error(quoted, made);
  if (!habits_.extension.empty()) append_extension(error, habits_.extension, habits_.extension_field);
  if (habits_.mangle) habits_.mangle(error);
  if (!error.empty()) say(net, via, std::move(error), habits_.slow, habits_.copies);
}

link* balancer::way_out(world& net, const packet& octets, const ip_header& header) {
  if (ways_.empty() || is_homeward(header.destination)) return route_to(header.destination);
  const auto number = how_ == choice::per_packet ? net.random()() : flow_hash(octets, salt_);
  return ways_[number % ways_.size()];
}

std::uint16_t path_nat::outside_port(const flow& inner) {
  const auto known = outward_.find(inner);
  if (known != outward_.end()) return known->second;
  const auto fresh = static_cast<std::uint16_t>(50000 + outward_.size());
  outward_.emplace(inner, fresh);
  inward_.emplace(fresh, inner);
  return fresh;
}

const path_nat::flow* path_nat::inner_of(std::uint16_t port) const {
  const auto found = inward_.find(port);
  return found == inward_.end() ? nullptr : &found->second;
}

namespace {
/// Address and port of the packet that begins at `ip`, with all checksums that are there.
void translate(packet& octets, std::size_t ip, std::size_t address_at, std::size_t port_at,
               std::uint32_t address, std::uint16_t port) {
  const auto transport = ip + std::size_t{load_u8(octets, ip) & 15U} * 4;
  const auto sum = transport + (load_u8(octets, ip + 9) == protocol_udp ? 6 : 16);
  replace_word(octets, ip + address_at, sum, static_cast<std::uint16_t>(address >> 16));
  replace_word(octets, ip + address_at + 2, sum, static_cast<std::uint16_t>(address & 0xffff));
  replace_word(octets, transport + port_at, sum, port);
  byte_span whole{octets};
  store_be16(whole, ip + 10, 0);
  store_be16(whole, ip + 10, internet_checksum(byte_view{octets}.subspan(ip, transport - ip)));
}

bool has_ports(std::uint8_t protocol) {
  return protocol == protocol_udp || protocol == protocol_tcp;
}
}  // namespace

bool path_nat::restore(packet& octets, const ip_header& header) {
  if (has_ports(header.protocol) && header.payload.size() >= 8) {
    const auto* inner = inner_of(load_be16(header.payload, 2));
    if (inner) translate(octets, 0, 16, 2, inner->first, inner->second);
    return inner != nullptr;
  }
  if (header.protocol != protocol_icmp || header.payload.size() < 36) return false;
  const auto quote = header.header_size + 8;
  const auto transport = quote + std::size_t{load_u8(octets, quote) & 15U} * 4;
  if (!has_ports(load_u8(octets, quote + 9)) || transport + 8 > octets.size()) return false;
  const auto* inner = inner_of(load_be16(octets, transport));
  if (!inner) return false;
  if (mends_quotes_) translate(octets, quote, 12, 0, inner->first, inner->second);
  store_be32(octets, 16, inner->first);
  finish_ip(octets);
  finish_icmp(octets);
  return true;
}

void path_nat::receive(world& net, packet octets) {
  const auto header = look(octets);
  if (!header || !header->source.is_v4()) return path_router::receive(net, std::move(octets));
  if (header->destination == outside_) {
    if (!restore(octets, *header)) return;
  } else if (has_ports(header->protocol) && inside_.contains(header->source) && header->hop_limit > 1 &&
             header->payload.size() >= 8) {
    const flow inner{header->source.v4_value(), load_be16(header->payload, 0)};
    translate(octets, 0, 12, 0, outside_.v4_value(), outside_port(inner));
  }
  path_router::receive(net, std::move(octets));
}

packet path_host::answer_udp(world& net, const packet& octets) {
  const auto asked = look_udp(octets);
  if (!asked || !sound_udp(octets) || config_.udp == port_manner::silent) return {};
  if (config_.udp == port_manner::serves) {
    ip_header ip;
    ip.source = asked->ip.destination;
    ip.destination = asked->ip.source;
    ip.hop_limit = config_.hop_limit;
    return make_udp(ip, asked->destination_port, asked->source_port, as_bytes("here I am"));
  }
  if (config_.limit) {
    const auto refill = seconds(net.now() - filled_) * config_.limit->per_second;
    tokens_ = tokens_ < 0 ? config_.limit->burst : std::min(config_.limit->burst, tokens_ + refill);
    filled_ = net.now();
    if (tokens_ < 1) return {};
    tokens_ -= 1;
  }
  icmp_error_fields fields;
  fields.from = asked->ip.destination;
  fields.type = fields.from.is_v4() ? 3 : 1;
  fields.code = fields.from.is_v4() ? 3 : 4;
  fields.hop_limit = config_.hop_limit;
  return config_.quotes ? exact_error(octets, fields, *config_.quotes) : icmp_error(octets, fields);
}

packet path_host::answer_tcp(const packet& octets) const {
  const auto asked = look_tcp(octets);
  if (!asked || !sound_tcp(octets) || config_.tcp == port_manner::silent) return {};
  const auto opening = (asked->flags & (tcp_flag::syn | tcp_flag::ack)) == tcp_flag::syn;
  if (config_.tcp == port_manner::refuses || !opening)
    return reset_for(*asked, config_.hop_limit).value_or(packet{});
  return answer_with(octets, tcp_flag::syn | tcp_flag::ack,
                     [&](segment& made) { made.hop_limit = config_.hop_limit; });
}

packet path_host::answer(world& net, const packet& octets, const ip_header& header) {
  if (header.protocol == protocol_udp) return answer_udp(net, octets);
  if (header.protocol == protocol_tcp) return answer_tcp(octets);
  const auto v4 = header.source.is_v4();
  if (!config_.echo || header.protocol != (v4 ? protocol_icmp : protocol_icmpv6) ||
      header.payload.size() < 8 || load_u8(header.payload, 0) != (v4 ? 8 : 128))
    return {};
  return echo_reply(octets, config_.hop_limit);
}

void path_host::receive(world& net, packet octets) {
  const auto header = look(octets);
  if (!header || (config_.range && !config_.range->contains(header->destination))) return;
  ++asked_;
  if (answered_ >= config_.most_answers) return;
  auto made = answer(net, octets, *header);
  auto* via = route_to(header->source);
  if (made.empty() || !via) return;
  ++answered_;
  if (config_.answers_from) {
    const auto address = config_.answers_from->bytes();
    std::ranges::copy(address, made.begin() + (address.size() == 4 ? 12 : 8));
    finish_ip(made);
    const auto protocol = look(made)->protocol;
    if (protocol == protocol_tcp) finish_tcp(made);
    if (protocol == protocol_udp) finish_udp(made);
    if (protocol == protocol_icmp || protocol == protocol_icmpv6) finish_icmp(made);
  }
  if (config_.mangle) config_.mangle(made);
  if (!made.empty()) say(net, *via, std::move(made), config_.slow, config_.copies);
}

path_street build_path_street(world& net, const path_street_config& config) {
  path_street out;
  out.here = &net.add<prober>(*parse_ip("192.0.2.1"), *parse_ip("2001:db8::1"));
  out.there = &net.add<path_host>(config.host);
  std::vector<node*> chain{out.here};
  for (std::size_t hop = 1; hop <= config.hops; ++hop) {
    auto own = config.routers;
    own.v4 = ip_address::v4(static_cast<std::uint32_t>(0xCB007100 + hop));
    own.v6 = parse_ip("2001:db8:ff::")->plus(hop);
    if (config.shape) config.shape(hop, own);
    auto* made = config.router_at ? config.router_at(net, hop, own) : nullptr;
    out.routers.push_back(made ? made : &net.add<path_router>(own));
    chain.push_back(out.routers.back());
  }
  chain.push_back(out.there);
  link_chain(net, chain, config.wire, out.out, out.back);
  return out;
}

void add_branches(world& net, balancer& from, node& to, const std::vector<std::size_t>& lengths,
                  const link_config& wire, const path_router_config& habits) {
  for (std::size_t branch = 0; branch < lengths.size(); ++branch) {
    if (lengths[branch] == 0) {
      from.add_way(net.connect(to, wire));
      continue;
    }
    node* last = &from;
    for (std::size_t place = 0; place < lengths[branch]; ++place) {
      auto own = habits;
      own.v4 = ip_address::v4(static_cast<std::uint32_t>(0xCB007164 + 20 * branch + place));
      own.v6 = parse_ip("2001:db8:ff::1:0:0")->plus(branch << 16 | place);
      auto& next = net.add<path_router>(own);
      auto& there = net.connect(next, wire);
      if (place == 0)
        from.add_way(there);
      else
        for (const auto* all : {"0.0.0.0/0", "::/0"}) last->route(*parse_prefix(all), there);
      auto& back = net.connect(*last, wire);
      for (const auto family : {ip_family::v4, ip_family::v6}) next.route(home(family), back);
      last = &next;
    }
    auto& there = net.connect(to, wire);
    for (const auto* all : {"0.0.0.0/0", "::/0"}) last->route(*parse_prefix(all), there);
  }
}

void add_way_back(world& net, node& from, prober& here, std::size_t routers, const link_config& wire) {
  node* last = &from;
  for (std::size_t i = 0; i < routers; ++i) {
    path_router_config own;
    own.v4 = ip_address::v4(static_cast<std::uint32_t>(0xCB0071F0 + i));
    own.v6 = parse_ip("2001:db8:ff::2:0:0")->plus(i);
    auto& next = net.add<path_router>(own);
    auto& via = net.connect(next, wire);
    for (const auto& ours :
         {ip_prefix{here.address(ip_family::v4), 32}, ip_prefix{here.address(ip_family::v6), 128}})
      last->route(ours, via);
    last = &next;
  }
  auto& via = net.connect(here, wire);
  for (const auto& ours :
       {ip_prefix{here.address(ip_family::v4), 32}, ip_prefix{here.address(ip_family::v6), 128}})
    last->route(ours, via);
}

}  // namespace diag::sim

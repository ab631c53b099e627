// Answering, translating, rewriting.
#include "tests/sim/tcp_nodes.hpp"

#include "libdiag/core/checksum.hpp"

namespace diag::sim {

namespace {

/// Option octets on the stack: a SYN-ACK is made ten million times in a test.
class option_writer {
 public:
  void put(std::initializer_list<std::uint8_t> octets) {
    for (const auto octet : octets) octets_[size_++] = std::byte{octet};
  }
  void put32(std::uint32_t value) {
    store_be32(octets_, size_, value);
    size_ += 4;
  }
  void put(byte_view octets) {
    for (const auto octet : octets) octets_[size_++] = octet;
  }
  [[nodiscard]] byte_view view() const { return byte_view{octets_}.first(size_); }

 private:
  std::array<std::byte, 60> octets_{};
  std::size_t size_ = 0;
};

std::uint8_t high(std::uint16_t value) {
  return static_cast<std::uint8_t>(value >> 8);
}
std::uint8_t low(std::uint16_t value) {
  return static_cast<std::uint8_t>(value & 0xff);
}

void write_offer(option_writer& out, const segment& syn, const syn_ack_shape& shape, std::uint32_t clock) {
  if (shape.mss) out.put({2, 4, high(*shape.mss), low(*shape.mss)});
  if (shape.sack && find_option(syn.options, 4)) out.put({4, 2});
  const auto stamp = find_option(syn.options, 8);
  if (shape.timestamps && stamp && stamp->size() == 8) {
    out.put({8, 10});
    out.put32(clock);
    out.put32(load_be32(*stamp, 0));
  }
  if (shape.scale && find_option(syn.options, 3)) out.put({1, 3, 3, *shape.scale});
  out.put(shape.extra_options);
}

/// Replaces a 16-bit field that a checksum covers; what was damaged stays damaged.
void replace16(byte_span octets, std::size_t at, std::size_t checksum_at, std::uint16_t value) {
  const auto before = load_be16(octets, at);
  store_be16(octets, at, value);
  if (checksum_at + 2 <= octets.size())
    store_be16(octets, checksum_at, checksum_update(load_be16(octets, checksum_at), before, value));
}

}  // namespace

packet tcp_host::syn_ack(world& net, const segment& syn) const {
  const auto& shape = config_.offer;
  option_writer options;
  write_offer(options, syn, shape,
              static_cast<std::uint32_t>(net.now().time_since_epoch() / std::chrono::milliseconds{1}));
  auto made = answer_to(syn);
  made.hop_limit = config_.hop_limit;
  made.sequence = static_cast<std::uint32_t>(net.random()());
  made.acknowledgment = syn.sequence + 1 + static_cast<std::uint32_t>(syn.payload.size());
  made.flags = tcp_flag::syn | tcp_flag::ack;
  constexpr auto ecn_setup = tcp_flag::ece | tcp_flag::cwr;
  if (shape.ecn && (syn.flags & ecn_setup) == ecn_setup) made.flags |= tcp_flag::ece;
  made.window = shape.window;
  made.options = options.view();
  return make_tcp(made);
}

void tcp_host::say(world& net, packet answer, duration after) {
  if (config_.mangle) config_.mangle(answer);
  const auto header = look(answer);
  auto* via = header ? route_to(header->destination) : nullptr;
  if (!via) return;
  const auto wait = config_.think.draw(net.random()) + after;
  if (wait <= 0ns) return net.carry(*via, std::move(answer));
  net.at(net.now() + wait,
         [&net, via, answer = std::move(answer)]() mutable { net.carry(*via, std::move(answer)); });
}

void tcp_host::answer_opening(world& net, const segment& syn, tcp_manner manner) {
  const auto reset_first = manner == tcp_manner::reset_then_open;
  if (manner == tcp_manner::simultaneous_open) {
    auto own = answer_to(syn);
    own.hop_limit = config_.hop_limit;
    own.sequence = static_cast<std::uint32_t>(net.random()());
    own.flags = tcp_flag::syn;
    own.window = config_.offer.window;
    return say(net, make_tcp(own));
  }
  auto accepted = syn_ack(net, syn);
  auto wait = config_.conflict_after;
  if (manner == tcp_manner::open) {
    auto gap = duration{1s};
    wait = 0ns;
    for (unsigned i = 0; i < config_.repeats; ++i, gap *= 2) say(net, accepted, wait += gap);
    return say(net, std::move(accepted));
  }
  auto reset = *reset_for(syn, config_.reset_hop_limit.value_or(config_.hop_limit));
  say(net, std::move(accepted), reset_first ? wait : 0ns);
  say(net, std::move(reset), reset_first ? 0ns : wait);
}

void tcp_host::receive(world& net, packet octets) {
  const auto asked = look_tcp(octets);
  // RFC 9293 §3.1: a wrong checksum, and it was never there.
  if (!asked || !sound_tcp(octets)) return;
  if (config_.range && !config_.range->contains(asked->destination)) return;
  ++asked_;
  const auto manner =
      config_.ports ? config_.ports(asked->destination, asked->destination_port) : tcp_manner::open;
  const auto resets = config_.reset_hop_limit.value_or(config_.hop_limit);
  if (manner == tcp_manner::silent || (asked->flags & tcp_flag::rst) != 0) return;
  if (manner == tcp_manner::refused) {
    icmp_error_fields fields;
    fields.from = asked->destination;
    fields.type = config_.icmp_type;
    fields.code = config_.icmp_code;
    fields.hop_limit = config_.hop_limit;
    return say(net, icmp_error(octets, fields));
  }
  if (manner == tcp_manner::closed) return say(net, *reset_for(*asked, resets));
  // §3.10.7.2: LISTEN answers ACK with RST, SYN with SYN-ACK, and nothing else.
  if ((asked->flags & tcp_flag::ack) != 0) return say(net, *reset_for(*asked, resets));
  if ((asked->flags & tcp_flag::syn) != 0) answer_opening(net, *asked, manner);
}

void syn_proxy::receive(world& net, packet octets) {
  const auto asked = look_tcp(octets);
  if (!asked || !where_.fits(*look(octets))) return router::receive(net, std::move(octets));
  constexpr auto opening = tcp_flag::syn | tcp_flag::ack | tcp_flag::rst;
  if ((asked->flags & opening) != tcp_flag::syn || !sound_tcp(octets)) return;
  option_writer options;
  options.put({2, 4, 0x05, 0xb4});
  auto made = answer_to(*asked);
  made.sequence = static_cast<std::uint32_t>(net.random()());
  made.acknowledgment = asked->sequence + 1;
  made.flags = tcp_flag::syn | tcp_flag::ack;
  made.window = 0xffff;
  made.options = options.view();
  if (auto* via = route_to(asked->source)) net.carry(*via, make_tcp(made));
}

void middlebox::receive(world& net, packet octets) {
  if (look_tcp(octets)) touch_(octets);
  router::receive(net, std::move(octets));
}

std::uint16_t tcp_nat::outside_port(const flow& inner) {
  const auto known = outward_.find(inner);
  if (known != outward_.end()) return known->second;
  const auto fresh = static_cast<std::uint16_t>(50000 + outward_.size());
  outward_.emplace(inner, fresh);
  inward_.emplace(fresh, inner);
  return fresh;
}

const tcp_nat::flow* tcp_nat::inner_of(std::uint16_t port) const {
  const auto found = inward_.find(port);
  return found == inward_.end() ? nullptr : &found->second;
}

void tcp_nat::receive(world& net, packet octets) {
  const auto header = look(octets);
  if (!header || !header->source.is_v4()) return router::receive(net, std::move(octets));
  const auto at = header->header_size;
  const auto translate = [&](std::size_t ip, std::size_t address_at, std::size_t port_at, const flow& to) {
    const auto tcp = ip + std::size_t{load_u8(octets, ip) & 15U} * 4;
    const auto sum = tcp + 16;
    replace16(octets, ip + address_at, sum, static_cast<std::uint16_t>(to.first >> 16));
    replace16(octets, ip + address_at + 2, sum, static_cast<std::uint16_t>(to.first & 0xffff));
    replace16(octets, tcp + port_at, sum, to.second);
    byte_span whole{octets};
    store_be16(whole, ip + 10, 0);
    store_be16(whole, ip + 10, internet_checksum(byte_view{octets}.subspan(ip, tcp - ip)));
  };
  if (header->destination == outside_) {
    if (header->protocol == protocol_tcp && header->payload.size() >= 20) {
      const auto* inner = inner_of(load_be16(header->payload, 2));
      if (!inner) return;
      translate(0, 16, 2, *inner);
    } else if (header->protocol == protocol_icmp && header->payload.size() >= 36) {
      // RFC 5508 §4.2: the quote goes back to what it was, and the error to whom it concerns.
      const auto* inner = inner_of(load_be16(header->payload, 28));
      if (!inner) return;
      translate(at + 8, 12, 0, *inner);
      store_be32(octets, 16, inner->first);
      finish_ip(octets);
      finish_icmp(octets);
    } else {
      return;
    }
  } else if (header->protocol == protocol_tcp && inside_.contains(header->source) && header->hop_limit > 1 &&
             header->payload.size() >= 20) {
    const flow inner{header->source.v4_value(), load_be16(header->payload, 0)};
    translate(0, 12, 0, {outside_.v4_value(), outside_port(inner)});
  }
  router::receive(net, std::move(octets));
}

tcp_street build_tcp_street(world& net, const tcp_street_config& config) {
  tcp_street out;
  out.here = &net.add<prober>(*parse_ip("192.0.2.1"), *parse_ip("2001:db8::1"));
  out.there = &net.add<tcp_host>(config.host);
  std::vector<node*> chain{out.here};
  for (std::size_t i = 0; i < config.hops; ++i) {
    auto own = config.routers;
    own.v4 = ip_address::v4(static_cast<std::uint32_t>(0xCB007100 + i + 1));
    own.v6 = parse_ip("2001:db8:ff::")->plus(i + 1);
    auto* made = config.router_at ? config.router_at(net, i, own) : nullptr;
    out.routers.push_back(made ? made : &net.add<router>(own));
    chain.push_back(out.routers.back());
  }
  chain.push_back(out.there);
  link_chain(net, chain, config.wire, out.out, out.back);
  return out;
}

}  // namespace diag::sim

// The stages of ping trials.
#include "tests/sim/stage.hpp"

#include <stdexcept>

namespace diag::sim {

probe::ping_config by_hand::quiet() {
  probe::ping_config config;
  config.echo = test_echo();
  config.count = 1;
  return config;
}

by_hand::by_hand(const char* address, probe::ping_config config)
    : targets_{target(address)}, machine_{std::in_place, config, targets_} {}

packet by_hand::request() {
  const auto next = machine_->next_effect(now);
  if (!next) throw std::logic_error{"the machine has nothing to send"};
  const auto& wanted = std::get<probe::transmit>(*next);
  ip_header header;
  header.source = *parse_ip(wanted.destination.is_v4() ? "192.0.2.1" : "2001:db8::1");
  header.destination = wanted.destination;
  header.protocol = wanted.protocol;
  auto out = make_ip(header, wanted.bytes);
  if (wanted.protocol == protocol_icmpv6) finish_icmp(out);
  machine_->feed(now, probe::sent{wanted.token, {now, probe::stamp_source::socket}});
  drain();
  return out;
}

void by_hand::feed(const packet& octets, duration wait, probe::checksum_trust trust, std::size_t wire_size) {
  now += wait;
  probe::arrival in;
  in.form = !octets.empty() && load_u8(octets, 0) >> 4 == 6 ? probe::framing::ipv6_packet
                                                            : probe::framing::ipv4_packet;
  in.bytes = octets;
  in.wire_size = wire_size == 0 ? octets.size() : wire_size;
  in.checksum = trust;
  in.kernel = {now, probe::stamp_source::socket};
  in.read_at = now;
  machine_->feed(now, in);
  drain();
}

void by_hand::feed(const probe::stimulus& what, duration wait) {
  now += wait;
  machine_->feed(now, what);
  drain();
}

void by_hand::finish() {
  while (const auto due = machine_->deadline()) {
    now = std::max(now, *due);
    while (machine_->next_effect(now)) drain();
    machine_->feed(now, probe::wakeup{});
    drain();
  }
  drain();
}

void by_hand::drain() {
  while (auto event = machine_->next_event()) {
    book.take(*event);
    events_.push_back(*event);
  }
}

stage::stage(std::uint64_t seed, const street_config& street)
    : net{seed}, way{build_street(net, street)}, strangers{net, *way.here} {
  way.here->tap = [this](mono_time now, const packet&) { departures.push_back(now); };
}

void stage::run() {
  machine.emplace(config, targets);
  result = sim::run(*machine, net, *way.here, options, [&](mono_time now, const probe::ping_event& event) {
    book.take(event);
    events.push_back({now, event});
  });
}

}  // namespace diag::sim

// The stages of TCP trials.
#include "tests/sim/tcp_stage.hpp"

#include <algorithm>
#include <stdexcept>

namespace diag::sim {

probe::tcp_sweep_config quiet_tcp(std::uint64_t seed) {
  seeded_random random{seed};
  probe::tcp_sweep_config config;
  config.segment.profile = craft::linux_profile();
  config.segment.source_port_base = 40000;
  config.segment.key = make_hash_key(random);
  config.segment.timestamp_base = static_cast<std::uint32_t>(random());
  config.pacing.retries = 0;
  return config;
}

probe::tcp_plan tcp_questions(const char* first, std::initializer_list<std::uint16_t> ports,
                              std::uint64_t count) {
  probe::tcp_plan plan;
  plan.add(*parse_ip(first), count, std::vector<std::uint16_t>{ports});
  plan.seal();
  return plan;
}

tcp_by_hand::tcp_by_hand(probe::tcp_plan questions, const probe::tcp_sweep_config& config)
    : plan{std::move(questions)}, book{plan, config.pacing}, machine_{std::in_place, config, plan} {}

std::optional<packet> tcp_by_hand::next_request() {
  const auto next = machine_->next_effect(now);
  drain();
  if (!next) return std::nullopt;
  const auto& wanted = std::get<probe::transmit>(*next);
  ip_header header;
  header.source = *parse_ip(wanted.destination.is_v4() ? "192.0.2.1" : "2001:db8::1");
  header.destination = wanted.destination;
  header.protocol = wanted.protocol;
  header.hop_limit = wanted.hop_limit.value_or(64);
  auto out = make_ip(header, wanted.bytes);
  if (wanted.checksum_at) finish_tcp(out);
  ++left_;
  requests.push_back(out);
  machine_->feed(now, probe::sent{wanted.token, {now, probe::stamp_source::socket}});
  drain();
  return out;
}

packet tcp_by_hand::request() {
  auto wanted = next_request();
  if (!wanted) throw std::logic_error{"the machine has nothing to send"};
  return *std::move(wanted);
}

void tcp_by_hand::feed(const packet& octets, duration wait, probe::checksum_trust trust,
                       std::size_t wire_size) {
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

void tcp_by_hand::feed(const probe::stimulus& what, duration wait) {
  now += wait;
  machine_->feed(now, what);
  drain();
}

void tcp_by_hand::pass_time(mono_time end) {
  for (;;) {
    while (next_request()) continue;
    const auto due = machine_->deadline();
    if (!due || *due > end) break;
    now = std::max(now, *due);
    machine_->feed(now, probe::wakeup{});
    drain();
  }
  if (end != mono_time::max()) now = std::max(now, end);
  drain();
}

void tcp_by_hand::drain() {
  while (auto event = machine_->next_event()) {
    book.take(*event);
    events.push_back(*event);
  }
}

probe::tcp_result tcp_by_hand::result() const {
  const auto all = results();
  if (all.size() != 1) throw std::logic_error{std::to_string(all.size()) + " results"};
  return all.front();
}

std::vector<probe::reject_reason> tcp_by_hand::anomalies() const {
  std::vector<probe::reject_reason> out;
  for (const auto& one : seen<probe::tcp_anomaly>()) out.push_back(one.why);
  return out;
}

std::string tcp_by_hand::breach(bool cut_short) const {
  return book.breach({machine_->totals(), machine_->course().taken(), left_}, cut_short);
}

tcp_stage::tcp_stage(probe::tcp_plan questions, const tcp_street_config& street, std::uint64_t seed)
    : net{seed}, way{build_tcp_street(net, street)}, strangers{net, *way.here}, plan{std::move(questions)} {
  way.here->tap = [this](mono_time now, const packet&) { departures.push_back(now); };
}

void tcp_stage::run() {
  book.emplace(plan, config.pacing);
  machine.emplace(config, plan);
  const auto sink = [&](mono_time now, const probe::tcp_event& event) {
    book->take(event);
    events.push_back({now, event});
  };
  result_of_run = sim::run(*machine, net, *way.here, options, sink);
}

std::string tcp_stage::breach(bool cut_short) const {
  if (!result_of_run.finished) return "the machine did not finish";
  if (result_of_run.spinning) return "the machine spins";
  return book->breach({machine->totals(), machine->course().taken(), result_of_run.sent}, cut_short);
}

probe::tcp_result tcp_stage::result(std::uint16_t port) const {
  for (const auto& one : events)
    if (const auto* result = std::get_if<probe::tcp_result>(&one.event))
      if (result->port == port) return *result;
  throw std::logic_error{"no result of port " + std::to_string(port)};
}

}  // namespace diag::sim

// A TCP machine under hostile stimuli: the octets choose what happens next, and mangle true answers to any
// attempt made. At every step: no pair is decided twice, asked = decided + pending, and nobody counts a
// segment that was not sent. After an interrupt it has finished.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <span>
#include <tuple>
#include <vector>

#include "libdiag/core/checksum.hpp"
#include "libdiag/probe/tcp_sweep.hpp"

using namespace diag;

namespace {

constexpr std::uint32_t here = 0xC0000201;
constexpr std::uint16_t first_port = 40000;

void require(bool condition) {
  if (!condition) std::abort();
}

/// Hands out the fuzzer's octets, then zeros.
class feed_of_octets {
 public:
  explicit feed_of_octets(byte_view octets) : reader_{octets} {}
  [[nodiscard]] bool empty() const { return reader_.remaining() == 0; }
  std::uint8_t u8() { return reader_.u8(); }
  std::uint16_t u16() { return reader_.be16(); }
  byte_view take(std::size_t count) { return reader_.take(std::min(count, reader_.remaining())); }

 private:
  byte_reader reader_;
};

/// A segment that the machine made, from the TCP header on.
struct request {
  std::vector<std::byte> octets;
  ip_address destination{};
  probe::probe_token token = 0;
};

struct run {
  std::vector<request> requests;
  mono_time now{};
  std::uint64_t transmitted = 0;
  std::uint64_t results = 0;
  std::set<std::tuple<std::uint64_t, std::uint32_t, std::uint16_t, std::uint16_t>> decided;
  [[nodiscard]] const request& any(feed_of_octets& from) const {
    static const request nothing{std::vector<std::byte>(40), ip_address::v4(0xC6336401), 1};
    return requests.empty() ? nothing : requests[requests.size() - 1 - from.u8() % requests.size()];
  }
};

std::vector<std::byte> ip_packet(const ip_address& source, std::uint8_t protocol, byte_view payload) {
  std::vector<std::byte> out(20);
  store_u8(out, 0, 0x45);
  store_be16(out, 2, static_cast<std::uint16_t>(20 + payload.size()));
  store_u8(out, 8, 57);
  store_u8(out, 9, protocol);
  store_be32(out, 12, source.v4_value());
  store_be32(out, 16, here);
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

/// An answer with the flags the octets say, which acknowledges the request or nearly.
std::vector<std::byte> answer(feed_of_octets& from, const request& asked) {
  std::vector<std::byte> tcp(20 + from.u8() % 6 * 4U);
  store_be16(tcp, 0, load_be16(asked.octets, 2));
  store_be16(tcp, 2, load_be16(asked.octets, 0));
  store_be32(tcp, 4, load_be32(asked.octets, 8));
  const auto ahead = from.u8();
  store_be32(tcp, 8, load_be32(asked.octets, 4) + (ahead < 0xe0 ? 1U : ahead - 0xe0U));
  constexpr std::uint8_t usual[] = {0x12, 0x14, 0x04, 0x02};
  const auto flags = from.u8();
  store_u8(tcp, 12, static_cast<std::uint8_t>(tcp.size() / 4 << 4));
  store_u8(tcp, 13, flags < 0xc0 ? usual[flags % 4] : flags);
  const auto options = from.take(tcp.size() - 20);
  std::copy(options.begin(), options.end(), tcp.begin() + 20);
  return ip_packet(asked.destination, 6, tcp);
}

/// An ICMP error about the request.
std::vector<std::byte> refusal(feed_of_octets& from, const request& asked) {
  auto quoted = ip_packet(ip_address::v4(here), 6, asked.octets);
  store_be32(quoted, 16, asked.destination.v4_value());
  if (from.u8() % 4 == 0) quoted.resize(from.u8() % (quoted.size() + 1));
  std::vector<std::byte> icmp(8);
  store_u8(icmp, 0, from.u8() % 16);
  store_u8(icmp, 1, from.u8() % 18);
  icmp.insert(icmp.end(), quoted.begin(), quoted.end());
  store_be16(icmp, 2, internet_checksum(icmp));
  return ip_packet(ip_address::v4(0xCB007101), 1, icmp);
}

void edit(feed_of_octets& from, std::vector<std::byte>& packet) {
  for (auto edits = from.u8() % 4; edits > 0 && !packet.empty(); --edits)
    packet[from.u16() % packet.size()] = static_cast<std::byte>(from.u8());
  if (from.u8() % 16 == 1) packet.resize(from.u8() % (packet.size() + 1));
}

void feed_packet(feed_of_octets& from, probe::tcp_sweep& machine, run& state, std::uint8_t choice) {
  const auto& asked = state.any(from);
  std::vector<std::byte> packet;
  probe::arrival in;
  in.checksum = static_cast<probe::checksum_trust>(from.u8() % 3);
  if (choice % 16 == 15) {
    const auto raw = from.take(from.u8());
    packet.assign(raw.begin(), raw.end());
    in.form = static_cast<probe::framing>(from.u8() % 6);
  } else {
    packet = choice % 4 == 3 ? refusal(from, asked) : answer(from, asked);
    edit(from, packet);
    if (choice % 8 == 5 && packet.size() > 20) {
      in.form = probe::framing::tcp_segment;
      packet.erase(packet.begin(), packet.begin() + 20);
    }
  }
  in.source = asked.destination;
  in.destination = ip_address::v4(here);
  in.bytes = packet;
  in.wire_size = packet.size() + (from.u8() % 16 == 0 ? from.u16() : 0U);
  in.kernel = {state.now - duration{from.u16()}, static_cast<probe::stamp_source>(from.u8() % 3)};
  in.read_at = state.now;
  machine.feed(state.now, in);
}

void stimulate(feed_of_octets& from, probe::tcp_sweep& machine, run& state) {
  const auto choice = from.u8();
  state.now += duration{std::int64_t{from.u16()} * 20'000};
  switch (choice % 16) {
    case 0:
    case 1:
      return machine.feed(state.now, probe::wakeup{});
    case 2:
      return machine.feed(state.now, probe::send_failed{state.any(from).token, from.u8()});
    case 3: {
      const auto source = static_cast<probe::stamp_source>(from.u8() % 3);
      return machine.feed(state.now,
                          probe::sent{state.any(from).token, {state.now - duration{from.u16()}, source}});
    }
    case 4: {
      auto quoted = state.any(from).octets;
      edit(from, quoted);
      probe::path_notice notice;
      notice.origin = static_cast<probe::path_notice::origin_kind>(from.u8() % 3);
      notice.error = from.u8();
      notice.type = from.u8();
      notice.code = from.u8();
      notice.offender = ip_address::v4(0xCB007101);
      notice.destination = ip_address::v4(0xC6336401);
      notice.quoted = quoted;
      return machine.feed(state.now, notice);
    }
    case 5:
      return machine.feed(state.now, probe::receiver_dropped{from.u8()});
    default:
      return feed_packet(from, machine, state, choice / 16);
  }
}

void drain(feed_of_octets& from, probe::tcp_sweep& machine, run& state) {
  // A host may be slow to send.
  for (auto most = 1 + from.u8() % 32; most > 0; --most) {
    const auto next = machine.next_effect(state.now);
    if (!next) break;
    const auto& wanted = std::get<probe::transmit>(*next);
    require(wanted.bytes.size() >= 20);
    state.requests.push_back({{wanted.bytes.begin(), wanted.bytes.end()}, wanted.destination, wanted.token});
    ++state.transmitted;
  }
}

void read_events(probe::tcp_sweep& machine, run& state, const probe::tcp_sweep_config& config) {
  while (const auto event = machine.next_event()) {
    const auto* result = std::get_if<probe::tcp_result>(&*event);
    if (!result) continue;
    ++state.results;
    require(state.decided.emplace(result->round, result->target, result->port, result->flow).second);
    require(result->attempts <= config.pacing.retries + 1);
    require(!result->rtt || *result->rtt >= duration{0});
    require(result->rewritten_count <= result->rewritten.size());
  }
}

void check(const probe::tcp_sweep& machine, const run& state, std::uint64_t places) {
  const auto& totals = machine.totals();
  require(totals.decided() == state.results);
  require(totals.decided() + totals.pending == machine.course().taken());
  require(totals.sent <= state.transmitted);
  require(totals.duplicates + totals.late <= totals.anomalies);
  require(machine.undecided_from() <= places);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  feed_of_octets from{std::as_bytes(std::span{data, size})};
  const auto shape = from.u8();
  const std::vector<std::uint16_t> ports{80, 443, 40000};
  probe::tcp_plan plan;
  plan.add(ip_address::v4(0xC6336401), 1U + shape % 4 * 8U, std::span{ports}.first(1U + shape / 4 % 3));
  plan.set_flows(static_cast<std::uint16_t>(1 + shape / 16 % 2));
  plan.seal();
  probe::tcp_sweep_config config;
  constexpr std::uint16_t kinds[] = {0x002, 0x002, 0x002, 0x0c2, 0x010, 0x001, 0x000, 0x012};
  const auto manner = from.u8();
  config.segment.flags = kinds[manner % 8];
  config.segment.profile = manner % 2 == 0 ? craft::linux_profile() : craft::bare_profile();
  config.segment.source_port_base = first_port;
  config.segment.source_port_count = 4;
  config.segment.key = {1, 2};
  config.segment.max_slots = 64;
  config.segment.memory = 1s;
  config.pacing.retries = manner / 8 % 4;
  config.pacing.rounds = 1 + manner / 32 % 2;
  config.pacing.interval = 300ms;
  config.pacing.timeout = 100ms;
  config.pacing.linger = manner / 64 % 2 == 0 ? duration{0} : duration{200ms};
  config.pacing.unlimited = manner / 128 == 0;
  config.pacing.shuffled = true;
  probe::tcp_sweep machine{config, plan};
  run state;
  while (!from.empty()) {
    drain(from, machine, state);
    stimulate(from, machine, state);
    read_events(machine, state, config);
    check(machine, state, plan.size());
  }
  machine.feed(state.now, probe::interrupt{});
  require(!machine.next_effect(state.now));
  require(!machine.deadline().has_value());
  read_events(machine, state, config);
  check(machine, state, plan.size());
  return 0;
}

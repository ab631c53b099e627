// A connect machine under a lying host and hostile peers: the octets choose what is told of which stream, and
// mangle captured frames. The law must hold at every step: asked = decided + pending.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "libdiag/probe/connect_sweep.hpp"

using namespace diag;

namespace {

const auto here = ip_address::v4(0xC0000201);
const auto there = ip_address::v4(0xC6336401);
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

/// The far end of an attempt, and our port.
struct ends {
  ip_address peer = there;
  std::uint16_t port = 443;
  std::uint16_t ours = 0;
};

struct run {
  mono_time now{};
  std::vector<ends> opened{};
  std::uint64_t results = 0;
  std::uint64_t written = 0;
};

/// A segment between the two ends of an attempt, in either direction, with some octets overwritten.
std::vector<std::byte> segment(feed_of_octets& from, const ends& of) {
  std::vector<std::byte> packet(20 + 20 + from.u8() % 24);
  const bool ours = from.u8() % 8 == 0;
  store_u8(packet, 0, 0x45);
  store_be16(packet, 2, static_cast<std::uint16_t>(packet.size()));
  store_u8(packet, 8, 57);
  store_u8(packet, 9, 6);
  store_be32(packet, 12, (ours ? here : of.peer).v4_value());
  store_be32(packet, 16, (ours ? of.peer : here).v4_value());
  store_be16(packet, ours ? 22 : 20, of.port);
  store_be16(packet, ours ? 20 : 22, of.ours);
  store_u8(packet, 32, static_cast<std::uint8_t>((packet.size() - 20) / 4 << 4));
  store_u8(packet, 33, from.u8());
  const auto options = from.take(packet.size() - 40);
  std::copy(options.begin(), options.end(), packet.begin() + 40);
  return packet;
}

/// An ICMP error that quotes the attempt's SYN.
std::vector<std::byte> refusal(feed_of_octets& from, const ends& of) {
  std::vector<std::byte> packet(20 + 8 + 20 + 8);
  store_u8(packet, 0, 0x45);
  store_be16(packet, 2, static_cast<std::uint16_t>(packet.size()));
  store_u8(packet, 9, 1);
  store_be32(packet, 12, 0xCB007109);
  store_be32(packet, 16, here.v4_value());
  store_u8(packet, 20, from.u8());
  store_u8(packet, 21, from.u8());
  store_u8(packet, 28, 0x45);
  store_be16(packet, 30, 40);
  store_u8(packet, 37, 6);
  store_be32(packet, 40, here.v4_value());
  store_be32(packet, 44, of.peer.v4_value());
  store_be16(packet, 48, of.ours);
  store_be16(packet, 50, of.port);
  return packet;
}

void feed_frame(feed_of_octets& from, probe::connect_sweep& machine, const run& state,
                probe::probe_token of) {
  const auto which = of >= 1 && of <= state.opened.size() ? state.opened[of - 1] : ends{};
  auto packet = from.u8() % 4 == 0 ? refusal(from, which) : segment(from, which);
  for (auto edits = from.u8() % 4; edits > 0; --edits)
    packet[from.u16() % packet.size()] = static_cast<std::byte>(from.u8());
  if (from.u8() % 8 == 0) packet.resize(from.u8() % (packet.size() + 1));
  probe::arrival in;
  in.form = from.u8() % 16 == 0 ? static_cast<probe::framing>(from.u8() % 6) : probe::framing::ipv4_packet;
  in.bytes = packet;
  in.wire_size = packet.size() + (from.u8() % 16 == 0 ? from.u16() : 0U);
  in.source = which.peer;
  in.destination = here;
  in.checksum = static_cast<probe::checksum_trust>(from.u8() % 3);
  in.kernel = {state.now - duration{from.u16()}, static_cast<probe::stamp_source>(from.u8() % 3)};
  in.read_at = state.now;
  machine.feed(state.now, in);
}

probe::stream_failed failure(feed_of_octets& from, mono_time now, probe::probe_token of) {
  probe::stream_failed failed{of, from.u8(), from.u8() % 2 == 0, now - duration{from.u16()}, {}};
  if (from.u8() % 2 == 0) return failed;
  auto& notice = failed.notice.emplace();
  notice.origin = static_cast<probe::path_notice::origin_kind>(from.u8() % 3);
  notice.type = from.u8();
  notice.code = from.u8();
  if (from.u8() % 2 == 0) notice.offender = from.u8() % 2 == 0 ? here : there;
  return failed;
}

void stimulate(feed_of_octets& from, probe::connect_sweep& machine, run& state) {
  const auto choice = from.u8();
  // Streams that are, that were, and that never will be.
  const probe::probe_token of = from.u8() % 24;
  state.now += duration{std::int64_t{from.u16()} * 50'000};
  const auto at = state.now - duration{std::int64_t{from.u8()} * 1'000'000};
  switch (choice % 10) {
    case 0:
      return machine.feed(state.now, probe::wakeup{});
    case 1:
    case 2: {
      const auto port = static_cast<std::uint16_t>(first_port + of);
      return machine.feed(state.now, probe::stream_started{of, here, port, at});
    }
    case 3: {
      probe::stream_facts facts;
      if (from.u8() % 2 == 0) facts.rtt = duration{from.u16()};
      facts.retransmits = from.u8() % 16 == 0 ? 0xffff'ffff : from.u8() % 4;
      return machine.feed(state.now, probe::stream_opened{of, at, facts});
    }
    case 4:
      return machine.feed(state.now, failure(from, at, of));
    case 5: {
      const auto octets = from.take(from.u8());
      return machine.feed(state.now, probe::stream_data{of, octets, at});
    }
    case 6: {
      const auto how = static_cast<probe::stream_closed::manner>(from.u8() % 3);
      return machine.feed(state.now, probe::stream_closed{of, how, from.u8(), at});
    }
    case 7: {
      const auto source = static_cast<probe::stamp_source>(from.u8() % 3);
      return machine.feed(state.now, probe::sent{of, {at, source}});
    }
    case 8: {
      const std::vector<std::byte> flood(5000, static_cast<std::byte>(from.u8()));
      return machine.feed(state.now, probe::stream_data{of, flood, at});
    }
    default:
      return feed_frame(from, machine, state, of);
  }
}

void drain(probe::connect_sweep& machine, run& state) {
  // As many effects as streams, and their ends: more would be a loop.
  for (int effects = 0; auto next = machine.next_effect(state.now); ++effects) {
    require(effects < 4096);
    if (const auto* open = std::get_if<probe::open_stream>(&*next))
      state.opened.push_back(
          {open->destination, open->port, static_cast<std::uint16_t>(first_port + open->token)});
    if (const auto* write = std::get_if<probe::write_stream>(&*next)) state.written += write->bytes.size();
  }
  while (const auto event = machine.next_event()) {
    const auto* result = std::get_if<probe::tcp_result>(&*event);
    if (!result) continue;
    ++state.results;
    require(result->answered <= result->attempts);
    require(!result->rtt || *result->rtt >= duration{0});
    require(!result->dialogue || result->dialogue->received.size() <= 4096);
  }
  const auto& totals = machine.totals();
  require(totals.decided() == state.results);
  require(totals.decided() + totals.pending == machine.course().taken());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  feed_of_octets from{std::as_bytes(std::span{data, size})};
  probe::tcp_plan plan;
  plan.add(there, 2, std::vector<std::uint16_t>{443, 80, 22});
  plan.seal();
  probe::connect_config config;
  const auto shape = from.u8();
  config.pacing.rounds = 1 + shape % 3;
  config.pacing.retries = shape / 4 % 3;
  config.pacing.timeout = 100ms;
  config.pacing.interval = 200ms;
  config.banner_wait = 50ms;
  config.banner = (shape & 0x10) != 0;
  config.captured = (shape & 0x20) != 0;
  if ((shape & 0x40) != 0) config.data.resize(3, std::byte{'?'});
  config.pacing.linger = (shape & 0x80) != 0 ? 50ms : 0ms;
  config.most_streams = 1 + from.u8() % 8;
  probe::connect_sweep machine{config, plan};
  run state;
  drain(machine, state);
  while (!from.empty()) {
    stimulate(from, machine, state);
    drain(machine, state);
    // A host wakes it in time, or not.
    if (const auto due = machine.deadline(); due && *due <= state.now) {
      machine.feed(state.now, probe::wakeup{});
      drain(machine, state);
    }
  }
  machine.feed(state.now, probe::interrupt{});
  drain(machine, state);
  require(!machine.deadline().has_value());
  require(state.written <= 32 * 64);
  return 0;
}

// A ping machine under hostile stimuli: the octets choose what happens next and mangle true replies. The law
// must hold at every step: sent = received + lost + errors + not_sent + pending.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "libdiag/probe/ping.hpp"

using namespace diag;

namespace {

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

struct run {
  std::vector<std::byte> request;
  probe::probe_token token = 0;
  mono_time now{};
  std::uint64_t ended = 0;
};

/// The true reply, or an error that quotes the request, with some octets overwritten.
std::vector<std::byte> answer(feed_of_octets& from, const run& state, bool error) {
  std::vector<std::byte> message;
  if (error) {
    message.resize(8 + 20);
    message[0] = static_cast<std::byte>(from.u8());
    store_u8(message, 8, 0x45);
    store_be16(message, 10, static_cast<std::uint16_t>(20 + state.request.size()));
    store_u8(message, 17, 1);
    store_be32(message, 24, 0xC6336401);
    message.insert(message.end(), state.request.begin(), state.request.end());
  } else {
    message = state.request;
    if (!message.empty()) message[0] = std::byte{0};
  }
  for (auto edits = from.u8() % 4; edits > 0 && !message.empty(); --edits)
    message[from.u16() % message.size()] = static_cast<std::byte>(from.u8());
  if (from.u8() % 8 == 0) message.resize(from.u8() % (message.size() + 1));
  return message;
}

void stimulate(feed_of_octets& from, probe::ping& machine, run& state) {
  const auto choice = from.u8();
  state.now += duration{std::int64_t{from.u16()} * 100'000};
  switch (choice % 8) {
    case 0:
      return machine.feed(state.now, probe::wakeup{});
    case 1:
      return machine.feed(state.now, probe::send_failed{state.token, from.u8()});
    case 2: {
      const auto source = static_cast<probe::stamp_source>(from.u8() % 3);
      return machine.feed(state.now, probe::sent{state.token, {state.now - duration{from.u16()}, source}});
    }
    case 3: {
      const auto quoted = answer(from, state, false);
      probe::path_notice notice;
      notice.origin = static_cast<probe::path_notice::origin_kind>(from.u8() % 3);
      notice.error = from.u8();
      notice.type = from.u8();
      notice.code = from.u8();
      notice.destination = ip_address::v4(0xC6336401);
      notice.quoted = quoted;
      return machine.feed(state.now, notice);
    }
    case 4:
      return machine.feed(state.now, probe::receiver_dropped{from.u8()});
    default: {
      const auto raw = from.u8() % 4 == 0;
      const auto plain = from.take(raw ? from.u8() : 0);
      const auto made = answer(from, state, choice % 2 == 0);
      probe::arrival in;
      in.form = raw ? static_cast<probe::framing>(from.u8() % 5) : probe::framing::icmpv4_message;
      in.bytes = raw ? plain : byte_view{made};
      in.wire_size = in.bytes.size() + (from.u8() % 16 == 0 ? from.u16() : 0U);
      in.source = ip_address::v4(0xC6336401);
      in.checksum = static_cast<probe::checksum_trust>(from.u8() % 3);
      in.kernel = {state.now - duration{from.u16()}, static_cast<probe::stamp_source>(from.u8() % 3)};
      in.read_at = state.now;
      return machine.feed(state.now, in);
    }
  }
}

void check(const probe::ping& machine, mono_time now) {
  const auto account = machine.account(0, now);
  require(account.sent ==
          account.received + account.lost + account.errors + account.not_sent + account.pending);
  require(account.rtt->count() == account.received);
  require(account.late <= account.lost + account.errors + account.not_sent);
  require(account.rtt->min() >= duration{0});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  feed_of_octets from{std::as_bytes(std::span{data, size})};
  probe::target_list targets;
  targets.add(ip_address::v4(0xC6336401));
  probe::ping_config config;
  const auto shape = from.u8();
  config.count = 1 + shape % 16U;
  config.rhythm = static_cast<probe::ping_rhythm>(shape / 16 % 3);
  config.echo.timestamp = shape >= 0xf0;
  config.echo.payload_size = from.u8();
  config.echo.key = {1, 2};
  config.interval = 10ms;
  config.timeout = 100ms;
  probe::ping machine{config, targets};
  run state;
  while (!from.empty()) {
    while (const auto next = machine.next_effect(state.now)) {
      const auto& wanted = std::get<probe::transmit>(*next);
      state.request.assign(wanted.bytes.begin(), wanted.bytes.end());
      state.token = wanted.token;
    }
    stimulate(from, machine, state);
    while (machine.next_event()) ++state.ended;
    check(machine, state.now);
  }
  machine.feed(state.now, probe::interrupt{});
  require(!machine.deadline().has_value());
  check(machine, state.now);
  return 0;
}

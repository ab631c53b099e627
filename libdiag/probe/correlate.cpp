// The send table, the token and the choice of stamps.
#include "libdiag/probe/correlate.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace diag::probe {

namespace {
constexpr std::uint32_t first_slots = 64;
// A kernel interval lies inside the process's own, which began before the send and ended after the read; more
// than this outside means that the wall clock, which the kernel stamps with, was stepped in between.
constexpr duration stamp_tolerance = 1ms;
}  // namespace

std::string_view describe(stamp_source source) {
  switch (source) {
    case stamp_source::socket:
      return "socket";
    case stamp_source::capture:
      return "capture";
    case stamp_source::user:
      break;
  }
  return "user";
}

send_table::send_table(std::uint16_t identifier_base, std::uint32_t identifiers, std::uint32_t max_slots,
                       duration memory)
    : ring_{std::make_unique<send_record[]>(std::min(first_slots, max_slots))},
      slots_{std::min(first_slots, max_slots)},
      max_slots_{max_slots},
      identifiers_{identifiers},
      identifier_base_{identifier_base},
      memory_{memory} {
  assert((identifiers & (identifiers - 1)) == 0 && (max_slots & (max_slots - 1)) == 0);
  assert(max_slots <= std::uint64_t{65536} * identifiers);
}

bool send_table::has_room(mono_time now) {
  for (;;) {
    const auto& occupant = ring_[(newest_ + 1) & (slots_ - 1)];
    const auto busy = occupant.index != 0 && occupant.state == probe_state::in_flight;
    const auto remembered = occupant.index != 0 && now - occupant.user_sent < memory_;
    if (!busy && !remembered) return true;
    if (slots_ == max_slots_) return !busy;
    grow();
  }
}

bool send_table::full() const {
  const auto& occupant = ring_[(newest_ + 1) & (slots_ - 1)];
  return slots_ == max_slots_ && occupant.index != 0 && occupant.state == probe_state::in_flight;
}

send_record& send_table::add(mono_time now, std::uint32_t target, std::uint32_t number) {
  ++newest_;
  auto& slot = ring_[newest_ & (slots_ - 1)];
  slot = send_record{};
  slot.index = newest_;
  slot.user_sent = now;
  slot.target = target;
  slot.number = number;
  ++in_flight_;
  return slot;
}

void send_table::grow() {
  const auto wider = slots_ * 2;
  auto next = std::make_unique<send_record[]>(wider);
  for (std::uint32_t i = 0; i < slots_; ++i)
    if (ring_[i].index != 0) next[ring_[i].index & (wider - 1)] = ring_[i];
  ring_ = std::move(next);
  slots_ = wider;
}

wire_token send_table::token_of(probe_token index) const {
  return {static_cast<std::uint16_t>(identifier_base_ + ((index >> 16) & (identifiers_ - 1))),
          static_cast<std::uint16_t>(index & 0xffff)};
}

send_table::lookup send_table::find(std::uint16_t identifier, std::uint16_t sequence) const {
  const auto row = static_cast<std::uint16_t>(identifier - identifier_base_);
  if (row >= identifiers_) return {};
  const auto wanted = std::uint64_t{row} << 16 | sequence;
  const auto behind = (newest_ - wanted) & (wrap() - 1);  // wrap() is a power of two
  return {true, behind < newest_ ? newest_ - behind : 0};
}

send_record* send_table::record(probe_token index) {
  auto& slot = ring_[index & (slots_ - 1)];
  return index != 0 && slot.index == index ? &slot : nullptr;
}

const send_record* send_table::record(probe_token index) const {
  const auto& slot = ring_[index & (slots_ - 1)];
  return index != 0 && slot.index == index ? &slot : nullptr;
}

send_record* send_table::oldest_in_flight() {
  if (in_flight_ == 0) {
    oldest_ = newest_ + 1;
    return nullptr;
  }
  for (; oldest_ <= newest_; ++oldest_) {
    auto* probe = record(oldest_);
    if (probe && probe->state == probe_state::in_flight) return probe;
  }
  return nullptr;
}

const send_record* send_table::next_in_flight(const send_record& probe) const {
  for (auto index = probe.index + 1; index <= newest_; ++index) {
    const auto* later = record(index);
    if (later && later->state == probe_state::in_flight) return later;
  }
  return nullptr;
}

void send_table::close(send_record& probe, probe_state state) {
  assert(probe.state == probe_state::in_flight && state != probe_state::in_flight);
  probe.state = state;
  --in_flight_;
}

std::uint64_t token_mint::mint(probe_token index, const ip_address& destination) const {
  const auto words = destination.words();
  return std::uint64_t{nonce_} << 32 | (keyed_hash(key_, {index, words[0], words[1]}) & 0xffffffff);
}

std::size_t token_mint::wrong_octets(byte_view payload, probe_token index,
                                     const ip_address& destination) const {
  std::array<std::byte, 8> expected{};
  store_be64(expected, 0, mint(index, destination));
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < std::min(payload.size(), expected.size()); ++i)
    wrong += payload[i] != expected[i];
  return wrong;
}

bool token_mint::proves(byte_view payload, probe_token index, const ip_address& destination) const {
  return wrong_octets(payload, index, destination) == 0;
}

round_trip measure(const send_record& probe, const arrival& reply) {
  const auto outer = reply.read_at - probe.user_sent;
  if (reply.kernel.source == stamp_source::user || reply.kernel.source != probe.kernel_source)
    return {std::max(outer, duration{0}), stamp_source::user, false};
  const auto inner = reply.kernel.at - probe.kernel_sent;
  if (inner < duration{0} || inner > outer + stamp_tolerance)
    return {std::max(outer, duration{0}), stamp_source::user, true};
  return {inner, reply.kernel.source, false};
}

}  // namespace diag::probe

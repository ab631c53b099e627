// The send table, the token and the choice of stamps.
#include "libdiag/probe/correlate.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace diag::probe {

namespace {
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
    : probe_ring{max_slots, memory}, identifiers_{identifiers}, identifier_base_{identifier_base} {
  assert((identifiers & (identifiers - 1)) == 0);
  assert(max_slots <= std::uint64_t{65536} * identifiers);
}

send_record& send_table::add(mono_time now, std::uint32_t target, std::uint32_t number) {
  auto& slot = probe_ring::add(now);
  slot.target = target;
  slot.number = number;
  return slot;
}

wire_token send_table::token_of(probe_token index) const {
  return {static_cast<std::uint16_t>(identifier_base_ + ((index >> 16) & (identifiers_ - 1))),
          static_cast<std::uint16_t>(index & 0xffff)};
}

send_table::lookup send_table::find(std::uint16_t identifier, std::uint16_t sequence) const {
  const auto row = static_cast<std::uint16_t>(identifier - identifier_base_);
  if (row >= identifiers_) return {};
  const auto wanted = std::uint64_t{row} << 16 | sequence;
  const auto behind = (newest() - wanted) & (wrap() - 1);  // wrap() is a power of two
  return {true, behind < newest() ? newest() - behind : 0};
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

round_trip measure(mono_time user_sent, const moment& kernel_sent, const arrival& reply) {
  const auto outer = reply.read_at - user_sent;
  if (reply.kernel.source == stamp_source::user || reply.kernel.source != kernel_sent.source)
    return {std::max(outer, duration{0}), stamp_source::user, false};
  const auto inner = reply.kernel.at - kernel_sent.at;
  if (inner < duration{0} || inner > outer + stamp_tolerance)
    return {std::max(outer, duration{0}), stamp_source::user, true};
  return {inner, reply.kernel.source, false};
}

}  // namespace diag::probe

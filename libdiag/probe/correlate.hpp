// Which probe does this answer belong to? Decided when the probe is sent, never guessed afterwards.
//
// Every probe has a 64-bit index, counted from 1. On the wire it becomes
//   sequence   = the low 16 bits,
//   identifier = base + the next bits (four identifiers on a raw socket, one on a datagram socket, where the
//   kernel owns it), token      = the first eight payload octets: a 32-bit nonce of the run and 32 bits of a
//   keyed hash over index and
//                destination.
// The send table keeps what was sent in a probe_ring, in which an answer finds its record without a search.
//
// How it can be fooled: a payload under eight octets leaves less token, none at all leaves identifier,
// sequence and address; a node that sees the probes can of course answer in the target's name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "libdiag/core/address.hpp"
#include "libdiag/core/random.hpp"
#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/probe_ring.hpp"
#include "libdiag/probe/verdict.hpp"

namespace diag::probe {

/// One probe as it was sent. 40 octets: the price of an outstanding probe.
struct send_record {
  probe_token index = 0;  ///< 0: the slot was never used
  mono_time user_sent{};
  mono_time kernel_sent{};
  std::uint32_t target = 0;
  std::uint32_t number = 0;  ///< the target's own count of probes, from 1
  probe_state state = probe_state::in_flight;
  stamp_source kernel_source = stamp_source::user;
  bool late_seen : 1 = false;       ///< an answer to this probe came after it had ended otherwise
  bool earlier_late : 1 = false;    ///< sweep: an earlier probe of the target was answered late
  std::uint8_t unsent : 6 = 0;      ///< sweep: earlier probes of the target that never left; saturates
  std::uint8_t duplicates = 0;      ///< answers after the first; saturates
  std::uint32_t retried_after = 0;  ///< sweep: index of the retry minus this one's, 0 when there is none

  [[nodiscard]] moment kernel() const { return {kernel_sent, kernel_source}; }
};
static_assert(sizeof(send_record) <= 40);

/// What travels in the packet.
struct wire_token {
  std::uint16_t identifier = 0;
  std::uint16_t sequence = 0;
};

/// What was sent lately, and what it is called on the wire.
class send_table : public probe_ring<send_record> {
 public:
  /// `identifiers` is a power of two; `max_slots` too, at most 65536 * identifiers.
  send_table(std::uint16_t identifier_base, std::uint32_t identifiers, std::uint32_t max_slots,
             duration memory);

  /// Takes the next slot. Precondition: has_room().
  send_record& add(mono_time now, std::uint32_t target, std::uint32_t number);

  [[nodiscard]] wire_token token_of(probe_token index) const;
  /// The newest index that was sent under this identifier and sequence.
  struct lookup {
    bool ours = false;      ///< the identifier is in our range
    probe_token index = 0;  ///< 0: never sent
  };
  [[nodiscard]] lookup find(std::uint16_t identifier, std::uint16_t sequence) const;
  /// The distance between two probes that share identifier and sequence.
  [[nodiscard]] std::uint64_t wrap() const { return std::uint64_t{65536} * identifiers_; }

 private:
  std::uint32_t identifiers_;
  std::uint16_t identifier_base_;
};

/// The keyed nonce that proves an answer.
class token_mint {
 public:
  token_mint(std::uint32_t run_nonce, const hash_key& key) : nonce_{run_nonce}, key_{key} {}
  [[nodiscard]] std::uint64_t mint(probe_token index, const ip_address& destination) const;
  /// The constant upper half, which a socket filter may look for.
  [[nodiscard]] std::uint32_t run_nonce() const { return nonce_; }
  /// How many octets of the token `payload` (up to eight) gets wrong.
  [[nodiscard]] std::size_t wrong_octets(byte_view payload, probe_token index,
                                         const ip_address& destination) const;
  /// Compares as much of the token as `payload` holds (up to eight octets).
  [[nodiscard]] bool proves(byte_view payload, probe_token index, const ip_address& destination) const;

 private:
  std::uint32_t nonce_;
  hash_key key_;
};

/// RTT from the best pair of stamps, with its source.
struct round_trip {
  duration rtt{};
  stamp_source source = stamp_source::user;
  bool clock_step = false;  ///< kernel stamps were there and could not be true
};
round_trip measure(mono_time user_sent, const moment& kernel_sent, const arrival& reply);

}  // namespace diag::probe

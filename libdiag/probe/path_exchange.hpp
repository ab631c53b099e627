// Build a probe with a hop limit, and say what an arriving packet is to us. RFC 792, 4443, 1812 §5.2.7, 4884.
//
// What routers hash to choose among equal paths (addresses, protocol, ports, flow label, ICMP checksum and
// identifier) is the same for all probes of a flow (Augustin et al. 2006, "paris"). The number of a probe
// travels where they do not look, and at least twice, so that one rewritten field neither loses nor invents
// an answer:
//   UDP   checksum (two octets of payload make up for it), IPv4 identification, payload
//   ICMP  sequence (two octets of payload keep the checksum), IPv4 identification, payload
//   TCP   sequence number (SYN), and acknowledgment number (ACK); IPv4 identification
// An ICMP error is believed when its quote has our addresses and ports and two of these agree, or the one
// there is in a quote of eight octets; what else differs in the quote was changed on the way, and is told.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "libdiag/core/random.hpp"
#include "libdiag/craft/flow_packet.hpp"
#include "libdiag/craft/tcp_profile.hpp"
#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/path_answer.hpp"
#include "libdiag/probe/path_event.hpp"
#include "libdiag/probe/probe_ring.hpp"

namespace diag::probe {

struct path_probe_config {
  std::uint16_t source_port_base = 0;  ///< UDP and TCP: flow f goes from base + f
  std::uint16_t identifier_base = 0;   ///< ICMP: flow f has identifier base + f
  std::uint16_t flows = 1;
  std::uint16_t size_v4 = 60, size_v6 = 80;  ///< octets of the whole packet
  std::uint8_t traffic_class = 0;
  bool dont_fragment = false;
  std::uint32_t flow_label = 0;  ///< IPv6: flow f has this plus f, of 20 bits
  craft::tcp_profile profile{};  ///< options and window of a SYN
  hash_key key{};
  /// False: this process may not have raw sockets. UDP goes through a socket bound to source_port_base, ICMP
  /// through one whose identifier is the kernel's; answers are the error queue's.
  bool whole_packets = true;
  std::uint32_t max_slots = 1U << 15;  ///< probes in flight and remembered; power of two, below 65,535
  duration memory = 10s;               ///< how long a finished probe is remembered
};

/// One probe as it was sent.
struct path_record {
  probe_token index = 0;  ///< 0: the slot was never used
  mono_time user_sent{};
  mono_time kernel_sent{};
  path_question asked{};
  probe_state state = probe_state::in_flight;
  stamp_source kernel_source = stamp_source::user;
  bool late_told = false;

  [[nodiscard]] moment kernel() const { return {kernel_sent, kernel_source}; }
};
static_assert(sizeof(path_record) <= 48);

class path_exchange {
 public:
  /// `targets` is borrowed for the exchange's life.
  path_exchange(const path_probe_config& config, std::span<const path_target> targets);

  using table_type = probe_ring<path_record>;
  [[nodiscard]] table_type& table() { return table_; }
  [[nodiscard]] const table_type& table() const { return table_; }

  /// The packet of a probe that is in the table. Borrowed until the next call.
  [[nodiscard]] transmit request(const path_record& probe, bool want_stamp);

  struct nothing {};
  struct finding {
    path_record* probe = nullptr;
    path_answer answer{};
  };
  using judgement = std::variant<nothing, finding, path_reject>;
  [[nodiscard]] judgement judge(const arrival& packet);
  [[nodiscard]] judgement judge(mono_time now, const path_notice& notice);
  /// Notes when a probe left. Better sources replace lesser ones.
  void left(const sent& what);

 private:
  path_probe_config config_;
  std::span<const path_target> targets_;
  table_type table_;
  craft::flow_packet packet_;
};

}  // namespace diag::probe

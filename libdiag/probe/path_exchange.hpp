// Build a probe with a hop limit, and say what an arriving packet is to us. RFC 792, 4443, 1812 §5.2.7, 4884.
//
// What routers hash to choose among equal paths (addresses, protocol, ports, flow label, ICMP checksum and
// identifier) is the same for all probes of a flow (Augustin et al. 2006, "paris"). The number of a probe
// travels where they do not look, and at least twice, so that one rewritten field neither loses nor invents
// an answer:
//   UDP   checksum (two octets of payload make up for it), IPv4 identification, payload
//   ICMP  sequence (two octets of payload keep the checksum), IPv4 identification, payload
//   TCP   sequence number (SYN) and acknowledgment number (ACK), IPv4 identification
// An ICMP error is believed when what its quote has of our addresses and ports fits and two of these agree;
// what else differs in the quote was changed on the way, and is told. The payload and the 32 bits of TCP
// prove by themselves, so that a quote whose addresses or ports somebody rewrote is known all the same.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "libdiag/core/random.hpp"
#include "libdiag/craft/flow_packet.hpp"
#include "libdiag/craft/tcp_profile.hpp"
#include "libdiag/probe/icmp_reader.hpp"
#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/path_answer.hpp"
#include "libdiag/probe/path_event.hpp"
#include "libdiag/probe/path_numbers.hpp"
#include "libdiag/probe/probe_ring.hpp"
#include "libdiag/probe/tcp_token.hpp"

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
  /// through one whose identifier is the kernel's; ICMP errors come from the error queue.
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
  bool forsaken = false;  ///< nobody waits for it: its target is done

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
  /// Which probe a packet of ours is that a capture saw leave, from the transport header on; nullopt: none.
  [[nodiscard]] std::optional<probe_token> recognise(std::uint8_t protocol, const ip_address& destination,
                                                     byte_view transport);

 private:
  /// How a quote speaks of a probe.
  struct evidence {
    path_record* probe = nullptr;
    bool about_us = false;  ///< it is about one of our flows, whether or not the probe is found
  };
  [[nodiscard]] byte_view build(const path_record& probe);
  [[nodiscard]] judgement judge_icmp(const arrival& packet, const ip_message& ip);
  [[nodiscard]] judgement judge_echo(const arrival& packet, const icmp_reply& reply);
  [[nodiscard]] judgement judge_error(const arrival& packet, const icmp_error& error);
  [[nodiscard]] judgement judge_segment(const arrival& packet, const ip_message& ip);
  [[nodiscard]] judgement judge_datagram(const arrival& packet, const ip_message& ip);
  [[nodiscard]] evidence weigh(const wire::quoted_packet& quote);
  [[nodiscard]] bool same_offset_again(const path_record& probe, std::uint32_t offset);
  [[nodiscard]] evidence weigh_notice(const path_notice& notice);
  /// The state and reason that a type and code mean for this probe.
  void classify(const path_target& target, path_answer& answer) const;
  [[nodiscard]] path_record* record_if(probe_token index, const wire::quoted_packet& quote);
  [[nodiscard]] probe_token index_of_token(std::uint32_t number) const;
  [[nodiscard]] path_record* proven_by_tag(byte_view payload);
  [[nodiscard]] path_record* furthest_in_flight(const ip_message& ip, std::uint16_t flow);
  [[nodiscard]] std::uint64_t tag_of(const path_record& probe) const;
  [[nodiscard]] std::optional<std::uint16_t> flow_of(path_method method, std::uint16_t port) const;
  [[nodiscard]] std::uint16_t local_number(const path_record& probe) const;
  [[nodiscard]] const path_target& target_of(const path_record& probe) const {
    return targets_[probe.asked.target];
  }

  path_probe_config config_;
  std::span<const path_target> targets_;
  table_type table_;
  craft::flow_packet packet_;
  craft::segment_template syn_v4_, syn_v6_, ack_v4_, ack_v6_;
  path_numbers identifications_;
  path_numbers fields_;  ///< UDP checksum, echo sequence
  tcp_token token_;
  std::uint32_t offset_ = 0;      ///< of a quoted checksum or sequence number from ours, as last seen
  probe_token offset_probe_ = 0;  ///< and in which probe
  bool has_udp_ = false, has_icmp_ = false, has_tcp_ = false;
};

}  // namespace diag::probe

// Build a TCP probe, and say what an arriving packet is to us. RFC 9293 §3.10.7.3 (answers to a SYN), §3.5.2
// (RSTs).
//
// A SYN is answered by SYN-ACK or RST-ACK that acknowledge its sequence number plus one; any other
// acknowledgment is refused, and a RST without one too. A segment with ACK is answered by a RST whose
// sequence number is our acknowledgment number; one without (FIN, NULL) by a RST-ACK that acknowledges what
// it occupied. ICMP errors must quote our ports and sequence number.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "libdiag/core/random.hpp"
#include "libdiag/craft/segment_template.hpp"
#include "libdiag/probe/ip_reader.hpp"
#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/probe_ring.hpp"
#include "libdiag/probe/tcp_event.hpp"
#include "libdiag/probe/tcp_plan.hpp"
#include "libdiag/probe/tcp_run.hpp"
#include "libdiag/probe/tcp_token.hpp"
#include "libdiag/wire/quoted.hpp"
#include "libdiag/wire/tcp.hpp"

namespace diag::probe {

struct segment_config {
  std::uint16_t flags = 0x002;  ///< wire::tcp_flag
  craft::tcp_profile profile{};
  std::uint16_t source_port_base = 0;   ///< ours from here on ...
  std::uint16_t source_port_count = 1;  ///< ... so many; each attempt takes the next, each flow keeps its own
  std::optional<std::uint8_t> hop_limit{};  ///< none: the socket's, whatever the profile has
  std::uint8_t traffic_class = 0;           ///< the socket's, to compare quotes with
  hash_key key{};
  std::uint32_t timestamp_base = 0;    ///< TSval at mono_time{}, in milliseconds from there on
  std::uint32_t max_slots = 1U << 18;  ///< attempts in flight and remembered; power of two
  duration memory = 10s;               ///< how long a finished attempt is remembered
};

/// One attempt as it was sent: the price of an outstanding probe.
struct segment_record {
  probe_token index = 0;  ///< 0: the slot was never used
  mono_time user_sent{};
  mono_time kernel_sent{};
  std::uint64_t place = 0;  ///< in the order of its round
  tcp_pair pair{};
  std::uint32_t round = 1;
  std::uint32_t after_previous = 0;  ///< index minus that of the pair's attempt before, 0: the first
  std::uint32_t retried_after = 0;   ///< index of the next attempt minus this one's, 0 when there is none
  std::uint16_t source_port = 0;
  std::uint8_t number = 1;  ///< of the pair's attempts
  std::uint8_t unsent = 0;  ///< earlier attempts that never left
  probe_state state = probe_state::in_flight;
  stamp_source kernel_source = stamp_source::user;
  bool decided = false;                    ///< the pair has its result ...
  tcp_state answer = tcp_state::filtered;  ///< ... which is this

  [[nodiscard]] moment kernel() const { return {kernel_sent, kernel_source}; }
};
static_assert(sizeof(segment_record) <= 64);

class segment_exchange {
 public:
  /// `plan` is borrowed for the exchange's life.
  segment_exchange(const segment_config& config, const tcp_plan& plan);

  using table_type = probe_ring<segment_record>;
  [[nodiscard]] table_type& table() { return table_; }
  [[nodiscard]] const table_type& table() const { return table_; }

  /// The source port of an attempt about to be made.
  [[nodiscard]] std::uint16_t port_for(const tcp_pair& pair, std::uint64_t round, std::uint32_t number) const;
  /// The segment of an attempt that is in the table. Borrowed until the next call.
  [[nodiscard]] transmit request(mono_time now, const segment_record& attempt, bool want_stamp);

  struct nothing {};
  /// A believed answer: all of the result but what the machine knows (attempts, round).
  struct answer {
    segment_record* attempt = nullptr;
    tcp_result result{};
    std::uint16_t flags = 0;  ///< of the segment; 0 for an ICMP error
  };
  using judgement = std::variant<nothing, answer, tcp_anomaly>;
  [[nodiscard]] judgement judge(const arrival& packet);
  [[nodiscard]] judgement judge(mono_time now, const path_notice& notice);
  /// Notes when an attempt left. Better sources replace lesser ones.
  void left(const sent& what);

 private:
  [[nodiscard]] judgement judge_segment(const arrival& packet, const ip_message& ip);
  [[nodiscard]] judgement judge_icmp(const arrival& packet, const ip_message& ip);
  [[nodiscard]] judgement judge_quote(const wire::quoted_packet& quote, tcp_anomaly refusal);
  /// What an ICMP error says of an attempt that is certainly ours.
  [[nodiscard]] judgement judge_word(const tcp_anomaly& said, segment_record& attempt,
                                     const wire::quoted_packet* quote);
  /// The newest attempt whose number ends in the 32 bits that the sequence number stands for; 0: none was
  /// made.
  [[nodiscard]] probe_token attempt_behind(std::uint32_t sequence) const;
  [[nodiscard]] segment_record* find(std::uint32_t sequence);
  [[nodiscard]] bool our_port(std::uint16_t port) const;
  [[nodiscard]] bool is_own_segment(const wire::tcp_view& tcp, const ip_message& ip);

  segment_config config_;
  const tcp_plan& plan_;
  probe_ring<segment_record> table_;
  tcp_token token_;
  craft::segment_template v4_;
  craft::segment_template v6_;
  bool answers_acknowledge_ = true;
};

}  // namespace diag::probe

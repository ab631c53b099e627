// The part that series and sweep share: build an echo request, and say what an arriving packet is to us.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "libdiag/craft/echo_template.hpp"
#include "libdiag/probe/correlate.hpp"
#include "libdiag/probe/icmp_reader.hpp"
#include "libdiag/probe/ping_event.hpp"
#include "libdiag/probe/targets.hpp"

namespace diag::probe {

/// What an echo probe looks like on the wire, and how it is recognised.
struct echo_config {
  std::uint16_t identifier_base = 0;
  std::uint32_t identifiers = 4;       ///< power of two; 1 on a datagram socket
  std::uint32_t max_slots = 1U << 18;  ///< outstanding and remembered probes; power of two
  std::size_t payload_size = 56;
  std::vector<std::byte> pattern{};  ///< repeated; empty: octet i is i & 0xff
  bool timestamp = false;            ///< ICMP timestamp (RFC 792 type 13) instead of echo; IPv4 only
  /// --timestamp: milliseconds since midnight UT at mono_time{} (may be fractional).
  double ut_midnight_ms = 0;
  std::uint32_t run_nonce = 0;
  hash_key key{};
  bool any_source = false;  ///< broadcast: whoever answers is believed (multicast is always so)
  duration memory = 10s;    ///< how long a finished probe is remembered
};

class echo_exchange {
 public:
  /// `targets` is borrowed for the exchange's life.
  echo_exchange(const echo_config& config, const target_list& targets);

  [[nodiscard]] send_table& table() { return table_; }
  [[nodiscard]] const send_table& table() const { return table_; }
  [[nodiscard]] const target_list& targets() const { return targets_; }

  /// The packet of a probe that is in the table. Borrowed until the next call.
  [[nodiscard]] transmit request(const send_record& probe, bool want_stamp);

  /// Judges a packet. Does not change any probe's state; the machine does.
  struct matched_reply {
    send_record* probe = nullptr;  ///< never nullptr
    ping_reply reply{};            ///< all but `what` filled in
  };
  struct matched_error {
    send_record* probe = nullptr;  ///< never nullptr
    ping_error error{};            ///< all but `closes` filled in
  };
  struct nothing {};  ///< not about us at all
  using judgement = std::variant<nothing, matched_reply, matched_error, ping_rejected>;
  [[nodiscard]] judgement judge(const arrival& packet);
  [[nodiscard]] judgement judge(mono_time now, const path_notice& notice);

  /// Notes when a probe left. Better sources replace lesser ones.
  void left(const sent& what);
  /// The probe an outgoing ICMP message is, for stamps from a capture.
  [[nodiscard]] std::optional<probe_token> recognise(byte_view icmp_message,
                                                     const ip_address& destination) const;

 private:
  [[nodiscard]] judgement judge_reply(const arrival& packet, const icmp_reply& reply);
  [[nodiscard]] judgement judge_error(mono_time at, const icmp_error& error);
  [[nodiscard]] judgement judge_identity(const icmp_reply& reply, ping_rejected& refusal);
  /// What an ICMP error says of a probe that is certainly ours.
  [[nodiscard]] static judgement judge_word(ip_family family, ping_rejected& refusal, matched_error& match);
  /// A quoted message is the probe: its type, and as much of the token as there is.
  [[nodiscard]] bool was_sent(const send_record& probe, std::uint8_t type, byte_view payload) const;
  [[nodiscard]] bool answers_us(const icmp_envelope& envelope) const;
  [[nodiscard]] bool token_fits(const icmp_reply& reply, probe_token index,
                                const ip_address& destination) const;
  void compare_payload(const icmp_reply& reply, const send_record& probe, ping_reply& into) const;
  void read_timestamps(const icmp_reply& reply, const send_record& probe, mono_time received,
                       ping_reply& into) const;
  [[nodiscard]] double ut_milliseconds(mono_time at) const;

  echo_config config_;
  const target_list& targets_;
  send_table table_;
  token_mint mint_;
  craft::echo_template v4_;
  craft::echo_template v6_;
  std::array<std::byte, 20> timestamp_message_{};
};

}  // namespace diag::probe

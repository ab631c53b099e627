// The fate of one probe of one TCP port, and what was seen with it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/probe/header_change.hpp"
#include "libdiag/probe/stimulus.hpp"
#include "libdiag/probe/verdict.hpp"

namespace diag::probe {

/// What a port is, seen from here. Every probe of a port ends in exactly one.
enum class tcp_state : std::uint8_t {
  open,         ///< an acceptable SYN-ACK
  closed,       ///< an acceptable RST
  filtered,     ///< silence after all attempts
  rejected,     ///< an ICMP unreachable about our probe
  unreachable,  ///< ICMP time exceeded, parameter problem: it never got there
  error,        ///< this host could not send it
};
inline constexpr std::size_t tcp_state_count = 6;
std::string_view describe(tcp_state state);

/// What a SYN-ACK says of its sender.
struct tcp_offer {
  std::uint16_t window = 0;  ///< as sent, unscaled (RFC 7323 §2.2)
  std::optional<std::uint16_t> maximum_segment_size{};
  std::optional<std::uint8_t> window_scale{};
  bool sack_permitted = false;
  bool timestamps = false;
  bool ecn = false;                                ///< ECE without CWR (RFC 3168 §6.1.1)
  std::optional<std::uint8_t> fast_open_cookie{};  ///< its length (RFC 7413)
  bool malformed = false;                          ///< options that could not be read to their end
};

/// Oddities of an answer that was believed all the same.
enum class tcp_oddity : std::uint16_t {
  zero_window = 1,
  zero_mss = 2,  ///< or below 64
  malformed_options = 4,
  cookie_like = 8,  ///< neither scale, SACK nor timestamps although we offered them: SYN cookie or proxy
  checksum_unverified = 16,
  clock_step = 32,
  answered_retry = 64,      ///< an earlier attempt went unanswered
  late_attempt = 128,       ///< the answer belongs to an attempt whose own timeout had passed
  reset_after_open = 256,   ///< connection reset as soon as it stood
  closed_after_open = 512,  ///< connection finished by the peer before it said anything
};
using tcp_oddities = std::uint16_t;
inline tcp_oddities operator|(tcp_oddities set, tcp_oddity one) {
  return static_cast<tcp_oddities>(set | static_cast<std::uint16_t>(one));
}
inline bool has(tcp_oddities set, tcp_oddity one) {
  return (set & static_cast<std::uint16_t>(one)) != 0;
}
std::string_view describe(tcp_oddity one);
inline constexpr std::array all_tcp_oddities{
    tcp_oddity::zero_window,         tcp_oddity::zero_mss,
    tcp_oddity::malformed_options,   tcp_oddity::cookie_like,
    tcp_oddity::checksum_unverified, tcp_oddity::clock_step,
    tcp_oddity::answered_retry,      tcp_oddity::late_attempt,
    tcp_oddity::reset_after_open,    tcp_oddity::closed_after_open,
};

/// What was said on a connection that the kernel made (--banner, --data).
struct tcp_dialogue {
  enum class ending : std::uint8_t {
    none,     ///< nothing was waited for
    fin,      ///< the peer closed
    reset,    ///< the peer reset
    timeout,  ///< neither, while we waited
    enough,   ///< we broke off: 4,096 octets and no end of the line, or it poured on after our FIN
  };
  std::vector<std::byte> received{};      ///< at most 4,096 octets
  std::optional<duration> first_octet{};  ///< after the connection opened
  std::optional<duration> ended_after{};  ///< after the connection opened
  bool asked = false;                     ///< we spoke first: --data, or the HTTP request of --banner
  ending how = ending::none;
};
std::string_view describe(tcp_dialogue::ending how);

/// The fate of one probe of one port.
struct tcp_result {
  std::uint32_t target = 0;  ///< number in the plan's target list
  std::uint16_t port = 0;
  std::uint16_t source_port = 0;  ///< of the attempt that decided; 0 when the kernel's choice is not known
  std::uint16_t flow = 0;         ///< from 0
  std::uint64_t round = 1;        ///< -c: from 1
  mono_time at{};
  tcp_state state = tcp_state::filtered;
  reason why = reason::no_answer;
  ip_address from{};              ///< who answered; unset: nobody, or this host
  std::uint16_t attempts = 0;     ///< SYNs sent, those of the kernel included
  std::uint16_t answered = 0;     ///< which of them was answered, from 1; 0: none
  std::optional<duration> rtt{};  ///< of the attempt that was answered
  stamp_source source = stamp_source::user;
  bool kernel_rtt = false;  ///< `rtt` is TCP_INFO's
  std::optional<std::uint8_t> hop_limit{};
  std::optional<std::uint16_t> identification{};  ///< IPv4 ID of the answer
  std::uint8_t icmp_type = 0;                     ///< rejected, unreachable
  std::uint8_t icmp_code = 0;
  int error = 0;  ///< errno value, state error
  tcp_oddities odd = 0;
  std::optional<tcp_offer> offer{};  ///< open, through a crafted SYN or with a capture
  /// The answer's TTL against the host's: how far its sender and the host are, in hops. Set for
  /// reset_by_device and syn_ack_by_device.
  std::optional<std::uint8_t> device_hops{}, host_hops{};
  std::optional<std::uint8_t>
      quoted_hop_limit{};  ///< what was left of the probe's at the node that refused it
  std::array<header_change, 6> rewritten{};
  std::uint8_t rewritten_count = 0;
  std::shared_ptr<const tcp_dialogue> dialogue{};  ///< --banner, --data; nullptr: none
};

}  // namespace diag::probe

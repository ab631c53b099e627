// What a capture saw of the connections the kernel made: when each SYN left, and the answer as it came.
//
// The kernel decides what a port is; the capture adds what the kernel does not tell (TTL, IP ID, options,
// exact times, duplicates) and never overrules it. Our sequence number is known only where the SYN itself is
// among the arrivals (loopback shows every frame as coming in); elsewhere acknowledgments are not judged, as
// the kernel has done it.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <variant>

#include "libdiag/probe/icmp_reader.hpp"
#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/segment_reader.hpp"
#include "libdiag/probe/tcp_event.hpp"
#include "libdiag/probe/tcp_plan.hpp"

namespace diag::probe {

class connect_evidence {
 public:
  struct answer {
    moment at{};
    std::optional<std::uint8_t> hop_limit{};
    std::optional<std::uint16_t> identification{};
    std::optional<tcp_offer> offer{};
    tcp_oddities odd = 0;
    std::optional<std::uint8_t> quoted_hop_limit{};
  };
  /// One attempt.
  struct trace {
    tcp_pair pair{};
    ip_address source{};
    ip_address destination{};
    std::uint16_t source_port = 0;
    std::uint16_t seen_leaving = 0;           ///< SYNs, those of the kernel's retransmission included
    std::optional<mono_time> left{};          ///< the last of them, by the capture's clock
    std::optional<std::uint32_t> sequence{};  ///< of our SYN, where it was seen
    std::optional<answer> syn_ack{}, reset{}, error{};
    std::optional<tcp_state> fate{};  ///< once it has ended; filtered: given up
    mono_time ended{};                ///< with `fate`
  };

  /// `remembers`: there is a capture, so answers may come to attempts that have ended.
  explicit connect_evidence(bool remembers) : remembers_{remembers} {}

  void began(probe_token attempt, const trace& how);
  void ended(mono_time now, probe_token attempt, tcp_state fate);
  void left(const sent& what);
  /// The attempt of which it is new evidence, an anomaly, or nothing.
  using reading = std::variant<std::monostate, probe_token, tcp_anomaly>;
  [[nodiscard]] reading read(const arrival& packet);
  /// nullptr: never began, or forgotten.
  [[nodiscard]] const trace* of(probe_token attempt) const;
  /// Whether the frame was seen that decided an attempt so.
  [[nodiscard]] bool completes(probe_token attempt, tcp_state state) const;
  /// Adds what that frame says: TTL, IP ID, options, the exact time. Nothing where it was not seen.
  void complete(probe_token attempt, tcp_result& result) const;
  [[nodiscard]] std::optional<probe_token> recognise(std::uint16_t source_port, const ip_address& destination,
                                                     std::uint16_t destination_port) const;
  /// When the attempt between these ends, ours first, ended; mono_time::max(): it has not. nullopt: never
  /// began, or forgotten.
  [[nodiscard]] std::optional<mono_time> done_with(const ip_address& source, std::uint16_t source_port,
                                                   const ip_address& destination,
                                                   std::uint16_t destination_port) const;

 private:
  static constexpr std::size_t most_remembered = 4096;
  static constexpr duration memory = 10s;

  struct ends {
    std::uint16_t ours = 0;
    std::uint16_t theirs = 0;
    ip_address peer{};
    friend bool operator<(const ends& a, const ends& b) {
      if (a.ours != b.ours) return a.ours < b.ours;
      if (a.theirs != b.theirs) return a.theirs < b.theirs;
      return a.peer < b.peer;
    }
  };
  using entry = std::map<probe_token, trace>::value_type;
  [[nodiscard]] entry* find(const ends& which, const ip_address& our_address);
  void forget(probe_token attempt);
  [[nodiscard]] static const answer* frame_of(const trace& attempt, tcp_state state);
  [[nodiscard]] reading read_segment_of(const arrival& packet, const ip_message& ip);
  [[nodiscard]] reading read_error_of(const arrival& packet, const ip_message& ip);
  [[nodiscard]] static reading take_syn_ack(entry& attempt, const segment_arrival& segment,
                                            const answer& what, tcp_anomaly&& refusal);
  [[nodiscard]] static reading take_reset(entry& attempt, const segment_arrival& segment, const answer& what,
                                          tcp_anomaly&& refusal);

  bool remembers_;
  std::map<ends, probe_token> by_ends_;
  std::map<probe_token, trace> traces_;
  struct past {
    mono_time at{};
    probe_token attempt = 0;
  };
  std::deque<past> past_;
};

}  // namespace diag::probe

// Path MTU to one address by echo requests with Don't Fragment: RFC 1191, RFC 8201, and RFC 4821's lesson
// that the ICMP message may never come.
//
// First a small probe, to know that the target answers at all; then the largest size this host can send. If
// that fails, rounds of several sizes at once narrow the gap between the largest that was answered and the
// smallest above it that was not; a next-hop MTU told by a router is tried at once. A size fails when a node
// says so, or when it stays silent through all its tries. An answered size refutes every failure below it,
// and where silence alone sets the limit, that size is asked once more before it is believed: so plain loss
// is not taken for a limit.
//
// Black hole: a size was swallowed in silence although a smaller one was answered and nobody ever said why.
// How it can be fooled: a host that refuses to answer large echo requests looks the same; the verdict says
// "black hole or a target that does not answer large requests" through `silent_above`, and the man page says
// how to tell.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <variant>
#include <vector>

#include "libdiag/craft/echo_template.hpp"
#include "libdiag/probe/correlate.hpp"
#include "libdiag/probe/icmp_reader.hpp"
#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/timers.hpp"

namespace diag::probe {

struct mtu_search_config {
  ip_address target{};
  std::uint32_t upper = 1500;  ///< largest IP packet to try: the MTU of the first hop's interface
  duration timeout = 1s;
  std::uint32_t tries = 3;  ///< probes of one size before silence counts
  std::uint16_t identifier_base = 0;
  std::uint32_t identifiers = 4;
  std::uint32_t run_nonce = 0;
  hash_key key{};
};

/// One size, decided. Sizes are IP packets, headers included.
struct mtu_step {
  enum class outcome : std::uint8_t { answered, too_big, silent, refused };
  std::uint32_t size = 0;
  outcome what = outcome::silent;
  mono_time at{};
  duration rtt{};         ///< answered
  ip_address from{};      ///< who said too big, or refused; unset: this host
  std::uint32_t mtu = 0;  ///< what it said fits, 0: nothing
  reason why = reason::none;
};

struct mtu_verdict {
  std::uint32_t path_mtu = 0;  ///< 0: not even the small probe was answered
  std::uint32_t upper = 0;
  bool black_hole = false;
  std::uint32_t silent_above = 0;  ///< smallest size that was swallowed, 0: none
  ip_address limited_by{};         ///< the node that told the limit, if one did
  bool limited_here = false;       ///< this host's own interface or route is the limit
  std::uint64_t sent = 0;
  mono_time at{};
  bool interrupted = false;
};

using mtu_event = std::variant<mtu_step, mtu_verdict>;

class mtu_search final : public machine {
 public:
  using event = mtu_event;
  explicit mtu_search(const mtu_search_config& config);

  void feed(mono_time now, const stimulus& what) override;
  std::optional<effect> next_effect(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> deadline() const override;
  /// The verdict comes last.
  std::optional<mtu_event> next_event();
  [[nodiscard]] std::optional<probe_token> recognise(byte_view icmp_message,
                                                     const ip_address& destination) const;

 private:
  enum class timer { expire, count };
  struct candidate {
    std::uint32_t size = 0;
    std::uint32_t sent = 0;  ///< tries made
    bool in_flight = false;
    bool decided = false;
  };

  void begin_round(std::vector<std::uint32_t> sizes);
  void next_round(mono_time now);
  void take(mono_time now, const arrival& packet);
  /// A node's word against one probe, however it came.
  void refuse(mono_time now, send_record& probe, reason why, const ip_address& from, std::uint32_t mtu);
  void take_local(mono_time now, probe_token token, int error, std::uint32_t mtu);
  void take_notice(mono_time now, probe_token token, const path_notice& notice);
  void take_reply(mono_time now, const arrival& packet, const icmp_reply& reply);
  void take_error(mono_time now, const icmp_error& error);
  /// The probe a message names, if it is one of ours.
  [[nodiscard]] send_record* find(std::uint16_t identifier, std::uint16_t sequence, byte_view token);
  void decide(mono_time now, candidate& which, mtu_step step);
  /// The smallest size above the largest answered one that failed; nullptr: none.
  [[nodiscard]] const mtu_step* limit() const;
  void conclude(mono_time now, bool interrupted);
  void update_timer();
  [[nodiscard]] candidate* candidate_of(const send_record& probe);
  [[nodiscard]] std::uint32_t overhead() const { return config_.target.is_v4() ? 28 : 48; }
  [[nodiscard]] duration patience() const;

  mtu_search_config config_;
  send_table table_;
  token_mint mint_;
  std::optional<craft::echo_template> message_;
  std::vector<candidate> round_;
  std::deque<mtu_event> events_;
  timer_table<timer> timers_;
  std::uint32_t largest_answered_ = 0;
  std::vector<mtu_step> failures_;
  std::uint32_t hint_ = 0;       ///< an MTU a node named, not tried yet
  std::uint32_t confirmed_ = 0;  ///< a silent size that was asked about twice
  mtu_verdict verdict_{};
  std::optional<duration> rtt_{};
  bool finished_ = false;
};

static_assert(probe_machine<mtu_search>);

}  // namespace diag::probe

// TCP probes through the kernel's own handshake: no privilege needed, and the only way to talk on the
// connection.
//
// Each attempt is one connection of its own, given up after the timeout, so that the kernel's retransmissions
// stay out of the RTT. What the kernel does not tell without a capture (TTL, IP ID and options of the
// SYN-ACK, duplicates, forged answers) the result does not have. With a capture the host feeds the frames as
// well: `sent` and `arrival`.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/pace.hpp"
#include "libdiag/probe/tcp_accounts.hpp"
#include "libdiag/probe/tcp_event.hpp"
#include "libdiag/probe/tcp_plan.hpp"
#include "libdiag/probe/tcp_run.hpp"
#include "libdiag/probe/timers.hpp"

namespace diag::probe {

struct connect_config {
  tcp_pacing pacing{};
  std::optional<std::uint8_t> hop_limit{};
  std::uint16_t source_port_base = 0;  ///< 0: the kernel chooses
  std::uint16_t source_port_count = 0;
  std::uint32_t most_streams = 256;  ///< at a time
  bool banner = false;               ///< wait for a first line; ask for one (HTTP HEAD) where none comes
  std::vector<std::byte> data{};     ///< send this when the connection stands; empty: nothing
  duration banner_wait = 500ms;      ///< silence after which --banner asks
};

class connect_sweep final : public machine {
 public:
  using event = tcp_event;

  /// `plan` is borrowed for the machine's life.
  connect_sweep(const connect_config& config, const tcp_plan& plan);

  void feed(mono_time now, const stimulus& what) override;
  std::optional<effect> next_effect(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> deadline() const override;
  std::optional<tcp_event> next_event() { return accounts_.next_event(); }

  [[nodiscard]] const tcp_summary& totals() const { return accounts_.totals(); }
  [[nodiscard]] const tcp_course& course() const { return course_; }
  [[nodiscard]] std::uint64_t undecided_from() const;
  /// The attempt an outgoing SYN of a capture is, by its ports and destination.
  [[nodiscard]] std::optional<probe_token> recognise(std::uint16_t source_port, const ip_address& destination,
                                                     std::uint16_t destination_port) const;

 private:
  tcp_course course_;
  tcp_accounts accounts_;
};

static_assert(probe_machine<connect_sweep>);

}  // namespace diag::probe

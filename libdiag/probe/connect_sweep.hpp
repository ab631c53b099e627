// TCP probes through the kernel's own handshake: no privilege needed, and the only way to talk on the
// connection.
//
// Each attempt is one connection of its own, given up after the timeout, so that the kernel's retransmissions
// stay out of the RTT. What the kernel does not tell without a capture (TTL, IP ID and options of the
// SYN-ACK, duplicates, forged answers) the result does not have. With a capture the host feeds the frames as
// well: `sent` and `arrival`; they come a little before or after what the kernel says, so a result waits a
// moment for its own.
//
// A descriptor that cannot be had is not the network's fault: while others are under way the pair is asked
// again, with fewer at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "libdiag/probe/connect_dialogue.hpp"
#include "libdiag/probe/connect_evidence.hpp"
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
  bool captured = false;             ///< a capture feeds `sent` and `arrival`
  duration capture_wait = 50ms;      ///< how long a result waits for its frame
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
                                                     std::uint16_t destination_port) const {
    return evidence_.recognise(source_port, destination, destination_port);
  }
  /// See connect_evidence::done_with.
  [[nodiscard]] std::optional<mono_time> done_with(const ip_address& source, std::uint16_t source_port,
                                                   const ip_address& destination,
                                                   std::uint16_t destination_port) const {
    return evidence_.done_with(source, source_port, destination, destination_port);
  }

 private:
  enum class timer { send, overall, linger, count };
  /// A question to come or under way.
  struct question {
    tcp_course::step step{};
    std::uint16_t number = 1;    ///< of the pair's connections, the one under way or to come
    std::uint16_t segments = 0;  ///< SYNs of the connections before
    std::uint16_t shortages = 0;
    mono_time not_before{};
  };
  struct attempt {
    question asks{};
    mono_time asked{};
    mono_time due{};
    bool holds_stream = true;    ///< counts as one of most_streams
    bool started = false;        ///< stream_started came
    std::uint16_t segments = 0;  ///< its SYNs, the kernel's retransmission included
    ip_address source{};
    std::uint16_t source_port = 0;
    std::optional<tcp_result> result{};  ///< decided; waits for the dialogue's end or for a frame
    std::optional<connect_dialogue> dialogue{};
  };
  using attempt_map = std::map<probe_token, attempt>;
  using entry = attempt_map::value_type;

  void take(mono_time now, const stream_started& what);
  void take(mono_time now, const stream_opened& what);
  void take(mono_time now, const stream_failed& what);
  void take(mono_time now, const stream_data& what);
  void take(mono_time now, const stream_closed& what);
  void take(mono_time now, const arrival& packet);
  void expire(mono_time now);

  [[nodiscard]] entry* find(probe_token token);
  [[nodiscard]] bool may_open(mono_time now);
  [[nodiscard]] effect open(mono_time now);
  [[nodiscard]] std::uint16_t port_for(const tcp_pair& pair);
  [[nodiscard]] bool talks() const { return config_.banner || !config_.data.empty(); }
  void began(entry& which);
  void count_segments(attempt& of, std::uint32_t segments);
  void close(entry& which, close_stream::manner how);
  void let_go(attempt& which);
  void wake_at(entry& which, mono_time at);
  void wait_out_shortage(mono_time now, entry& which);
  void take_silence(mono_time now, entry& which);
  void talk(mono_time now, entry& which);
  [[nodiscard]] tcp_result result_of(mono_time at, const attempt& of) const;
  void conclude(mono_time now, entry& which);
  void decide(mono_time now, entry& which);
  void erase(entry& which);
  [[nodiscard]] bool idle() const;
  [[nodiscard]] std::uint64_t least_undecided() const;
  void cut_short(mono_time now);
  void finish(mono_time now);
  void update_timers(mono_time now);

  connect_config config_;
  const tcp_plan& plan_;
  tcp_course course_;
  tcp_accounts accounts_;
  pace pace_;
  connect_evidence evidence_;
  attempt_map attempts_;
  std::set<std::pair<mono_time, probe_token>> due_;
  std::deque<question> retries_;    ///< the silent: at once
  std::deque<question> shortages_;  ///< after a while, and only while others are under way
  std::deque<effect> effects_;
  timer_table<timer> timers_;
  probe_token newest_ = 0;
  std::uint64_t round_ = 1;  ///< of the newest question
  std::uint32_t next_port_ = 0;
  std::uint32_t in_a_row_ = 0;  ///< streams begun since anything was told
  std::uint32_t streams_ = 0;   ///< under way
  std::uint32_t limit_;         ///< of them: most_streams, or as many as could be had
  std::uint32_t calm_ = 0;      ///< streams begun since the limit was last moved
  std::uint64_t resume_from_ = 0;
  mono_time quiet_since_{};
  bool started_ = false;
  bool finished_ = false;
};

static_assert(probe_machine<connect_sweep>);

}  // namespace diag::probe

// May this host use an address? RFC 5227 (IPv4 address conflict detection) and RFC 4862 §5.4 (IPv6 duplicate
// address detection), then announcing and defending it. Also announcing alone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "libdiag/core/random.hpp"
#include "libdiag/probe/event_queue.hpp"
#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/neighbor_event.hpp"
#include "libdiag/probe/neighbor_message.hpp"
#include "libdiag/probe/targets.hpp"
#include "libdiag/probe/timers.hpp"

namespace diag::probe {

/// RFC 5227 §1.1 and RFC 4861 §10, RFC 4862 §5.1.
struct claim_timing {
  duration probe_wait = 1s;  ///< PROBE_WAIT, MAX_RTR_SOLICITATION_DELAY: a random part of it goes first
  std::uint32_t probes = 3;  ///< PROBE_NUM; IPv6: DupAddrDetectTransmits
  duration probe_min = 1s, probe_max = 2s;  ///< PROBE_MIN, PROBE_MAX; IPv6: RetransTimer, both the same
  duration announce_wait = 2s;              ///< ANNOUNCE_WAIT after the last probe; IPv6: RetransTimer
  std::uint32_t announcements = 2;          ///< ANNOUNCE_NUM
  duration announce_interval = 2s;          ///< ANNOUNCE_INTERVAL
  duration defend_interval = 10s;           ///< DEFEND_INTERVAL
  static claim_timing rfc5227() { return {}; }
  static claim_timing rfc4862() { return {1s, 1, 1s, 1s, 1s, 1, 1s, 10s}; }
};

struct claim_config {
  std::vector<neighbor_link> links{};       ///< v4 and v6 of it are not used
  std::span<const std::uint8_t> link_of{};  ///< by target; empty: all are on links[0]. Borrowed
  claim_timing v4 = claim_timing::rfc5227();
  claim_timing v6 = claim_timing::rfc4862();
  bool probe = true;                                  ///< false: announce only (-U, -A)
  bool announce = false;                              ///< after a free verdict, or alone
  enum class form : std::uint8_t { request, reply };  ///< of an announcement; ND: without, with override
  form announce_as = form::request;
  bool endless = false;  ///< announce until interrupted
  bool defend = false;   ///< hold the address until interrupted (RFC 5227 §2.4 (b))
  std::optional<duration> deadline{};
  std::uint64_t seed = 0;
};

enum class claim_verdict : std::uint8_t {
  free,         ///< every probe left, and nobody objected in time; announced alone: nobody objected
  in_use,       ///< somebody has it
  conflict,     ///< somebody else wants it too (its probe was seen), two answered, or it was lost defending
  cannot_tell,  ///< not every probe left, or the link went down, or the run was cut short
};
std::string_view describe(claim_verdict verdict);  // "free", "in-use", "conflict", "cannot-tell"

/// One step of the procedure, as it happens.
struct claim_step {
  enum class kind : std::uint8_t { probed, announced, defended, gave_up };
  kind what = kind::probed;
  std::uint32_t target = 0;
  std::uint64_t number = 0;  ///< of its kind, from 1
  mono_time at{};
};
/// Somebody objected.
struct claim_objection {
  std::uint32_t target = 0;
  mono_time at{};
  duration since_probe{};  ///< since the last probe left; zero: none had
  neighbor_message said{};
};
struct claim_summary {
  std::uint32_t target = 0;
  mono_time at{};
  duration elapsed{};
  claim_verdict verdict = claim_verdict::cannot_tell;
  std::uint64_t probes = 0, announcements = 0, defences = 0, not_sent = 0;
  std::uint64_t objections = 0;
  std::vector<mac_address> owners{};  ///< at most sixteen
  /// Why it cannot be told: interface_down, interface_gone, local_queue_full, ...; none when interrupted.
  reason why = reason::none;
  bool looped = false;  ///< our own probe came back with our nonce or address (RFC 7527)
};
using claim_event =
    std::variant<claim_step, claim_objection, neighbor_rejected, neighbor_link_state, claim_summary>;

class address_claim final : public machine {
 public:
  using event = claim_event;
  /// `targets` is borrowed for the machine's life.
  address_claim(const claim_config& config, const target_list& targets);
  ~address_claim() override;

  void feed(mono_time now, const stimulus& what) override;
  std::optional<effect> next_effect(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> deadline() const override;
  std::optional<claim_event> next_event();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

static_assert(probe_machine<address_claim>);

}  // namespace diag::probe

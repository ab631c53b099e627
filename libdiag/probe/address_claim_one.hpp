// The claim to one address, from the first wait to the verdict: RFC 5227 §2.1 to §2.4, RFC 4862 §5.4.
//
//   probing -> (announcing -> holding) -> over        nobody objects, or the objector gives way
//      \____________\___________\____-> settling -> over
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libdiag/core/random.hpp"
#include "libdiag/probe/address_claim.hpp"
#include "libdiag/probe/address_claim_frames.hpp"

namespace diag::probe {

/// What is the same for all targets of one family.
struct claim_rules {
  claim_timing timing{};
  bool probe = true;
  bool announce = false;  ///< after the probes; without probes always
  bool defend = false;
  bool endless = false;
  std::uint64_t seed = 0;
};

class claim_one {
 public:
  /// One who objects has company as a rule, if at all: a second owner answers the same probe.
  static constexpr duration settle_time = 100ms;
  /// A frame that did not leave is tried once more after this; so long the host may take to say so.
  static constexpr duration retry_after = 1s;
  static constexpr std::size_t most_owners = 16;

  /// Rules and queue are borrowed for life. What happens goes into the queue, a claim_summary last.
  claim_one(const claim_rules& rules, std::uint32_t target, mono_time now, event_queue<claim_event>& events);

  /// When to call next(); nullopt: it waits for somebody to object.
  [[nodiscard]] std::optional<mono_time> due() const;
  /// What falls due: a frame to be sent under token(), or nothing (the phase changed, or all is over).
  std::optional<claim_step::kind> next(mono_time now);
  [[nodiscard]] probe_token token() const { return token_of(serial_); }
  static std::uint32_t target_of(probe_token token) { return static_cast<std::uint32_t>(token); }
  /// Of the probe that next() just asked for.
  [[nodiscard]] claim_nonce nonce() const { return nonce_of(probes_ + 1); }
  [[nodiscard]] bool is_own(const claim_nonce& nonce) const;

  void left(mono_time now, const sent& what);
  void failed(mono_time now, probe_token token, reason why);
  /// `has`: it claims the address as its own; otherwise it would like to.
  void object(mono_time now, const neighbor_message& said, bool has, const arrival& packet);
  void loop() { looped_ = true; }
  /// Nothing more can be learned: the link went.
  void break_off(mono_time now, reason why);
  /// Nothing more is wanted.
  void cut_short(mono_time now);
  [[nodiscard]] bool over() const { return phase_ == phase::over; }

 private:
  enum class phase : std::uint8_t { probing, announcing, holding, settling, over };
  /// The frame under way, one at a time.
  struct errand {
    enum class status : std::uint8_t { none, handed_out, to_retry };
    claim_step::kind what = claim_step::kind::probed;
    status is = status::none;
    bool second = false;  ///< it failed once already
    mono_time handed_out{};
    mono_time until{};  ///< no word of it by then is a failure; to_retry: then
  };

  [[nodiscard]] probe_token token_of(std::uint32_t serial) const {
    return std::uint64_t{serial} << 32 | target_;
  }
  [[nodiscard]] claim_nonce nonce_of(std::uint64_t number) const;
  duration draw(duration least, duration most);
  claim_step::kind hand_out(mono_time now, claim_step::kind what, bool second);
  void give_up_frame(mono_time now, reason why);
  void after_probe(mono_time at);
  void after_announcement(mono_time at);
  void advance(mono_time now);
  void claimed_by_other(mono_time now);
  void wanted_by_other(mono_time now);
  void give_way(mono_time now);
  void settle(mono_time now);
  void remember(const mac_address& owner, bool has);
  [[nodiscard]] claim_verdict verdict_of_objections() const;
  [[nodiscard]] bool all_announced() const;
  void conclude(mono_time now, claim_verdict verdict, reason why = reason::none);

  const claim_rules& rules_;
  event_queue<claim_event>& events_;
  seeded_random random_;
  std::uint32_t target_;
  std::uint32_t serial_ = 0;
  phase phase_ = phase::probing;
  bool looped_ = false;
  bool lost_ = false;       ///< it was ours, and we gave way
  bool has_owner_ = false;  ///< owners_[0] claims it, and does not only want it
  errand errand_{};
  std::optional<mono_time> schedule_{};  ///< of probes and announcements, and of the waits after them
  std::optional<mono_time> defence_at_{};
  std::optional<mono_time> last_conflict_{};
  std::optional<mono_time> last_defence_{};
  mono_time started_;
  mono_time user_sent_{};  ///< of the last probe that left
  moment kernel_sent_{};
  std::uint64_t probes_ = 0, announcements_ = 0, defences_ = 0, not_sent_ = 0, objections_ = 0;
  std::vector<mac_address> owners_{};
};

}  // namespace diag::probe

// One target's trace: which probe next, when a row is certain, when the path is known.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/hop_tree.hpp"
#include "libdiag/probe/path_answer.hpp"
#include "libdiag/probe/path_event.hpp"

namespace diag::probe {

struct trace_config {
  std::uint8_t first_hop = 1;        ///< -f
  std::uint8_t last_hop = 30;        ///< -m
  std::uint16_t probes_per_hop = 3;  ///< -q, of each flow
  std::uint16_t flows = 1;
  std::uint8_t window = 16;  ///< -N: hops asked beyond the last that answered, and so the silent hops in a
                             ///< row that are borne
  duration timeout = 3s;     ///< -W
  std::uint32_t traces_at_once = 512;
  bool doubletree = false;
};

class trace {
 public:
  /// `tree`: of the paths known so far, to begin in the middle; nullptr: every hop is asked.
  trace(const trace_config& config, std::uint32_t target, const hop_tree* tree);

  [[nodiscard]] std::optional<path_question> next(mono_time now);
  void hear(mono_time now, const path_question& asked, path_answer&& answer);
  /// No more questions: rows and the end with what is known.
  void cut_short(mono_time now);
  /// The path is known: what is still in flight would add nothing.
  [[nodiscard]] bool finished() const { return end_.has_value(); }
  /// Rows that have become certain since the last call, in ascending order.
  [[nodiscard]] std::optional<hop_row> next_row();
  /// Precondition: finished().
  [[nodiscard]] const path_end& end() const { return *end_; }
  /// How long a probe with this hop limit is worth waiting for. Only answers from as far, or further, tell:
  /// behind the last that answered there may be an ocean.
  [[nodiscard]] duration patience(std::uint8_t hop) const;
  /// When second probes of hops that nothing is known of are due, although the first may still be answered;
  /// nullopt: none are.
  [[nodiscard]] std::optional<mono_time> bolder_at() const;
  /// Addresses hop by hop from 1 on, for the tree of the others; unset where nothing answered.
  [[nodiscard]] const std::vector<ip_address>& path() const { return path_; }

 private:
  enum class fate : std::uint8_t { unasked, asked, heard };
  struct cell {
    fate state = fate::unasked;
    path_answer answer{};
  };
  /// One flow at one hop. Numbers are asked in order, so `asked` is also the next one.
  struct tally {
    std::uint16_t asked = 0, heard = 0, reached = 0;
  };
  struct row_state {
    std::vector<cell> cells;  ///< by flow, then number
    std::vector<tally> tallies;
  };
  struct flow_state {
    std::uint8_t furthest = 0;               ///< highest hop that anything but the target answered from
    std::uint8_t open = 0;                   ///< the window's end: hops up to here may be asked
    std::optional<std::uint8_t> reached{};   ///< lowest hop limit that reached the target
    std::optional<std::uint8_t> by_quote{};  ///< distance of the target as its quotes have it
    std::optional<std::uint8_t> refused{};   ///< lowest hop limit that somebody refused
    std::uint32_t wanted = nothing_wanted;   ///< its next question, as rank() has it
  };
  static constexpr std::uint32_t nothing_wanted = ~std::uint32_t{0};

  /// Whether it shows a router on the way, or the target.
  static bool answered(const path_answer& what);
  [[nodiscard]] cell& at(std::uint8_t hop, std::uint16_t flow, std::uint16_t number);
  [[nodiscard]] const cell* find(std::uint8_t hop, std::uint16_t flow, std::uint16_t number) const;
  [[nodiscard]] tally tally_of(unsigned hop, std::uint16_t flow) const;
  /// The target's hop on this flow, where known.
  [[nodiscard]] std::optional<std::uint8_t> target_hop(const flow_state& flow) const;
  /// The highest hop to ask on this flow, as of now.
  [[nodiscard]] std::uint8_t limit(std::uint16_t flow) const;
  void open_window(std::uint16_t flow);
  void extend_window(flow_state& flow, unsigned from, unsigned by) const;
  void grow_bold(mono_time now);
  [[nodiscard]] duration bold_after() const;
  [[nodiscard]] bool may_ask(std::uint8_t hop, std::uint16_t flow, std::uint16_t number) const;
  /// A question's place in the order in which they are asked.
  static std::uint32_t rank(std::uint16_t number, unsigned hop) { return std::uint32_t{number} << 8 | hop; }
  void want(std::uint16_t flow);
  void want_all();
  /// Of this hop and all behind it.
  [[nodiscard]] tally total_from(std::uint8_t hop, std::uint16_t flow) const;
  [[nodiscard]] bool certain(std::uint8_t hop, std::uint16_t flow) const;
  [[nodiscard]] bool row_is_certain(std::uint8_t hop);
  [[nodiscard]] bool flow_settled(std::uint16_t flow) const;
  [[nodiscard]] std::uint8_t last_row() const;
  void note(const path_question& asked, const path_answer& answer);
  void look_back(const path_answer& answer);
  void collect(std::uint8_t hop, hop_row& into);
  void tell(hop_row&& row);
  void release_rows();
  void conclude(mono_time now);
  [[nodiscard]] path_stop why_it_ends() const;

  const trace_config& config_;
  const hop_tree* tree_;
  std::uint32_t target_;
  std::vector<row_state> rows_;  ///< from hop 1 on; empty until asked
  std::vector<flow_state> flows_;
  std::vector<hop_row> ready_;
  std::size_t told_ = 0;        ///< of ready_
  unsigned next_to_tell_;       ///< lowest hop whose row is not certain yet; perhaps one beyond 255
  std::uint16_t doubtful_ = 0;  ///< the flow that kept a row from being told
  std::uint8_t lowest_;         ///< doubletree: lowest hop that is asked
  bool joined_;                 ///< what lies below lowest_ is known, or is to be asked
  std::vector<ip_address> path_;
  std::optional<duration> longest_rtt_{};
  std::uint8_t highest_answered_ = 0;  ///< hop limit
  std::uint16_t bold_ = 0;             ///< number of the probes that wait for nothing
  bool wide_ = false;                  ///< since the last new router the window is open as far as it may be
  mono_time last_asked_{};
  bool hopeless_ = false;
  std::optional<path_end> end_{};
  path_end account_{};
  bool cut_ = false;
  bool began_ = false;
};

}  // namespace diag::probe

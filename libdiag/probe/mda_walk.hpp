// One target's load-balanced path: which flow is asked where, and what is known of the nodes (mda_course).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/path_answer.hpp"
#include "libdiag/probe/path_event.hpp"

namespace diag::probe {

struct mda_config {
  std::uint8_t first_hop = 1;
  std::uint8_t last_hop = 30;
  std::uint8_t silent_hops = 5;     ///< in a row that are borne
  std::uint16_t most_flows = 1024;  ///< source ports there are
  double failure = 0.05;            ///< probability of having missed a next hop of one node
  std::uint8_t attempts = 2;        ///< probes of one flow at one hop before it counts as silent there; where
                                    ///< other flows get answers, one more a second later
  duration timeout = 3s;
};

/// Probes through a node after which a further, equally likely next hop beside the `known` ones would have
/// been seen with probability 1 - failure: 6, 11, 16, 21, 27, 33 for 5 %.
std::uint32_t probes_to_rule_out(std::uint32_t known, double failure);

class mda_walk {
 public:
  mda_walk(const mda_config& config, std::uint32_t target, const ip_address& source, mono_time began);

  std::optional<path_question> next(mono_time now);
  [[nodiscard]] std::optional<mono_time> next_at() const;
  void hear(mono_time now, const path_question& asked, const path_answer& answer);
  /// Nothing more to ask, and nothing in flight that could change that.
  [[nodiscard]] bool done() const { return done_; }
  /// How long a probe at this hop is waited for.
  [[nodiscard]] duration patience(int h) const;
  [[nodiscard]] multipath conclude(mono_time now, bool cut_short) const;

 private:
  static constexpr std::uint32_t nobody = ~std::uint32_t{0};
  enum class cell_state : std::uint8_t {
    idle,
    queued,
    asked,
    waiting,  ///< silent where others get answers: asked once more, later
    known,
  };
  /// One flow at one hop.
  struct cell {
    cell_state state = cell_state::idle;
    bool ends = false;     ///< the target or a refusal: the flow goes no further
    bool reached = false;  ///< the target
    bool retried = false;
    std::uint8_t tries = 0;
    std::uint32_t node = nobody;
  };
  struct hop {
    std::vector<cell> cells;  ///< by flow
    std::vector<std::uint32_t> nodes;
    std::uint32_t silent_node = nobody;
    std::deque<std::uint16_t> waiting;  ///< flows
    mono_time retry_at{};
    std::optional<std::pair<std::uint16_t, std::uint16_t>> retrying{};  ///< flow and number in flight
    std::uint8_t silent_retries = 0;                                    ///< in a row
    bool mute = false;  ///< one of its routers is: silence there is no accident
    bool dirty = true;  ///< something was learned that may ask for more
  };
  /// One flow asked again: does it take another way?
  struct check {
    std::uint8_t hop = 0;
    std::uint16_t flow = 0;
    std::uint32_t node = nobody;      ///< at `hop`
    std::uint32_t expected = nobody;  ///< at the next
    std::uint32_t left = 0;           ///< times to be asked yet
    std::uint16_t first_number = 0;   ///< of its questions
    bool differs = false;
  };
  struct node_place {
    std::uint8_t hop = 0;
    std::uint32_t order = 0;  ///< among the nodes of its hop
    ip_address address{};     ///< unset: silent
    std::uint32_t probes = 0;
    std::optional<duration> rtt{};
  };
  /// The flows through one node, and where they go from there.
  struct fan {
    std::uint32_t node = nobody;  ///< nobody: this host
    std::uint32_t asked = 0, resolved = 0;
    std::vector<std::uint32_t> next;         ///< nodes, each once
    std::vector<std::uint16_t> spare;        ///< flows not asked about yet
    std::optional<std::uint16_t> witness{};  ///< a flow that got an answer at the next hop
  };

  [[nodiscard]] hop& at(int h) { return hops_[static_cast<std::size_t>(h - first_)]; }
  [[nodiscard]] const hop& at(int h) const { return hops_[static_cast<std::size_t>(h - first_)]; }
  [[nodiscard]] cell& cell_of(int h, std::uint16_t flow);
  [[nodiscard]] const cell* find_cell(int h, std::uint16_t flow) const;
  [[nodiscard]] bool goes_to(std::uint16_t flow, int h) const { return end_[flow] == 0 || end_[flow] >= h; }
  [[nodiscard]] bool silent(std::uint32_t node) const { return !nodes_[node].address; }
  [[nodiscard]] bool has_address(const hop& one) const;
  [[nodiscard]] std::uint32_t need(std::size_t kinds) const;
  /// The flows of a silent node that has neighbors cannot be found on purpose.
  [[nodiscard]] bool can_find_flows(int h, std::uint32_t node) const;
  [[nodiscard]] std::vector<fan> fans_at(int h) const;  ///< first_ - 1: this host's
  void add_next(fan& which, int h, std::uint16_t flow) const;

  void plan();
  void plan_ahead();
  void plan_hop(int h);
  void plan_before(int h);
  void find_flows(int h, std::uint32_t lacking);
  void enqueue(int h, std::uint16_t flow);
  [[nodiscard]] std::optional<path_question> next_planned();
  [[nodiscard]] std::optional<path_question> next_retry(mono_time now);
  [[nodiscard]] bool waits() const;
  void begin_checks();
  [[nodiscard]] bool is_check(const path_question& asked) const;
  [[nodiscard]] std::optional<path_question> next_check();
  [[nodiscard]] path_question ask(int h, std::uint16_t flow);

  [[nodiscard]] std::uint32_t node_for(int h, const ip_address& address);
  void hear_answer(int h, std::uint16_t flow, const path_answer& answer);
  void hear_silence(mono_time now, int h, std::uint16_t flow, bool error);
  void end_retry(mono_time now, int h, bool silence);
  void settle(int h, std::uint16_t flow, std::uint32_t node, const path_answer* answer);
  void doubt_silence(int h);
  void refresh_end(std::uint16_t flow);
  void mark_dirty(int from, int to);

  [[nodiscard]] bool shown(int h, std::uint16_t flow) const;
  void add_nodes(path_graph& graph, std::vector<std::uint32_t>& places) const;
  void add_links(path_graph& graph, const std::vector<std::uint32_t>& places) const;
  void mark_per_packet(path_graph& graph, const std::vector<std::uint32_t>& places) const;
  [[nodiscard]] bool rule_met() const;
  [[nodiscard]] path_stop stopped_by() const;
  [[nodiscard]] std::uint8_t length() const;

  mda_config config_;
  std::uint32_t target_;
  ip_address source_;
  mono_time began_;
  int first_, last_;
  std::vector<hop> hops_;
  std::vector<node_place> nodes_;
  std::vector<std::uint8_t> end_;  ///< by flow: the hop where it ends; 0: none yet
  std::deque<std::pair<std::uint8_t, std::uint16_t>> queue_;
  std::vector<check> checks_;
  bool checking_ = false;
  std::uint32_t in_flight_ = 0, checks_in_flight_ = 0;
  int deepest_ = 0;  ///< furthest hop that passed a packet on
  std::uint32_t flows_used_ = 0;
  std::uint64_t sent_ = 0, errors_ = 0;
  bool reached_ = false, refused_ = false;
  bool done_ = false;
  std::optional<duration> longest_rtt_{};
  int highest_answered_ = 0;
  mutable std::vector<std::uint32_t> needs_;
};

}  // namespace diag::probe

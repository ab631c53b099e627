// The law of path probing, kept while a run goes on: what is asked is heard of exactly once, a flow stays a
// flow, rows ascend and end.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "libdiag/probe/path_course.hpp"
#include "libdiag/probe/path_run.hpp"

#include "tests/sim/run.hpp"

namespace diag::sim {

/// A course that writes down what passes through it.
class watched_course final : public probe::path_course {
 public:
  explicit watched_course(probe::path_course& inner) : inner_{inner} {}
  std::optional<probe::path_question> next(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> next_at() const override { return inner_.next_at(); }
  void hear(mono_time now, const probe::path_question& asked, probe::path_answer&& answer) override;
  [[nodiscard]] duration patience(std::uint32_t target) const override { return inner_.patience(target); }
  [[nodiscard]] duration patience_for(const probe::path_question& asked) const override {
    return inner_.patience_for(asked);
  }
  void cut_short(mono_time now) override;
  [[nodiscard]] bool wants(std::uint32_t target) const override { return inner_.wants(target); }
  [[nodiscard]] bool knows_enough() const override { return inner_.knows_enough(); }
  [[nodiscard]] bool done() const override { return inner_.done(); }
  std::optional<probe::path_event> next_event() override { return inner_.next_event(); }

  /// The first rule broken; empty: none. `over`: the run has ended.
  [[nodiscard]] std::string breach(const probe::path_run::totals& counts, bool over) const;
  [[nodiscard]] bool cut() const { return cut_; }
  [[nodiscard]] std::uint64_t asked() const { return asked_; }
  /// Every answer in the order in which it was heard.
  [[nodiscard]] const std::vector<probe::path_result>& heard() const { return heard_; }

 private:
  using question_name =
      std::tuple<std::uint32_t, std::uint16_t, std::uint8_t, std::uint16_t, std::uint16_t, bool>;
  struct tally {
    std::uint32_t asked = 0, heard = 0, late = 0;
  };
  static question_name name_of(const probe::path_question& asked);
  void breach_of(const char* what, const probe::path_question& asked);

  probe::path_course& inner_;
  std::map<question_name, tally> accounts_;
  std::vector<probe::path_result> heard_;
  std::uint64_t asked_ = 0, silent_ = 0, answered_ = 0, errors_ = 0, late_ = 0;
  bool cut_ = false;
  std::string breach_;
};

/// What leaves the prober: whether all packets of a flow look alike to those who choose a way by it.
class flow_watch {
 public:
  flow_watch(const probe::path_probe_config& config, std::span<const probe::path_target> targets)
      : config_{config}, targets_{targets} {}
  void see(const packet& octets);
  [[nodiscard]] const std::string& breach() const { return breach_; }
  [[nodiscard]] std::size_t flows() const { return seen_.size(); }
  [[nodiscard]] std::uint64_t packets() const { return packets_; }

 private:
  /// Addresses, protocol, first four octets of the transport, flow label, traffic class.
  struct face {
    ip_address source{};
    std::uint32_t first = 0;
    std::uint32_t label = 0;
    std::uint8_t traffic_class = 0;
    friend bool operator==(const face&, const face&) = default;
  };
  void judge(const packet& octets, const ip_header& header);

  const probe::path_probe_config& config_;
  std::span<const probe::path_target> targets_;
  std::map<std::tuple<ip_address, std::uint8_t, std::uint16_t>, face> seen_;
  std::uint64_t packets_ = 0;
  std::string breach_;
};

/// The rules for rows and ends of a trace; empty: kept.
std::string breach_of_order(const std::vector<probe::path_event>& events, std::size_t targets,
                            bool cut_short);

}  // namespace diag::sim

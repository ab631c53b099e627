// A series, and --watch, on the terminal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/arping/view.hpp"

namespace diag::arping {

/// How many owners each target has shown, for "second owner".
class owner_count {
 public:
  explicit owner_count(std::uint64_t targets) : owners_(targets) {}
  std::size_t note(const probe::neighbor_reply& reply) {
    auto& owners = owners_[reply.target];
    if (reply.new_owner && owners < 0xff) ++owners;
    return owners;
  }

 private:
  std::vector<std::uint8_t> owners_;
};

class series_view final : public view {
 public:
  using view::take;
  explicit series_view(const stage& on)
      : stage_{on}, lines_{!on.options.quiet && !on.options.packets}, owners_{on.plan.targets.size()} {}

  void begin() override;
  void take(const probe::neighbor_event& event) override;
  void conclude(const target_result& result) override;
  void rest(mono_time) override { stage_.out.flush(); }
  void end(const ending& how) override;

 private:
  void take_reply(const probe::neighbor_reply& reply);

  const stage& stage_;
  bool lines_;
  owner_count owners_;
  std::uint64_t repeated_ = 0;  ///< number of the probe whose duplicates are counted
  std::uint32_t repeats_ = 0;
  std::string results_;
};

/// Only what changes, each with the time of day.
class watch_view final : public view {
 public:
  using view::take;
  explicit watch_view(const stage& on)
      : stage_{on}, lines_{!on.options.quiet && !on.options.packets}, owners_{on.plan.targets.size()} {}

  void begin() override;
  void take(const probe::neighbor_event& event) override;
  void conclude(const target_result& result) override;
  void rest(mono_time) override { stage_.out.flush(); }
  void end(const ending& how) override;

 private:
  void print(mono_time at, const std::string& line);

  const stage& stage_;
  bool lines_;
  owner_count owners_;
  std::string results_;
};

/// What holds for the run as a whole: findings, and what --compare found.
void print_findings(const stage& on, const ending& how);

}  // namespace diag::arping

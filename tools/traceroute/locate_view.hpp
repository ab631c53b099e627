// --locate: a sentence or a record for each port, when all paths of its target are known.
#pragma once

#include <vector>

#include "tools/common/record_sink.hpp"
#include "tools/traceroute/locate_book.hpp"
#include "tools/traceroute/records.hpp"
#include "tools/traceroute/reject_book.hpp"
#include "tools/traceroute/view.hpp"

namespace diag::traceroute {

class locate_text_view final : public view {
 public:
  /// Both are borrowed.
  locate_text_view(const stage& on, const path_plan& plan) : stage_{on}, book_{plan} {}
  void begin() override;
  void take(const probe::path_event& event) override;
  void rest(mono_time) override { stage_.out.flush(); }
  void end(const ending& how) override;

 private:
  const stage& stage_;
  locate_book book_;
};

class locate_record_view final : public view {
 public:
  /// All are borrowed.
  locate_record_view(const stage& on, const record_maker& records, const path_plan& plan);
  void begin() override { sink_.begin(); }
  void take(const probe::path_event& event) override;
  void rest(mono_time now) override { sink_.rest(now); }
  void end(const ending& how) override;

 private:
  const stage& stage_;
  const record_maker& records_;
  const path_plan& plan_;
  tools::record_sink sink_;
  locate_book book_;
  reject_book rejects_;
};

}  // namespace diag::traceroute

// Claims and searches on the terminal.
#pragma once

#include <string>

#include "tools/arping/view.hpp"

namespace diag::arping {

class claim_view final : public view {
 public:
  using view::take;
  explicit claim_view(const stage& on) : stage_{on}, lines_{!on.options.quiet && !on.options.packets} {}
  void begin() override;
  void take(const probe::claim_event& event) override;
  void rest(mono_time) override { stage_.out.flush(); }

 private:
  const stage& stage_;
  bool lines_;
};

class search_view final : public view {
 public:
  using view::take;
  explicit search_view(const stage& on) : stage_{on}, lines_{!on.options.quiet && !on.options.packets} {}
  void begin() override;
  void take(const probe::mac_search_event& event) override;
  void rest(mono_time) override { stage_.out.flush(); }

 private:
  const stage& stage_;
  bool lines_;
};

}  // namespace diag::arping

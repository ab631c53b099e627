// A series on the terminal: iputils' lines for one target, a table at the end for many.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/ping/text_lines.hpp"
#include "tools/ping/view.hpp"

namespace diag::ping {

class text_view final : public view {
 public:
  /// `lines` false: something else fills the screen meanwhile (--live, --packets); only the end is printed.
  text_view(const stage& on, bool lines) : stage_{on}, lines_{lines && !on.options.quiet} {}

  void begin() override;
  void take(const probe::ping_event& event) override;
  void rest(mono_time) override { stage_.out.flush(); }
  void end(const ending& how) override;

 private:
  void take_reply(const probe::ping_reply& reply);
  void take_error(const probe::ping_error& error);
  /// Whether this duplicate still gets a line of its own: somebody who repeats himself must not fill the
  /// screen.
  [[nodiscard]] bool worth_a_line(const probe::ping_reply& duplicate);
  void print(mono_time at, const std::string& line);
  void note(const probe::ping_summary& account);
  [[nodiscard]] line_subject subject(const ip_address& address) const;
  [[nodiscard]] std::string table();

  /// One target of many at the end.
  struct row {
    std::uint64_t target = 0;
    ip_address address;
    double loss = 0;
    duration average{};
    std::vector<std::string> cells;
  };

  const stage& stage_;
  bool lines_;
  std::optional<std::string> statistics_{};
  std::vector<row> rows_;
  std::uint64_t repeated_number_ = 0;  ///< of the probe whose duplicates are counted in repeats_
  std::uint32_t repeats_ = 0;
};

}  // namespace diag::ping

// Paths on the terminal: of one target rows as they become certain, of many each path when it is whole.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tools/traceroute/path_book.hpp"
#include "tools/traceroute/text_lines.hpp"
#include "tools/traceroute/view.hpp"

namespace diag::traceroute {

class text_view final : public view {
 public:
  /// `on` is borrowed. `rows` false: verdicts and findings alone (--quiet, or --packets fills the screen).
  text_view(const stage& on, bool rows);

  void begin() override;
  void take(const probe::path_event& event) override;
  void rest(mono_time now) override;
  void end(const ending& how) override;

 private:
  /// What is written of one path.
  struct page {
    std::string text;  ///< not yet printed: there are other targets
    /// Rows that the next one, or the end, explains: first and last hop, and how they look one by one.
    std::uint8_t first_silent = 0, last_silent = 0;
    std::string silent{};
    std::uint32_t mtu = 0;  ///< of the row before
  };
  void take_row(const probe::hop_row& row);
  void take_end(const probe::path_end& end);
  void take_reject(const probe::path_reject& what);
  page& page_of(std::uint32_t path);
  void write(page& on, const std::string& lines);
  static std::string silent_lines(const page& of, bool last);
  /// Prints what a path still has to say, and forgets it.
  void close(std::uint32_t path, const std::string& verdict);

  const stage& stage_;
  bool rows_;
  bool single_;
  bool printed_ = false;  ///< of many targets, the first
  row_manner manner_;
  path_book book_;
  std::map<std::uint32_t, page> pages_;
};

}  // namespace diag::traceroute

// Target files (-f): one target a line, `#` comments, blank lines, LF or CRLF, a UTF-8 byte order mark.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "libdiag/core/result.hpp"

namespace diag::tools {

struct target_line {
  std::uint64_t number = 0;  ///< from 1
  std::string_view word;     ///< without blanks and comment; borrowed until the callback returns
  std::string_view trouble;  ///< why the line cannot be one target; empty: it can
};

/// Reads line by line with a fixed buffer, so the file may be a pipe and of any length. A line longer than
/// this is bad, not cut.
inline constexpr std::size_t longest_line = 1024;

class line_splitter {
 public:
  using sink = std::function<void(const target_line&)>;
  explicit line_splitter(sink to) : to_{std::move(to)} {}
  void feed(std::string_view octets);
  void finish();  ///< the last line may lack its newline

 private:
  void end_line(std::string_view line);

  sink to_;
  std::string pending_;
  std::uint64_t number_ = 0;
  bool too_long_ = false;
};

/// `path` "-" is standard input. Bad lines do not end the reading.
result<void> read_target_file(const std::string& path, const line_splitter::sink& to);

}  // namespace diag::tools

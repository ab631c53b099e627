// A file that a run leaves behind (--pcap, --plot): created privately, never through somebody else's link.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libdiag/core/result.hpp"
#include "libdiag/report/output.hpp"

namespace diag::report {

/// Owns the descriptor. Write errors are kept and told once, by close().
class output_file {
 public:
  /// Creates the file with mode 0600 or empties an existing regular one. Refused: a symbolic link (someone
  /// may have laid it in /tmp), anything that is not a regular file, and `-`.
  static result<output_file> create(std::string path);
  output_file(output_file&& other) noexcept;
  output_file& operator=(output_file&& other) noexcept;
  ~output_file();

  [[nodiscard]] output& out() { return *out_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Flushes and closes. The failure, if anything was lost since create(); nullopt also when called again.
  std::optional<failure> close();

 private:
  output_file(int fd, std::string path);

  int fd_;
  std::string path_;
  std::unique_ptr<output> out_;
};

}  // namespace diag::report

// Standard output as a record needs it: buffered, flushed when asked, and never silently lost.
#pragma once

#include <string>
#include <string_view>

namespace diag::report {

/// Collects text and writes it to a descriptor that it borrows. The first failure is kept and everything
/// after it is dropped, so a caller may write freely and ask once.
class output {
 public:
  enum class flush_policy : unsigned char { when_asked, each_line };

  /// Terminal: every line at once; file or pipe: when flush() is called or 64 KiB have gathered. A descriptor
  /// that is not open counts as lost from the start: build the output before anything else is opened, or the
  /// number is given to a socket.
  explicit output(int fd);
  output(int fd, flush_policy policy);
  output(const output&) = delete;
  output& operator=(const output&) = delete;
  ~output();  ///< flushes; ask flush() yourself to learn how that went

  void write(std::string_view text);
  /// `text` and a newline.
  void line(std::string_view text);
  /// Everything gathered is handed to the kernel, short writes and EINTR included. False: see below.
  bool flush();

  [[nodiscard]] bool ok() const { return error_ == 0; }
  /// The reader closed its end (EPIPE): not our failure, end the run quietly. Needs SIGPIPE ignored.
  [[nodiscard]] bool reader_left() const;
  /// Output was lost for any other reason; `error()` says which.
  [[nodiscard]] bool lost() const { return !ok() && !reader_left(); }
  [[nodiscard]] int error() const { return error_; }  ///< errno value, 0 = none
  [[nodiscard]] bool is_terminal() const { return terminal_; }

 private:
  int fd_;
  int error_ = 0;
  bool terminal_ = false;
  bool each_line_ = false;
  std::string pending_;
};

}  // namespace diag::report

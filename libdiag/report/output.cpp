// Standard output: short writes, EINTR and non-blocking terminals dealt with once.
#include "libdiag/report/output.hpp"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace diag::report {
namespace {

constexpr std::size_t batch = 64 * 1024;

}  // namespace

output::output(int fd) : output{fd, flush_policy::when_asked} {
  each_line_ = terminal_;
}

output::output(int fd, flush_policy policy) : fd_{fd}, each_line_{policy == flush_policy::each_line} {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0)
    error_ = errno;
  else if ((flags & O_ACCMODE) == O_RDONLY)
    error_ = EBADF;
  terminal_ = ok() && ::isatty(fd) == 1;
}

output::~output() {
  flush();
}

void output::write(std::string_view text) {
  if (!ok()) return;
  pending_.append(text);
  if (pending_.size() >= batch || (each_line_ && text.ends_with('\n'))) flush();
}

void output::line(std::string_view text) {
  if (!ok()) return;
  pending_.append(text);
  write("\n");
}

bool output::flush() {
  std::string_view left = pending_;
  while (ok() && !left.empty()) {
    const auto written = ::write(fd_, left.data(), left.size());
    if (written > 0) {
      left.remove_prefix(static_cast<std::size_t>(written));
    } else if (written < 0 && errno == EAGAIN) {
      // Another program may have left a shared terminal or pipe non-blocking.
      pollfd ready{fd_, POLLOUT, 0};
      if (::poll(&ready, 1, -1) < 0 && errno != EINTR) error_ = errno;
    } else if (written == 0) {
      error_ = EIO;
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  pending_.clear();
  return ok();
}

bool output::reader_left() const {
  return error_ == EPIPE;
}

}  // namespace diag::report

// fork(2), and nothing but async-signal-safe calls in the child: other threads may have held locks.
#include "libdiag/io/close_in_child.hpp"

#include <array>
#include <fcntl.h>
#include <unistd.h>

namespace diag::io {
namespace {

/// Whoever reads our output waits for its end, so standard output must not live on here.
void keep_only(int waiting, int kept) {
  // Both onto numbers of their own first: either may be where the other shall go.
  const int waiting_copy = ::fcntl(waiting, F_DUPFD, 2);
  const int kept_copy = ::fcntl(kept, F_DUPFD, 2);
  ::dup2(waiting_copy, 0);
  ::dup2(kept_copy, 1);
  if (::close_range(2, ~0U, 0) == 0) return;
  constexpr int most = 1024;  // before Linux 5.9; the usual limit
  for (int fd = 2; fd < most; ++fd) ::close(fd);
}

}  // namespace

void close_in_child(unique_fd fd) {
  std::array<int, 2> ends{-1, -1};
  if (!fd || ::pipe2(ends.data(), O_CLOEXEC) != 0) return;
  const unique_fd waiting{ends[0]};
  unique_fd telling{ends[1]};
  if (::fork() == 0) {
    keep_only(waiting.get(), fd.get());
    // The end of the pipe: our parent has closed its copy, so this one is the last.
    char nothing = 0;
    [[maybe_unused]] const auto got = ::read(0, &nothing, 1);
    ::close(1);
    ::_exit(0);
  }
  fd.reset();  // before `telling` is closed
}

}  // namespace diag::io

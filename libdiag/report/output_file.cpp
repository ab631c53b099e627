// Files created with O_NOFOLLOW: a run may hold CAP_NET_RAW, and its output must not be lured elsewhere.
#include "libdiag/report/output_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace diag::report {

result<output_file> output_file::create(std::string path) {
  if (path == "-") return failure{{}, "write to", path, "a picture or capture needs a file of its own", {}};
  // Not O_TRUNC: nothing is emptied before it is known to be a regular file. O_NONBLOCK: a FIFO without a
  // reader must not hang us.
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
  if (fd < 0) {
    if (errno == ELOOP) return failure{{}, "write to", path, "it is a symbolic link", "name the file itself"};
    // Privileges are gone by now, and with them root's way past file permissions.
    return system_failure(errno, "write to", path,
                          errno == EACCES && ::geteuid() == 0
                              ? "root's privileges are dropped first: name a file in a directory of root's"
                              : "");
  }
  output_file made{fd, path};
  struct stat found {};
  if (::fstat(fd, &found) < 0) return system_failure(errno, "write to", path);
  if (!S_ISREG(found.st_mode)) return failure{{}, "write to", path, "it is not a regular file", {}};
  if (::ftruncate(fd, 0) < 0) return system_failure(errno, "empty", path);
  return made;
}

output_file::output_file(int fd, std::string path)
    : fd_{fd}, path_{std::move(path)}, out_{std::make_unique<output>(fd, output::flush_policy::when_asked)} {}

output_file::output_file(output_file&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)}, path_{std::move(other.path_)}, out_{std::move(other.out_)} {}

output_file& output_file::operator=(output_file&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
    path_ = std::move(other.path_);
    out_ = std::move(other.out_);
  }
  return *this;
}

output_file::~output_file() {
  close();
}

std::optional<failure> output_file::close() {
  if (fd_ < 0) return std::nullopt;
  out_->flush();
  int error = out_->error();
  // Network file systems report a full disk here.
  if (::close(std::exchange(fd_, -1)) < 0 && error == 0 && errno != EINTR) error = errno;
  if (error == 0) return std::nullopt;
  return system_failure(error, "write to", path_, "what was written so far is kept");
}

}  // namespace diag::report

// libdiag/io/unique_fd.hpp: each descriptor is closed once, by its last owner.
#include "libdiag/io/unique_fd.hpp"

#include <cerrno>
#include <fcntl.h>

#include "tests/catch.hpp"

using diag::io::unique_fd;

namespace {

int opened() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

}  // namespace

TEST_CASE("unique_fd: closes what it holds at the end of its life", "[io][unique_fd]") {
  const int fd = opened();
  {
    const unique_fd owner{fd};
    CHECK(owner.get() == fd);
    CHECK(is_open(fd));
  }
  CHECK_FALSE(is_open(fd));
}

TEST_CASE("unique_fd: moves ownership", "[io][unique_fd]") {
  const int fd = opened();
  unique_fd first{fd};
  unique_fd second{std::move(first)};
  CHECK_FALSE(first);
  CHECK(second.get() == fd);

  const int other = opened();
  unique_fd third{other};
  third = std::move(second);
  CHECK(third.get() == fd);
  CHECK_FALSE(is_open(other));
  CHECK(is_open(fd));
}

TEST_CASE("unique_fd: releases without closing", "[io][unique_fd]") {
  const int fd = opened();
  int kept = -1;
  {
    unique_fd owner{fd};
    kept = owner.release();
    CHECK_FALSE(owner);
  }
  CHECK(is_open(kept));
  ::close(kept);
}

TEST_CASE("unique_fd: resets to another descriptor and closes the one before", "[io][unique_fd]") {
  unique_fd owner{opened()};
  const int before = owner.get();
  const int after = opened();
  owner.reset(after);
  CHECK(owner.get() == after);
  CHECK_FALSE(is_open(before));
}

// libdiag/io/close_in_child.hpp
#include "libdiag/io/close_in_child.hpp"

#include <array>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "libdiag/io/socket_address.hpp"

#include "tests/catch.hpp"
#include "tests/io/child.hpp"
#include "tests/io/loopback.hpp"

using namespace diag;

namespace {

struct pipe_ends {
  io::unique_fd reading, writing;
};

pipe_ends make_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  return {io::unique_fd{ends[0]}, io::unique_fd{ends[1]}};
}

/// Waits for the end: nobody has the other end open any more.
bool ends_empty(const io::unique_fd& reading) {
  pollfd one{reading.get(), POLLIN, 0};
  char octet = 0;
  return ::poll(&one, 1, 10'000) == 1 && ::read(reading.get(), &octet, 1) == 0;
}

}  // namespace

TEST_CASE("close_in_child: the descriptor is closed, and the child ends", "[io][close_in_child]") {
  auto kept = make_pipe();
  const int number = kept.writing.get();
  io::close_in_child(std::move(kept.writing));
  CHECK(::fcntl(number, F_GETFD) == -1);
  CHECK(ends_empty(kept.reading));
  int status = -1;
  CHECK(::waitpid(-1, &status, 0) > 0);
  CHECK(status == 0);
}

TEST_CASE("close_in_child: nothing else is held while closing takes its time", "[io][close_in_child]") {
  // Octets that the peer does not take, and SO_LINGER: closing waits for it.
  const test::bound_port port{test::loopback_v4};
  REQUIRE(port);
  io::unique_fd slow{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  auto there = io::to_socket_address(test::loopback_v4, port.port);
  REQUIRE(::connect(slow.get(), &there.any, there.size) == 0);
  auto peer = port.accept();
  const std::vector<char> much(1 << 16);
  while (::send(slow.get(), much.data(), much.size(), MSG_DONTWAIT) > 0) {
  }
  const linger patient{1, 60};
  REQUIRE(::setsockopt(slow.get(), SOL_SOCKET, SO_LINGER, &patient, sizeof patient) == 0);

  auto output = make_pipe();
  io::close_in_child(std::move(slow));
  output.writing.reset();
  CHECK(ends_empty(output.reading));
  int status = -1;
  CHECK(::waitpid(-1, &status, WNOHANG) == 0);  // at it still
  peer.reset();
  CHECK(::waitpid(-1, &status, 0) > 0);
  CHECK(status == 0);
}

TEST_CASE("close_in_child: what stdio holds is written once", "[io][close_in_child]") {
  auto output = make_pipe();
  auto kept = make_pipe();
  std::fflush(stdout);  // what the test runner has in it
  CHECK(test::in_child([&] {
          ::dup2(output.writing.get(), STDOUT_FILENO);
          std::fputs("once", stdout);
          io::close_in_child(std::move(kept.writing));
          return std::fflush(stdout);
        }) == 0);
  output.writing.reset();
  std::array<char, 16> room{};
  CHECK(::read(output.reading.get(), room.data(), room.size()) == 4);
  CHECK(ends_empty(output.reading));
}

TEST_CASE("close_in_child: closes by itself when no child is to be had", "[io][close_in_child]") {
  CHECK(test::in_child([] {
          auto kept = make_pipe();
          const rlimit none{0, 0};
          // Root may have as many as it likes.
          if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) return 1;
          if (::setrlimit(RLIMIT_NPROC, &none) != 0) return 2;
          if (const auto child = ::fork(); child >= 0) return child == 0 ? 0 : 77;
          io::close_in_child(std::move(kept.writing));
          char octet = 0;
          return ::read(kept.reading.get(), &octet, 1) == 0 ? 0 : 3;
        }) == 0);
}

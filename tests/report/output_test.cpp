// Standard output: what is kept, what is told.
#include "libdiag/report/output.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "tests/catch.hpp"

using namespace diag::report;

namespace {

struct pipe_pair {
  pipe_pair() { REQUIRE(::pipe(ends.data()) == 0); }
  ~pipe_pair() {
    for (const int fd : ends)
      if (fd >= 0) ::close(fd);
  }
  pipe_pair(const pipe_pair&) = delete;
  pipe_pair& operator=(const pipe_pair&) = delete;
  void close_reader() { ::close(std::exchange(ends[0], -1)); }
  void close_writer() { ::close(std::exchange(ends[1], -1)); }
  [[nodiscard]] int writer() const { return ends[1]; }
  /// What lies in the pipe now, or up to its end when the writer is closed.
  [[nodiscard]] std::string read_some() const {
    std::array<char, 65'536> buffer;
    const auto got = ::read(ends[0], buffer.data(), buffer.size());
    return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
  }
  std::array<int, 2> ends{};
};

}  // namespace

TEST_CASE("output: keeps text until it is flushed", "[report][output]") {
  pipe_pair pipe;
  ::fcntl(pipe.ends[0], F_SETFL, O_NONBLOCK);
  output out{pipe.writer()};
  out.line("one");
  CHECK(pipe.read_some().empty());
  CHECK(out.flush());
  CHECK(pipe.read_some() == "one\n");
  CHECK_FALSE(out.is_terminal());
}

TEST_CASE("output: writes every line at once when asked to", "[report][output]") {
  pipe_pair pipe;
  output out{pipe.writer(), output::flush_policy::each_line};
  out.write("no line end yet, ");
  out.line("one");
  CHECK(pipe.read_some() == "no line end yet, one\n");
}

TEST_CASE("output: flushes what is left when it goes", "[report][output]") {
  pipe_pair pipe;
  { output{pipe.writer()}.write("last"); }
  CHECK(pipe.read_some() == "last");
}

TEST_CASE("output: tells a reader that left from lost output", "[report][output]") {
  std::signal(SIGPIPE, SIG_IGN);
  pipe_pair pipe;
  pipe.close_reader();
  output out{pipe.writer()};
  out.line("one");
  CHECK_FALSE(out.flush());
  CHECK(out.reader_left());
  CHECK_FALSE(out.lost());
}

TEST_CASE("output: keeps the first error and drops what follows", "[report][output]") {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  output out{full};
  out.line("one");
  CHECK_FALSE(out.flush());
  CHECK(out.lost());
  CHECK(out.error() == ENOSPC);
  ::close(full);
  out.line("two");
  CHECK_FALSE(out.flush());
  CHECK(out.error() == ENOSPC);
}

TEST_CASE("output: a descriptor that is closed or not writable is lost from the start", "[report][output]") {
  CHECK(output{999}.error() == EBADF);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  CHECK(output{null}.lost());
  ::close(null);
}

TEST_CASE("output: delivers everything through short writes", "[report][output]") {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  // Non-blocking and with a small buffer: most writes are short or EAGAIN.
  const int size = 4'096;
  ::setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  ::fcntl(ends[1], F_SETFL, O_NONBLOCK);
  std::string got;
  std::thread reader{[&] {
    std::array<char, 1'000> buffer;
    for (ssize_t n = 0; (n = ::read(ends[0], buffer.data(), buffer.size())) > 0;)
      got.append(buffer.data(), static_cast<std::size_t>(n));
  }};
  std::string want;
  {
    output out{ends[1]};
    for (int i = 0; i < 30'000; ++i) {
      out.line(std::to_string(i));
      want += std::to_string(i) + '\n';
    }
    CHECK(out.flush());
  }
  ::close(ends[1]);
  reader.join();
  ::close(ends[0]);
  CHECK(got == want);
}

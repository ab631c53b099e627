// libdiag/io/privilege.hpp: tried in a forked child, for it cannot be undone.
#include "libdiag/io/privilege.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libdiag/io/unique_fd.hpp"

#include "tests/catch.hpp"
#include "tests/io/child.hpp"

using namespace diag;
using test::in_child;

namespace {

// AddressSanitizer's leak check needs what the filter otherwise refuses.
#ifdef __SANITIZE_ADDRESS__
constexpr bool traces_itself = true;
#else
constexpr bool traces_itself = false;
#endif

bool opens(int domain, int type, int protocol) {
  return static_cast<bool>(io::unique_fd{::socket(domain, type | SOCK_CLOEXEC, protocol)});
}

}  // namespace

TEST_CASE("privileges: are all gone after the drop, and the drop can be repeated", "[io][privilege]") {
  CHECK(in_child([] {
          if (!io::drop_privileges()) return 1;
          const auto state = io::read_privileges();
          if (!state) return 2;
          if (state->permitted != 0 || state->effective != 0) return 3;
          if (!state->no_new_privileges) return 4;
          if (state->may_open_raw() || state->may_administer()) return 5;
          return io::drop_privileges({.filter = false}) ? 0 : 6;
        }) == 0);
}

TEST_CASE("privileges: no raw or packet socket, program, trace or namespace after the drop",
          "[io][privilege]") {
  CHECK(in_child([] {
          if (!io::drop_privileges()) return 1;
          if (!io::read_privileges()->filtered) return 0;  // a kernel or processor without the filter
          if (opens(AF_INET, SOCK_RAW, IPPROTO_ICMP) || opens(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)) return 2;
          if (opens(AF_PACKET, SOCK_RAW, 0) || errno != EPERM) return 3;
          std::array<char*, 1> none{nullptr};
          if (::execve("/bin/true", none.data(), none.data()) == 0 || errno != EPERM) return 4;
          if (!traces_itself && (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0 || errno != EPERM))
            return 5;
          if (::unshare(CLONE_NEWUSER) == 0 || errno != EPERM) return 6;
          return 0;
        }) == 0);
}

TEST_CASE("privileges: names, ordinary sockets and children work after the drop", "[io][privilege]") {
  CHECK(in_child([] {
          if (!io::drop_privileges()) return 1;
          if (!opens(AF_INET, SOCK_DGRAM, 0) || !opens(AF_INET, SOCK_STREAM, 0)) return 2;
          if (!opens(AF_NETLINK, SOCK_RAW, 0)) return 3;
          addrinfo* found = nullptr;
          addrinfo hints{};
          hints.ai_flags = AI_NUMERICHOST;
          if (::getaddrinfo("192.0.2.1", nullptr, &hints, &found) != 0) return 4;
          ::freeaddrinfo(found);
          return in_child([] { return 7; }) == 7 ? 0 : 5;
        }) == 0);
}

TEST_CASE("privileges: raising changes nothing when there is nothing to raise", "[io][privilege]") {
  CHECK(in_child([] {
          if (!io::drop_privileges({.filter = false})) return 1;
          const io::raised_privileges raised;
          const auto state = io::read_privileges();
          return state && state->effective == 0 ? 0 : 2;
        }) == 0);
}

TEST_CASE("standard descriptors: closed ones are filled, so that no socket takes their place",
          "[io][privilege]") {
  CHECK(in_child([] {
          ::close(0);
          ::close(1);
          ::close(2);
          if (!io::sanitize_standard_fds()) return 1;
          const io::unique_fd next{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
          if (next.get() <= 2) return 2;
          // Output that went nowhere must be noticed, not swallowed.
          if (::write(1, "x", 1) >= 0 || errno != EBADF) return 3;
          return 0;
        }) == 0);
}

TEST_CASE("standard descriptors: open ones are left as they are", "[io][privilege]") {
  CHECK(in_child([] {
          std::array<int, 2> ends{};
          if (::pipe(ends.data()) != 0 || ::dup2(ends[1], 1) != 1) return 1;
          if (!io::sanitize_standard_fds()) return 2;
          char octet = 0;
          if (::write(1, "x", 1) != 1 || ::read(ends[0], &octet, 1) != 1) return 3;
          return octet == 'x' ? 0 : 4;
        }) == 0);
}

// A device belongs to the namespace that /dev/net/tun was opened in, so step in, open, step back.
#include "tests/lab/wire/tap.hpp"

#include <algorithm>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <system_error>

namespace delay_wire {

namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error{errno, std::generic_category(), what};
}

descriptor open_or_fail(const std::string& path, int flags) {
  descriptor opened{::open(path.c_str(), flags | O_CLOEXEC)};
  if (!opened.open()) fail("open " + path);
  return opened;
}

/// Restores the calling thread's namespace however the scope is left.
class visit {
 public:
  explicit visit(const std::string& space) : home_{open_or_fail("/proc/thread-self/ns/net", O_RDONLY)} {
    const bool is_path = space.find('/') != std::string::npos;
    const auto there = open_or_fail(is_path ? space : "/run/netns/" + space, O_RDONLY);
    if (::setns(there.value(), CLONE_NEWNET) != 0) fail("enter network namespace " + space);
  }
  visit(const visit&) = delete;
  visit& operator=(const visit&) = delete;
  ~visit() { static_cast<void>(::setns(home_.value(), CLONE_NEWNET)); }

 private:
  descriptor home_;
};

}  // namespace

descriptor open_tap(const wire_end& end) {
  const visit inside{end.space};
  auto tap = open_or_fail("/dev/net/tun", O_RDWR | O_NONBLOCK);
  ifreq request{};
  std::copy_n(end.interface.begin(), std::min<std::size_t>(end.interface.size(), IFNAMSIZ - 1),
              std::begin(request.ifr_name));
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (::ioctl(tap.value(), TUNSETIFF, &request) != 0) {
    fail("make TAP " + end.interface + " in " + end.space);
  }
  return tap;
}

}  // namespace delay_wire

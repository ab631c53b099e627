// capget/capset(2) by hand (no libcap), and the order in which privileges go.
#include "libdiag/io/privilege.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "libdiag/io/system_call_filter.hpp"
#include "libdiag/io/unique_fd.hpp"

namespace diag::io {
namespace {

constexpr std::uint64_t bit(unsigned capability) {
  return std::uint64_t{1} << capability;
}

// AddressSanitizer's leak check traces this very process at exit, which the sandbox forbids.
#ifdef __SANITIZE_ADDRESS__
constexpr bool traced_at_exit = true;
#else
constexpr bool traced_at_exit = false;
#endif

using capability_words = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

bool load(capability_words& words) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return ::syscall(SYS_capget, &header, words.data()) == 0;
}

bool store(const capability_words& words) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return ::syscall(SYS_capset, &header, words.data()) == 0;
}

bool set_effective(std::uint64_t effective) {
  capability_words words{};
  if (!load(words)) return false;
  words[0].effective = static_cast<std::uint32_t>(effective);
  words[1].effective = static_cast<std::uint32_t>(effective >> 32);
  return store(words);
}

constexpr auto operation = "give privileges up";

/// The test that counts: what must not work any more, tried.
bool raw_socket_opens() {
  return static_cast<bool>(unique_fd{::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP)});
}

}  // namespace

bool privilege_state::may_open_raw() const {
  return (permitted & bit(CAP_NET_RAW)) != 0;
}

bool privilege_state::may_administer() const {
  return (permitted & bit(CAP_NET_ADMIN)) != 0;
}

result<privilege_state> read_privileges() {
  capability_words words{};
  if (!load(words)) return system_failure(errno, "read capabilities");
  privilege_state state;
  state.effective = words[0].effective | std::uint64_t{words[1].effective} << 32;
  state.permitted = words[0].permitted | std::uint64_t{words[1].permitted} << 32;
  state.root = ::geteuid() == 0;
  state.no_new_privileges = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
  state.filtered = ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER;
  return state;
}

result<void> sanitize_standard_fds() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free number is this one: those below are open by now. Output to it fails with EBADF as
    // before the repair it would have: read-only for 1 and 2, so that lost output is noticed.
    if (::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
      return system_failure(errno, "open", "/dev/null");
  }
  return {};
}

raised_privileges::raised_privileges() {
  const auto state = read_privileges();
  if (!state) return;
  before_ = state->effective;
  const auto wanted = before_ | (state->permitted & (bit(CAP_NET_RAW) | bit(CAP_NET_ADMIN)));
  raised_ = wanted != before_ && set_effective(wanted);
}

raised_privileges::~raised_privileges() {
  if (raised_) set_effective(before_);
}

result<void> drop_privileges(const drop_options& options) {
  if (!traced_at_exit) ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL)
    return system_failure(errno, operation, "ambient capabilities");
  if (!store({})) return system_failure(errno, operation, "capabilities");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return system_failure(errno, operation, "no_new_privs");

  bool filtered = false;
  if (options.filter) {
    // A kernel without seccomp is no reason to refuse work: capabilities are gone either way.
    const int error = install_system_call_filter(traced_at_exit);
    if (error != 0 && error != EINVAL && error != ENOSYS && error != EOPNOTSUPP)
      return system_failure(error, operation, "system call filter");
    filtered = error == 0;
  }

  const auto state = read_privileges();
  if (!state) return state.error();
  if (state->permitted != 0 || state->effective != 0 || !state->no_new_privileges ||
      (filtered && !state->filtered) || raw_socket_opens()) {
    failure left;
    left.operation = operation;
    left.why = "some are left";
    return left;
  }
  return {};
}

}  // namespace diag::io

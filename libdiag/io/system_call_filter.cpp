// A deny-list, not an allow-list: getaddrinfo() may load any NSS module, and what those call is not ours to
// know. Still open: files the user may write, ordinary sockets. So it stops what needs exec, new privileges,
// raw packets or another process, not every use of a hijacked tool.
//
// When it is installed the kernel runs it once for every call number and remembers those always allowed (5.11
// and later): per packet it costs nothing, and the numbers are looked up by a tree so that installing costs
// little.
#include "libdiag/io/system_call_filter.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <span>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace diag::io {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t architecture = 0;
#endif

// io_uring carries socket() and more past any filter; pidfd_getfd takes other processes' sockets.
constexpr auto denied_calls = std::to_array<std::uint32_t>({
  SYS_execve, SYS_execveat, SYS_process_vm_readv, SYS_process_vm_writev, SYS_bpf, SYS_perf_event_open,
      SYS_userfaultfd, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_open_tree, SYS_move_mount,
      SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_init_module, SYS_finit_module, SYS_delete_module,
      SYS_kexec_load, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_keyctl, SYS_add_key, SYS_request_key,
      SYS_unshare, SYS_setns, SYS_personality, SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime,
      SYS_adjtimex, SYS_sethostname, SYS_setdomainname, SYS_acct, SYS_quotactl, SYS_syslog, SYS_kcmp,
      SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register, SYS_pidfd_open, SYS_pidfd_getfd,
      SYS_open_by_handle_at, SYS_mknodat,
#if defined(__x86_64__)
      SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_mknod, SYS_kexec_file_load,
#endif
});

constexpr std::uint32_t refuse = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t namespaces =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

class program {
 public:
  void load(std::size_t offset) { put(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
  /// The low half of an argument: both known architectures are little-endian.
  void load_argument(unsigned index) { load(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t)); }
  void keep_bits(std::uint32_t mask) { put(BPF_ALU | BPF_AND | BPF_K, mask); }
  void answer(std::uint32_t action) { put(BPF_RET | BPF_K, action); }
  void answer_if_equal(std::uint32_t value, std::uint32_t action) {
    put(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    answer(action);
  }
  void answer_unless_equal(std::uint32_t value, std::uint32_t action) {
    put(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
    answer(action);
  }
  void answer_unless_below(std::uint32_t value, std::uint32_t action) {
    put(BPF_JMP | BPF_JGE | BPF_K, value, 0, 1);
    answer(action);
  }
  /// What `body` adds runs for this call only; it must end in an answer.
  template <class Body>
  void for_call(std::uint32_t number, Body body) {
    const auto test = code_.size();
    put(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 0);
    body();
    code_[test].jf = static_cast<std::uint8_t>(code_.size() - test - 1);
  }
  /// Refuses the numbers of a sorted list, allows the others.
  void answer_by_list(std::span<const std::uint32_t> sorted) {
    if (sorted.size() <= 3) {
      for (const auto number : sorted) answer_if_equal(number, refuse);
      return answer(SECCOMP_RET_ALLOW);
    }
    const auto middle = sorted.size() / 2;
    const auto test = code_.size();
    put(BPF_JMP | BPF_JGE | BPF_K, sorted[middle], 0, 0);
    answer_by_list(sorted.first(middle));
    code_[test].jt = static_cast<std::uint8_t>(code_.size() - test - 1);
    answer_by_list(sorted.subspan(middle));
  }
  std::vector<sock_filter>& code() { return code_; }

 private:
  void put(unsigned code, std::uint32_t k, std::uint8_t jt = 0, std::uint8_t jf = 0) {
    code_.push_back({static_cast<std::uint16_t>(code), jt, jf, k});
  }
  std::vector<sock_filter> code_;
};

/// New sockets: none that forges or overhears. SOCK_RAW stays for netlink, where it means nothing and glibc
/// uses it (getaddrinfo asks for the addresses of this host so).
void add_socket_rules(program& rules) {
  rules.for_call(SYS_socket, [&] {
    rules.load_argument(0);
    rules.answer_if_equal(AF_NETLINK, SECCOMP_RET_ALLOW);
    rules.answer_if_equal(AF_PACKET, refuse);
    rules.answer_if_equal(AF_XDP, refuse);
    rules.answer_if_equal(AF_ALG, refuse);
    rules.load_argument(1);
    rules.keep_bits(0xf);  // SOCK_CLOEXEC and SOCK_NONBLOCK lie above
    rules.answer_if_equal(SOCK_RAW, refuse);
    rules.answer_if_equal(SOCK_PACKET, refuse);
    rules.answer(SECCOMP_RET_ALLOW);
  });
}

program deny_list(bool keep_trace) {
  program rules;
  rules.code().reserve(160);
  rules.load(offsetof(seccomp_data, arch));
  rules.answer_unless_equal(architecture, refuse);
  rules.load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
  rules.answer_unless_below(0x40000000U, refuse);  // the x32 calls: same architecture, other numbers
#endif
  // clone3 hides its flags behind a pointer; glibc falls back to clone on ENOSYS.
  rules.answer_if_equal(SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
  add_socket_rules(rules);
  rules.for_call(SYS_clone, [&] {
    rules.load_argument(0);
    rules.keep_bits(namespaces);
    rules.answer_unless_equal(0, refuse);
    rules.answer(SECCOMP_RET_ALLOW);
  });
  rules.for_call(SYS_ioctl, [&] {
    rules.load_argument(1);
    rules.answer_if_equal(TIOCSTI, refuse);  // typing into the terminal behind us
    rules.answer_if_equal(TIOCLINUX, refuse);
    rules.answer(SECCOMP_RET_ALLOW);
  });
  std::vector<std::uint32_t> sorted{denied_calls.begin(), denied_calls.end()};
  if (!keep_trace) sorted.push_back(SYS_ptrace);
  std::ranges::sort(sorted);
  rules.answer_by_list(sorted);
  return rules;
}

}  // namespace

int install_system_call_filter(bool keep_trace) {
  if (architecture == 0) return EOPNOTSUPP;
  auto rules = deny_list(keep_trace);
  const sock_fprog whole{static_cast<unsigned short>(rules.code().size()), rules.code().data()};
  return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole, 0, 0) == 0 ? 0 : errno;
}

}  // namespace diag::io

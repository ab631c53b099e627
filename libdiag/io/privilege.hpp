// What this process may do, and giving it up for good. capabilities(7), prctl(2), seccomp(2).
//
// Capabilities, no_new_privs and seccomp filters belong to a thread, not to the process: all of this must run
// before the first thread is made.
#pragma once

#include <cstdint>
#include <string>

#include "libdiag/core/result.hpp"

namespace diag::io {

struct privilege_state {
  std::uint64_t effective = 0;  ///< capability sets, bit N = capability N
  std::uint64_t permitted = 0;
  bool root = false;  ///< effective user id 0
  bool no_new_privileges = false;
  bool filtered = false;  ///< a seccomp filter is in force

  /// CAP_NET_RAW is there, or can be raised.
  [[nodiscard]] bool may_open_raw() const;
  /// CAP_NET_ADMIN is there, or can be raised.
  [[nodiscard]] bool may_administer() const;
};

result<privilege_state> read_privileges();

/// Opens /dev/null on whichever of fds 0-2 is closed, so that no socket becomes "standard output".
/// Call first of all.
result<void> sanitize_standard_fds();

/// While it lives CAP_NET_RAW (and CAP_NET_ADMIN if permitted) is effective; file capabilities may have put
/// it in the permitted set only. Changes nothing when there is nothing to raise.
class raised_privileges {
 public:
  raised_privileges();
  ~raised_privileges();
  raised_privileges(const raised_privileges&) = delete;
  raised_privileges& operator=(const raised_privileges&) = delete;

 private:
  std::uint64_t before_ = 0;
  bool raised_ = false;
};

struct drop_options {
  bool filter = true;  ///< install the seccomp deny-list too
};

/// Clears every capability set, forbids new privileges, makes /proc/self and core dumps unreadable for the
/// user, and refuses (EPERM) the system calls that no tool needs: exec, ptrace, new raw and packet sockets,
/// bpf, mount, modules, keys, namespaces. What getaddrinfo() and NSS modules do stays allowed.
///
/// With user id 0 the process keeps what root owns by file permission; only the capabilities are gone.
/// Reads back what was done and fails if anything is left: then do not go on.
result<void> drop_privileges(const drop_options& options = {});

}  // namespace diag::io

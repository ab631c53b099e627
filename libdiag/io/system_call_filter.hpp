// The seccomp(2) deny-list: system calls no tool needs once its sockets are open.
#pragma once

namespace diag::io {

/// Refuses (EPERM) the listed calls in this thread and those it makes. `keep_trace` leaves ptrace alone.
/// 0, or an errno value; EOPNOTSUPP on an architecture whose call numbers are not known here.
/// Needs no_new_privs.
int install_system_call_filter(bool keep_trace);

}  // namespace diag::io

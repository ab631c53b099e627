// A forked child for what cannot be undone in the test's own process: privileges, closed descriptors,
// signals.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

namespace diag::test {

/// Runs `body` in a child and hands back its value (0..127) as the child's exit status; 200 if it was killed.
template <class Body>
int in_child(Body body) {
  const auto child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return 201;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 200;
}

}  // namespace diag::test

// getrandom(2), whole or not at all.
#include "libdiag/io/entropy.hpp"

#include <cerrno>
#include <sys/random.h>

namespace diag::io {

result<std::uint64_t> entropy() {
  std::uint64_t word = 0;
  // Up to 256 octets come whole once the pool is ready; only waiting for the pool can be interrupted.
  ssize_t got = -1;
  do {
    got = ::getrandom(&word, sizeof word, 0);
  } while (got < 0 && errno == EINTR);
  if (got != ssize_t{sizeof word}) return system_failure(got < 0 ? errno : EIO, "read random numbers");
  return word;
}

}  // namespace diag::io

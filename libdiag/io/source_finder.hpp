// Which source address this host would send from: asked of the kernel's routes by connecting a UDP socket,
// which sends nothing.
//
// Whoever writes a checksum over a pseudo-header must know the source address before the kernel chooses it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/io/unique_fd.hpp"

namespace diag::io {

struct probe_socket_config;

class source_finder {
 public:
  /// `error` is an errno value (ENETUNREACH, EACCES, ...), or 0 and there is a source.
  struct answer {
    ip_address source{};
    int error = 0;
  };
  /// The first thousand destinations of each second are asked for one by one, then one for each /24 or /64: a
  /// sweep must not cost three system calls a target.
  const answer& find(const ip_address& destination);
  /// Routes and addresses change: what was found a second ago is asked for again. To be called before find(),
  /// but not for each.
  void refresh(mono_time at);

 private:
  struct entry {
    ip_address key{};
    answer found{};
  };
  source_finder(unique_fd socket, std::string interface);
  friend result<source_finder> open_source_finder(const probe_socket_config& config);
  [[nodiscard]] answer ask(const ip_address& destination);

  unique_fd socket_;
  std::string interface_;
  std::vector<entry> cache_;
  entry last_{};
  mono_time fresh_until_{};
  std::uint32_t asked_ = 0;
};

/// Heeds the interface and the mark of `config`. For a mark the privilege must be raised.
result<source_finder> open_source_finder(const probe_socket_config& config);

}  // namespace diag::io

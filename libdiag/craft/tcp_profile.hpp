// How a SYN looks: the window, hop limit and options of a system's own stack, or of a file's.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/craft/tcp_options.hpp"

namespace diag::craft {

/// One option of a SYN, in its place.
struct syn_option {
  enum class kind : std::uint8_t {
    mss,
    window_scale,
    sack_permitted,
    timestamps,
    no_operation,
    end,
    fast_open
  };
  kind what = kind::no_operation;
  std::uint16_t value = 0;  ///< mss: octets, 0: what suits the family (1460, 1440); window_scale: shift
};

struct tcp_profile {
  std::uint16_t window = 64240;
  std::optional<std::uint8_t> hop_limit{};  ///< none: this host's own
  std::vector<syn_option> options{};

  /// The first option of a kind; nullptr: none.
  [[nodiscard]] const syn_option* find(syn_option::kind kind) const;
};

tcp_profile linux_profile();    ///< Linux 6: mss, SACK permitted, timestamps, scale 7
tcp_profile windows_profile();  ///< Windows 10 and 11: mss, scale 8, SACK permitted; TTL 128
tcp_profile macos_profile();    ///< macOS 13: mss, scale 6, timestamps, SACK permitted
tcp_profile bare_profile();     ///< no option at all, as many scanners send it

/// At most forty octets. `timestamp` is the TSval.
tcp_options build_syn_options(const tcp_profile& profile, ip_family family, std::uint32_t timestamp);

}  // namespace diag::craft

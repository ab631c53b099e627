// One table: errno on the way out, in words, and what to do about it.
#include "libdiag/core/errno_words.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace diag {
namespace {

struct entry {
  int number;
  std::string_view words;
  std::string_view hint;
};

constexpr std::array entries{
    entry{EPERM, "blocked by this host's firewall", "see the nftables output chains: nft list ruleset"},
    entry{EINVAL, "a blackhole route of this host swallows it", "see: ip route get ADDRESS"},
    entry{EACCES, "refused by this host: prohibit route, or a broadcast address without permission",
          "see: ip route get ADDRESS; broadcast needs -b"},
    entry{ENETUNREACH, "no route from this host", "see: ip route get ADDRESS"},
    entry{EHOSTUNREACH, "no way there from this host: unreachable route, or the next hop does not answer",
          "see: ip route get ADDRESS; ip neighbor"},
    entry{EMSGSIZE, "larger than the path MTU and must not be fragmented", ""},
    entry{ENOBUFS, "local queue full", "lower the rate"},
    entry{EAGAIN, "local send buffer full", "lower the rate"},
    entry{ENOMEM, "out of memory in the kernel", ""},
    entry{ENETDOWN, "interface down", "see: ip link"},
    entry{ENXIO, "interface gone", "see: ip link"},
    entry{ENODEV, "no such interface", "see: ip link"},
    entry{EADDRNOTAVAIL, "source address not on this host", "see: ip address"},
    entry{EAFNOSUPPORT, "address family not available on this host", ""},
};
constexpr entry other{0, "refused by this host", ""};

const entry& lookup(int error_number) {
  const auto found = std::ranges::find(entries, error_number, &entry::number);
  return found == entries.end() ? other : *found;
}

}  // namespace

std::string_view describe_send_error(int error_number) {
  return lookup(error_number).words;
}
std::string_view send_error_hint(int error_number) {
  return lookup(error_number).hint;
}

}  // namespace diag

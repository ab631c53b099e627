// Opened before privileges are dropped, before any octet from a file or the network is read. The packet
// socket is bound to an interface later, when the targets are known; that takes no privilege.
#include "tools/arping/doors.hpp"

#include <fmt/format.h>

#include "libdiag/io/netlink.hpp"
#include "libdiag/io/probe_socket.hpp"
#include "tools/common/target_text.hpp"

namespace diag::arping {
namespace {

// What a sweep without a cap may pile up while the scheduler runs somebody else.
constexpr double burst_rate = 400'000;
constexpr std::size_t frame_size = 128;

/// The interface that every target written as an address is reached through; empty: names, or several. A
/// capture of one interface has the Ethernet headers, one of all has not.
std::string likely_interface(const arping_options& options) {
  if (!options.interface.empty() || options.local) return options.interface;
  std::string found;
  for (const auto& word : options.targets.words) {
    const auto text = tools::parse_target(word);
    const auto* block = text ? std::get_if<tools::address_block>(&*text) : nullptr;
    if (block == nullptr) return {};
    const auto way = io::route_to(block->first);
    if (!way || (!found.empty() && way->interface_name != found)) return {};
    found = way->interface_name;
  }
  return found;
}

}  // namespace

io::link_filter wanted_frames(const arping_options& options) {
  io::link_filter wanted;
  wanted.arp = options.targets.family != ip_family::v6;
  wanted.reverse_arp = options.by_reverse;
  wanted.neighbor_discovery = options.targets.family != ip_family::v4;
  wanted.echo_replies = options.wanted.has_value() || (options.local && wanted.neighbor_discovery);
  wanted.ether_type = options.ether_type;
  // Others who want an address ask in its group, which this host is not in (RFC 4862 §5.4.2).
  const bool listens_in = mode_of(options) == run_mode::claim || options.watch;
  wanted.every_group = listens_in && wanted.neighbor_discovery;
  wanted.others = options.source_mac.has_value();
  return wanted;
}

std::string capture_filter(const arping_options& options) {
  const auto wanted = wanted_frames(options);
  // Tags that the kernel has taken off do not hide what follows; those that we send are still there.
  std::string filter = "ether proto 0x8100 or ether proto 0x88a8";
  if (wanted.arp) filter += " or arp";
  if (wanted.reverse_arp) filter += " or rarp";
  if (wanted.neighbor_discovery) filter += " or (ip6[6] = 58 and ip6[40] >= 133 and ip6[40] <= 137)";
  if (wanted.echo_replies)
    filter +=
        " or (icmp and (icmp[0] = 0 or icmp[0] = 8)) or (ip6[6] = 58 and ip6[40] >= 128 and ip6[40] <= 129)";
  if (options.framing != craft::link_framing::ethernet_2) filter += " or llc";
  if (wanted.ether_type) filter += fmt::format(" or ether proto {:#x}", *wanted.ether_type);
  return filter;
}

result<doors> open_doors(const arping_options& options) {
  const auto rate = options.rate.value_or(0);
  const bool fast = options.rate && (rate <= 0 || rate > 1000);
  auto link = io::open_link_socket(
      fast ? io::receive_buffer_for(rate > 0 ? std::min(rate, burst_rate) : burst_rate, frame_size) : 0);
  if (!link) return link.error();
  doors open{std::move(*link)};
  if (!options.packets && options.pcap.empty()) return open;
  io::capture_config config;
  config.interface = likely_interface(options);
  config.filter = capture_filter(options);
  auto tap = io::open_capture(config);
  if (!tap) return tap.error();
  open.tap.emplace(std::move(*tap));
  return open;
}

}  // namespace diag::arping

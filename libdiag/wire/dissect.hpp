// Takes a frame or packet apart, outermost layer first. The only place that knows which protocol follows
// which.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libdiag/core/bytes.hpp"
#include "libdiag/wire/arp.hpp"
#include "libdiag/wire/dns_message.hpp"
#include "libdiag/wire/ethernet.hpp"
#include "libdiag/wire/icmpv4.hpp"
#include "libdiag/wire/icmpv6.hpp"
#include "libdiag/wire/ipv4.hpp"
#include "libdiag/wire/ipv6.hpp"
#include "libdiag/wire/quoted.hpp"
#include "libdiag/wire/sll2.hpp"
#include "libdiag/wire/tcp.hpp"
#include "libdiag/wire/udp.hpp"

namespace diag::wire {

/// What the octets begin with.
enum class link_type : std::uint8_t {
  ethernet,
  linux_sll2,
  raw_ip,  ///< IPv4 or IPv6, told apart by the version field
};

/// An IP fragment other than the first: octets without a transport header.
struct fragment_data {
  std::uint8_t protocol = 0;
  byte_view octets;
};
/// Octets no view reads further.
struct opaque_data {
  byte_view octets;
};

using layer_view =
    std::variant<opaque_data, fragment_data, ethernet_view, sll2_view, arp_view, ipv4_view, ipv6_view,
                 icmpv4_view, icmpv6_view, udp_view, tcp_view, dns_view, quoted_packet>;

/// What layer::protocol may be.
namespace layer_name {
inline constexpr std::string_view ethernet = "Ethernet";
inline constexpr std::string_view sll2 = "SLL2";
inline constexpr std::string_view arp = "ARP";
inline constexpr std::string_view ipv4 = "IPv4";
inline constexpr std::string_view ipv6 = "IPv6";
inline constexpr std::string_view extension_headers = "IPv6 extension headers";
inline constexpr std::string_view fragment = "fragment";
inline constexpr std::string_view icmpv4 = "ICMP";
inline constexpr std::string_view icmpv6 = "ICMPv6";
inline constexpr std::string_view quote = "quoted packet";
inline constexpr std::string_view icmp_extension = "ICMP extension";
inline constexpr std::string_view udp = "UDP";
inline constexpr std::string_view tcp = "TCP";
inline constexpr std::string_view dns = "DNS";
inline constexpr std::string_view data = "data";  ///< not read further
}  // namespace layer_name

struct layer {
  std::string_view protocol;  ///< one of layer_name; static storage
  std::size_t offset = 0;     ///< of the first octet, from the start of the frame
  std::size_t size = 0;       ///< octets of the header; of all of it where nothing is inside
  layer_view view;
};

enum class finding_kind : std::uint8_t {
  cut_short,   ///< a length field states more octets than there are
  unreadable,  ///< too short or too contradictory to be read as what it should be
  bad_length,  ///< a length field below the header's own size
  bad_checksum,
  unfinished_checksum,  ///< see checksum_validity::unfinished
  missing_checksum,     ///< UDP over IPv6 with checksum zero (RFC 8200 §8.1)
  malformed_options,
  malformed_extension_headers,
  malformed_extension,  ///< RFC 4884 structure of an ICMP error
  malformed_quote,      ///< the packet inside an ICMP error cannot be read
  trailing_octets,      ///< more octets than the lengths account for, and no link-layer padding
  too_deep,             ///< more layers than max_layers
};
std::string_view describe(finding_kind kind);

struct finding {
  finding_kind kind{};
  std::size_t layer = 0;  ///< index into dissection::layers
};

/// Borrows the octets it was made from.
struct dissection {
  static constexpr std::size_t max_layers = 16;
  byte_view bytes;
  std::vector<layer> layers;  ///< at most max_layers, outermost first; empty for no octets at all
  std::vector<finding> findings;

  [[nodiscard]] bool has(finding_kind kind) const;
  /// The innermost layer of this kind outside a quote; nullptr if there is none.
  template <class View>
  [[nodiscard]] const View* find() const {
    for (auto it = layers.rbegin(); it != layers.rend(); ++it)
      if (const auto* view = std::get_if<View>(&it->view)) return view;
    return nullptr;
  }
};

dissection dissect(byte_view bytes, link_type first);

/// One frame in one line. Printable ASCII only: the names and strings of DNS are escaped, no other text of
/// the frame goes in.
struct frame_summary {
  std::string from;  ///< innermost IP address, else MAC; empty when there is none
  std::string to;
  /// Of the innermost layer that has a name: "ICMP", "TCP", "ARP".
  std::string protocol;
  /// "Echo (ping) request id=0x1234 seq=1 ttl=64 64 octets", then the findings in brackets.
  std::string details;
};
frame_summary summary_line(const dissection& what);

}  // namespace diag::wire

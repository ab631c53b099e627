// Ethernet frames as captured, without preamble and FCS: IEEE 802.3 clause 3; VLAN tags: IEEE 802.1Q clause
// 9; LLC and SNAP: IEEE 802.2, RFC 1042.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"

namespace diag::wire {

namespace ether_type {
inline constexpr std::uint16_t ipv4 = 0x0800;
inline constexpr std::uint16_t arp = 0x0806;
inline constexpr std::uint16_t vlan = 0x8100;
inline constexpr std::uint16_t ipv6 = 0x86dd;
inline constexpr std::uint16_t reverse_arp = 0x8035;
inline constexpr std::uint16_t mpls = 0x8847;
inline constexpr std::uint16_t provider_vlan = 0x88a8;
inline constexpr std::uint16_t old_provider_vlan = 0x9100;
}  // namespace ether_type

/// "IPv4", "ARP"; "ethertype 0x88cc" for a value without a name here.
std::string describe_ether_type(std::uint16_t value);

/// One 802.1Q or 802.1ad tag.
struct vlan_tag {
  std::uint16_t tpid = 0;     ///< 0x8100, 0x88a8 or 0x9100
  std::uint16_t id = 0;       ///< 0..4095
  std::uint8_t priority = 0;  ///< 0..7
  bool drop_eligible = false;
};

struct llc_header {
  std::uint8_t dsap = 0;
  std::uint8_t ssap = 0;
  std::uint8_t control = 0;
};
/// Unnumbered information between the service access points of ARP (0x98).
bool is_arp(const llc_header& llc);

enum class ethernet_framing : std::uint8_t {
  ethernet_2,  ///< the type field names the payload
  llc,         ///< a length field, then 802.2 LLC
  snap,        ///< a length field, then LLC aa-aa-03 with OUI and type
};

/// Borrowed look at a frame. Owns nothing.
class ethernet_view {
 public:
  static constexpr std::size_t header_size = 14;
  static constexpr std::size_t max_tags = 4;

  /// Refuses `truncated`: fewer than 14 octets, or a VLAN tag without its four octets. A fifth tag is left in
  /// the payload under its own type.
  [[nodiscard]] static result<ethernet_view, wire_errc> parse(byte_view bytes);

  [[nodiscard]] mac_address destination() const;
  [[nodiscard]] mac_address source() const;
  /// After all tags; the SNAP type when the OUI is 00-00-00 (RFC 1042); 0 for LLC without SNAP.
  [[nodiscard]] std::uint16_t ether_type() const { return type_; }
  [[nodiscard]] ethernet_framing framing() const { return framing_; }
  /// Outermost first.
  [[nodiscard]] std::span<const vlan_tag> tags() const { return std::span{tags_}.first(tag_count_); }
  /// Present unless framing() is ethernet_2 or the frame ends before it.
  [[nodiscard]] std::optional<llc_header> llc() const { return llc_; }
  [[nodiscard]] std::optional<std::uint32_t> snap_oui() const { return oui_; }
  /// The 802.3 length field; nullopt for ethernet_2.
  [[nodiscard]] std::optional<std::uint16_t> length() const { return length_; }
  /// The length field states more octets than there are.
  [[nodiscard]] bool truncated() const { return truncated_; }

  /// Octets up to and including the last header read here.
  [[nodiscard]] std::size_t header_length() const { return header_length_; }
  /// What follows. With a length field, no more than it covers; otherwise padding is included.
  [[nodiscard]] byte_view payload() const { return payload_; }
  [[nodiscard]] byte_view bytes() const { return bytes_; }

 private:
  explicit ethernet_view(byte_view bytes) : bytes_{bytes} {}
  void read_llc(std::uint16_t length);

  byte_view bytes_;
  byte_view payload_;
  std::size_t header_length_ = header_size;
  std::array<vlan_tag, max_tags> tags_{};
  std::size_t tag_count_ = 0;
  std::optional<std::uint16_t> length_;
  std::optional<llc_header> llc_;
  std::optional<std::uint32_t> oui_;
  std::uint16_t type_ = 0;
  ethernet_framing framing_ = ethernet_framing::ethernet_2;
  bool truncated_ = false;
};

}  // namespace diag::wire

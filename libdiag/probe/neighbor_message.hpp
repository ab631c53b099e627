// What one frame says about who owns an address: ARP (RFC 826, 903, 2390, 5227), neighbour discovery (RFC
// 4861 §4.3, §4.4) and answers to an echo request, as plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "libdiag/core/address.hpp"
#include "libdiag/craft/link_frame.hpp"
#include "libdiag/probe/stimulus.hpp"
#include "libdiag/probe/verdict.hpp"
#include "libdiag/wire/ethernet.hpp"

namespace diag::probe {

/// Ourselves on one link: how our frames go out, and so what answers to them look like.
struct neighbor_link {
  std::uint32_t interface = 0;
  craft::link_fields frames{};  ///< source address of the frames, tags, framing, forced ethertype
  mac_address hardware{};       ///< sender hardware address; differs from frames.source only on request
  ip_address v4{};              ///< our address on it; unspecified (0.0.0.0) asks as RFC 5227 probes do
  ip_address v6{};
};

struct neighbor_message {
  enum class kind : std::uint8_t {
    request,        ///< ARP: somebody asks for `asked`
    reply,          ///< ARP: `owner` has `claimed`
    probe,          ///< somebody wants to use `asked` (RFC 5227 §2.1, RFC 4862 §5.4): `claimed` is unset
    announcement,   ///< ARP request or reply with sender and target address the same (RFC 5227 §2.3)
    solicitation,   ///< ND: somebody asks for `asked`
    advertisement,  ///< ND: `owner` has `claimed`
    reverse_request,
    reverse_reply,  ///< RFC 903; claimed and owner are the target fields of the reply
    inverse_request,
    inverse_reply,  ///< RFC 2390; claimed and owner are the sender fields
    echo_reply,     ///< ICMP: a host with `claimed` and the frame's source address is there
  };
  kind what = kind::reply;
  ip_address claimed{};  ///< whose owner the message names; unset in probes
  mac_address owner{};   ///< ARP: sender hardware address; ND: the link-layer address option, or the
                         ///< frame's source where there is none
  bool owner_stated =
      true;            ///< false: ND without the option, or an echo reply: `owner` is the frame's source
  ip_address asked{};  ///< ARP target protocol address; target of a solicitation
  mac_address target_hardware{};       ///< ARP target hardware address
  ip_address source{}, destination{};  ///< of the IP packet; unset for ARP
  mac_address frame_source{}, frame_destination{};
  bool router = false, solicited = false, override_flag = false;  ///< of an advertisement
  std::optional<std::array<std::byte, 6>> nonce{};                ///< of a solicitation
  std::optional<std::uint64_t> echo_tag{};  ///< first eight octets of the payload of an echo reply
  std::uint16_t echo_identifier = 0, echo_sequence = 0;
  std::optional<wire::vlan_tag> tag{};     ///< the outermost
  [[nodiscard]] bool to_everyone() const;  ///< broadcast or multicast frame
};
std::string_view describe(neighbor_message::kind what);

/// A frame that is none of our business: another protocol, an ICMP message of another kind.
struct unrelated_frame {};
/// A frame of these protocols that is not to be believed. What could be read is in `message`. With
/// wrong_framing and wrong_vlan it is whole if it would have been believed otherwise, and has only the
/// frame's addresses and tag if not.
struct unbelievable_frame {
  reject_reason why = reject_reason::bad_arp_header;
  neighbor_message message{};
};
using frame_reading = std::variant<unrelated_frame, unbelievable_frame, neighbor_message>;

/// Reads a whole frame (framing::ethernet_frame). Decides by the octets alone, and by which tags, framing and
/// ethertype `ours` has: the first reason that applies, in the order headers, framing, tag, message. A frame
/// that only carries priority (VLAN 0) counts as untagged. Whether it answers anything is not decided here.
frame_reading read_neighbor_frame(const arrival& packet, const neighbor_link& ours);

/// 00:00:00:00:00:00 and ff:ff:ff:ff:ff:ff own nothing.
bool is_valid_owner(const mac_address& mac);
bool is_group(const mac_address& mac);                 ///< IEEE 802 §8.2.2: I/G bit
bool is_locally_administered(const mac_address& mac);  ///< U/L bit
inline constexpr mac_address broadcast_mac{
    {std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}}};

}  // namespace diag::probe

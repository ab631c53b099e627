// libnet at work: every layer becomes one or more of its protocol blocks, innermost first, and the blocks one
// packet.
//
// libnet is never asked for a checksum: it sums what length fields say, and those may be forced to lie. The
// builders take any sum but zero as given, and finish_frame() writes the real one.
#include "libdiag/craft/frame.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <libnet.h>

#include "libdiag/craft/finish.hpp"
#include "libdiag/craft/plan.hpp"

namespace diag::craft {
namespace {

constexpr std::uint16_t sum_comes_later = 0xffff;
constexpr std::array<std::byte, 8> zeros{};

const std::uint8_t* raw(byte_view octets) {
  return static_cast<const std::uint8_t*>(static_cast<const void*>(octets.data()));
}

/// In network order, as libnet wants IPv4 addresses.
std::uint32_t raw_v4(const ip_address& address) {
  std::uint32_t value = 0;
  if (address.is_v4()) std::memcpy(&value, address.bytes().data(), sizeof value);
  return value;
}

libnet_in6_addr raw_v6(const ip_address& address) {
  libnet_in6_addr value{};
  if (address.is_v6()) std::memcpy(&value, address.bytes().data(), sizeof value);
  return value;
}

std::uint16_t low16(std::size_t value) {
  return static_cast<std::uint16_t>(value & 0xffff);
}

/// One layer into blocks. Every member gives libnet's verdict: false and libnet_geterror() has the reason.
struct block_writer {
  libnet_t* context;
  std::span<const layer> inner;
  const placement& at;

  [[nodiscard]] std::size_t inside() const { return at.size - at.header; }

  bool data(byte_view octets) const {
    if (octets.empty()) return true;
    return libnet_build_data(raw(octets), static_cast<std::uint32_t>(octets.size()), context, 0) != -1;
  }

  /// Zeros after the octets, up to `size` in all: libnet pads options itself, but reads past the end of its
  /// padding.
  bool padded_data(byte_view octets, std::size_t size) const {
    return data(byte_view{zeros}.first(size - octets.size())) && data(octets);
  }

  /// The type, or the length where 802.2 follows (IEEE 802.3 §3.2.6).
  [[nodiscard]] std::uint16_t type_of(const forced<std::uint16_t>& type) const {
    if (type) return *type;
    if (!inner.empty() && std::holds_alternative<llc_fields>(inner.front())) return low16(inside());
    return ether_type(inner);
  }
  [[nodiscard]] std::uint8_t protocol_of(const forced<std::uint8_t>& number) const {
    return number.value_or(protocol_number(inner));
  }

  bool operator()(const ethernet_fields& f) const {
    return libnet_build_ethernet(raw(f.destination.octets), raw(f.source.octets), type_of(f.type), nullptr, 0,
                                 context, 0) != -1;
  }

  bool operator()(const vlan_fields& f) const {
    // libnet's 802.1Q block begins with the two MAC addresses, so a second tag could not follow a first one.
    std::array<std::byte, 4> tag{};
    store_be16(tag, 0, low16((f.priority & 7u) << 13 | (f.drop_eligible ? 0x1000u : 0u) | (f.id & 0xfffu)));
    store_be16(tag, 2, type_of(f.type));
    return data(tag);
  }

  bool operator()(const llc_fields& f) const {
    return libnet_build_802_2(f.dsap, f.ssap, f.control, nullptr, 0, context, 0) != -1;
  }

  bool operator()(const snap_fields& f) const {
    // libnet's SNAP block contains the LLC header, which is a layer of its own here.
    std::array<std::byte, 5> header{};
    store_u8(header, 0, static_cast<std::uint8_t>(f.oui >> 16 & 0xff));
    store_be16(header, 1, low16(f.oui));
    store_be16(header, 3, f.type.value_or(ether_type(inner)));
    return data(header);
  }

  bool operator()(const arp_fields& f) const {
    // libnet reads as many octets of each address as the lengths say, so forced ones are written afterwards.
    std::array<std::byte, 8> protocol{};
    std::copy_n(f.sender_protocol.bytes().begin(), f.sender_protocol.bytes().size(), protocol.begin());
    std::copy_n(f.target_protocol.bytes().begin(), f.target_protocol.bytes().size(), protocol.begin() + 4);
    return libnet_build_arp(f.hardware_type, f.protocol_type, 6, 4, f.operation,
                            raw(f.sender_hardware.octets), raw(protocol), raw(f.target_hardware.octets),
                            raw(byte_view{protocol}.subspan(4)), nullptr, 0, context, 0) != -1;
  }

  bool operator()(const ipv4_fields& f) const {
    const auto flags = (f.reserved_flag ? 0x8000u : 0u) | (f.dont_fragment ? 0x4000u : 0u) |
                       (f.more_fragments ? 0x2000u : 0u) | (f.fragment_offset & 0x1fffu);
    return padded_data(f.options, at.header - 20) &&
           libnet_build_ipv4(f.total_length.value_or(low16(at.size)), f.tos, f.identification, low16(flags),
                             f.ttl, protocol_of(f.protocol), sum_comes_later, raw_v4(f.source),
                             raw_v4(f.destination), nullptr, 0, context, 0) != -1;
  }

  bool operator()(const ipv6_fields& f) const {
    return libnet_build_ipv6(f.traffic_class, f.flow_label, f.payload_length.value_or(low16(inside())),
                             protocol_of(f.next_header), f.hop_limit, raw_v6(f.source), raw_v6(f.destination),
                             nullptr, 0, context, 0) != -1;
  }

  /// PadN is type 1, length, zeros; a single octet is Pad1, type 0 (RFC 8200 §4.2).
  bool option_padding(std::size_t size) const {
    std::array<std::byte, 8> padding{};
    if (size > 1) {
      padding[0] = std::byte{1};
      padding[1] = static_cast<std::byte>(size - 2);
    }
    return data(byte_view{padding}.first(size));
  }

  /// In units of eight octets, not counting the first eight (RFC 8200 §4.3).
  [[nodiscard]] std::uint8_t extension_length(const forced<std::uint8_t>& length) const {
    return length.value_or(static_cast<std::uint8_t>(at.header / 8 - 1));
  }

  bool operator()(const hop_by_hop_fields& f) const {
    return option_padding(at.header - 2 - f.options.size()) && data(f.options) &&
           libnet_build_ipv6_hbhopts(protocol_of(f.next_header), extension_length(f.length), nullptr, 0,
                                     context, 0) != -1;
  }

  bool operator()(const destination_options_fields& f) const {
    return option_padding(at.header - 2 - f.options.size()) && data(f.options) &&
           libnet_build_ipv6_destopts(protocol_of(f.next_header), extension_length(f.length), nullptr, 0,
                                      context, 0) != -1;
  }

  bool operator()(const routing_fields& f) const {
    for (std::size_t i = f.addresses.size(); i-- > 0;) {
      const auto address = raw_v6(f.addresses[i]);
      if (!data(std::as_bytes(std::span{&address, 1}))) return false;
    }
    std::array<std::byte, 4> reserved{};
    store_be32(reserved, 0, f.reserved);
    return data(reserved) && libnet_build_ipv6_routing(protocol_of(f.next_header), extension_length(f.length),
                                                       f.type, f.segments_left, nullptr, 0, context, 0) != -1;
  }

  bool operator()(const fragment_fields& f) const {
    // libnet stores the two numbers as they come: finish_frame() writes them in network order.
    return libnet_build_ipv6_frag(protocol_of(f.next_header), 0, 0, 0, nullptr, 0, context, 0) != -1;
  }

  bool operator()(const icmpv4_fields& f) const {
    switch (f.type) {
      case 3:
        return libnet_build_icmpv4_unreach(f.type, f.code, sum_comes_later, nullptr, 0, context, 0) != -1;
      case 5:
        return libnet_build_icmpv4_redirect(f.type, f.code, sum_comes_later, raw_v4(f.gateway), nullptr, 0,
                                            context, 0) != -1;
      case 11:
      case 12:  // libnet has no parameter problem; its time exceeded has the same shape
        return libnet_build_icmpv4_timeexceed(f.type, f.code, sum_comes_later, nullptr, 0, context, 0) != -1;
      case 13:
      case 14:
        return libnet_build_icmpv4_timestamp(f.type, f.code, sum_comes_later, f.identifier, f.sequence,
                                             f.originate, f.receive, f.transmit, nullptr, 0, context,
                                             0) != -1;
      default:
        return libnet_build_icmpv4_echo(f.type, f.code, sum_comes_later, f.identifier, f.sequence, nullptr, 0,
                                        context, 0) != -1;
    }
  }

  bool operator()(const icmpv6_fields& f) const {
    if (!data(f.options)) return false;
    switch (f.type) {
      case 135:
        return libnet_build_icmpv6_ndp_nsol(f.type, f.code, sum_comes_later, raw_v6(f.target), nullptr, 0,
                                            context, 0) != -1;
      case 136: {
        const std::uint32_t flags =
            (f.router ? 1u << 31 : 0u) | (f.solicited ? 1u << 30 : 0u) | (f.override_entry ? 1u << 29 : 0u);
        return libnet_build_icmpv6_ndp_nadv(f.type, f.code, sum_comes_later, flags, raw_v6(f.target), nullptr,
                                            0, context, 0) != -1;
      }
      default: {
        // libnet knows no other type by name; finish_frame() fills in what differs from an echo.
        const std::array<std::byte, 32> body{};
        return data(byte_view{body}.first(neighbor_body_size(f))) &&
               libnet_build_icmpv6_echo(f.type, f.code, sum_comes_later, f.identifier, f.sequence, nullptr, 0,
                                        context, 0) != -1;
      }
    }
  }

  bool operator()(const udp_fields& f) const {
    return libnet_build_udp(f.source_port, f.destination_port, f.length.value_or(low16(at.size)),
                            sum_comes_later, nullptr, 0, context, 0) != -1;
  }

  bool operator()(const tcp_fields& f) const {
    return padded_data(f.options, at.header - 20) &&
           libnet_build_tcp(f.source_port, f.destination_port, f.sequence, f.acknowledgment,
                            static_cast<std::uint8_t>(f.flags & 0xff), f.window, sum_comes_later,
                            f.urgent_pointer, LIBNET_TCP_H, nullptr, 0, context, 0) != -1;
  }

  bool operator()(const payload_fields& f) const { return data(f.octets); }

  /// What follows the quote of an ICMP error.
  bool trailer(const layer& what) const {
    const auto* v4 = std::get_if<icmpv4_fields>(&what);
    const auto* v6 = std::get_if<icmpv6_fields>(&what);
    if (v4 == nullptr && v6 == nullptr) return true;
    const auto extension = v4 != nullptr ? v4->extension : v6->extension;
    const std::vector<std::byte> padding(at.padding);
    return data(extension) && data(padding);
  }
};

}  // namespace

class frame_builder::blocks {
 public:
  explicit blocks(libnet_t* context) : context_{context} {}
  blocks(const blocks&) = delete;
  blocks& operator=(const blocks&) = delete;
  ~blocks() { libnet_destroy(context_); }

  /// A block lands before those that are there already: what comes last in the frame is written first.
  bool write(std::span<const layer> layers, std::span<const placement> at) const {
    libnet_clear_packet(context_);
    for (std::size_t i = 0; i < layers.size(); ++i)
      if (!block_writer{context_, {}, at[i]}.trailer(layers[i])) return false;
    for (std::size_t i = layers.size(); i-- > 0;)
      if (!std::visit(block_writer{context_, layers.subspan(i + 1), at[i]}, layers[i])) return false;
    return true;
  }

  bool coalesce(std::vector<std::byte>& out) const {
    if (context_->total_size == 0) return true;  // libnet takes a packet to have a block
    std::uint8_t* packet = nullptr;
    std::uint32_t size = 0;
    if (libnet_pblock_coalesce(context_, &packet, &size) == -1) return false;
    const std::unique_ptr<std::uint8_t, decltype(&std::free)> owned{packet, &std::free};
    const auto octets = std::as_bytes(std::span{packet, size});
    out.insert(out.end(), octets.begin(), octets.end());
    return true;
  }

  [[nodiscard]] failure error() const {
    const char* text = libnet_geterror(context_);
    return {.operation = "build frame", .why = text == nullptr ? "out of memory" : text};
  }

 private:
  libnet_t* context_;
};

frame_builder::frame_builder(std::unique_ptr<blocks> context) : blocks_{std::move(context)} {}
frame_builder::frame_builder(frame_builder&&) noexcept = default;
frame_builder& frame_builder::operator=(frame_builder&&) noexcept = default;
frame_builder::~frame_builder() = default;

result<frame_builder> frame_builder::make() {
  std::array<char, LIBNET_ERRBUF_SIZE> error{};
  auto* context = libnet_init(LIBNET_NONE, nullptr, error.data());
  if (context == nullptr) return failure{.operation = "set libnet up", .why = error.data()};
  return frame_builder{std::make_unique<blocks>(context)};
}

result<void> frame_builder::append(std::span<const layer> layers, std::vector<std::byte>& out) {
  if (auto planned = plan_layers(layers, placements_); !planned) return planned;
  const auto begin = out.size();
  if (!blocks_->write(layers, placements_) || !blocks_->coalesce(out)) return blocks_->error();
  finish_frame(byte_span{out}.subspan(begin), layers, placements_);
  return {};
}

result<std::vector<std::byte>> frame_builder::build(std::span<const layer> layers) {
  std::vector<std::byte> frame;
  if (const auto built = append(layers, frame); !built) return built.error();
  return frame;
}

result<std::vector<std::byte>> build_frame(std::span<const layer> layers) {
  auto builder = frame_builder::make();
  if (!builder) return builder.error();
  return builder->build(layers);
}

result<std::vector<std::byte>> build_frame(std::initializer_list<layer> layers) {
  return build_frame(std::span{layers.begin(), layers.size()});
}

}  // namespace diag::craft

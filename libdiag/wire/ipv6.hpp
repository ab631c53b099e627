// IPv6 header and extension headers: RFC 8200 §3 and §4; authentication header: RFC 4302 §2.2; jumbograms:
// RFC 2675.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"

namespace diag::wire {

/// Borrowed look at a packet; its octets may end before, or go on after, what payload_length() states.
class ipv6_view {
 public:
  static constexpr std::size_t header_size = 40;

  /// Refuses `truncated` (fewer than 40 octets) and `bad_version`.
  [[nodiscard]] static result<ipv6_view, wire_errc> parse(byte_view bytes);

  [[nodiscard]] std::uint8_t version() const;
  [[nodiscard]] std::uint8_t traffic_class() const;
  [[nodiscard]] std::uint8_t dscp() const { return static_cast<std::uint8_t>(traffic_class() >> 2); }
  [[nodiscard]] std::uint8_t ecn() const { return traffic_class() & 3U; }
  [[nodiscard]] std::uint32_t flow_label() const;
  [[nodiscard]] std::uint16_t payload_length() const;
  [[nodiscard]] std::uint8_t next_header() const;  ///< see ip_protocol.hpp
  [[nodiscard]] std::uint8_t hop_limit() const;
  [[nodiscard]] ip_address source() const;
  [[nodiscard]] ip_address destination() const;

  [[nodiscard]] byte_view header() const { return bytes_.first(header_size); }
  /// From the header to payload_length(), or to where the octets end. A length of zero before a hop-by-hop
  /// header may be a jumbogram: then all octets there are.
  [[nodiscard]] byte_view payload() const;
  /// payload_length() states more octets than there are.
  [[nodiscard]] bool truncated() const { return payload_length() > bytes_.size() - header_size; }
  /// Octets after payload(): link-layer padding, or something to look at.
  [[nodiscard]] byte_view trailing() const;
  [[nodiscard]] byte_view bytes() const { return bytes_; }

 private:
  explicit ipv6_view(byte_view bytes) : bytes_{bytes} {}
  byte_view bytes_;
};

struct ipv6_fragment {
  std::uint16_t offset = 0;  ///< in octets
  bool more = false;
  std::uint32_t identification = 0;
};

/// Where a chain of extension headers ends. Everything is filled as far as it could be read.
struct ipv6_upper_layer {
  std::uint8_t protocol = 0;                  ///< of `payload`; no_next_header (59) when the chain says so
  byte_view payload;                          ///< data of a fragment when `fragment` has an offset
  std::optional<ipv6_fragment> fragment;      ///< the last fragment header seen
  std::optional<std::uint32_t> jumbo_length;  ///< of the jumbo payload option
  std::size_t header_count = 0;               ///< extension headers passed
  std::size_t headers_size = 0;               ///< their octets
  bool routed = false;     ///< a routing header has segments left: the checksum covers another destination
  bool truncated = false;  ///< an extension header goes past the octets; `protocol` is that header's
  bool malformed = false;  ///< truncated, or more than max_extension_headers
};

/// Chains longer than this are refused: each of them costs a walk, and no honest sender comes near.
inline constexpr std::size_t max_extension_headers = 32;

/// Walks hop-by-hop, routing, fragment, destination options and authentication headers. Stops at the first
/// other header, at a fragment that is not the first, and at ESP.
ipv6_upper_layer upper_layer(const ipv6_view& packet);
ipv6_upper_layer upper_layer(std::uint8_t next_header, byte_view octets);

}  // namespace diag::wire

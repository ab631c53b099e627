// Frames out: a list of layers, outermost first, becomes octets. libnet lays the headers out (LIBNET_NONE: no
// socket, no privilege); lengths, protocol numbers and checksums that were not forced are computed over the
// octets that are really there.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/craft/fields.hpp"

namespace diag::craft {

/// Where a layer lies in its frame.
struct placement {
  std::size_t offset = 0;   ///< of its first octet
  std::size_t header = 0;   ///< its own octets before the next layer
  std::size_t padding = 0;  ///< zeros between the quote of an ICMP error and its extension
  std::size_t size = 0;     ///< all of it: header, layers inside, padding, extension
};

/// Owns one libnet context; move-only. Layers may be put in any order, sensible or not. What cannot be
/// written at all is a failure: a length that its field cannot hold and that was not forced, too many
/// options, an address of the wrong family, no layers.
///
/// A UDP, TCP or ICMPv6 checksum needs addresses: without an IP layer before it stays zero. In a fragment it
/// covers what the fragment holds: the rest of the datagram is not known here.
class frame_builder {
 public:
  static result<frame_builder> make();
  frame_builder(frame_builder&&) noexcept;
  frame_builder& operator=(frame_builder&&) noexcept;
  ~frame_builder();

  result<std::vector<std::byte>> build(std::span<const layer> layers);
  /// Appends to `out`, which keeps its capacity between frames; unchanged on failure.
  result<void> append(std::span<const layer> layers, std::vector<std::byte>& out);
  /// Of the layers of the last frame built, offsets from its first octet.
  [[nodiscard]] std::span<const placement> placements() const { return placements_; }

 private:
  class blocks;
  explicit frame_builder(std::unique_ptr<blocks> context);
  std::unique_ptr<blocks> blocks_;
  std::vector<placement> placements_;
};

/// One frame with a context of its own: for tests and for what is built once.
result<std::vector<std::byte>> build_frame(std::span<const layer> layers);
result<std::vector<std::byte>> build_frame(std::initializer_list<layer> layers);

}  // namespace diag::craft

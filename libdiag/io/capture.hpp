// Both directions of the wire as libpcap sees them, with the kernel's nanosecond stamps.
//
// libpcap is loaded when the first capture is asked for: it drags eight libraries into a process that may
// hold a capability, and every handle costs 8 to 16 ms to close (an RCU grace period of the kernel).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/io/clock.hpp"
#include "libdiag/probe/machine.hpp"

namespace diag::io {

/// LINKTYPE_ numbers as pcap files use them.
enum class link_type : std::uint16_t { ethernet = 1, raw_ip = 101, linux_sll2 = 276 };

/// One captured frame; `bytes` and `packet` are borrowed until the next receive().
struct frame {
  byte_view bytes;              ///< from the link header on
  byte_view packet;             ///< from the network header on; empty when the link header is cut short
  std::size_t wire_size = 0;    ///< octets on the wire (bytes may be cut), link header included
  std::uint16_t ethertype = 0;  ///< what `packet` is: 0x0800, 0x86dd, 0x0806, ...
  std::uint32_t interface = 0;  ///< index; 0 unknown
  bool outgoing = false;        ///< sent by this host
  wall_time wall{};             ///< as the kernel stamped it
  probe::moment kernel{};       ///< the same on the monotonic clock; source user when the clock was stepped
};

struct capture_config {
  std::string interface {};        ///< empty: every interface, as LINUX_SLL2
  std::string filter{};            ///< pcap-filter(7); empty: everything
  std::size_t snap_length = 2048;  ///< every slot of the ring is this long, so more costs slots
  std::size_t buffer_size = std::size_t{4} << 20;
};

class capture {
 public:
  capture(capture&&) noexcept;
  capture& operator=(capture&&) noexcept;
  ~capture();

  [[nodiscard]] int fd() const;
  [[nodiscard]] link_type link() const;
  /// Whether the frames of every interface come, so that one packet may show up on several.
  [[nodiscard]] bool all_interfaces() const;
  /// Up to 64 pending frames, borrowed until the next call; empty: nothing pending. Never blocks.
  std::span<const frame> receive(clock_bridge& clocks);
  /// Frames the kernel dropped since the last call.
  std::uint64_t take_drops();

 private:
  struct state;
  explicit capture(std::unique_ptr<state> made);
  friend result<capture> open_capture(const capture_config& config);
  std::unique_ptr<state> state_;
};

/// Loads libpcap and opens. Needs CAP_NET_RAW (raised if permitted).
result<capture> open_capture(const capture_config& config);

}  // namespace diag::io

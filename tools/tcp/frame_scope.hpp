// Which captured frames are this run's own: --packets and --pcap show no others. The capture is opened with
// privileges that the user may not have, and --packets over the connection that shows it would show itself,
// for ever.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "libdiag/core/address.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/io/capture.hpp"

namespace diag::tcp {

/// As the frames have it, so without scopes.
struct connection {
  ip_address ours{}, theirs{};
  std::uint16_t our_port = 0, their_port = 0;
};

class frame_scope {
 public:
  /// When the run was done with a connection: its ports may be somebody else's by now. nullopt: never a
  /// connection of the run; mono_time::max(): it is under way, or its port is ours to the end.
  using lookup = std::function<std::optional<mono_time>(const connection&)>;

  explicit frame_scope(lookup done_with) : done_with_{std::move(done_with)} {}

  /// Segments between the ends of a connection, and ICMP errors that quote one from us. After its end those
  /// alone that carry no data. What is too broken to name its ends is not hidden.
  [[nodiscard]] bool concerns(const io::frame& one) const;

 private:
  [[nodiscard]] bool is_ours(const connection& which, mono_time at, bool bare) const;

  lookup done_with_;
};

}  // namespace diag::tcp

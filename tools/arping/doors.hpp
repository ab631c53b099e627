// What a run opens while it may: one packet socket, and a capture if one is asked for.
#pragma once

#include <optional>
#include <string>

#include "libdiag/core/result.hpp"
#include "libdiag/io/capture.hpp"
#include "libdiag/io/link_socket.hpp"
#include "tools/arping/options.hpp"

namespace diag::arping {

struct doors {
  io::link_socket link;
  std::optional<io::capture> tap{};
};

result<doors> open_doors(const arping_options& options);

/// What of our frames and their answers the socket lets in.
io::link_filter wanted_frames(const arping_options& options);
/// The same for a capture, in the language of pcap-filter(7).
std::string capture_filter(const arping_options& options);

}  // namespace diag::arping

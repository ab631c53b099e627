// The last step of a frame: what libnet could not be told, and every checksum. Inside craft only.
#pragma once

#include <span>

#include "libdiag/core/bytes.hpp"
#include "libdiag/craft/fields.hpp"
#include "libdiag/craft/frame.hpp"

namespace diag::craft {

/// `frame` holds exactly the layers at their placements.
void finish_frame(byte_span frame, std::span<const layer> layers, std::span<const placement> placements);

}  // namespace diag::craft

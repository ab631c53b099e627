// What one delay wire is asked to do to the frames that cross it, and the command line that says so.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

namespace delay_wire {

using nanoseconds = std::chrono::nanoseconds;

/// A share of all frames, kept as a threshold in 2^32 so that a decision is one integer comparison.
struct share {
  std::uint64_t of_two_to_32{0};
};

/// One direction's treatment. Zero everywhere is a straight wire.
struct treatment {
  nanoseconds delay{0};
  nanoseconds jitter{0};  ///< uniform in [-jitter, +jitter]; keeps the order of frames
  share loss, dup, reorder, corrupt;
  nanoseconds reorder_by{std::chrono::milliseconds{50}};  ///< how long a reordered frame is held back
  std::uint64_t bits_per_second{0};                       ///< 0: no limit
  std::uint64_t queue{1000};  ///< frames that may wait for a rate-limited wire; more are dropped
};

/// One end: the TAP `interface`, made in the network namespace `space` (a name, or a path with a slash).
struct wire_end {
  std::string space;
  std::string interface;
};

struct settings {
  std::array<wire_end, 2> ends;
  std::array<treatment, 2> directions;  ///< [0] from end 0 to end 1, [1] back
  std::uint64_t seed{1};
  bool spare_neighbours{true};           ///< ARP, ND and MLD are delayed but never lost, doubled or damaged
  std::optional<std::uint64_t> dry_run;  ///< print this many decisions a direction; touch no network
  std::optional<int> ready_fd;           ///< gets one newline when both ends exist
};

/// Every option is `--name=value`; a value with a slash, `10ms/30ms`, means there and back.
/// Numbers need their unit, and the whole word must be one. The other alternative is one line of blame.
std::variant<settings, std::string> parse_arguments(std::span<char* const> arguments);

extern const char* const usage;

}  // namespace delay_wire

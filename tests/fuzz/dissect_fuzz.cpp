// Fuzz target: whole frames; the first octet chooses the link type. The line for each must be printable
// ASCII.
#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/wire/touch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const diag::byte_view octets = std::as_bytes(std::span{data, size});
  diag::wire::test::toucher touch;
  if (octets.empty()) return 0;
  const auto what =
      diag::wire::dissect(octets.subspan(1), diag::wire::link_type{static_cast<std::uint8_t>(data[0] % 3)});
  if (what.layers.size() > diag::wire::dissection::max_layers) __builtin_trap();
  for (const auto& layer : what.layers)
    if (layer.offset + layer.size > size - 1) __builtin_trap();
  for (const auto& finding : what.findings)
    if (!what.layers.empty() && finding.layer >= what.layers.size()) __builtin_trap();
  touch(what);
  const auto line = diag::wire::summary_line(what);
  for (const char c : line.from + line.to + line.protocol + line.details)
    if (c < 0x20 || c > 0x7e) __builtin_trap();
  return 0;
}

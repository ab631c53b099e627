// Fuzz target: IPv6 header and its chain of extension headers.
#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/wire/touch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const diag::byte_view octets = std::as_bytes(std::span{data, size});
  diag::wire::test::toucher touch;
  if (const auto packet = diag::wire::ipv6_view::parse(octets)) touch(*packet);
  // Without the fixed header, so that each mutation hits the chain: first octet = next header.
  if (!octets.empty()) {
    const auto upper = diag::wire::upper_layer(data[0], octets.subspan(1));
    if (upper.headers_size + upper.payload.size() != size - 1) __builtin_trap();
    if (upper.header_count > diag::wire::max_extension_headers) __builtin_trap();
    touch(upper.payload);
  }
  return 0;
}

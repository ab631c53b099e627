// Fuzz target: IPv4 header, its options, and the message inside.
#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/wire/touch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const diag::byte_view octets = std::as_bytes(std::span{data, size});
  diag::wire::test::toucher touch;
  if (const auto packet = diag::wire::ipv4_view::parse(octets)) touch(*packet);
  touch(diag::wire::dissect(octets, diag::wire::link_type::raw_ip));
  return 0;
}

// Fuzz target: the packet quoted in an ICMP error, in both families.
#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/wire/touch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const diag::byte_view octets = std::as_bytes(std::span{data, size});
  diag::wire::test::toucher touch;
  for (const auto family : {diag::ip_family::v4, diag::ip_family::v6}) {
    const auto quote = diag::wire::parse_quote(octets, family);
    if (!quote) continue;
    if (quote->header.size() + quote->transport.size() > size) __builtin_trap();
    touch(*quote);
  }
  return 0;
}

// Fuzz target: an ICMP error message with its RFC 4884 structure; the first octet chooses the family, and
// bare objects.
#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/wire/touch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const diag::byte_view octets = std::as_bytes(std::span{data, size});
  diag::wire::test::toucher touch;
  if (octets.empty()) return 0;
  const auto rest = octets.subspan(1);
  switch (data[0] % 3) {
    case 0:
      if (const auto message = diag::wire::icmpv4_view::parse(rest)) touch(*message);
      break;
    case 1:
      if (const auto message = diag::wire::icmpv6_view::parse(rest)) touch(*message);
      break;
    default:
      touch.error_body({.original = {}, .extension = diag::wire::icmp_extension{.objects = rest}},
                       diag::ip_family::v4);
  }
  return 0;
}

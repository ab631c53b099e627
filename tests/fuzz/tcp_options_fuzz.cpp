// Fuzz target: TCP header and options, and a bare option list.
#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/wire/touch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const diag::byte_view octets = std::as_bytes(std::span{data, size});
  diag::wire::test::toucher touch;
  touch.options(octets);
  if (const auto segment = diag::wire::tcp_view::parse(octets)) touch(*segment);
  diag::wire::tcp_options walk{octets};
  std::size_t steps = 0;
  while (walk.next()) ++steps;
  if (steps > size) __builtin_trap();
  return 0;
}

// Fuzz target: Ethernet framing with tags, LLC and SNAP; ARP; the cooked header.
#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/wire/touch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const diag::byte_view octets = std::as_bytes(std::span{data, size});
  diag::wire::test::toucher touch;
  if (const auto frame = diag::wire::ethernet_view::parse(octets)) {
    if (frame->header_length() + frame->payload().size() > size) __builtin_trap();
    touch(*frame);
    if (const auto message = diag::wire::arp_view::parse(frame->payload())) touch(*message);
  }
  if (const auto message = diag::wire::arp_view::parse(octets)) touch(*message);
  if (const auto frame = diag::wire::sll2_view::parse(octets)) touch(*frame);
  return 0;
}

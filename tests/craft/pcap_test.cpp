// Writes every sample frame to the capture file named by DIAG_CRAFT_PCAP, for
// tests/shell/craft_tshark_test.sh.
#include <cstdlib>
#include <fstream>

#include "libdiag/craft/frame.hpp"

#include "tests/catch.hpp"
#include "tests/craft/sample_frames.hpp"

namespace {

/// Little-endian words: the classic format with microseconds, link type Ethernet.
void write_words(std::ostream& out, std::initializer_list<std::uint32_t> words) {
  for (const auto word : words)
    for (int shift = 0; shift < 32; shift += 8) out.put(static_cast<char>(word >> shift & 0xff));
}

}  // namespace

TEST_CASE("frame: every sample goes into a capture file", "[.pcap]") {
  const char* path = std::getenv("DIAG_CRAFT_PCAP");
  REQUIRE(path != nullptr);
  std::ofstream out{path, std::ios::binary};
  write_words(out, {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1});

  const diag::craft_samples::material material;
  auto builder = diag::craft::frame_builder::make();
  REQUIRE(builder.has_value());
  std::uint32_t second = 0;
  for (const auto& sample : all_samples(material)) {
    INFO(sample.name);
    const auto frame = builder->build(sample.layers);
    REQUIRE(frame.has_value());
    const auto size = static_cast<std::uint32_t>(frame->size());
    write_words(out, {++second, 0, size, size});
    for (const auto octet : *frame) out.put(std::to_integer<char>(octet));
  }
  out.flush();
  REQUIRE(out.good());
}

// Every vector, cut at every length and with every octet set to telling values, through every reader.
#include <algorithm>
#include <filesystem>

#include "tests/catch.hpp"
#include "tests/wire/touch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;

namespace {

constexpr std::array<std::uint8_t, 12> telling{0x00, 0x01, 0x02, 0x03, 0x04, 0x05,
                                               0x3f, 0x7f, 0x80, 0xc2, 0xfe, 0xff};
constexpr std::size_t longest = 256;  // behind this come only pattern octets

std::vector<test::octets> all_vectors() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator{DIAG_TEST_DATA})
    if (entry.path().extension() == ".hex") paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<test::octets> vectors;
  for (const auto& path : paths) {
    const auto octets = test::read_hex_file(path);
    vectors.push_back(test::cut(octets, std::min(octets.size(), longest)));
  }
  return vectors;
}

/// False when a layer lies outside the octets, or a line holds anything but printable ASCII.
bool survives(byte_view octets, test::toucher& touch) {
  for (const auto first : {link_type::ethernet, link_type::linux_sll2, link_type::raw_ip}) {
    const auto what = dissect(octets, first);
    touch(what);
    for (const auto& each : what.layers)
      if (each.offset + each.size > octets.size()) return false;
    const auto line = summary_line(what);
    for (const char c : line.from + line.to + line.protocol + line.details)
      if (c < 0x20 || c > 0x7e) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("wire: survives every truncation of every vector", "[wire][mangle]") {
  test::toucher touch;
  const auto vectors = all_vectors();
  REQUIRE(vectors.size() >= 40);
  for (const auto& octets : vectors)
    for (std::size_t size = 0; size <= octets.size(); ++size) {
      const auto shorter = test::cut(octets, size);
      // Behind Ethernet too, so that the readers of raw IP see the same cuts.
      if (!survives(shorter, touch) ||
          !survives(byte_view{shorter}.subspan(std::min<std::size_t>(14, size)), touch))
        FAIL("cut to " << size << ": " << hex_text(octets));
    }
  CHECK(touch.sum() != 0);
}

TEST_CASE("wire: survives every octet of every vector set to telling values", "[wire][mangle]") {
  test::toucher touch;
  for (const auto& original : all_vectors()) {
    auto octets = original;
    for (std::size_t at = 0; at < octets.size(); ++at) {
      for (const auto value : telling) {
        octets[at] = std::byte{value};
        if (!survives(octets, touch))
          FAIL("octet " << at << " set to " << int{value} << ": " << hex_text(original));
      }
      octets[at] = original[at];
    }
  }
  CHECK(touch.sum() != 0);
}

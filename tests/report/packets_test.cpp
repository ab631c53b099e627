// --packets lines.
#include "libdiag/report/packets.hpp"

#include <array>

#include "libdiag/core/random.hpp"
#include "libdiag/core/text.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::report;

namespace {

/// 192.0.2.1 > 192.0.2.2, echo request id 1 seq 1, no data; checksums right (by hand).
constexpr std::array<unsigned char, 28> echo{0x45, 0, 0,   28, 0, 1, 0, 0, 64,   1,    0xf6, 0xdc, 192, 0,
                                             2,    1, 192, 0,  2, 2, 8, 0, 0xf7, 0xfd, 0,    1,    0,   1};

wire::dissection dissect_echo() {
  return wire::dissect(std::as_bytes(std::span{echo}), wire::link_type::raw_ip);
}

}  // namespace

TEST_CASE("packets: numbers frames and counts time from the first", "[report][packets]") {
  packet_lines lines;
  std::string out;
  lines.append(out, wall_time{100s}, true, dissect_echo());
  CHECK(out.starts_with("     1   0.000000000 > 192.0.2.1            192.0.2.2            ICMP     "));
  out.clear();
  lines.append(out, wall_time{100s + 41'123ns}, false, dissect_echo());
  CHECK(out.starts_with("     2   0.000041123 < "));
  CHECK(out.find("seq=1") != std::string::npos);
  CHECK(out.ends_with("\n"));
  out.clear();
  lines.append(out, wall_time{100s - 5ns}, std::nullopt, dissect_echo());
  CHECK(out.starts_with("     3  -0.000000005   192.0.2.1"));
}

TEST_CASE("packets: the heads stand over their columns", "[report][packets]") {
  std::string head;
  packet_lines::append_header(head);
  packet_lines lines;
  std::string line;
  lines.append(line, wall_time{}, true, dissect_echo());
  CHECK(head.find("From") == line.find("192.0.2.1"));
  CHECK(head.find("To") == line.find("192.0.2.2"));
  CHECK(head.find("Protocol") == line.find("ICMP"));
  CHECK(head.find("Details") == line.find("Echo"));
}

TEST_CASE("packets: any octets give one safe line", "[report][packets]") {
  seeded_random random{68};
  packet_lines lines;
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::byte> frame(random.below(80));
    for (auto& octet : frame) octet = static_cast<std::byte>(random.below(256));
    if (!frame.empty() && i % 2 == 0) frame[0] = i % 4 == 0 ? std::byte{0x45} : std::byte{0x60};
    std::string out;
    lines.append(out, wall_time{}, true, wire::dissect(frame, wire::link_type::raw_ip));
    if (out.find('\n') != out.size() - 1) FAIL(out);
    out.pop_back();
    if (safe_text(out) != out) FAIL(safe_text(out));
  }
}

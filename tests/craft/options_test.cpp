// TCP options, ICMP extension structures and neighbor discovery options as octets.
#include "libdiag/core/checksum.hpp"
#include "libdiag/core/hex.hpp"
#include "libdiag/craft/icmp_options.hpp"
#include "libdiag/craft/tcp_options.hpp"

#include "tests/catch.hpp"

using namespace diag;

TEST_CASE("tcp_options: are written in the order in which they are added", "[craft][options]") {
  const auto options = craft::tcp_options{}
                           .mss(1460)
                           .sack_permitted()
                           .timestamps(0x01020304, 0x05060708)
                           .no_operation()
                           .window_scale(7);
  CHECK(hex_text(options.bytes()) ==
        "020405b4"
        "0402"
        "080a0102030405060708"
        "01"
        "030307");
  CHECK(options.ok());
}

TEST_CASE("tcp_options: an option that does not fit is left out whole", "[craft][options]") {
  craft::tcp_options options;
  for (int i = 0; i < 39; ++i) options.no_operation();
  options.sack_permitted();
  CHECK_FALSE(options.ok());
  CHECK(options.bytes().size() == 39);
  options.no_operation();
  CHECK(options.bytes().size() == 40);
}

TEST_CASE("icmp_options: an extension structure has version, checksum and objects", "[craft][options]") {
  std::vector<std::byte> objects;
  craft::append_extension_object(objects, 1, 1, parse_hex("000641ff").value());
  CHECK(hex_text(objects) == "00080101000641ff");
  const auto structure = craft::icmp_extension(objects);
  CHECK(structure.size() == 12);
  CHECK(load_u8(structure, 0) == 0x20);
  CHECK(internet_checksum(structure) == 0);
}

TEST_CASE("icmp_options: neighbor options are counted in eight octets", "[craft][options]") {
  std::vector<std::byte> options;
  craft::append_neighbor_option(options, 1, parse_hex("020000000001").value());
  craft::append_neighbor_option(options, 14, parse_hex("01020304050607").value());
  CHECK(hex_text(options) ==
        "0101020000000001"
        "0e020102030405060700000000000000");
  std::vector<std::byte> longest;
  craft::append_neighbor_option(longest, 4, std::vector<std::byte>(5000));
  CHECK(longest.size() == 255 * 8);
  CHECK(load_u8(longest, 1) == 255);
}

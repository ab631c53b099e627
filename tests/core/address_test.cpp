// Address text and arithmetic: RFC 4291 §2.2 and RFC 5952 §4 and §5, strict dotted quads.
#include "libdiag/core/address.hpp"

#include <arpa/inet.h>
#include <string>

#include "libdiag/core/random.hpp"

#include "tests/catch.hpp"

namespace {

std::string reformatted(std::string_view text) {
  const auto address = diag::parse_ip(text);
  return address ? diag::to_string(*address) : "refused";
}

diag::ip_address ip(std::string_view text) {
  return diag::parse_ip(text).value();
}

}  // namespace

TEST_CASE("address: a dotted quad is four decimal octets and nothing else", "[core][address]") {
  CHECK(ip("192.0.2.1").v4_value() == 0xc0000201);
  CHECK(reformatted("0.0.0.0") == "0.0.0.0");
  CHECK(reformatted("255.255.255.255") == "255.255.255.255");
  CHECK(reformatted("10.20.130.4") == "10.20.130.4");
  for (const auto* text : {"",
                           ".",
                           "1",
                           "1.2",
                           "1.2.3",
                           "1.2.3.4.",
                           ".1.2.3.4",
                           "1..2.3",
                           "1.2.3.4.5",
                           "256.0.0.1",
                           "010.0.0.1",
                           "1.2.3.04",
                           "00.0.0.0",
                           "0x7f.0.0.1",
                           "1.2.3.-4",
                           "+1.2.3.4",
                           " 1.2.3.4",
                           "1.2.3.4 ",
                           "1.2.3.4\n",
                           "1,2,3,4",
                           "1.2.3.4/24",
                           "1.2.3.4%1",
                           "99999999999.0.0.1",
                           "[1.2.3.4]",
                           "2130706433"}) {
    INFO(text);
    CHECK_FALSE(diag::parse_ip(text));
  }
}

TEST_CASE("address: IPv6 text is written as RFC 5952 says", "[core][address]") {
  CHECK(reformatted("2001:0db8::0001") == "2001:db8::1");                // §4.1
  CHECK(reformatted("2001:db8:0:0:0:0:2:1") == "2001:db8::2:1");         // §4.2.1
  CHECK(reformatted("2001:db8:0:1:1:1:1:1") == "2001:db8:0:1:1:1:1:1");  // §4.2.2
  CHECK(reformatted("2001:db8::1:1:1:1:1") == "2001:db8:0:1:1:1:1:1");   // §4.2.2
  CHECK(reformatted("2001:0:0:1:0:0:0:1") == "2001:0:0:1::1");           // §4.2.3 longest
  CHECK(reformatted("2001:db8:0:0:1:0:0:1") == "2001:db8::1:0:0:1");     // §4.2.3 first of equals
  CHECK(reformatted("2001:DB8::ABCD") == "2001:db8::abcd");              // §4.3
  CHECK(reformatted("::") == "::");
  CHECK(reformatted("::1") == "::1");
  CHECK(reformatted("1::") == "1::");
  CHECK(reformatted("1:2:3:4:5:6:7::") == "1:2:3:4:5:6:7:0");
  CHECK(reformatted("::2:3:4:5:6:7:8") == "0:2:3:4:5:6:7:8");
  CHECK(reformatted("::ffff:c000:201") == "::ffff:192.0.2.1");  // §5
  CHECK(reformatted("::ffff:0:0") == "::ffff:0.0.0.0");
  CHECK(reformatted("::fffe:c000:201") == "::fffe:c000:201");
  CHECK(reformatted("0:0:0:0:1:ffff:c000:201") == "::1:ffff:c000:201");
  CHECK(reformatted("64:ff9b::192.0.2.33") == "64:ff9b::c000:221");
  CHECK(reformatted("1:2:3:4:5:6:1.2.3.4") == "1:2:3:4:5:6:102:304");
  CHECK(reformatted("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255") ==
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

TEST_CASE("address: IPv6 text that is not one is refused", "[core][address]") {
  for (const auto* text : {":",
                           ":::",
                           "::1::",
                           "1::2::3",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7:8::",
                           "::1:2:3:4:5:6:7:8",
                           "1:2:3:4::5:6:7:8",
                           ":1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:",
                           "12345::",
                           "g::",
                           "::1 ",
                           " ::1",
                           "[::1]",
                           "::1/64",
                           "1.2.3.4::",
                           "::1.2.3",
                           "::01.2.3.4",
                           "::1.2.3.4:5",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "::%",
                           "::1%",
                           "::1%x",
                           "::1%0",
                           "::1%01",
                           "::1%-1",
                           "::1%4294967296",
                           "::1%1%2",
                           "::-1",
                           "::+1",
                           "::0x1",
                           "1.2.3.4:5"}) {
    INFO(text);
    CHECK_FALSE(diag::parse_ip(text));
  }
}

TEST_CASE("address: a numeric scope is read, written and compared where both have one", "[core][address]") {
  CHECK(ip("fe80::1%7").scope() == 7);
  CHECK(reformatted("fe80::1%4294967295") == "fe80::1%4294967295");
  CHECK(ip("fe80::1%7") == ip("fe80::1"));
  CHECK_FALSE(ip("fe80::1%7") == ip("fe80::1%8"));
}

TEST_CASE("address: the longest text fits the array", "[core][address]") {
  const auto text = to_string(ip("1111:2222:3333:4444:5555:6666:7777:8888%4294967295"));
  CHECK(text == "1111:2222:3333:4444:5555:6666:7777:8888%4294967295");
  CHECK(text.size() < diag::max_ip_text);
}

TEST_CASE("address: arbitrary IPv6 addresses survive the round trip and agree with inet_ntop",
          "[core][address]") {
  diag::seeded_random random{3};
  for (int round = 0; round < 20000; ++round) {
    std::array<std::byte, 16> octets{};
    for (std::size_t i = 0; i < 16; i += 2) {
      // Zeros often, so that runs of every place and length come up.
      const auto group = random.below(2) == 0 ? 0 : random.below(0x10000) >> random.below(16);
      diag::store_be16(octets, i, static_cast<std::uint16_t>(group));
    }
    const auto address = diag::ip_address::from_bytes(octets);
    const auto text = to_string(address);
    REQUIRE(diag::parse_ip(text) == address);
    char expected[INET6_ADDRSTRLEN];
    REQUIRE(inet_ntop(AF_INET6, octets.data(), expected, sizeof expected) != nullptr);
    // glibc also writes the deprecated IPv4-compatible ::a.b.c.d, which RFC 5952 does not ask for.
    if (address.words()[0] != 0 || diag::load_be32(octets, 8) != 0) REQUIRE(text == expected);
  }
}

TEST_CASE("address: from_bytes takes four or sixteen octets", "[core][address]") {
  const std::array<std::byte, 20> octets{std::byte{192}, std::byte{0}, std::byte{2}, std::byte{1}};
  const diag::byte_view view{octets};
  CHECK(diag::ip_address::from_bytes(view.first(4)) == ip("192.0.2.1"));
  CHECK(diag::ip_address::from_bytes(view.first(16)).is_v6());
  for (const std::size_t size : {0u, 1u, 3u, 5u, 8u, 15u, 17u, 20u})
    CHECK_FALSE(diag::ip_address::from_bytes(view.first(size)));
  CHECK(diag::ip_address{}.bytes().empty());
  CHECK(to_string(diag::ip_address{}).empty());
}

TEST_CASE("address: knows the special ranges to their edges", "[core][address]") {
  CHECK(ip("0.0.0.0").is_unspecified());
  CHECK(ip("::").is_unspecified());
  CHECK_FALSE(ip("0.0.0.1").is_unspecified());
  CHECK_FALSE(diag::ip_address{}.is_unspecified());
  CHECK(ip("127.255.255.255").is_loopback());
  CHECK_FALSE(ip("128.0.0.1").is_loopback());
  CHECK(ip("::1").is_loopback());
  CHECK_FALSE(ip("::2").is_loopback());
  CHECK(ip("224.0.0.0").is_multicast());
  CHECK(ip("239.255.255.255").is_multicast());
  CHECK(ip("255.255.255.255").is_multicast());
  CHECK_FALSE(ip("223.255.255.255").is_multicast());
  CHECK_FALSE(ip("240.0.0.0").is_multicast());
  CHECK(ip("ff02::1").is_multicast());
  CHECK_FALSE(ip("feff::1").is_multicast());
  CHECK(ip("169.254.0.1").is_link_local());
  CHECK_FALSE(ip("169.255.0.1").is_link_local());
  CHECK(ip("fe80::1").is_link_local());
  CHECK(ip("febf::1").is_link_local());
  CHECK_FALSE(ip("fec0::1").is_link_local());
}

TEST_CASE("address: plus carries and wraps inside the family", "[core][address]") {
  CHECK(ip("192.0.2.255").plus(1) == ip("192.0.3.0"));
  CHECK(ip("255.255.255.255").plus(2) == ip("0.0.0.1"));
  CHECK(ip("2001:db8::ffff:ffff:ffff:ffff").plus(1) == ip("2001:db8:0:1::"));
  CHECK(ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").plus(1) == ip("::"));
  CHECK(ip("fe80::1%3").plus(1).scope() == 3);
  CHECK_FALSE(diag::ip_address{}.plus(1));
}

TEST_CASE("address: orders by family, then numerically", "[core][address]") {
  CHECK(ip("255.255.255.255") < ip("::"));
  CHECK(ip("9.0.0.0") < ip("10.0.0.0"));
  CHECK(ip("2001:db8::9") < ip("2001:db8::10"));
  CHECK(diag::ip_address{} < ip("0.0.0.0"));
}

TEST_CASE("address: a MAC address is six pairs with one kind of separator", "[core][address]") {
  CHECK(to_string(diag::parse_mac("00:1A:2b:ff:09:c0").value()) == "00:1a:2b:ff:09:c0");
  CHECK(diag::parse_mac("00-1a-2b-ff-09-c0") == diag::parse_mac("00:1a:2b:ff:09:c0"));
  for (const auto* text :
       {"", "00:1a:2b:ff:09", "00:1a:2b:ff:09:c0:", "0:1a:2b:ff:09:c0", "00:1a-2b:ff:09:c0",
        "00.1a.2b.ff.09.c0", "001a2bff09c0", "00:1g:2b:ff:09:c0", "00:1a:2b:ff:09:c0 "}) {
    INFO(text);
    CHECK_FALSE(diag::parse_mac(text));
  }
}

TEST_CASE("address: a prefix knows its first and last address and its members", "[core][address]") {
  const auto v4 = diag::parse_prefix("192.0.2.77/26").value();
  CHECK(to_string(v4) == "192.0.2.77/26");
  CHECK(v4.first() == ip("192.0.2.64"));
  CHECK(v4.last() == ip("192.0.2.127"));
  CHECK(v4.contains(ip("192.0.2.64")));
  CHECK_FALSE(v4.contains(ip("192.0.2.128")));
  CHECK_FALSE(v4.contains(ip("::c000:240")));
  CHECK_FALSE(v4.contains(diag::ip_address{}));
  CHECK(diag::parse_prefix("0.0.0.0/0").value().last() == ip("255.255.255.255"));
  CHECK(diag::parse_prefix("192.0.2.1/32").value().last() == ip("192.0.2.1"));

  CHECK(diag::parse_prefix("2001:db8::5/64").value().last() == ip("2001:db8::ffff:ffff:ffff:ffff"));
  CHECK(diag::parse_prefix("2001:db8::5/63").value().last() == ip("2001:db8:0:1:ffff:ffff:ffff:ffff"));
  CHECK(diag::parse_prefix("2001:db8::5/65").value().last() == ip("2001:db8::7fff:ffff:ffff:ffff"));
  CHECK(diag::parse_prefix("::/0").value().contains(ip("ffff::1")));
  CHECK(diag::parse_prefix("2001:db8::5/128").value().first() == ip("2001:db8::5"));
}

TEST_CASE("address: a prefix length must be there and fit the family", "[core][address]") {
  for (const auto* text :
       {"192.0.2.0", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/024", "192.0.2.0/+4",
        "192.0.2.0/ 24", "192.0.2.0/24/", "/24", "2001:db8::/129", "2001:db8::/1e1", "192.0.2/24"}) {
    INFO(text);
    CHECK_FALSE(diag::parse_prefix(text));
  }
}

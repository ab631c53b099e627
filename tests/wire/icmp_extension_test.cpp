// ICMP extensions: RFC 4884, RFC 4950, RFC 5837.
#include "libdiag/wire/icmp_extension.hpp"

#include "libdiag/core/checksum.hpp"
#include "libdiag/wire/ipv4.hpp"
#include "libdiag/wire/ipv6.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::from_hex;

namespace {

byte_view icmpv4_in(byte_view frame) {
  return ipv4_view::parse(test::without_ethernet(frame))->payload();
}

icmp_error_body split_v4(byte_view message) {
  return split_error_body(*icmpv4_view::parse(message));
}

/// Time exceeded with `words` in the length field, a quote of `quote_size` zeros, and `structure` behind.
test::octets error_with(std::uint8_t words, std::size_t quote_size, std::string_view structure) {
  auto octets = from_hex("0b00 0000 00000000");
  octets[5] = std::byte{words};
  octets.resize(8 + quote_size);
  for (const auto octet : from_hex(structure)) octets.push_back(octet);
  return octets;
}

icmp_extension_object object_of(extension_class class_num, std::uint8_t c_type, byte_view payload) {
  return {.class_num = class_num, .c_type = c_type, .payload = payload};
}

}  // namespace

TEST_CASE("icmp extension: reads labels and interface of a known error", "[wire][icmp_extension]") {
  const auto frame = test::vector_named("icmp_extension_stated");
  const auto parts = split_v4(icmpv4_in(frame));
  CHECK_FALSE(parts.bad_length);
  CHECK(parts.original.size() == 128);
  REQUIRE(parts.extension);
  CHECK(parts.extension->placement == extension_placement::stated);
  CHECK(parts.extension->version == 2);
  CHECK(parts.extension->checksum == checksum_validity::good);
  CHECK(parts.extension->usable());

  icmp_extension_objects objects{parts.extension->objects};
  const auto stack = parse_mpls_stack(objects.next().value());
  REQUIRE(stack);
  CHECK_FALSE(stack->malformed);
  REQUIRE(stack->labels().size() == 2);
  CHECK(stack->labels()[0].label == 16001);
  CHECK(stack->labels()[0].traffic_class == 5);
  CHECK_FALSE(stack->labels()[0].bottom);
  CHECK(stack->labels()[0].ttl == 1);
  CHECK(stack->labels()[1].label == 24);
  CHECK(stack->labels()[1].bottom);
  CHECK(stack->labels()[1].ttl == 254);

  const auto interface = parse_interface_information(objects.next().value());
  REQUIRE(interface);
  CHECK_FALSE(interface->malformed);
  CHECK(interface->role == interface_role::incoming);
  CHECK(interface->index == 7U);
  CHECK(to_string(interface->address.value()) == "203.0.113.9");
  CHECK(test::text_of(interface->name) == "ge-0/0/1");
  CHECK(interface->mtu == 1500U);

  CHECK_FALSE(objects.next());
  CHECK_FALSE(objects.malformed());
}

TEST_CASE("icmp extension: reads an ICMPv6 error, whose length counts eight octets",
          "[wire][icmp_extension]") {
  const auto frame = test::vector_named("icmpv6_extension_stated");
  const auto packet = ipv6_view::parse(test::without_ethernet(frame));
  const auto parts = split_error_body(*icmpv6_view::parse(packet->payload()));
  CHECK(parts.original.size() == 128);
  REQUIRE(parts.extension);
  icmp_extension_objects objects{parts.extension->objects};
  const auto interface = parse_interface_information(objects.next().value());
  REQUIRE(interface);
  CHECK(interface->role == interface_role::outgoing);
  CHECK_FALSE(interface->index);
  CHECK(to_string(interface->address.value()) == "2001:db8:2::fe");
  CHECK(test::text_of(interface->name) == "eth7");
  CHECK_FALSE(interface->mtu);
  CHECK_FALSE(interface->malformed);
}

TEST_CASE("icmp extension: finds the structure of an older sender at octet 128", "[wire][icmp_extension]") {
  auto frame = test::vector_named("icmp_extension_legacy");
  {
    const auto parts = split_v4(icmpv4_in(frame));
    CHECK(parts.original.size() == 128);
    REQUIRE(parts.extension);
    CHECK(parts.extension->placement == extension_placement::legacy);
  }
  SECTION("but not when its checksum is wrong") {
    frame.back() ^= std::byte{1};
  }
  SECTION("but not when its version is another") {
    frame[14 + 20 + 8 + 128] = std::byte{0x10};
  }
  SECTION("but not when its checksum is absent") {
    store_be16(frame, 14 + 20 + 8 + 128 + 2, 0);
  }
  const auto parts = split_v4(icmpv4_in(frame));
  if (parts.extension) return;
  CHECK(parts.original.size() == 128 + 4 + 12);
  CHECK_FALSE(parts.bad_length);
}

TEST_CASE("icmp extension: a length field past the message keeps the whole body", "[wire][icmp_extension]") {
  const auto parts = split_v4(error_with(33, 128, ""));
  CHECK(parts.bad_length);
  CHECK(parts.original.size() == 128);
  CHECK_FALSE(parts.extension);
}

TEST_CASE("icmp extension: junk in the length field does not cost the quote", "[wire][icmp_extension]") {
  const auto parts = split_v4(error_with(1, 28, ""));
  CHECK(parts.bad_length);
  CHECK(parts.original.size() == 28);
  CHECK_FALSE(parts.extension);
}

TEST_CASE("icmp extension: a short but true length field is said", "[wire][icmp_extension]") {
  // Version 2, no checksum, no objects, behind a quote of 28 octets instead of 128.
  const auto parts = split_v4(error_with(7, 28, "20000000"));
  CHECK(parts.bad_length);
  CHECK(parts.original.size() == 28);
  REQUIRE(parts.extension);
  CHECK(parts.extension->checksum == checksum_validity::absent);
  CHECK(parts.extension->usable());
}

TEST_CASE("icmp extension: half a structure header is a bad length", "[wire][icmp_extension]") {
  const auto parts = split_v4(error_with(32, 128, "2000"));
  CHECK(parts.bad_length);
  CHECK(parts.original.size() == 128);
  CHECK_FALSE(parts.extension);
}

TEST_CASE("icmp extension: another version or a bad checksum makes it unusable", "[wire][icmp_extension]") {
  const auto version = split_v4(error_with(32, 128, "10000000"));
  REQUIRE(version.extension);
  CHECK(version.extension->version == 1);
  CHECK_FALSE(version.extension->usable());
  const auto checksum = split_v4(error_with(32, 128, "20001234"));
  REQUIRE(checksum.extension);
  CHECK(checksum.extension->checksum == checksum_validity::bad);
  CHECK_FALSE(checksum.extension->usable());
}

TEST_CASE("icmp extension: types without a length field have none", "[wire][icmp_extension]") {
  auto octets = error_with(32, 128, "20000000");
  octets[0] = std::byte{4};
  CHECK_FALSE(split_v4(octets).extension);
  CHECK(split_v4(octets).original.size() == 132);
}

TEST_CASE("icmp extension: an object of length 0, 3 or past the rest stops the walk",
          "[wire][icmp_extension]") {
  for (const auto* text :
       {"0000 0101 00000000", "0003 0101 00000000", "0009 0101 00000000", "ffff 0101 00000000", "0004 01"}) {
    CAPTURE(text);
    const auto octets = from_hex(text);
    icmp_extension_objects objects{octets};
    CHECK_FALSE(objects.next());
    CHECK(objects.malformed());
    CHECK_FALSE(objects.next());
  }
}

TEST_CASE("icmp extension: a thousand objects are capped", "[wire][icmp_extension]") {
  test::octets octets;
  for (int i = 0; i < 1000; ++i)
    for (const auto octet : from_hex("0004 0909")) octets.push_back(octet);
  icmp_extension_objects objects{octets};
  std::size_t count = 0;
  while (objects.next()) ++count;
  CHECK(count == icmp_extension_objects::max_objects);
  CHECK(objects.malformed());
}

TEST_CASE("icmp extension: a label stack without a bottom is capped and malformed",
          "[wire][icmp_extension]") {
  test::octets octets;
  for (int i = 0; i < 300; ++i)
    for (const auto octet : from_hex("00010040")) octets.push_back(octet);
  const auto stack = parse_mpls_stack(object_of(extension_class::mpls_label_stack, 1, octets));
  REQUIRE(stack);
  CHECK(stack->labels().size() == mpls_stack::max_labels);
  CHECK(stack->malformed);
}

TEST_CASE("icmp extension: a label stack that does not end with its bottom is malformed",
          "[wire][icmp_extension]") {
  const auto malformed = [](const char* text) {
    const auto octets = from_hex(text);
    return parse_mpls_stack(object_of(extension_class::mpls_label_stack, 1, octets))->malformed;
  };
  CHECK_FALSE(malformed("00010140"));
  CHECK(malformed("00010040"));
  CHECK(malformed("00010140 00010140"));
  CHECK(malformed("00010140 00"));
  CHECK(malformed(""));
}

TEST_CASE("icmp extension: objects of other classes are not taken for these", "[wire][icmp_extension]") {
  const auto octets = from_hex("00010140");
  CHECK_FALSE(parse_mpls_stack(object_of(extension_class{9}, 1, octets)));
  CHECK_FALSE(parse_mpls_stack(object_of(extension_class::mpls_label_stack, 2, octets)));
  CHECK_FALSE(parse_interface_information(object_of(extension_class{3}, 8, octets)));
}

TEST_CASE("icmp extension: interface sub-objects that do not fit are malformed", "[wire][icmp_extension]") {
  const auto read = [](std::uint8_t c_type, const char* text) {
    const auto octets = from_hex(text);
    const auto information =
        parse_interface_information(object_of(extension_class::interface_information, c_type, octets));
    return std::pair{information->malformed, information->index.has_value() ||
                                                 information->address.has_value() ||
                                                 !information->name.empty() || information->mtu.has_value()};
  };
  using outcome = std::pair<bool, bool>;  // malformed, anything read
  CHECK(read(0x08, "00000007") == outcome{false, true});
  CHECK(read(0x08, "000007") == outcome{true, false});
  CHECK(read(0x04, "0003 0000 c0000201") == outcome{true, false});  // no such address family
  CHECK(read(0x04, "0002 0000 c0000201") == outcome{true, false});  // IPv6 in four octets
  CHECK(read(0x02, "00 616263") == outcome{true, false});           // name length 0
  CHECK(read(0x02, "05 61626364") == outcome{true, false});         // not a multiple of four
  CHECK(read(0x02, "08 616263") == outcome{true, false});           // past the end
  CHECK(read(0x01, "0000") == outcome{true, false});
  CHECK(read(0x01, "000005dc 00") == outcome{true, true});  // an octet left over
  CHECK(read(0x00, "") == outcome{false, false});
}

TEST_CASE("icmp extension: a name over 63 octets is refused", "[wire][icmp_extension][rfc5837]") {
  test::octets octets(68, std::byte{0x61});
  octets[0] = std::byte{68};
  const auto object = object_of(extension_class::interface_information, 0x02, octets);
  CHECK(parse_interface_information(object)->malformed);
  octets[0] = std::byte{64};
  const auto longest = object_of(extension_class::interface_information, 0x02, byte_view{octets}.first(64));
  CHECK_FALSE(parse_interface_information(longest)->malformed);
  CHECK(parse_interface_information(longest)->name.size() == 63);
}

TEST_CASE("icmp extension: names the interface roles", "[wire][icmp_extension]") {
  CHECK(describe(interface_role::incoming) == "incoming");
  CHECK(describe(interface_role::sub_ip) == "sub-IP component of incoming");
  CHECK(describe(interface_role::outgoing) == "outgoing");
  CHECK(describe(interface_role::next_hop) == "next hop");
}

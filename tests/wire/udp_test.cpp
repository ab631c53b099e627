// UDP: RFC 768, RFC 8200 §8.1, RFC 2675 §4.
#include "libdiag/wire/udp.hpp"

#include "libdiag/wire/ipv4.hpp"
#include "libdiag/wire/ipv6.hpp"

#include "tests/catch.hpp"
#include "tests/wire/vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::cut;
using test::from_hex;

namespace {
struct datagram {
  explicit datagram(const std::string& name) : frame{test::vector_named(name)} {}
  [[nodiscard]] ipv4_view packet() const { return *ipv4_view::parse(test::without_ethernet(frame)); }
  [[nodiscard]] udp_view udp() const { return *udp_view::parse(packet().payload()); }
  [[nodiscard]] checksum_validity verify() const {
    return udp().verify(packet().source(), packet().destination());
  }
  test::octets frame;
};
}  // namespace

TEST_CASE("udp: reads every field of a known datagram", "[wire][udp]") {
  const datagram known{"udp_good_v4"};
  const auto udp = known.udp();
  CHECK(udp.source_port() == 40000);
  CHECK(udp.destination_port() == 33434);
  CHECK(udp.length() == 18);
  CHECK(udp.checksum() != 0);
  CHECK(test::text_of(udp.payload()) == "diag probe");
  CHECK_FALSE(udp.bad_length());
  CHECK_FALSE(udp.truncated());
  CHECK(udp.trailing().empty());
  CHECK(known.verify() == checksum_validity::good);
}

TEST_CASE("udp: refuses truncation at every length of the header", "[wire][udp]") {
  const datagram known{"udp_good_v4"};
  for (std::size_t size = 0; size < udp_view::header_size; ++size) {
    CAPTURE(size);
    const auto udp = udp_view::parse(cut(known.packet().payload(), size));
    REQUIRE_FALSE(udp);
    CHECK(udp.error() == wire_errc::truncated);
  }
}

TEST_CASE("udp: a datagram cut behind its header is truncated and cannot be verified", "[wire][udp]") {
  const datagram known{"udp_good_v4"};
  for (std::size_t size = 8; size < 18; ++size) {
    const auto octets = cut(known.packet().payload(), size);
    const auto udp = udp_view::parse(octets);
    REQUIRE(udp);
    CHECK(udp->truncated());
    CHECK(udp->payload().size() == size - 8);
    CHECK(udp->verify(known.packet().source(), known.packet().destination()) ==
          checksum_validity::unverifiable);
  }
}

TEST_CASE("udp: the sum of an offloading sender is unfinished", "[wire][udp]") {
  CHECK(datagram{"udp_probe"}.verify() == checksum_validity::unfinished);
  const auto frame = test::vector_named("udp_probe_v6");
  const auto packet = ipv6_view::parse(test::without_ethernet(frame));
  CHECK(udp_view::parse(packet->payload())->verify(packet->source(), packet->destination()) ==
        checksum_validity::unfinished);
}

TEST_CASE("udp: a checksum of zero is absent", "[wire][udp][rfc768]") {
  datagram known{"udp_good_v4"};
  store_be16(known.frame, 14 + 20 + 6, 0);
  CHECK(known.verify() == checksum_validity::absent);
}

TEST_CASE("udp: a wrong octet makes the checksum bad", "[wire][udp]") {
  datagram known{"udp_good_v4"};
  known.frame.back() ^= std::byte{1};
  CHECK(known.verify() == checksum_validity::bad);
}

TEST_CASE("udp: a length below the header's is a finding", "[wire][udp]") {
  for (std::uint16_t length = 1; length < 8; ++length) {
    auto octets = from_hex("9c40 829a 0000 1234 61626364");
    store_be16(octets, 4, length);
    const auto udp = udp_view::parse(octets);
    REQUIRE(udp);
    CHECK(udp->bad_length());
    CHECK(udp->payload().empty());
    CHECK(udp->verify(ip_address::v4(1), ip_address::v4(2)) == checksum_validity::unverifiable);
  }
}

TEST_CASE("udp: a length of zero means all octets", "[wire][udp][rfc2675]") {
  const auto octets = from_hex("9c40 829a 0000 1234 61626364");
  const auto udp = udp_view::parse(octets);
  CHECK_FALSE(udp->bad_length());
  CHECK(test::text_of(udp->payload()) == "abcd");
}

TEST_CASE("udp: octets behind the length are kept apart", "[wire][udp]") {
  const auto octets = from_hex("9c40 829a 000a 1234 61626364");
  const auto udp = udp_view::parse(octets);
  CHECK(test::text_of(udp->payload()) == "ab");
  CHECK(test::text_of(udp->trailing()) == "cd");
}

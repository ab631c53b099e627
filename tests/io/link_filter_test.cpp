// libdiag/io/link_filter.hpp: the BPF program and the function must let the same frames in.
#include "libdiag/io/link_filter.hpp"

#include <array>
#include <initializer_list>
#include <vector>

#include "libdiag/core/random.hpp"

#include "tests/catch.hpp"
#include "tests/io/filtered_pair.hpp"

using namespace diag;

namespace {

using octets = std::vector<std::byte>;

octets numbers(std::initializer_list<unsigned> values) {
  octets out;
  for (const auto value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

octets operator+(octets head, const octets& tail) {
  head.insert(head.end(), tail.begin(), tail.end());
  return head;
}

const octets addresses(12, std::byte{2});
const octets vlan = numbers({0x81, 0x00, 0x00, 0x05});
const octets provider = numbers({0x88, 0xa8, 0x00, 0x06});
const octets arp_type = numbers({0x08, 0x06});
const octets snap_arp = numbers({0x00, 0x24, 0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x06});
const octets llc_arp = numbers({0x00, 0x1f, 0x98, 0x98, 0x03});
const octets rest(46, std::byte{0});

octets ipv6(unsigned next_header, unsigned type) {
  octets out = numbers({0x86, 0xdd}) + octets(40 + 24, std::byte{0});
  store_u8(out, 2, 0x60);
  store_u8(out, 2 + 6, static_cast<std::uint8_t>(next_header));
  store_u8(out, 2 + 40, static_cast<std::uint8_t>(type));
  return out;
}

octets ipv4(unsigned header, unsigned protocol, unsigned fragment, unsigned type) {
  octets out = numbers({0x08, 0x00}) + octets(header + 20, std::byte{0xff});
  store_u8(out, 2, static_cast<std::uint8_t>(0x40U | header / 4));
  store_be16(out, 2 + 6, static_cast<std::uint16_t>(fragment));
  store_u8(out, 2 + 9, static_cast<std::uint8_t>(protocol));
  store_u8(out, 2 + header, static_cast<std::uint8_t>(type));
  return out;
}

/// The two ways of asking, which must agree.
class both {
 public:
  explicit both(const io::link_filter& wanted) : wanted_{wanted}, kernel_{io::link_filter_program(wanted)} {}
  bool admit(const octets& frame) const {
    const bool said = io::admits_frame(frame, wanted_);
    CHECK(kernel_.passes(frame) == said);
    return said;
  }

 private:
  io::link_filter wanted_;
  test::filtered_pair kernel_;
};

}  // namespace

TEST_CASE("link_filter: ARP comes in behind up to two tags, and in LLC and SNAP", "[io][link_filter]") {
  const both filter{io::link_filter{}};
  for (const auto& tags : {octets{}, vlan, provider, provider + vlan, vlan + vlan}) {
    CHECK(filter.admit(addresses + tags + arp_type + rest));
    CHECK(filter.admit(addresses + tags + snap_arp + rest));
    CHECK(filter.admit(addresses + tags + llc_arp + rest));
  }
  CHECK_FALSE(filter.admit(addresses + vlan + vlan + vlan + arp_type + rest));
  CHECK_FALSE(filter.admit(addresses + numbers({0x80, 0x35}) + rest));
  CHECK_FALSE(filter.admit(addresses + numbers({0x08, 0x00}) + rest));
  // SNAP of another organisation, and another SAP.
  CHECK_FALSE(filter.admit(addresses + numbers({0, 36, 0xaa, 0xaa, 3, 0, 0, 0xf8, 8, 6}) + rest));
  CHECK_FALSE(filter.admit(addresses + numbers({0, 36, 0x42, 0x42, 3, 0, 0, 0, 8, 6}) + rest));
}

TEST_CASE("link_filter: what was not asked for stays out", "[io][link_filter]") {
  io::link_filter wanted;
  wanted.arp = wanted.neighbor_discovery = false;
  const both nothing{wanted};
  for (const auto& body : {arp_type, snap_arp, llc_arp}) CHECK_FALSE(nothing.admit(addresses + body + rest));
  CHECK_FALSE(nothing.admit(addresses + ipv6(58, 136)));
  wanted.reverse_arp = true;
  wanted.ether_type = std::uint16_t{0x88b5};
  const both two{wanted};
  CHECK(two.admit(addresses + numbers({0x80, 0x35}) + rest));
  CHECK(two.admit(addresses + vlan + numbers({0x88, 0xb5}) + rest));
  CHECK(two.admit(addresses + numbers({0, 36, 0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0xb5}) + rest));
  CHECK_FALSE(two.admit(addresses + arp_type + rest));
}

TEST_CASE("link_filter: of ICMPv6 neighbour discovery comes in, echo replies on request",
          "[io][link_filter]") {
  const both plain{io::link_filter{}};
  io::link_filter wanted;
  wanted.echo_replies = true;
  const both echoes{wanted};
  wanted.neighbor_discovery = false;
  const both only_echoes{wanted};
  for (unsigned type = 128; type < 140; ++type) {
    INFO("ICMPv6 type " << type);
    const bool discovery = type >= 133 && type <= 137;
    CHECK(plain.admit(addresses + vlan + ipv6(58, type)) == discovery);
    CHECK(echoes.admit(addresses + ipv6(58, type)) == (discovery || type == 129));
    CHECK(only_echoes.admit(addresses + ipv6(58, type)) == (type == 129));
  }
  CHECK_FALSE(echoes.admit(addresses + ipv6(17, 136)));
}

TEST_CASE("link_filter: of IPv4 only whole echo replies come in, and only on request", "[io][link_filter]") {
  io::link_filter wanted;
  const both plain{wanted};
  wanted.echo_replies = true;
  const both echoes{wanted};
  for (const unsigned header : {20U, 24U, 60U}) {
    CHECK(echoes.admit(addresses + provider + ipv4(header, 1, 0, 0)));
    CHECK(echoes.admit(addresses + ipv4(header, 1, 0x4000, 0)));
    CHECK_FALSE(echoes.admit(addresses + ipv4(header, 1, 1, 0)));
    CHECK_FALSE(echoes.admit(addresses + ipv4(header, 17, 0, 0)));
    CHECK_FALSE(echoes.admit(addresses + ipv4(header, 1, 0, 8)));
    CHECK_FALSE(plain.admit(addresses + ipv4(header, 1, 0, 0)));
  }
}

TEST_CASE("link_filter: kernel and function agree on cut and mangled frames", "[io][link_filter]") {
  seeded_random random{20261122};
  for (unsigned choice = 0; choice < 16; ++choice) {
    io::link_filter wanted;
    wanted.arp = (choice & 1U) != 0;
    wanted.neighbor_discovery = (choice & 2U) != 0;
    wanted.echo_replies = (choice & 4U) != 0;
    wanted.reverse_arp = wanted.others = (choice & 8U) != 0;
    const both filter{wanted};
    const std::vector<octets> models{addresses + arp_type,
                                     addresses + provider + vlan + snap_arp + rest,
                                     addresses + vlan + llc_arp + rest,
                                     addresses + ipv6(58, 136),
                                     addresses + vlan + ipv6(58, 129),
                                     addresses + ipv4(24, 1, 0, 0)};
    for (const auto& model : models) {
      for (std::size_t size = 1; size <= model.size(); ++size)
        filter.admit(octets{model.begin(), model.begin() + static_cast<std::ptrdiff_t>(size)});
      for (int i = 0; i < 200; ++i) {
        auto mangled = model;
        const auto at = 12 + random.below(mangled.size() - 12);
        mangled[at] = std::byte{static_cast<unsigned char>(random.below(256))};
        filter.admit(mangled);
      }
    }
  }
}

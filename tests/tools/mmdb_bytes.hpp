// A MaxMind DB of one network, octet by octet: https://maxmind.github.io/MaxMind-DB/
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libdiag/core/address.hpp"

namespace diag::test {

/// `key` and a number under it, and "autonomous_system_organization" with `name`.
inline std::string mmdb_of(const ip_prefix& network, std::string_view key, std::uint32_t number,
                           std::string_view name) {
  const auto number_octets = [](std::uint64_t value, int octets) {
    std::string out;
    for (int at = octets - 1; at >= 0; --at) out += static_cast<char>(value >> (8 * at) & 0xff);
    return out;
  };
  const auto text = [&](std::string_view what) {  // type 2; sizes from 29 on have an octet of their own
    std::string out{static_cast<char>(0x40 | (what.size() < 29 ? what.size() : 29))};
    if (what.size() >= 29) out += static_cast<char>(what.size() - 29);
    return out.append(what);
  };
  const auto map = [](int pairs) { return std::string{static_cast<char>(0xe0 | pairs)}; };
  const auto number16 = [&](std::uint32_t value) { return "\xa2" + number_octets(value, 2); };
  const auto number32 = [&](std::uint32_t value) { return "\xc4" + number_octets(value, 4); };

  // A chain of nodes, one a bit; the other way leads to `nodes`, which is nowhere.
  const std::uint32_t nodes = network.length;
  std::string out;
  for (std::uint32_t at = 0; at < nodes; ++at) {
    const auto octet = static_cast<unsigned>(network.address.bytes()[at / 8]);
    const bool one = (octet >> (7 - at % 8) & 1U) != 0;
    const std::uint32_t next = at + 1 < nodes ? at + 1 : nodes + 16;  // data begins behind 16 octets
    out += number_octets(one ? nodes : next, 3) + number_octets(one ? next : nodes, 3);
  }
  out.append(16, '\0');
  out += map(2) + text(key) + number32(number) + text("autonomous_system_organization") + text(name);
  out += "\xab\xcd\xefMaxMind.com";
  out += map(9) + text("node_count") + number32(nodes) + text("record_size") + number16(24);
  out += text("ip_version") + number16(network.address.is_v4() ? 4 : 6) + text("database_type") + text("ASN");
  out +=
      text("binary_format_major_version") + number16(2) + text("binary_format_minor_version") + number16(0);
  out += text("build_epoch") + std::string{"\x08\x02", 2} + number_octets(1'800'000'000, 8);
  out += text("description") + map(0);
  return out + text("languages") + std::string{"\x00\x04", 2};
}

}  // namespace diag::test

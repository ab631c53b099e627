// Prefixes that are known without any file; the assignments as in the IEEE's registry of August 2022.
#include "tools/arping/vendor_prefixes.hpp"

#include <algorithm>
#include <array>

namespace diag::arping {
namespace {

struct habit {
  std::uint64_t prefix;
  unsigned bits;
  std::string_view name;
};
constexpr std::array habits{
    habit{0x525400, 24, "QEMU/KVM"},          habit{0x0242, 16, "Docker"},
    habit{0x080027, 24, "VirtualBox"},        habit{0x0a0027, 24, "VirtualBox"},
    habit{0x00155d, 24, "Hyper-V"},           habit{0x00163e, 24, "Xen"},
    habit{0x02bf, 16, "Microsoft NLB"},       habit{0x03bf, 16, "Microsoft NLB"},
    habit{0x00005e0001, 40, "VRRP or CARP"},                                    // RFC 9568 §7.3
    habit{0x00005e0002, 40, "VRRP for IPv6"}, habit{0x00000c07ac, 40, "HSRP"},  // RFC 2281 §5.5
    habit{0x00000c9ff, 36, "HSRP"},           habit{0x000573a00, 36, "HSRP for IPv6"},
    habit{0x0007b400 >> 2, 30, "GLBP"},
};

struct assignment {
  std::uint32_t prefix;
  std::string_view name;
};
constexpr auto assignments = std::to_array<assignment>({
    {0x00000c, "Cisco"},
    {0x0000f0, "Samsung"},
    {0x0002c9, "Mellanox"},
    {0x000393, "Apple"},
    {0x000496, "Extreme Networks"},
    {0x0004f2, "Polycom"},
    {0x000569, "VMware"},
    {0x000585, "Juniper"},
    {0x00059a, "Cisco"},
    {0x00090f, "Fortinet"},
    {0x000c29, "VMware"},
    {0x000c42, "MikroTik"},
    {0x000d3a, "Microsoft"},
    {0x000e58, "Sonos"},
    {0x001018, "Broadcom"},
    {0x0010db, "Juniper"},
    {0x001124, "Apple"},
    {0x001132, "Synology"},
    {0x0012fb, "Samsung"},
    {0x001422, "Dell"},
    {0x001a11, "Google"},
    {0x001b21, "Intel"},
    {0x001b78, "HP"},
    {0x001c14, "VMware"},
    {0x001c42, "Parallels"},
    {0x001c73, "Arista"},
    {0x001e8c, "ASUS"},
    {0x0024d7, "Intel"},
    {0x002590, "Supermicro"},
    {0x00408c, "Axis"},
    {0x005056, "VMware"},
    {0x00907f, "WatchGuard"},
    {0x00a098, "NetApp"},
    {0x00e04c, "Realtek"},
    {0x00e0fc, "Huawei"},
    {0x0418d6, "Ubiquiti"},
    {0x0cc47a, "Supermicro"},
    {0x14cc20, "TP-Link"},
    {0x240ac4, "Espressif"},
    {0x24a43c, "Ubiquiti"},
    {0x28cdc1, "Raspberry Pi"},
    {0x2c6bf5, "Juniper"},
    {0x3c0754, "Apple"},
    {0x3cd92b, "HP"},
    {0x3cfdfe, "Intel"},
    {0x444ca8, "Arista"},
    {0x4c5e0c, "MikroTik"},
    {0x5001bb, "Samsung"},
    {0x50c7bf, "TP-Link"},
    {0x60a44c, "ASUS"},
    {0x6c3b6b, "MikroTik"},
    {0x788a20, "Ubiquiti"},
    {0x7c1e52, "Microsoft"},
    {0x8c8590, "Apple"},
    {0x90e2ba, "Intel"},
    {0x9457a5, "HP"},
    {0xa0369f, "Intel"},
    {0xa4cf12, "Espressif"},
    {0xac1f6b, "Supermicro"},
    {0xb827eb, "Raspberry Pi"},
    {0xb8ca3a, "Dell"},
    {0xd4ae52, "Dell"},
    {0xd4ca6d, "MikroTik"},
    {0xdca632, "Raspberry Pi"},
    {0xe45f01, "Raspberry Pi"},
    {0xec0d9a, "Mellanox"},
    {0xf01898, "Apple"},
    {0xf09fc2, "Ubiquiti"},
    {0xf4f26d, "TP-Link"},
    {0xf4f5d8, "Google"},
    {0xf8bc12, "Dell"},
});
static_assert(std::is_sorted(assignments.begin(), assignments.end(),
                             [](const assignment& a, const assignment& b) { return a.prefix < b.prefix; }));

}  // namespace

std::string_view habit_of(std::uint64_t mac) {
  for (const auto& one : habits)
    if (mac >> (48 - one.bits) == one.prefix) return one.name;
  return {};
}

std::string_view built_in_vendor(std::uint64_t mac) {
  const auto prefix = mac >> 24;
  const auto at =
      std::lower_bound(assignments.begin(), assignments.end(), prefix,
                       [](const assignment& one, std::uint64_t wanted) { return one.prefix < wanted; });
  return at != assignments.end() && at->prefix == prefix ? at->name : std::string_view{};
}

}  // namespace diag::arping

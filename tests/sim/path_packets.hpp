// UDP, and what routers append to their errors (RFC 4884, 4950, 5837), as octets: built and read without the
// floors under test.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tests/sim/packets.hpp"

namespace diag::sim {

/// Both headers of a UDP datagram.
struct datagram {
  ip_header ip{};
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint16_t checksum = 0;
  byte_view payload{};
  std::size_t at = 0;  ///< where UDP begins
};
/// Borrows from `octets`; nullopt when they hold no whole UDP header.
std::optional<datagram> look_udp(byte_view octets);
/// With ports and payload of `what`, and the right checksum.
packet make_udp(const ip_header& ip, std::uint16_t source_port, std::uint16_t destination_port,
                byte_view payload);
/// Writes the UDP checksum and the IPv4 header's.
void finish_udp(packet& octets);
/// The UDP checksum is right, or IPv4 and not used.
bool sound_udp(byte_view octets);

std::uint32_t flow_label(byte_view octets);  ///< 0 in IPv4
/// DSCP and ECN together.
void set_traffic_class(packet& octets, std::uint8_t value);
void set_hop_limit(packet& octets, std::uint8_t value);

/// What a router hashes to choose among equal ways: addresses, protocol, the first four octets of the
/// transport header (ports; type, code and checksum of ICMP) and the flow label.
std::uint64_t flow_hash(byte_view octets, std::uint64_t salt);

/// A 16-bit word changed, and the checksum at `sum_at` with it.
void replace_word(packet& octets, std::size_t at, std::size_t sum_at, std::uint16_t value);

using octet_list = std::vector<std::byte>;

/// An object of an extension structure (RFC 4884 §8); `length` in place of the right one.
octet_list extension_object(std::uint8_t class_num, std::uint8_t c_type, byte_view payload,
                            std::optional<std::uint16_t> length = {});
struct label_entry {
  std::uint32_t label = 0;
  std::uint8_t traffic_class = 0;
  bool bottom = false;
  std::uint8_t ttl = 0;
};
/// RFC 4950: an object of class 1, type 1.
octet_list mpls_object(const std::vector<label_entry>& labels);
/// RFC 5837: an object of class 2 with index, address, name and MTU; `role` 0 to 3.
octet_list interface_object(std::uint8_t role, std::uint32_t index, const ip_address& address,
                            std::string_view name, std::uint32_t mtu);
/// The structure around objects: version 2 and the right checksum, unless wanted otherwise.
octet_list extension_structure(const std::vector<octet_list>& objects, std::uint8_t version = 2,
                               std::uint16_t spoil_checksum = 0);

/// An ICMP error about `offending` that quotes exactly `quote` octets, none for 0.
packet exact_error(const packet& offending, const icmp_error_fields& fields, std::size_t quote);
/// Puts a structure behind the quote of an ICMP error, which is padded as RFC 4884 §4 says; the length field
/// then says so, or `length_field`.
void append_extension(packet& error, byte_view structure, std::optional<std::uint8_t> length_field = {});

}  // namespace diag::sim

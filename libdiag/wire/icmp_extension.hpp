// What routers append to ICMP errors: RFC 4884 (structure), RFC 4950 (MPLS label stack), RFC 5837
// (interface).
//
// The structure begins where the length field of the ICMP header says, or, from senders older than RFC 4884,
// at octet 128 of the body without a word about it (§5.5). The second is a guess, so it is believed only with
// version 2 and a good checksum; a full-length quote that happens to hold both there would fool it (1 in
// 2^20).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/wire/checksum.hpp"
#include "libdiag/wire/icmpv4.hpp"
#include "libdiag/wire/icmpv6.hpp"

namespace diag::wire {

enum class extension_placement : std::uint8_t {
  stated,  ///< by the length field (RFC 4884 §4)
  legacy,  ///< found at octet 128 (§5.5)
};

struct icmp_extension {
  static constexpr std::uint8_t known_version = 2;
  extension_placement placement = extension_placement::stated;
  std::uint8_t version = 0;
  checksum_validity checksum = checksum_validity::absent;  ///< absent: the field is zero (§7)
  byte_view objects;                                       ///< read them with icmp_extension_objects
  [[nodiscard]] bool usable() const { return version == known_version && checksum != checksum_validity::bad; }
};

/// The body of an ICMP error, taken apart.
struct icmp_error_body {
  byte_view original;  ///< the quoted packet, zero padding of §4 included
  std::optional<icmp_extension> extension;
  /// The length field goes past the message, is below the 128 octets of §4, or what follows is no structure.
  bool bad_length = false;
};
icmp_error_body split_error_body(const icmpv4_view& message);
icmp_error_body split_error_body(const icmpv6_view& message);
/// A structure whose place is known already (IP_RECVERR_RFC4884); nullopt: fewer than four octets.
std::optional<icmp_extension> parse_extension(byte_view structure);

enum class extension_class : std::uint8_t { mpls_label_stack = 1, interface_information = 2 };

struct icmp_extension_object {
  extension_class class_num{};
  std::uint8_t c_type = 0;
  byte_view payload;
};

/// Walks the objects. A length below four or past the end, or more than max_objects, stops the walk.
class icmp_extension_objects {
 public:
  static constexpr std::size_t max_objects = 64;
  explicit icmp_extension_objects(byte_view objects) : rest_{objects} {}
  std::optional<icmp_extension_object> next();
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  byte_view rest_;
  std::size_t count_ = 0;
  bool malformed_ = false;
};

/// RFC 3032 §2.1.
struct mpls_label {
  std::uint32_t label = 0;
  std::uint8_t traffic_class = 0;
  bool bottom = false;
  std::uint8_t ttl = 0;
};

struct mpls_stack {
  static constexpr std::size_t max_labels = 16;
  std::array<mpls_label, max_labels> entries{};
  std::size_t count = 0;
  /// Octets left over, no bottom-of-stack bit where the stack ends or one before, or more than max_labels.
  bool malformed = false;
  [[nodiscard]] std::span<const mpls_label> labels() const { return std::span{entries}.first(count); }
};
/// nullopt unless the object is of class 1, type 1.
std::optional<mpls_stack> parse_mpls_stack(const icmp_extension_object& object);

/// RFC 5837 §4.1.
enum class interface_role : std::uint8_t { incoming = 0, sub_ip = 1, outgoing = 2, next_hop = 3 };
std::string_view describe(interface_role role);

struct interface_information {
  interface_role role{};
  std::optional<std::uint32_t> index;
  std::optional<ip_address> address;
  byte_view name;  ///< as sent: pass it through safe_text() before it is shown; empty when absent
  std::optional<std::uint32_t> mtu;
  bool malformed = false;  ///< a sub-object goes past the object, or states a length or family out of range
};
/// nullopt unless the object is of class 2.
std::optional<interface_information> parse_interface_information(const icmp_extension_object& object);

}  // namespace diag::wire

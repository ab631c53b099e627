// Data of records: RFC 1035 §3.3, §3.4; AAAA: RFC 3596; SRV: RFC 2782; DNSSEC: RFC 4034, RFC 5155 §3; CAA:
// RFC 8659 §4.1; SVCB and HTTPS: RFC 9460 §2.2. Only the types that a program decides by; how all types are
// written is not this file's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/wire/dns_message.hpp"
#include "libdiag/wire/dns_name.hpp"
#include "libdiag/wire/dns_types.hpp"

namespace diag::wire {

/// Of a type or class that is not read further, or of octets that do not fit their type.
struct dns_opaque {
  byte_view octets;
};
/// A, AAAA.
struct dns_address {
  ip_address address{};
};
/// NS, CNAME, PTR, DNAME.
struct dns_target {
  dns_name name{};
};
struct dns_mx {
  std::uint16_t preference = 0;
  dns_name exchange{};
};
struct dns_soa {
  dns_name mname{};
  dns_name rname{};
  std::uint32_t serial = 0;
  std::uint32_t refresh = 0, retry = 0, expire = 0, minimum = 0;  ///< seconds
};
struct dns_srv {
  std::uint16_t priority = 0, weight = 0, port = 0;
  dns_name target{};
};
/// TXT, SPF: one string or more, each behind its length.
struct dns_txt {
  byte_view octets;
};
/// Walks the strings of a dns_txt.
class dns_strings {
 public:
  explicit dns_strings(const dns_txt& txt) : rest_{txt.octets} {}
  std::optional<byte_view> next();
  /// The last string states more octets than there are.
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  byte_view rest_;
  bool malformed_ = false;
};
/// DS, CDS, DLV.
struct dns_ds {
  std::uint16_t key_tag = 0;
  std::uint8_t algorithm = 0, digest_type = 0;
  byte_view digest;
};
/// DNSKEY, CDNSKEY.
struct dns_key {
  std::uint16_t flags = 0;
  std::uint8_t protocol = 0, algorithm = 0;
  byte_view public_key;
  [[nodiscard]] bool is_zone_key() const { return (flags & 0x0100U) != 0; }      ///< RFC 4034 §2.1.1
  [[nodiscard]] bool is_secure_entry() const { return (flags & 0x0001U) != 0; }  ///< SEP: a hint, no more
  [[nodiscard]] bool is_revoked() const { return (flags & 0x0080U) != 0; }       ///< RFC 5011 §3
  [[nodiscard]] std::uint16_t key_tag() const;                                   ///< RFC 4034 appendix B
};
struct dns_rrsig {
  dns_type covered{};
  std::uint8_t algorithm = 0, labels = 0;
  std::uint32_t original_ttl = 0;
  std::uint32_t expiration = 0, inception = 0;  ///< seconds since 1970, modulo 2^32 (RFC 4034 §3.1.5)
  std::uint16_t key_tag = 0;
  dns_name signer{};
  byte_view signature;
};

/// Types present at a name (RFC 4034 §4.1.2).
class dns_type_bitmap {
 public:
  dns_type_bitmap() = default;
  explicit dns_type_bitmap(byte_view octets) : octets_{octets} {}
  [[nodiscard]] bool contains(dns_type type) const;
  /// In ascending order.
  [[nodiscard]] std::vector<dns_type> types() const;
  /// Each block in order, of 1 to 32 octets, and all there.
  [[nodiscard]] bool well_formed() const;

 private:
  byte_view octets_;
};
struct dns_nsec {
  dns_name next{};
  dns_type_bitmap types{};
};
struct dns_nsec3 {
  std::uint8_t algorithm = 0;
  std::uint8_t flags = 0;
  std::uint16_t iterations = 0;
  byte_view salt;
  byte_view next_hashed;  ///< binary, not in base 32
  dns_type_bitmap types{};
  [[nodiscard]] bool opt_out() const { return (flags & 0x01U) != 0; }
};
struct dns_nsec3param {
  std::uint8_t algorithm = 0;
  std::uint8_t flags = 0;
  std::uint16_t iterations = 0;
  byte_view salt;
};
struct dns_caa {
  std::uint8_t flags = 0;
  byte_view tag, value;
  [[nodiscard]] bool critical() const { return (flags & 0x80U) != 0; }
};
/// SVCB, HTTPS.
struct dns_service {
  std::uint16_t priority = 0;  ///< 0: an alias
  dns_name target{};           ///< root: the owner itself (RFC 9460 §2.5)
  byte_view parameters;        ///< key, length, value; in ascending order of keys where there is no flaw
};

using dns_value = std::variant<dns_opaque, dns_address, dns_target, dns_mx, dns_soa, dns_srv, dns_txt, dns_ds,
                               dns_key, dns_rrsig, dns_nsec, dns_nsec3, dns_nsec3param, dns_caa, dns_service>;
struct dns_rdata {
  dns_value value{};
  /// With dns_opaque: why the octets cannot be read as their type. With another value: `compressed_name`.
  std::optional<dns_flaw> flaw{};
};
/// `budget` is that of the message, so that all its names together stay bounded.
dns_rdata read_rdata(const dns_record& record, dns_budget& budget);

/// The data with its names written out, for those who know nothing of the message: the types of RFC 1035 and
/// those that RFC 3597 §4 adds; a copy for all others.
result<std::vector<std::byte>, dns_flaw> expand_rdata(const dns_record& record, dns_budget& budget);

}  // namespace diag::wire

// EDNS: RFC 6891 §6.1 (OPT and its options). NSID: RFC 5001; client subnet: RFC 7871; EXPIRE: RFC 7314;
// cookies: RFC 7873, RFC 9018; TCP keepalive: RFC 7828; padding: RFC 7830; extended errors: RFC 8914; report
// channel: RFC 9567; zone version: RFC 9660.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/wire/dns_flaw.hpp"
#include "libdiag/wire/dns_name.hpp"
#include "libdiag/wire/dns_types.hpp"

namespace diag::wire {

/// What OPT says in the fields of a record; borrows its options.
struct dns_opt {
  std::uint16_t udp_size = 0;
  std::uint8_t extended_rcode = 0;  ///< the upper eight bits
  std::uint8_t version = 0;
  bool dnssec_ok = false;  ///< DO
  std::uint16_t z = 0;     ///< the other fifteen flags
  byte_view options{};     ///< read them with dns_options
  std::size_t options_offset = 0;
};
/// The fields of a record that OPT gives another meaning.
struct opt_fields {
  std::uint16_t udp_size = 0;  ///< CLASS
  std::uint32_t ttl = 0;
  byte_view rdata{};
  std::size_t rdata_offset = 0;
};
dns_opt read_opt(const opt_fields& fields);

struct dns_option {
  dns_option_code code{};
  byte_view data{};
  std::size_t offset = 0;  ///< of the option in its message
};

/// Walks the options. One that goes past the record stops the walk.
class dns_options {
 public:
  explicit dns_options(const dns_opt& opt) : rest_{opt.options}, at_{opt.options_offset} {}
  std::optional<dns_option> next();
  [[nodiscard]] const std::optional<dns_flaw>& flaw() const { return flaw_; }

 private:
  byte_view rest_;
  std::size_t at_;
  std::optional<dns_flaw> flaw_;
};

struct dns_nsid {
  byte_view octets;  ///< any; often text
};
struct dns_client_subnet {
  ip_address
      address{};  ///< cut to the prefix, zeros behind it; none for family 0 (RFC 7871 §7.1.2: do not tell)
  std::uint8_t source_prefix = 0;
  std::uint8_t scope_prefix = 0;  ///< of an answer; zero in a query
};
struct dns_cookie {
  static constexpr std::size_t client_size = 8;
  static constexpr std::size_t min_server = 8;
  static constexpr std::size_t max_server = 32;
  std::array<std::byte, client_size> client{};
  byte_view server{};  ///< 8 to 32 octets, or none in a first query
};
struct dns_expire {
  std::optional<std::chrono::seconds> time{};  ///< none in a query
};
struct dns_keepalive {
  std::optional<std::chrono::milliseconds> timeout{};  ///< none in a query; tenths of seconds on the wire
};
struct dns_padding {
  std::size_t size = 0;
  bool zeros = true;  ///< RFC 7830 §3: padding octets should be 0
};
struct dns_extended_error_option {
  dns_extended_error code{};
  byte_view text{};  ///< UTF-8 when well made: pass it through safe_text() before it is shown
};
struct dns_report_channel {
  dns_name agent{};
};
struct dns_zone_version {
  std::uint8_t labels = 0;  ///< of the zone's name; RFC 9660 §2.1
  std::uint8_t type = 0;    ///< 0: SOA serial
  byte_view version{};      ///< all three empty in a query
};
/// A code that has no value of its own here.
struct dns_other_option {
  byte_view octets;
};
/// The octets do not fit the code.
struct dns_bad_option {
  std::string_view why;  ///< "neither 8 nor 16 to 40 octets"; static storage
  byte_view octets;
};

using dns_option_value =
    std::variant<dns_other_option, dns_bad_option, dns_nsid, dns_client_subnet, dns_cookie, dns_expire,
                 dns_keepalive, dns_padding, dns_extended_error_option, dns_report_channel, dns_zone_version>;
dns_option_value read_option(const dns_option& option);
inline bool is_malformed(const dns_option_value& value) {
  return std::holds_alternative<dns_bad_option>(value);
}

/// "NSID: 6e7331 (ns1)", "CLIENT-SUBNET: 192.0.2.0/24/0", "COOKIE: malformed, ...: 0102". Printable: text of
/// the network is escaped.
std::string describe(const dns_option& option);

}  // namespace diag::wire

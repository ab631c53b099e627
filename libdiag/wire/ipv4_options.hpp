// IPv4 options: RFC 791 §3.1; router alert: RFC 2113.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"

namespace diag::wire {

/// The whole type octet, copied flag included.
enum class ipv4_option_type : std::uint8_t {
  end = 0,
  no_operation = 1,
  record_route = 7,
  timestamp = 68,
  security = 130,
  loose_source_route = 131,
  stream_id = 136,
  strict_source_route = 137,
  router_alert = 148,
};
/// "record route"; "option 25" without a name.
std::string describe(ipv4_option_type type);

struct ipv4_option {
  ipv4_option_type type = ipv4_option_type::end;
  byte_view data;  ///< without type and length
};

/// Walks the options of one header. Each step advances at least one octet; a length below two or past the end
/// stops the walk.
class ipv4_options {
 public:
  explicit ipv4_options(byte_view options) : rest_{options} {}
  /// nullopt at the end-of-list option, at the end of the octets, or when malformed.
  std::optional<ipv4_option> next();
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  byte_view rest_;
  bool malformed_ = false;
};

/// Record route and the two source routes share one body.
struct ipv4_route {
  static constexpr std::size_t max_addresses = 9;  // 37 octets of option data
  std::array<ip_address, max_addresses> slots{};
  std::size_t slot_count = 0;
  std::size_t used = 0;    ///< slots before the pointer: recorded, or already visited
  bool malformed = false;  ///< pointer below 4, between two slots or past the end; octets left over
  [[nodiscard]] std::span<const ip_address> recorded() const { return std::span{slots}.first(used); }
};
/// nullopt when the option is none of the three.
std::optional<ipv4_route> parse_route(const ipv4_option& option);

}  // namespace diag::wire

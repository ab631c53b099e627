// EDNS: RFC 6891 §6.1.2, §6.1.3 and the options' own specifications.
#include "libdiag/wire/dns_edns.hpp"

#include <algorithm>

#include "libdiag/core/hex.hpp"
#include "libdiag/core/text.hpp"

namespace diag::wire {

namespace {

constexpr std::size_t option_header = 4;

dns_option_value read_client_subnet(byte_view data) {
  // RFC 7871 §6: FAMILY, SOURCE PREFIX-LENGTH, SCOPE PREFIX-LENGTH, ADDRESS without its zeros at the end.
  constexpr std::size_t head = 4;
  constexpr std::uint16_t family_ipv4 = 1;  // IANA address family numbers
  constexpr std::uint16_t family_ipv6 = 2;
  if (data.size() < head) return dns_bad_option{"shorter than its head", data};
  const auto family = load_be16(data, 0);
  dns_client_subnet subnet{.source_prefix = load_u8(data, 2), .scope_prefix = load_u8(data, 3)};
  const auto octets = data.subspan(head);
  if (family == 0 && subnet.source_prefix == 0 && subnet.scope_prefix == 0 && octets.empty()) return subnet;
  if (family != family_ipv4 && family != family_ipv6)
    return dns_bad_option{"an unknown address family", data};
  const std::size_t width = family == family_ipv4 ? 4 : 16;
  if (subnet.source_prefix > width * 8 || subnet.scope_prefix > width * 8)
    return dns_bad_option{"a prefix longer than an address", data};
  if (octets.size() != (subnet.source_prefix + 7U) / 8)
    return dns_bad_option{"an address that does not fit its prefix", data};
  const auto spare = octets.size() * 8 - subnet.source_prefix;
  if (!octets.empty() && (load_u8(octets, octets.size() - 1) & ((1U << spare) - 1)) != 0)
    return dns_bad_option{"bits set behind the prefix", data};
  std::array<std::byte, 16> whole{};
  std::ranges::copy(octets, whole.begin());
  subnet.address = ip_address::from_bytes(byte_view{whole}.first(width));
  return subnet;
}

dns_option_value read_cookie(byte_view data) {
  // RFC 7873 §4.1, §4.2: 8 octets, or 16 to 40.
  const auto server = data.size() - std::min(data.size(), dns_cookie::client_size);
  if (data.size() < dns_cookie::client_size || (server != 0 && server < dns_cookie::min_server) ||
      server > dns_cookie::max_server)
    return dns_bad_option{"neither 8 nor 16 to 40 octets", data};
  dns_cookie cookie;
  std::ranges::copy(data.first(dns_cookie::client_size), cookie.client.begin());
  cookie.server = data.subspan(dns_cookie::client_size);
  return cookie;
}

dns_option_value read_report_channel(byte_view data) {
  // RFC 9567 §6.1: a name without compression, not the root.
  const auto agent = dns_name::from_wire(data);
  if (!agent || agent->is_root()) return dns_bad_option{"no domain name", data};
  return dns_report_channel{*agent};
}

dns_option_value read_zone_version(byte_view data) {
  if (data.empty()) return dns_zone_version{};
  if (data.size() < 2) return dns_bad_option{"shorter than its head", data};
  const dns_zone_version version{
      .labels = load_u8(data, 0), .type = load_u8(data, 1), .version = data.subspan(2)};
  // RFC 9660 §3.1: the version of type SOA-SERIAL is a serial.
  if (version.type == 0 && version.version.size() != 4)
    return dns_bad_option{"a serial that is not 4 octets", data};
  return version;
}

/// "6e7331 (ns1)"; only the octets where there is no text in them.
std::string octets_and_text(byte_view octets) {
  const bool printable = !octets.empty() && std::ranges::all_of(octets, [](std::byte octet) {
    return octet >= std::byte{0x20} && octet < std::byte{0x7f};
  });
  return hex_text(octets) + (printable ? " (" + safe_text(octets) + ")" : std::string{});
}

std::string decimal_tenths(std::chrono::milliseconds time) {
  const auto tenths = time.count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

struct value_words {
  std::string operator()(const dns_other_option& value) const { return hex_text(value.octets); }
  std::string operator()(const dns_bad_option& value) const {
    return "malformed, " + std::string{value.why} +
           (value.octets.empty() ? "" : ": " + hex_text(value.octets));
  }
  std::string operator()(const dns_nsid& value) const { return octets_and_text(value.octets); }
  std::string operator()(const dns_client_subnet& value) const {
    return (value.address ? to_string(value.address) : std::string{"0"}) + "/" +
           std::to_string(value.source_prefix) + "/" + std::to_string(value.scope_prefix);
  }
  std::string operator()(const dns_cookie& value) const {
    return hex_text(value.client) + (value.server.empty() ? "" : " " + hex_text(value.server));
  }
  std::string operator()(const dns_expire& value) const {
    return value.time ? std::to_string(value.time->count()) + " s" : std::string{};
  }
  std::string operator()(const dns_keepalive& value) const {
    return value.timeout ? decimal_tenths(*value.timeout) + " s" : std::string{};
  }
  std::string operator()(const dns_padding& value) const {
    return std::to_string(value.size) + (value.size == 1 ? " octet" : " octets") +
           (value.zeros ? "" : ", not zero");
  }
  std::string operator()(const dns_extended_error_option& value) const {
    return std::to_string(static_cast<unsigned>(value.code)) + " (" + describe(value.code) + ")" +
           (value.text.empty() ? "" : " " + safe_text(value.text));
  }
  std::string operator()(const dns_report_channel& value) const { return value.agent.text(); }
  std::string operator()(const dns_zone_version& value) const {
    if (value.labels == 0 && value.type == 0 && value.version.empty()) return {};
    const auto labels = std::to_string(value.labels) + (value.labels == 1 ? " label, " : " labels, ");
    if (value.type == 0 && value.version.size() == 4)
      return labels + "serial " + std::to_string(load_be32(value.version, 0));
    return labels + "type " + std::to_string(value.type) + " " + hex_text(value.version);
  }
};

}  // namespace

dns_opt read_opt(const opt_fields& fields) {
  // RFC 6891 §6.1.3: the TTL holds EXTENDED-RCODE, VERSION, DO and Z.
  return {.udp_size = fields.udp_size,
          .extended_rcode = static_cast<std::uint8_t>(fields.ttl >> 24),
          .version = static_cast<std::uint8_t>(fields.ttl >> 16 & 0xffU),
          .dnssec_ok = (fields.ttl & 0x8000U) != 0,
          .z = static_cast<std::uint16_t>(fields.ttl & 0x7fffU),
          .options = fields.rdata,
          .options_offset = fields.rdata_offset};
}

std::optional<dns_option> dns_options::next() {
  if (rest_.empty() || flaw_) return std::nullopt;
  const auto size = rest_.size() < option_header ? rest_.size() + 1 : option_header + load_be16(rest_, 2);
  if (size > rest_.size()) {
    flaw_ = dns_flaw{.what = dns_flaw::kind::bad_option, .at = at_};
    return std::nullopt;
  }
  const dns_option option{.code = dns_option_code{load_be16(rest_, 0)},
                          .data = rest_.first(size).subspan(option_header),
                          .offset = at_};
  rest_ = rest_.subspan(size);
  at_ += size;
  return option;
}

dns_option_value read_option(const dns_option& option) {
  const auto data = option.data;
  switch (option.code) {
    case dns_option_code::nsid:
      return dns_nsid{data};
    case dns_option_code::client_subnet:
      return read_client_subnet(data);
    case dns_option_code::cookie:
      return read_cookie(data);
    case dns_option_code::expire:
      if (data.empty()) return dns_expire{};
      if (data.size() != 4) return dns_bad_option{"neither empty nor 4 octets", data};
      return dns_expire{std::chrono::seconds{load_be32(data, 0)}};
    case dns_option_code::keepalive:
      if (data.empty()) return dns_keepalive{};
      if (data.size() != 2) return dns_bad_option{"neither empty nor 2 octets", data};
      return dns_keepalive{std::chrono::milliseconds{100 * load_be16(data, 0)}};
    case dns_option_code::padding:
      return dns_padding{.size = data.size(), .zeros = std::ranges::all_of(data, [](std::byte octet) {
                                                return octet == std::byte{0};
                                              })};
    case dns_option_code::extended_error:
      if (data.size() < 2) return dns_bad_option{"shorter than its code", data};
      return dns_extended_error_option{.code = dns_extended_error{load_be16(data, 0)},
                                       .text = data.subspan(2)};
    case dns_option_code::report_channel:
      return read_report_channel(data);
    case dns_option_code::zone_version:
      return read_zone_version(data);
  }
  return dns_other_option{data};
}

std::string describe(const dns_option& option) {
  const auto words = std::visit(value_words{}, read_option(option));
  return describe(option.code) + (words.empty() ? "" : ": " + words);
}

}  // namespace diag::wire

// Our own reading of literals first, so that no name server ever sees one and no octal slips through
// inet_aton(3); getaddrinfo(3) for the rest.
#include "libdiag/io/resolver.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <memory>
#include <net/if.h>
#include <netdb.h>

#include "libdiag/core/text.hpp"
#include "libdiag/io/socket_address.hpp"

namespace diag::io {
namespace {

using kind = resolve_error::kind_type;
constexpr std::size_t longest_name = 253;  // RFC 1035 §2.3.4: 255 octets on the wire

resolve_error fail(kind which, std::string_view name, std::string why, std::string hint = {}) {
  resolve_error error;
  error.kind = which;
  error.what.operation = "resolve";
  error.what.subject = std::string{name.substr(0, 300)};
  error.what.why = std::move(why);
  error.what.hint = std::move(hint);
  return error;
}

/// Digits, dots and hexadecimal marks only: something inet_aton(3) might take for an address.
bool looks_like_legacy_ipv4(std::string_view text) {
  const bool starts = !text.empty() && text.front() >= '0' && text.front() <= '9';
  return starts && text.find_first_not_of("0123456789abcdefABCDEFxX.") == std::string_view::npos;
}

/// IPv6 with a scope by number or interface name.
result<std::optional<ip_address>, resolve_error> parse_scoped(std::string_view text) {
  const auto percent = text.find('%');
  const auto address = parse_ip(text.substr(0, percent));
  if (!address || !address->is_v6()) return fail(kind::malformed, text, "not an IPv6 address");
  const std::string zone{text.substr(percent + 1)};
  auto scoped = *address;
  if (const auto index = parse_unsigned(zone, 1, 0xffffffff)) {
    scoped.scope(static_cast<std::uint32_t>(*index));
  } else if (const auto named = ::if_nametoindex(zone.c_str()); named != 0) {
    scoped.scope(named);
  } else {
    return fail(kind::malformed, text, "no interface of that name", "see: ip link");
  }
  return std::optional{scoped};
}

kind kind_of(int code) {
  switch (code) {
    case EAI_AGAIN:
      return kind::temporary;
    case EAI_SYSTEM:
    case EAI_MEMORY:
      return kind::system;
    case EAI_ADDRFAMILY:
      return kind::wrong_family;
    default:
      return kind::unknown;
  }
}

std::string words_of(int code, int error_number) {
  if (code == EAI_SYSTEM && error_number != 0)
    return std::error_code{error_number, std::generic_category()}.message();
  if (code == EAI_NODATA || code == EAI_NONAME) return "Name or service not known";
  return ::gai_strerror(code);
}

struct info_deleter {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

std::string_view name_of(ip_family family) {
  return family == ip_family::v4 ? "IPv4" : "IPv6";
}

}  // namespace

result<std::optional<ip_address>, resolve_error> parse_literal(std::string_view text) {
  if (const auto plain = parse_ip(text)) return std::optional{*plain};
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    const auto inside = text.substr(1, text.size() - 2);
    if (inside.find('%') != std::string_view::npos) return parse_scoped(inside);
    const auto address = parse_ip(inside);
    if (!address || !address->is_v6()) return fail(kind::malformed, text, "brackets hold no IPv6 address");
    return std::optional{*address};
  }
  // A colon is in no host name: whatever has one was meant as IPv6.
  if (text.find(':') != std::string_view::npos) {
    if (text.find('%') != std::string_view::npos) return parse_scoped(text);
    return fail(kind::malformed, text, "not an IPv6 address");
  }
  if (looks_like_legacy_ipv4(text)) {
    in_addr legacy{};
    if (::inet_aton(std::string{text}.c_str(), &legacy) == 1)
      return fail(kind::malformed, text, "not a dotted quad of decimal numbers",
                  "older programs read it as " + to_string(to_ip(legacy)));
    if (text.find_first_not_of("0123456789.") == std::string_view::npos)
      return fail(kind::malformed, text, "not an IPv4 address");
  }
  return std::optional<ip_address>{};
}

result<std::vector<ip_address>, resolve_error> resolve(std::string_view name, ip_family family) {
  auto literal = parse_literal(name);
  if (!literal) return literal.error();
  if (*literal) {
    const auto address = **literal;
    if (family != ip_family::none && address.family() != family)
      return fail(kind::wrong_family, name, "not an " + std::string{name_of(family)} + " address");
    return std::vector{address};
  }
  if (name.empty()) return fail(kind::malformed, name, "empty name");
  const auto bare = name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
  if (bare.size() > longest_name) return fail(kind::malformed, name, "longer than 253 octets");
  const bool odd = std::ranges::any_of(name, [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet <= ' ' || octet == 0x7f;
  });
  if (odd) return fail(kind::malformed, name, "holds a blank or control character");
  if (name.front() == '-') return fail(kind::malformed, name, "begins with a dash");

  addrinfo hints{};
  hints.ai_family = family == ip_family::v4 ? AF_INET : family == ip_family::v6 ? AF_INET6 : AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;  // one entry an address, not one a protocol
  addrinfo* found = nullptr;
  errno = 0;
  const int code = ::getaddrinfo(std::string{name}.c_str(), nullptr, &hints, &found);
  const int error_number = errno;
  const std::unique_ptr<addrinfo, info_deleter> owner{code == 0 ? found : nullptr};
  if (code == EAI_ADDRFAMILY)
    return fail(kind::wrong_family, name, "has no " + std::string{name_of(family)} + " address");
  if (code != 0)
    return fail(kind_of(code), name, words_of(code, error_number),
                code == EAI_AGAIN ? "no name server answered; see /etc/resolv.conf" : "");
  std::vector<ip_address> out;
  for (const auto* entry = owner.get(); entry != nullptr; entry = entry->ai_next) {
    const auto address = to_ip(entry->ai_addr, entry->ai_addrlen);
    if (address && std::ranges::find(out, address) == out.end()) out.push_back(address);
  }
  if (out.empty()) return fail(kind::unknown, name, "has no address");
  return out;
}

result<std::string, resolve_error> reverse(const ip_address& address) {
  const auto where = to_socket_address(address);
  std::array<char, NI_MAXHOST> name{};
  const int code = ::getnameinfo(&where.any, where.size, name.data(), name.size(), nullptr, 0, NI_NAMEREQD);
  if (code != 0) return fail(kind_of(code), to_string(address), words_of(code, errno));
  return std::string{name.data()};
}

}  // namespace diag::io

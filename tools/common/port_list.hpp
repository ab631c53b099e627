// Ports as users write them: "22,80,443,8000-8100,http", `all`.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/result.hpp"

namespace diag::tools {

/// Why a word names no ports: a sentence without the word's place, safe to print.
struct port_list_error {
  std::string why;
};
[[noreturn]] inline void throw_exception_from_error(const port_list_error&, const boost::source_location&) {
  std::terminate();
}

/// The port of a service, from 1; nullopt: there is none of that name.
using service_lookup = std::function<std::optional<std::uint16_t>(std::string_view name)>;
/// getservbyname(3) for tcp: /etc/services, or what the system has instead.
std::optional<std::uint16_t> system_service(std::string_view name);
/// The same for udp.
std::optional<std::uint16_t> system_udp_service(std::string_view name);

/// At least one port, in the order given, each once. `all` is 1-65535. `protocol`: whose services, for
/// errors.
result<std::vector<std::uint16_t>, port_list_error> parse_ports(
    std::string_view text, const service_lookup& services = system_service,
    std::string_view protocol = "TCP");

/// From `first` to `last`, both included.
struct port_interval {
  std::uint16_t first = 0, last = 0;
  friend bool operator==(const port_interval&, const port_interval&) = default;
};

/// Ports without an order, as few intervals as they make.
class port_set {
 public:
  port_set() = default;
  explicit port_set(std::span<const std::uint16_t> ports);
  /// They may overlap, in any order.
  explicit port_set(std::vector<port_interval> intervals);

  [[nodiscard]] const std::vector<port_interval>& intervals() const { return intervals_; }
  [[nodiscard]] std::uint32_t size() const;
  [[nodiscard]] bool contains(std::uint16_t port) const;
  /// The lowest port of both; nullopt: none.
  [[nodiscard]] std::optional<std::uint16_t> common(const port_set& other) const;
  /// Ascending.
  [[nodiscard]] std::vector<std::uint16_t> ports() const;
  /// As parse_ports() reads it: "22,80,8000-8100", "all"; empty for the empty set.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const port_set&, const port_set&) = default;

 private:
  std::vector<port_interval> intervals_;
};

/// As parse_ports(), where the order does not matter: costs what the text costs, not what it stands for.
result<port_set, port_list_error> parse_port_set(std::string_view text,
                                                 const service_lookup& services = system_service);

}  // namespace diag::tools

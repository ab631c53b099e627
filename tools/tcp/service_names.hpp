// What the services file calls a port, for lines and records.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diag::tcp {

/// services(5), read through the C library when the first name is asked for: whoever prints nothing pays
/// nothing.
class service_names {
 public:
  /// `wanted` false: there are no names (-n).
  explicit service_names(bool wanted) : wanted_{wanted} {}

  /// Empty: none. Borrowed for the life of this.
  [[nodiscard]] std::string_view name_of(std::uint16_t port) const;

 private:
  struct service {
    std::uint16_t port;
    std::string name;
  };
  void load() const;

  bool wanted_;
  mutable std::optional<std::vector<service>> known_{};  // by port
};

}  // namespace diag::tcp

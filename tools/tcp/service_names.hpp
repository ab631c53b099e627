// What the services file calls a port, for lines and records.
//
// Read here and not through getservbyport(3): the name service switch looks for its modules in forty places
// before it opens the file, which takes longer than a probe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diag::tcp {

class service_names {
 public:
  /// `wanted` false: there are no names (-n). The file is read when the first name is asked for; whoever
  /// prints nothing pays nothing.
  explicit service_names(bool wanted, std::string path = "/etc/services")
      : wanted_{wanted}, path_{std::move(path)} {}

  /// Empty: none, or no such file. Borrowed for the life of this.
  [[nodiscard]] std::string_view name_of(std::uint16_t port) const;

 private:
  struct service {
    std::uint16_t port;
    std::string name;
  };
  void load() const;
  static void parse(std::string_view text, std::vector<service>& into);

  bool wanted_;
  std::string path_;
  mutable std::optional<std::vector<service>> known_{};  // by port
};

}  // namespace diag::tcp

// One file of the IEEE's registry: comma-separated rows "MA-L,002272,Organization Name,Address", in no order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "libdiag/io/unique_fd.hpp"

namespace diag::arping {

/// Finds the first few assignments by reading through the file, which costs a third of a millisecond for
/// 3 MB, and from then on keeps an index: eight octets an assignment.
class vendor_registry {
 public:
  /// `digits`: hexadecimal digits of its assignments, 6, 7 or 9. Not a regular file, unreadable or above
  /// 256 MiB: no file.
  vendor_registry(const std::string& path, std::size_t digits);

  [[nodiscard]] bool is_open() const { return static_cast<bool>(file_); }
  /// The owner of an assignment, safe to print, at most 64 octets. nullptr: it is not in the file. Borrowed
  /// until the registry goes.
  const std::string* find(std::uint64_t assignment);

 private:
  using place = std::optional<std::uint64_t>;  // octets before the name

  place place_of(std::uint64_t assignment);
  [[nodiscard]] place look_through(std::uint64_t assignment) const;
  void build_index();

  io::unique_fd file_;
  std::size_t digits_;
  std::vector<std::pair<std::uint64_t, place>> found_;
  bool indexed_ = false;
  std::vector<std::uint64_t> index_;  // the assignment, then 28 bits of place
  std::unordered_map<std::uint64_t, std::string> names_;
};

}  // namespace diag::arping

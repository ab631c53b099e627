// --save and --compare: who owned which address, in a file that people can read and mend.
//
//   diag-arping neighbors 1
//   192.0.2.1 02:00:5e:10:00:01
//   192.0.2.7 52:54:00:12:34:56 52:54:00:ab:cd:ef
//
// The first line names the format and its version. `#` starts a comment. Silent addresses have no line.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/report/output_file.hpp"

namespace diag::arping {

/// Owners by address, thirty-two octets an owner. Scopes are left out: interface numbers change at a boot, so
/// a link-local address that two links have is one here.
class known_neighbors {
 public:
  void take(const ip_address& address, std::span<const mac_address> owners);
  /// By address and owner, each pair once. Borrowed until the next take().
  std::span<const std::pair<ip_address, mac_address>> pairs();
  /// Sorted; empty: the address is not known, or silent.
  std::vector<mac_address> owners_of(const ip_address& address);

 private:
  std::vector<std::pair<ip_address, mac_address>> pairs_;
  bool sorted_ = true;
};

struct neighbor_difference {
  enum class kind : std::uint8_t {
    appeared,  ///< answered, and the file does not have it
    vanished,  ///< the file has it, and it was silent
    changed,   ///< other owners
  };
  kind what = kind::appeared;
  ip_address address{};
  std::vector<mac_address> before{}, after{};  ///< sorted
};
std::string_view describe(neighbor_difference::kind what);  // "appeared", "vanished", "changed"
/// "192.0.2.7 is at 02:00:5e:10:00:07, where the file has 02:00:5e:10:00:01".
std::string difference_sentence(const neighbor_difference& what);

/// One address that was asked. What the file has and nobody asked for is no difference; nor is it one when a
/// link-local address has only some of its owners, since others may be on another link.
std::optional<neighbor_difference> compare(known_neighbors& file, const ip_address& asked,
                                           std::span<const mac_address> seen);

/// The text of a file of --compare; `-` is standard input.
result<std::string> read_neighbor_file(const std::string& path);

struct read_neighbors {
  known_neighbors known{};
  /// A sentence for each bad line: "lan.arp:12: 192.0.2.1 has a line already: 3". Empty: all is well.
  std::vector<std::string> errors{};
};
/// Then the reading stops.
inline constexpr std::size_t most_neighbor_errors = 1'000;
read_neighbors parse_neighbors(std::string_view text, const std::string& name);

/// The file of --save.
class neighbor_file {
 public:
  /// Creates it at once, so that a bad path is known before anything is sent.
  static result<neighbor_file> open(std::string path);
  void take(const ip_address& address, std::span<const mac_address> owners) { seen_.take(address, owners); }
  /// The failure, if anything was lost.
  std::optional<failure> close(wall_time when);

 private:
  explicit neighbor_file(report::output_file file) : file_{std::move(file)} {}

  report::output_file file_;
  known_neighbors seen_;
};
/// What close() writes.
void write_neighbors(report::output& out, known_neighbors& seen, wall_time when);

}  // namespace diag::arping

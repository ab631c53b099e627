// Who made an interface: the IEEE's registry as the package `ieee-data` has it (oui.csv, mam.csv, oui36.csv,
// iab.csv: MA-L, MA-M, MA-S and IAB assignments of 24, 28, 36 and 36 bits), and a small table for when it is
// not there.
//
// The files are not in order and 4 MB long. A one-shot asks for one or two prefixes: it reads through the
// file for each, in pieces. Who asks for more gets an index of eight octets an assignment.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "libdiag/core/address.hpp"

namespace diag::arping {

class vendor_table {
 public:
  /// Reads nothing yet. `folder`: where the files are; empty: $DIAG_OUI, else where the package has them
  /// (/var/lib/ieee-data, which its updates write, then /usr/share/ieee-data).
  explicit vendor_table(std::string folder = {});
  vendor_table(vendor_table&&) noexcept;
  vendor_table& operator=(vendor_table&&) noexcept;
  ~vendor_table();

  /// Safe to print as it is, at most 64 octets; empty: nobody knows. Locally administered and group addresses
  /// have no vendor, but for habits of virtual machines and the like ("QEMU/KVM"). Borrowed until the table
  /// goes. Files that cannot be read are as good as absent.
  std::string_view vendor_of(const mac_address& mac);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace diag::arping

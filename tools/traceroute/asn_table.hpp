// --asn: which AS announces an address, by a table of the user's. Nothing is asked of the network.
//
// Text, gathered from what is usual, in any order and mixed (`#` and `;` begin comments):
//   PREFIX ASN [NAME]                 192.0.2.0/24  64496          pyasn, bgpdump digests
//   ADDRESS LENGTH ASN                192.0.2.0  24  64496_64497   CAIDA prefix2as
//   FIRST LAST ASN COUNTRY NAME       192.0.2.0  192.0.2.255  64496  ZZ  EXAMPLE   ip2asn
// between tabs, where the last field may hold blanks, or blanks. An ASN is a number, "AS" and a number, or
// several with `_` or `,`. A file that ends in .mmdb is read through libmaxminddb.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libdiag/core/result.hpp"
#include "tools/traceroute/address_labels.hpp"

namespace diag::traceroute {

class asn_table {
 public:
  /// Fails when the file cannot be read, or holds no line that says anything.
  static result<asn_table> open(const std::string& path);
  /// The same of text; `name` is for messages.
  static result<asn_table> parse(std::string_view text, const std::string& name);

  asn_table(asn_table&&) noexcept;
  asn_table& operator=(asn_table&&) noexcept;
  ~asn_table();

  /// The longest prefix that holds the address; the smallest range; nullopt: none.
  [[nodiscard]] std::optional<as_origin> find(const ip_address& address) const;

  [[nodiscard]] std::uint64_t size() const;       ///< prefixes and ranges; 0 for a database
  [[nodiscard]] std::uint64_t bad_lines() const;  ///< left out
  /// "asn.tsv:17: 'x' is no network"; empty: there was none.
  [[nodiscard]] const std::string& first_bad() const;

 private:
  struct contents;
  explicit asn_table(std::unique_ptr<contents> all);
  std::unique_ptr<contents> all_;
};

}  // namespace diag::traceroute

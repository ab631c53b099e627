// A MaxMind DB of AS numbers, through libmaxminddb(3): dlopen(3)ed when such a file is named, linked never.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "libdiag/core/result.hpp"
#include "tools/traceroute/address_labels.hpp"

namespace diag::traceroute {

class mmdb_file {
 public:
  static result<std::unique_ptr<mmdb_file>> open(const std::string& path);
  ~mmdb_file();
  mmdb_file(const mmdb_file&) = delete;
  mmdb_file& operator=(const mmdb_file&) = delete;

  [[nodiscard]] std::optional<as_origin> find(const ip_address& address) const;

 private:
  struct state;
  explicit mmdb_file(std::unique_ptr<state> made);
  std::unique_ptr<state> state_;
};

}  // namespace diag::traceroute

// What an address on a path is called: its reverse name, and the AS that announces it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/address.hpp"

namespace diag::traceroute {

/// Who announces an address.
struct as_origin {
  std::uint32_t number = 0;
  std::string name{};  ///< of the AS, where the table has it; not to be trusted
  std::optional<ip_prefix> prefix{};
  std::vector<std::uint32_t> others{};  ///< numbers of those that announce the same prefix
};

/// Where labels come from; every member may be empty.
struct label_sources {
  std::function<void(const ip_address&)> ask_name{};
  /// nullopt: not known yet; inner nullopt: it has none. As the name service gave it.
  std::function<std::optional<std::optional<std::string>>(const ip_address&)> find_name{};
  std::function<std::optional<as_origin>(const ip_address&)> find_origin{};
};

class address_labels {
 public:
  address_labels() = default;
  explicit address_labels(label_sources from) : from_{std::move(from)} {}

  /// Begins to look for the name.
  void ask(const ip_address& address) const;
  /// Waiting longer brings nothing: the name is there, or there is none, or nobody asked.
  [[nodiscard]] bool settled(const ip_address& address) const;
  /// The reverse name, escaped; empty: none, or not known yet.
  [[nodiscard]] std::string name(const ip_address& address) const;
  [[nodiscard]] std::optional<as_origin> origin(const ip_address& address) const;
  /// "gw.example (198.51.100.1)", "198.51.100.1", with a table also " [AS64496]",
  /// " [AS64496/AS64497]" or " [*]".
  [[nodiscard]] std::string text(const ip_address& address) const;
  [[nodiscard]] bool names_wanted() const { return bool{from_.find_name}; }
  [[nodiscard]] bool origins_wanted() const { return bool{from_.find_origin}; }

 private:
  label_sources from_;
};

}  // namespace diag::traceroute

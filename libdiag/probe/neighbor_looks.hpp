// Second looks: what an owner says when it alone is asked, and whether it answers for addresses that no host
// has. They are no probes: nothing is lost with them, and each owner gets each of them once.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/probe/neighbor_book.hpp"

namespace diag::probe {

struct looks_config {
  bool wanted = true;
  bool ask_owners = true;   ///< by unicast, each owner of each target
  bool every_owner = true;  ///< `impossible` addresses to each owner; otherwise to owners of two addresses
  std::vector<ip_address> impossible{};
  duration timeout = 1s;
};

class neighbor_looks {
 public:
  /// More owners than that are not looked at again.
  static constexpr std::size_t most = 4096;

  explicit neighbor_looks(const looks_config& config) : config_{config} {}

  /// A new owner of a target; `heard_by_all`: it answered a question that went to everyone.
  void add_owner(std::uint8_t link, const ip_address& address, const mac_address& mac, bool heard_by_all);
  /// A silent target whose hardware address this host remembered.
  void add_known(std::uint8_t link, const ip_address& address, const mac_address& mac);

  /// The next one to ask, with its number; nullptr: none is waiting.
  [[nodiscard]] const second_look* next() const { return next_ < looks_.size() ? &looks_[next_] : nullptr; }
  std::size_t take(mono_time now);
  void stamp(std::size_t number, moment left);
  void fail(std::size_t number) { looks_[number].left = false; }

  struct answered {
    second_look::kind what = second_look::kind::unicast;
    duration rtt{};
  };
  /// Whether this is the answer to one that is open; closes it.
  std::optional<answered> hear(const moment& came, mono_time read_at, const neighbor_message& said);
  /// A probe to the target goes out: from here on nobody could tell what is answered.
  void overtake(const ip_address& address, mono_time now);

  /// When the last that is open need not be waited for any more; nullopt: none is.
  [[nodiscard]] std::optional<mono_time> open_until() const;
  /// Ends those whose timeout has passed.
  void expire(mono_time now);
  [[nodiscard]] const std::vector<second_look>& all() const { return looks_; }
  [[nodiscard]] std::uint64_t asked() const { return next_; }

 private:
  /// An owner met lately, so that the second address of one is noticed in flat memory.
  struct familiar {
    mac_address mac{};
    std::array<std::uint8_t, 2> addresses{};  ///< by family
    std::array<bool, 2> asked{};
  };
  void ask_impossible(std::uint8_t link, ip_family family, const mac_address& mac);
  void push(second_look&& look);

  looks_config config_;
  std::vector<second_look> looks_;
  std::vector<moment> left_;  ///< by look
  std::array<familiar, 256> familiar_{};
  std::size_t next_ = 0;
  std::size_t first_open_ = 0;  ///< every look below is closed
};

}  // namespace diag::probe

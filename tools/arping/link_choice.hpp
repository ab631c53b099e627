// Which link and which address of ours a target is asked from, or why it cannot be asked.
#pragma once

#include <optional>

#include "libdiag/core/result.hpp"
#include "tools/arping/network.hpp"
#include "tools/arping/options.hpp"

namespace diag::arping {

struct link_choice {
  const io::link* link = nullptr;
  ip_address source{};
};

class link_chooser {
 public:
  /// Both borrowed. Fails where -I names what is not there, or nobody can be asked on.
  static result<link_chooser> make(const arping_options& options, const network& around);

  /// For one target. The first thing in the way is told: its link, our address there, our own address, a
  /// target behind a router.
  [[nodiscard]] result<link_choice> choose(const ip_address& target) const;
  /// For whatever targets of a family on this link (--local, a search); failure: no address of ours.
  [[nodiscard]] result<link_choice> choose(const io::link& link, const ip_address& target) const;
  /// The link of -I; nullptr: none was named.
  [[nodiscard]] const io::link* named() const { return named_; }

 private:
  link_chooser(const arping_options& options, const network& around) : options_{&options}, around_{&around} {}
  [[nodiscard]] result<const io::link*> link_of(const ip_address& target) const;
  [[nodiscard]] std::optional<ip_address> source_on(const io::link& link, const ip_address& target) const;

  const arping_options* options_;
  const network* around_;
  const io::link* named_ = nullptr;
  bool claims_ = false;
};

}  // namespace diag::arping

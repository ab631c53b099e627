// What a run has learned of its targets and of the link: owners, sightings, second looks. Flat: 24 octets a
// target and 56 an owner; what strangers can fill is bounded.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/probe/neighbor_event.hpp"

namespace diag::probe {

/// Something seen that nobody asked for, merged by kind, address and owner.
struct seen_claim {
  neighbor_message said{};  ///< the first
  std::uint64_t count = 0;
  mono_time first{}, last{};
};

/// A second look: a question whose answer tells what kind of owner it is.
struct second_look {
  enum class kind : std::uint8_t {
    unicast,     ///< asked for the target by a frame to this owner alone
    impossible,  ///< asked by unicast for an address that no host can have
    known,       ///< a silent target, asked at the hardware address this host remembered
  };
  kind what = kind::unicast;
  std::uint8_t link = 0;
  mac_address mac{};
  ip_address address{};
  mono_time sent{};
  bool left = false;  ///< it was really sent
  bool answered = false;
  bool waited = false;  ///< its timeout passed: silence means something
};

/// Frames under a foreign tag, or without the tag, that would have been answers.
struct leaked_answer {
  ip_address address{};
  mac_address mac{};
  std::optional<wire::vlan_tag> tag{};
  std::uint64_t count = 0;
};

/// What findings are made of beside the owners, who come one target at a time (neighbor_findings.hpp); a
/// machine fills it.
struct neighbor_facts {
  std::vector<seen_claim> seen{};
  std::vector<second_look> looks{};
  std::vector<leaked_answer> leaks{};
  std::uint64_t unseen = 0;  ///< sightings that found no room
};

}  // namespace diag::probe

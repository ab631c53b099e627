// Questions out, answers in: frames that ask for an address, and what a frame that came in is to us.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libdiag/probe/neighbor_message.hpp"
#include "libdiag/probe/neighbor_question.hpp"
#include "libdiag/probe/stimulus.hpp"

namespace diag::probe {

/// What a frame amounts to, whatever was asked.
struct heard_message {
  enum class kind : std::uint8_t {
    nothing,   ///< not ours to read
    answer,    ///< to us: `said.owner` has `said.claimed`
    sighting,  ///< asked for by nobody here
    rejected,  ///< see `why`
  };
  kind what = kind::nothing;
  reject_reason why = reject_reason::bad_arp_header;
  neighbor_message said{};
};

class neighbor_exchange {
 public:
  explicit neighbor_exchange(const std::vector<neighbor_link>& links);

  [[nodiscard]] const neighbor_link& link(std::uint8_t number) const { return links_[number]; }
  /// neighbor_question::ask on a link.
  byte_view ask(std::uint8_t link, const ip_address& address, const std::optional<mac_address>& only) {
    return questions_[link].ask(address, only);
  }
  /// Addresses of link scope have the interface as their scope in what is said.
  [[nodiscard]] heard_message hear(const arrival& packet) const;

 private:
  [[nodiscard]] heard_message judge(neighbor_message&& said, const arrival& packet) const;
  [[nodiscard]] bool ours(const mac_address& mac, std::uint32_t interface) const;
  [[nodiscard]] bool asked_from(const ip_address& address, std::uint32_t interface) const;

  std::vector<neighbor_link> links_;
  std::vector<neighbor_question> questions_;  ///< by link
};

}  // namespace diag::probe

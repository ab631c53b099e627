// Which addresses does a hardware address have? Asked in every way there is, by frames to it alone: an echo
// request to everyone (IPv4 broadcast, ff02::1), InARP (RFC 2390), RARP (RFC 903), and each address of the
// prefixes by ARP or neighbour solicitation.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/neighbor_event.hpp"
#include "libdiag/probe/targets.hpp"

namespace diag::probe {

struct mac_search_config {
  mac_address wanted{};
  neighbor_link link{};
  std::vector<ip_address> broadcasts{};  ///< IP destinations of the echo requests; empty: none
  bool inverse = true, reverse = false;
  std::uint32_t retries = 1;  ///< of everything while nothing at all came from it
  duration timeout = 1s;      ///< after the last question
  std::optional<duration> deadline{};
  double rate = 500;  ///< packets a second
  bool unlimited = false;
  bool stop_at_first = false;
  std::uint16_t identifier = 0;
  std::uint64_t tag = 0;
};

/// How an address became known.
enum class mac_evidence : std::uint8_t { echo, inverse, reverse, asked, sighting };
std::string_view describe(mac_evidence how);  // "echo", "inarp", "rarp", "asked", "seen"

struct mac_found {
  ip_address address{};
  mac_evidence how = mac_evidence::asked;
  mono_time at{};
  std::optional<duration> rtt{};
  stamp_source source = stamp_source::user;
  bool again = false;  ///< known already, by other evidence
  neighbor_message said{};
};
struct mac_search_summary {
  mono_time at{};
  duration elapsed{};
  std::uint64_t sent = 0, not_sent = 0, answers = 0;
  std::vector<ip_address> addresses{};
  bool present = false;  ///< it sent anything at all
  reason last_error = reason::none;
  bool complete = false;  ///< every question was asked and waited for
};
using mac_search_event = std::variant<mac_found, neighbor_rejected, neighbor_link_state, mac_search_summary>;

class mac_search final : public machine {
 public:
  using event = mac_search_event;
  /// `targets`: the addresses to ask for, borrowed for the machine's life.
  mac_search(const mac_search_config& config, const target_list& targets);
  ~mac_search() override;

  void feed(mono_time now, const stimulus& what) override;
  std::optional<effect> next_effect(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> deadline() const override;
  std::optional<mac_search_event> next_event();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

static_assert(probe_machine<mac_search>);

}  // namespace diag::probe

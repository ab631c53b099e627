// What the machines that ask for neighbours report, as plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/probe/neighbor_message.hpp"
#include "libdiag/probe/ping_event.hpp"
#include "libdiag/probe/statistics.hpp"
#include "libdiag/probe/verdict.hpp"

namespace diag::probe {

/// How a probe went out.
enum class asked_by : std::uint8_t { broadcast, unicast };  // ND: multicast counts as broadcast
std::string_view describe(asked_by way);                    // "broadcast", "unicast"

/// A believed answer.
struct neighbor_reply {
  enum class kind : std::uint8_t {
    in_time,
    duplicate,  ///< from an owner that has answered this probe already
    late,       ///< after the timeout of the last probe
    look,       ///< to a second look (neighbor_book.hpp), which is no probe
  };
  /// ARP and ND answers do not say which probe they answer.
  enum class pairing : std::uint8_t {
    certain,    ///< one probe alone can have been meant
    ambiguous,  ///< an earlier one, without an answer so far, can have been meant too
  };
  kind what = kind::in_time;
  pairing pair = pairing::certain;
  std::uint32_t target = 0;  ///< number in the target list
  std::uint64_t number = 0;  ///< the target's own sequence, from 1; the last probe when ambiguous
  mono_time at{};
  duration rtt{};       ///< ambiguous: since the last probe, so at least this...
  duration rtt_most{};  ///< ...and at most this; equal to rtt when certain
  stamp_source source = stamp_source::user;
  asked_by way = asked_by::broadcast;
  bool new_owner = false;  ///< the first answer of this owner for this target
  neighbor_message said{};
};

struct neighbor_timeout {
  std::uint32_t target = 0;
  std::uint64_t number = 0;
  mono_time at{};
  duration waited{};
};

/// A probe that never left this host.
struct neighbor_error {
  std::uint32_t target = 0;
  std::uint64_t number = 0;
  mono_time at{};
  reason why = reason::none;
  int error = 0;
};

/// Seen during the run, asked for by nobody: an announcement, a request, somebody else's probe, an
/// advertisement without the solicited flag. Never an answer.
struct neighbor_sighting {
  mono_time at{};
  std::optional<std::uint32_t> target{};  ///< when it is about one
  neighbor_message said{};
};

struct neighbor_rejected {
  reject_reason why = reject_reason::bad_arp_header;
  mono_time at{};
  std::optional<std::uint32_t> target{};  ///< when it is about one
  neighbor_message said{};                ///< what could be read
};

/// An address has another owner than before.
struct neighbor_change {
  std::uint32_t target = 0;
  mono_time at{};
  std::optional<mac_address> before{};  ///< none: it had no owner
  std::optional<mac_address> after{};   ///< none: nobody answers any more
  bool announced = false;               ///< learned from an announcement, not from an answer
};

/// The interface under a run changed.
struct neighbor_link_state {
  mono_time at{};
  link_changed now{};
};

/// One owner of a target, in the order in which they answered.
struct neighbor_owner {
  mac_address mac{};
  mac_address frame_source{};  ///< of the last answer
  std::uint64_t answers = 0;   ///< in time, one a probe
  std::uint64_t duplicates = 0;
  mono_time first{}, last{};
  duration rtt{};  ///< the smallest that is certain; zero: none is, or each took more than four seconds
  bool to_broadcast = false;           ///< answered a probe that went to everyone
  bool to_unicast = false;             ///< answered a probe, or a second look, that went to it alone
  bool broadcasts = false;             ///< answers to everyone
  bool mismatched = false;             ///< frame source and stated owner differed
  bool wrong_target_hardware = false;  ///< ARP: the reply names a target hardware address that is not ours
  bool router = false, override_flag = false, unsolicited = false;  ///< ND flags, of any answer
};

/// The account of one target. sent = received + lost + not_sent + pending.
struct neighbor_summary {
  std::uint32_t target = 0;
  mono_time at{};
  duration elapsed{};
  std::uint64_t sent = 0;
  std::uint64_t received = 0;  ///< probes with an answer in time, by whomever
  std::uint64_t lost = 0;
  std::uint64_t not_sent = 0;
  std::uint64_t pending = 0;
  std::uint64_t late = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t ambiguous = 0;  ///< of the received, those that could not be paired for certain
  reason last_error = reason::none;
  std::vector<neighbor_owner> owners{};
  bool too_many_owners = false;  ///< some were left out: sixteen are kept
  /// Of certain answers; borrowed until the next feed(). nullptr in a sweep, where owners' rtt is all there
  /// is.
  const rtt_statistics* rtt = nullptr;
};

using neighbor_event =
    std::variant<neighbor_reply, neighbor_timeout, neighbor_error, neighbor_sighting, neighbor_rejected,
                 neighbor_change, neighbor_link_state, neighbor_summary>;

}  // namespace diag::probe

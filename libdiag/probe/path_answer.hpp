// One question to a path, a probe with a hop limit, and what came of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/address.hpp"
#include "libdiag/core/time.hpp"
#include "libdiag/probe/header_change.hpp"
#include "libdiag/probe/stimulus.hpp"
#include "libdiag/probe/verdict.hpp"
#include "libdiag/wire/icmp_extension.hpp"

namespace diag::probe {

/// What a probe is made of.
enum class path_method : std::uint8_t { udp, icmp, tcp_syn, tcp_ack };
std::string_view describe(path_method method);  // "udp", "icmp", "tcp", "tcp-ack"

struct path_target {
  ip_address address{};
  ip_address source{};  ///< what this host sends from to there
  path_method method = path_method::udp;
  std::uint16_t port = 33434;  ///< UDP and TCP
};

/// How one probe ended.
enum class hop_state : std::uint8_t {
  silent,         ///< nothing came in time
  time_exceeded,  ///< a router on the way: ICMP time exceeded in transit
  reached,        ///< the target itself answered as its protocol does
  unreachable,    ///< somebody refused it; `why` says how
  error,          ///< it never left this host
};
std::string_view describe(hop_state state);

struct path_question {
  std::uint32_t target = 0;
  std::uint16_t flow = 0;      ///< from 0
  std::uint8_t hop = 1;        ///< hop limit it is sent with
  std::uint16_t number = 0;    ///< the course's own count at this hop: attempt, round
  std::uint16_t size = 0;      ///< octets of the whole IP packet; 0: the run's usual
  bool dont_fragment = false;  ///< IPv4, beside what the run sets anyway
};

/// RFC 5837, owned.
struct hop_interface {
  wire::interface_role role{};
  std::optional<std::uint32_t> index{};
  std::optional<ip_address> address{};
  std::string name{};  ///< as sent: not to be trusted, escape it before showing
  std::optional<std::uint32_t> mtu{};
};

/// How much of our packet an ICMP error quotes behind its IP header.
enum class quote_depth : std::uint8_t {
  none,    ///< no quote, or one that was not seen (error queue of a UDP socket)
  start,   ///< eight octets or more, not the whole header: ports, RFC 792
  header,  ///< the whole transport header, TCP options included: RFC 1812 §4.3.2.3, RFC 4443
};

struct path_answer {
  hop_state state = hop_state::silent;
  reason why = reason::no_answer;
  mono_time at{};                 ///< when it came, or when it was given up
  ip_address from{};              ///< unset: nobody
  std::optional<duration> rtt{};  ///< none: silent, or the answer does not say which probe it is to
  stamp_source source = stamp_source::user;
  bool late = false;                               ///< it came after its wait was over, and still counts here
  std::uint8_t icmp_type = 0, icmp_code = 0;       ///< 0/0 is an echo reply, or none
  std::uint16_t tcp_flags = 0;                     ///< of a segment that answered
  std::optional<std::uint8_t> hop_limit{};         ///< of the answer, as it arrived here
  std::optional<std::uint8_t> quoted_hop_limit{};  ///< of our probe, as its quote has it: 1 is usual
  quote_depth quoted = quote_depth::none;          ///< what `changes` could show
  std::uint32_t mtu = 0;                           ///< fragmentation needed, packet too big; 0: not told
  int error = 0;                                   ///< errno value, state error
  std::vector<header_change> changes{};            ///< of our probe, on its way to there
  std::vector<wire::mpls_label> mpls{};            ///< RFC 4950
  std::vector<hop_interface> interfaces{};         ///< RFC 5837
  std::vector<std::string> other_objects{};        ///< "CLASS/TYPE:hex" of the rest of the extension
  bool bad_extension = false;                      ///< it lies about its lengths, version or checksum
};

/// A probe that has ended.
struct path_result {
  path_question asked{};
  path_answer answer{};
};

}  // namespace diag::probe

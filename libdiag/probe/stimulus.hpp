// What a machine is told (machine.hpp): packets, stamps, refusals, the life of a connection, the time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "libdiag/core/address.hpp"
#include "libdiag/core/bytes.hpp"
#include "libdiag/core/time.hpp"

namespace diag::probe {

/// Whose clock reading a time is, best last. Both ends of an RTT must come from the same source.
enum class stamp_source : std::uint8_t {
  user,     ///< this process, around the system call
  socket,   ///< kernel, SO_TIMESTAMPING on the probing socket (TX_SCHED, RX_SOFTWARE)
  capture,  ///< kernel, on the frame as a packet capture saw it
};
std::string_view describe(stamp_source source);  // "user", "socket", "capture"

struct moment {
  mono_time at{};
  stamp_source source = stamp_source::user;
};

/// The machine's own name for one probe; the host hands it back in `sent` and `send_failed`.
using probe_token = std::uint64_t;

/// What the octets of an arrival begin with.
enum class framing : std::uint8_t {
  ipv4_packet,     ///< IPv4 header first (IPv4 raw socket)
  ipv6_packet,     ///< IPv6 header first (capture)
  icmpv4_message,  ///< ICMP header first; addresses come from the socket (datagram ICMP socket)
  icmpv6_message,  ///< ICMPv6 header first; addresses come from the socket (raw or datagram)
  tcp_segment,     ///< TCP header first; addresses come from the socket (IPv6 raw socket)
  udp_datagram,    ///< UDP header first; addresses come from the socket (IPv6 raw socket, UDP socket)
  ethernet_frame,
};

/// What the kernel already knows of the transport checksum.
enum class checksum_trust : std::uint8_t {
  verify,      ///< nobody has looked: verify it here
  verified,    ///< the kernel refused bad ones already (ICMPv6 sockets, datagram ICMP)
  unfinished,  ///< never crossed a wire, holds only the pseudo-header sum (TP_STATUS_CSUMNOTREADY)
};

/// A packet came. `bytes` are borrowed until feed() returns.
struct arrival {
  framing form = framing::ipv4_packet;
  byte_view bytes;
  std::size_t wire_size = 0;  ///< octets on the wire when `bytes` was cut short; otherwise bytes.size()
  ip_address source{};        ///< from the socket; unset for ipv4_packet and ipv6_packet
  ip_address destination{};
  std::optional<std::uint8_t> hop_limit{};      ///< from the socket; headers carry their own
  std::optional<std::uint8_t> traffic_class{};  ///< from the socket; headers carry their own
  std::uint32_t interface = 0;                  ///< index it came in on, 0 unknown
  checksum_trust checksum = checksum_trust::verify;
  moment kernel{};      ///< best stamp there is (source says which)
  mono_time read_at{};  ///< when this process read it: the `user` stamp
};

/// The kernel's error queue (IP_RECVERR): an ICMP error, or our own host's refusal after the send call had
/// returned.
struct path_notice {
  enum class origin_kind : std::uint8_t { local, icmpv4, icmpv6 };
  origin_kind origin = origin_kind::local;
  int error = 0;          ///< errno value the kernel derived
  std::uint8_t type = 0;  ///< ICMP type and code, unless local
  std::uint8_t code = 0;
  std::uint32_t mtu = 0;     ///< path MTU with EMSGSIZE, 0 otherwise
  ip_address offender{};     ///< who sent the ICMP error
  ip_address destination{};  ///< where our packet was going
  /// Our packet from the transport header on, from UDP sockets its payload alone; borrowed until feed()
  /// returns. From extension_at on, where that is not 0, an RFC 4884 extension structure follows.
  byte_view quoted;
  std::size_t extension_at = 0;
  std::uint8_t protocol = 0;                ///< IP protocol of our packet; 0: not known
  std::uint16_t destination_port = 0;       ///< of our packet, from UDP sockets
  std::optional<std::uint8_t> hop_limit{};  ///< of the ICMP error as it arrived
  moment kernel{};                          ///< when it came, by the best stamp there is
  mono_time read_at{};                      ///< when this process read it: the `user` stamp
};

/// The packet of `token` left: better stamps may follow an earlier one for the same token.
struct sent {
  probe_token token = 0;
  moment when{};
};

/// The packet of `token` never left this host.
struct send_failed {
  probe_token token = 0;
  int error = 0;  ///< errno value; ENOBUFS has already been retried by the host
};

/// An interface went up, went down or is gone; the first one after the start tells how it is.
struct link_changed {
  std::uint32_t interface = 0;  ///< index
  bool up = false;              ///< administratively
  bool running = false;         ///< has carrier
  bool gone = false;            ///< deleted
};

/// The receiver lost `count` packets for want of buffer space (SO_RXQ_OVFL, capture drops): ours, not the
/// network's loss.
struct receiver_dropped {
  std::uint64_t count = 0;
};

// A TCP connection that the host's kernel makes and keeps. Its life: stream_started, then stream_opened or
// stream_failed; once open any number of stream_data, then at most one stream_closed. After stream_failed and
// after a stream_closed by reset the host has let go of it; otherwise it lives until close_stream.

/// connect(2) is under way.
struct stream_started {
  probe_token token = 0;
  ip_address source{};
  std::uint16_t source_port = 0;
  mono_time at{};  ///< just before the system call
};

/// What TCP_INFO says of a connection just made.
struct stream_facts {
  std::optional<duration> rtt{};      ///< the kernel's measure of the handshake; none when it retransmitted
  std::uint32_t retransmits = 0;      ///< of the SYN
  std::uint32_t maximum_segment = 0;  ///< what we may send: the peer's MSS, or the path's
  bool timestamps = false;
  bool sack = false;
  std::optional<std::uint8_t> window_scale{};  ///< the peer's
  bool ecn = false;
};
struct stream_opened {
  probe_token token = 0;
  mono_time at{};
  stream_facts facts{};
};

/// It never opened. `notice` is the ICMP error behind it, if one was queued (IP_RECVERR).
struct stream_failed {
  probe_token token = 0;
  int error = 0;         ///< errno value of connect(2), SO_ERROR, socket(2) or bind(2)
  bool started = false;  ///< false: connect(2) itself refused, nothing was sent
  mono_time at{};
  std::optional<path_notice> notice{};
};

struct stream_data {
  probe_token token = 0;
  byte_view bytes;  ///< borrowed until feed() returns
  mono_time at{};
};

struct stream_closed {
  enum class manner : std::uint8_t {
    finished,  ///< the peer sent FIN
    reset,     ///< the peer sent RST (ECONNRESET)
    failed,    ///< anything else; see `error`
  };
  probe_token token = 0;
  manner how = manner::finished;
  int error = 0;
  mono_time at{};
};

/// The deadline asked for has come.
struct wakeup {};

/// The user wants out (Ctrl-C, SIGTERM): conclude with what there is.
struct interrupt {};

using stimulus =
    std::variant<wakeup, arrival, path_notice, sent, send_failed, receiver_dropped, interrupt, link_changed,
                 stream_started, stream_opened, stream_failed, stream_data, stream_closed>;

}  // namespace diag::probe

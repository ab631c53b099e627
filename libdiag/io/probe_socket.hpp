// Raw sockets for whole packets, TCP, UDP, ICMP and ICMPv6, datagram sockets for UDP and ICMP: raw(7),
// udp(7), icmp(7), ip(7), ipv6(7), RFC 3542.
//
// All get kernel transmit (TX_SCHED) and receive stamps from SO_TIMESTAMPING. A raw socket sees every
// packet of its protocol; only replies with our identifiers, errors whose quote could be ours and packets to
// our ports are let in. The test is done here, and moves into the kernel as a BPF program when a receive
// buffer was asked for or strangers show up: compiling one costs up to 80 us. TCP and UDP have it from the
// start, for the host talks them to others all the time. A datagram socket needs no privilege, but the
// kernel chooses the ICMP identifier, and ICMP errors come through the error queue alone.
//
// A socket for whole packets sends them as they are (but IPv4 total length and header checksum, which the
// kernel writes) and receives nothing. It does not heed what the kernel believes of the path MTU.
//
// On a raw ICMP socket errors arrive twice: as packets, whole, and in the error queue, cut to the quote. Only
// local notices of the queue are passed on there; the packet tells more. Other raw sockets do not ask for
// them: ICMP errors about their packets are for an ICMP socket with the same `ports`, or with every_error.
//
// The kernel does not write the checksum of what a raw TCP socket sends: with transmit::checksum_at it is
// written here, and the packet is pinned to the source address that was summed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "libdiag/core/address.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/io/clock.hpp"
#include "libdiag/io/identifier_range.hpp"
#include "libdiag/io/port_range.hpp"
#include "libdiag/probe/machine.hpp"

namespace diag::io {

/// In the order in which sockets are read: the stamps of what was sent before the ICMP errors about it.
enum class probe_protocol : std::uint8_t {
  whole,  ///< transmit::layer_kind::network: packets with their IP header; only sends
  tcp,
  udp,   ///< raw: only receives. Datagram: what it sends goes from its own port, whatever the header says
  icmp,  ///< ICMP or ICMPv6, by the family
};
inline constexpr std::size_t probe_protocol_count = 4;

enum class socket_kind : std::uint8_t {
  raw,       ///< needs CAP_NET_RAW
  datagram,  ///< UDP; ICMP, which needs a group inside net.ipv4.ping_group_range
  best,      ///< raw, or datagram when raw is not permitted
};

/// ip(7) IP_MTU_DISCOVER, ping's -M.
enum class path_mtu_mode : std::uint8_t {
  system,  ///< leave the socket's default
  dont,    ///< never set Don't Fragment
  want,    ///< fragment here when the known path MTU is smaller
  force,   ///< set Don't Fragment and refuse what exceeds the known path MTU ("do")
  probe,   ///< set Don't Fragment and ignore the known path MTU
};

struct probe_socket_config {
  ip_family family = ip_family::v4;
  probe_protocol protocol = probe_protocol::icmp;
  socket_kind kind = socket_kind::best;
  std::string interface {};                     ///< SO_BINDTODEVICE; empty: any
  ip_address source{};                          ///< bind(); none: any
  std::optional<std::uint8_t> hop_limit{};      ///< TTL or hop limit, unicast and multicast
  std::optional<std::uint8_t> traffic_class{};  ///< TOS or traffic class octet
  std::optional<std::uint32_t> mark{};          ///< SO_MARK
  bool multicast_loop = true;                   ///< -L clears it
  bool broadcast = false;                       ///< SO_BROADCAST: -b
  path_mtu_mode path_mtu = path_mtu_mode::system;
  std::uint16_t identifier_base = 0;  ///< raw: echo and timestamp identifiers [base, base + count) are ours
  std::optional<std::uint32_t> nonce{};  ///< raw: replies with it in front of their payload are ours too
  std::uint32_t identifier_count = 0;    ///< 0: every identifier is, or with `ports` none
  /// tcp, udp: packets to these ports are ours; a UDP datagram socket is bound to the first (0: the kernel
  /// chooses). icmp: errors that quote TCP or UDP from these ports are ours; without `identifier_count`
  /// nothing else is.
  port_range ports{};
  bool every_error = false;        ///< icmp: errors are ours whatever they quote
  bool stamps = true;              ///< kernel stamps, where there are any; they cost a little on every packet
  std::size_t receive_buffer = 0;  ///< octets of socket buffer; 0: the system's. See receive_buffer_for()
  std::size_t snap_length = 1536;  ///< octets kept of one packet; more is cut, its true size told
};

/// Socket buffer for `packets_per_second` of `packet_size` octets while the process is kept from the CPU for
/// `pause`.
std::size_t receive_buffer_for(double packets_per_second, std::size_t packet_size, duration pause = 100ms);

class probe_socket {
 public:
  static constexpr std::size_t batch_size = 64;

  probe_socket(probe_socket&&) noexcept;
  probe_socket& operator=(probe_socket&&) noexcept;
  ~probe_socket();

  [[nodiscard]] int fd() const;
  [[nodiscard]] ip_family family() const;
  [[nodiscard]] probe_protocol protocol() const;
  /// raw or datagram, never best.
  [[nodiscard]] socket_kind kind() const;
  /// Datagram: the identifier the kernel writes into every request. Raw: identifier_base.
  [[nodiscard]] std::uint16_t identifier() const;
  /// What is let in: the configured range, or the one identifier of a datagram socket.
  [[nodiscard]] identifier_range identifiers() const;
  /// As configured; of a UDP datagram socket the one port it is bound to.
  [[nodiscard]] port_range ports() const;
  [[nodiscard]] bool every_error() const;

  /// Copies one packet into the outgoing batch, which must not be full(). One for which there is no source
  /// address is said to have failed by the next flush().
  void queue(const probe::transmit& packet);
  [[nodiscard]] std::size_t queued() const;
  /// 64 packets, or 64 KiB of them.
  [[nodiscard]] bool full() const;
  /// Sends what is queued and says of each packet `sent` (user stamp) or `send_failed`, in order, with what
  /// the error queue held in between; borrowed until the next call. ENOBUFS and EAGAIN are waited out within
  /// a bound first (20 ms for the batch).
  std::span<const probe::stimulus> flush(clock_bridge& clocks);

  /// Stamps are still to come: receive_errors() is worth calling.
  [[nodiscard]] bool awaits_stamps() const;
  /// Up to 64 pending packets as `arrival`s, preceded by `receiver_dropped` when the socket lost some; empty:
  /// nothing is pending. Borrowed until the next receive(), so that receive_errors() may be called in
  /// between: a packet's transmit stamp is always there before its answer. Never blocks.
  std::span<const probe::stimulus> receive(clock_bridge& clocks);
  /// Up to 64 entries of the error queue as `sent` (kernel stamps) and `path_notice`; empty: nothing pending.
  std::span<const probe::stimulus> receive_errors(clock_bridge& clocks);
  /// Packets lost for want of buffer space since the last call of this or of receive(), also when none came
  /// after them.
  std::uint64_t take_drops();

  /// Admits no packet any more; the error queue (and so the transmit stamps) goes on. For when a capture
  /// receives instead.
  result<void> mute();

 private:
  struct state;
  explicit probe_socket(std::unique_ptr<state> made);
  friend result<probe_socket> open_probe_socket(const probe_socket_config& config);
  std::unique_ptr<state> state_;
};

/// Opens, raising CAP_NET_RAW for the moment if file capabilities only permit it. The failure's hint names
/// what is missing (capability, sysctl).
result<probe_socket> open_probe_socket(const probe_socket_config& config);

}  // namespace diag::io

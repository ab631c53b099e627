// TCP connections by the thousand, made by the kernel: connect(2) without waiting, tcp(7), ip(7) IP_RECVERR.
//
// All of them hang on one nested epoll descriptor, which is what the event loop watches. The kernel sends one
// SYN and at most one more (TCP_SYNCNT 1, after a second), so that an attempt is one question.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "libdiag/core/address.hpp"
#include "libdiag/core/result.hpp"
#include "libdiag/probe/machine.hpp"

namespace diag::io {

struct stream_config {
  std::string interface {};             ///< SO_BINDTODEVICE; empty: any
  ip_address source{};                  ///< for destinations of its family; none: any
  std::optional<std::uint32_t> mark{};  ///< SO_MARK: needs CAP_NET_RAW or CAP_NET_ADMIN at every connection
  std::optional<std::uint8_t> traffic_class{};
};

/// Stimuli handed out are borrowed until the next call of any member.
class stream_set {
 public:
  static constexpr std::size_t batch_size = 32;
  static constexpr std::size_t read_limit = 4096;    ///< octets of one stream in one round
  static constexpr std::size_t write_limit = 65536;  ///< octets of one stream that wait to be sent

  stream_set(stream_set&&) noexcept;
  stream_set& operator=(stream_set&&) noexcept;
  ~stream_set();

  /// Readable when receive() has something to tell.
  [[nodiscard]] int fd() const;
  [[nodiscard]] std::size_t size() const;

  /// `stream_started`, or `stream_failed` with started false. A stream of the same token is forgotten first.
  std::span<const probe::stimulus> open(const probe::open_stream& wanted);
  /// Empty, or `stream_closed` when it cannot be written to. An unknown token is nothing.
  std::span<const probe::stimulus> write(const probe::write_stream& wanted);
  void close(const probe::close_stream& wanted);
  /// What up to 32 streams have to tell; empty: nothing. Never blocks.
  std::span<const probe::stimulus> receive();

 private:
  struct state;
  explicit stream_set(std::unique_ptr<state> made);
  friend result<stream_set> open_streams(const stream_config& config);
  std::unique_ptr<state> state_;
};

result<stream_set> open_streams(const stream_config& config);

/// Lets this process have as many descriptors as it may (RLIMIT_NOFILE, the soft limit up to the hard one),
/// and says how many that is.
std::uint64_t raise_descriptor_limit();

}  // namespace diag::io

// The kernel stamps what it receives while some socket asks for that, and begins a little after the first one
// has asked: whoever tests stamps holds one of these.
#pragma once

#include <array>
#include <optional>
#include <variant>

#include "libdiag/io/clock.hpp"
#include "libdiag/io/probe_socket.hpp"

#include "tests/io/loopback.hpp"

namespace diag::test {

class kernel_stamps {
 public:
  kernel_stamps() {
    io::probe_socket_config config;
    config.protocol = io::probe_protocol::udp;
    config.kind = io::socket_kind::datagram;
    auto opened = io::open_probe_socket(config);
    if (!opened) return;
    socket_.emplace(std::move(*opened));
    io::clock_bridge clocks;
    const auto give_up = io::now() + 1s;
    while (io::now() < give_up && !stamped(clocks)) {
    }
  }

 private:
  /// Whether a datagram to ourselves comes with a stamp.
  bool stamped(io::clock_bridge& clocks) {
    std::array<std::byte, 8> datagram{};
    store_be16(datagram, 2, socket_->ports().base);
    probe::transmit packet;
    packet.destination = loopback_v4;
    packet.want_stamp = false;
    packet.bytes = datagram;
    socket_->queue(packet);
    socket_->flush(clocks);
    const auto came = socket_->receive(clocks);
    const auto* one = came.empty() ? nullptr : std::get_if<probe::arrival>(&came.back());
    return one != nullptr && one->kernel.source == probe::stamp_source::socket;
  }

  std::optional<io::probe_socket> socket_;
};

}  // namespace diag::test

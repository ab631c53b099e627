// A link played to a machine: its frames are kept as they leave, and others' come when the test says so.
#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "libdiag/craft/link_frame.hpp"
#include "libdiag/probe/neighbor_message.hpp"

#include "tests/catch.hpp"

namespace diag::link_player {

inline constexpr mono_time start = mono_time{} + 100s;
inline mono_time at(duration since) {
  return start + since;
}
/// 02:00:5e:10:00:n
inline mac_address station(unsigned n) {
  return {{std::byte{0x02}, std::byte{0}, std::byte{0x5e}, std::byte{0x10}, std::byte{0},
           static_cast<std::byte>(n)}};
}
inline ip_address ip(const char* text) {
  return parse_ip(text).value();
}
inline const mac_address our_mac = station(1);
inline constexpr std::uint32_t our_interface = 2;

inline probe::neighbor_link our_link() {
  probe::neighbor_link link;
  link.interface = our_interface;
  link.frames.source = link.hardware = our_mac;
  link.v4 = ip("192.0.2.1");
  link.v6 = ip("2001:db8::1");
  return link;
}

using octets = std::vector<std::byte>;

/// An ARP message; without a destination to everyone.
struct arp {
  std::uint16_t operation = 1;
  mac_address sender{};
  const char* sender_address = "0.0.0.0";
  const char* target_address = "0.0.0.0";
  mac_address target{};
  std::optional<mac_address> frame_source{}, frame_destination{};

  [[nodiscard]] octets frame() const {
    craft::link_fields link;
    link.source = frame_source.value_or(sender);
    craft::arp_fields fields;
    fields.operation = operation;
    fields.sender_hardware = sender;
    fields.sender_protocol = ip(sender_address);
    craft::arp_template message{link, fields};
    const auto view =
        message.stamp(frame_destination.value_or(probe::broadcast_mac), ip(target_address), target);
    return {view.begin(), view.end()};
  }
};
inline octets arp_reply(const mac_address& from, const char* address, const mac_address& to = our_mac) {
  return arp{2, from, address, "192.0.2.1", to, {}, to}.frame();
}
inline octets arp_probe(const mac_address& from, const char* address) {
  return arp{1, from, "0.0.0.0", address, {}, {}, {}}.frame();
}

using nonce_octets = std::array<std::byte, 6>;
/// A neighbour solicitation to the group of the target.
inline octets solicitation(const mac_address& from, const char* source, const char* target,
                           std::optional<nonce_octets> nonce = {}) {
  craft::link_fields link;
  link.source = from;
  craft::solicitation_template::fields fields;
  fields.source = ip(source);
  if (!fields.source.is_unspecified()) fields.link_layer = from;
  fields.nonce = nonce;
  craft::solicitation_template message{link, fields};
  const auto group = craft::solicited_node_group(ip(target));
  const auto view = message.stamp(craft::multicast_mac(group), group, ip(target));
  return {view.begin(), view.end()};
}
inline octets advertisement(const mac_address& from, const char* target, const char* destination = "ff02::1",
                            bool solicited = false, bool override_entry = true) {
  craft::link_fields link;
  link.source = from;
  craft::advertisement_fields fields;
  fields.source = fields.target = ip(target);
  fields.destination = ip(destination);
  fields.link_layer = from;
  fields.solicited = solicited;
  fields.override_entry = override_entry;
  const auto everyone = fields.destination.is_multicast();
  return craft::advertisement_frame(link, everyone ? craft::multicast_mac(fields.destination) : our_mac,
                                    fields);
}

template <class Machine>
class player {
 public:
  struct departure {
    mono_time when{};
    probe::probe_token token = 0;
    std::uint32_t interface = 0;
    octets frame{};
    int error = 0;
  };

  explicit player(Machine& machine) : machine_{machine} {}

  /// errno of a send call, 0 for success.
  std::function<int(const departure&)> send_error{};
  /// The host says that a frame left.
  bool confirms = true;

  void begin() { drain(); }
  void feed(const probe::stimulus& what) {
    machine_.feed(now, what);
    drain();
  }
  /// A frame comes in now.
  void hear(const octets& frame, std::uint32_t interface = our_interface) {
    probe::arrival in;
    in.form = probe::framing::ethernet_frame;
    in.bytes = frame;
    in.wire_size = frame.size();
    in.interface = interface;
    in.read_at = now;
    feed(in);
  }
  void link(bool up, bool running, bool gone = false, std::uint32_t interface = our_interface) {
    feed(probe::link_changed{interface, up, running, gone});
  }
  /// The clock goes on, and deadlines on the way are kept to the nanosecond.
  void until(duration since) {
    const auto end = at(since);
    for (int turns = 0;; ++turns) {
      if (turns > 2'000'000) throw std::logic_error{"time stands still"};
      const auto next = machine_.deadline();
      if (!next || *next > end) break;
      now = std::max(now, *next);
      feed(probe::wakeup{});
    }
    now = std::max(now, end);
  }
  [[nodiscard]] bool finished() const { return !machine_.deadline(); }
  void finish(duration at_most = 1h) {
    until(now - start + at_most);
    if (!finished()) throw std::logic_error{"does not end"};
  }

  template <class Event>
  [[nodiscard]] std::vector<Event> all() const {
    std::vector<Event> found;
    for (const auto& event : events)
      if (const auto* one = std::get_if<Event>(&event)) found.push_back(*one);
    return found;
  }
  template <class Event>
  [[nodiscard]] Event only() const {
    const auto found = all<Event>();
    if (found.size() != 1) throw std::logic_error{"not exactly one such event"};
    return found.front();
  }
  /// A frame that left, as another station reads it.
  [[nodiscard]] probe::neighbor_message said(std::size_t number) const {
    probe::arrival in;
    in.form = probe::framing::ethernet_frame;
    in.bytes = sent.at(number).frame;
    const auto reading = probe::read_neighbor_frame(in, {});
    return std::get<probe::neighbor_message>(reading);
  }

  mono_time now = start;
  std::vector<departure> sent{};
  std::vector<typename Machine::event> events{};

 private:
  void drain() {
    while (const auto next = machine_.next_effect(now)) {
      const auto& request = std::get<probe::transmit>(*next);
      REQUIRE(request.layer == probe::transmit::layer_kind::link);
      sent.push_back(
          {now, request.token, request.interface, {request.bytes.begin(), request.bytes.end()}, 0});
      auto& left = sent.back();
      if (send_error) left.error = send_error(left);
      if (left.error != 0)
        machine_.feed(now, probe::send_failed{left.token, left.error});
      else if (confirms)
        machine_.feed(now, probe::sent{left.token, {now, probe::stamp_source::user}});
    }
    while (auto event = machine_.next_event()) events.push_back(std::move(*event));
  }

  Machine& machine_;
};

}  // namespace diag::link_player

// A link for machine tests: takes frames out of a machine, puts stations' answers in, keeps the clock.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libdiag/craft/frame.hpp"
#include "libdiag/craft/link_frame.hpp"
#include "libdiag/probe/neighbor_message.hpp"
#include "libdiag/probe/neighbor_run.hpp"
#include "libdiag/wire/arp.hpp"
#include "libdiag/wire/ethernet.hpp"

namespace diag::probe::testing {

inline const mac_address our_mac = *parse_mac("02:00:00:00:00:01");
inline mac_address station(std::uint8_t number) {
  auto mac = *parse_mac("52:54:00:00:00:00");
  mac.octets[5] = std::byte{number};
  return mac;
}

inline neighbor_link one_link() {
  neighbor_link link;
  link.interface = 7;
  link.frames.source = our_mac;
  link.hardware = our_mac;
  link.v4 = *parse_ip("192.0.2.1");
  link.v6 = *parse_ip("fe80::1");
  return link;
}

/// An ARP message in a frame of its own.
struct arp_message {
  std::uint16_t operation = 2;
  mac_address from = station(9);               ///< sender hardware address
  ip_address claims = *parse_ip("192.0.2.9");  ///< sender protocol address
  mac_address to = our_mac;                    ///< target hardware address
  ip_address asks = *parse_ip("192.0.2.1");    ///< target protocol address
  std::optional<mac_address> frame_from{};     ///< `from` unless given
  std::optional<mac_address> frame_to{};       ///< `to` unless given
  std::optional<std::uint16_t> vlan{};
};

inline std::vector<std::byte> frame_of(const arp_message& said) {
  craft::arp_fields fields;
  fields.operation = said.operation;
  fields.sender_hardware = said.from;
  fields.sender_protocol = said.claims;
  fields.target_hardware = said.to;
  fields.target_protocol = said.asks;
  const craft::ethernet_fields ethernet{said.frame_to.value_or(said.to), said.frame_from.value_or(said.from)};
  if (said.vlan) return *craft::build_frame({ethernet, craft::vlan_fields{*said.vlan}, fields});
  return *craft::build_frame({ethernet, fields});
}

inline arrival arrival_of(byte_view frame, mono_time at, std::uint32_t interface = 7) {
  arrival packet;
  packet.form = framing::ethernet_frame;
  packet.bytes = frame;
  packet.wire_size = frame.size();
  packet.interface = interface;
  packet.kernel = {at, stamp_source::socket};
  packet.read_at = at + 3us;
  return packet;
}

/// Drives one machine: `answer` may feed whatever it likes for each frame that leaves.
template <class Machine>
class stage {
 public:
  explicit stage(Machine& under_test) : machine_{under_test} {}

  struct outgoing {
    mono_time at{};
    probe_token token = 0;
    std::vector<std::byte> octets;
    mac_address to{};
    ip_address asked{};  ///< ARP alone
  };
  std::vector<outgoing> left{};
  std::vector<typename Machine::event> events{};
  mono_time now{1000s};
  /// What comes back for a frame: octets, and how long after it.
  struct reply {
    std::vector<std::byte> octets;
    duration after = 200us;
  };
  std::function<std::vector<reply>(const outgoing&)> answer{};
  std::function<int(const outgoing&)> refuse{};  ///< errno, 0: it leaves

  /// Until nothing happens any more, or `until`.
  void run(mono_time until = mono_time{100'000s}) {
    for (int step = 0; step < 1'000'000; ++step) {
      send();
      const auto wake = machine_.deadline();
      const auto next = std::min_element(pending_.begin(), pending_.end(),
                                         [](const auto& a, const auto& b) { return a.at < b.at; });
      auto at = wake.value_or(mono_time::max());
      const bool packet = next != pending_.end() && next->at <= at;
      if (packet) at = next->at;
      if (at == mono_time::max() || at > until) return;
      now = std::max(now, at);
      if (!packet) {
        machine_.feed(now, wakeup{});
      } else {
        auto what = std::move(*next);
        pending_.erase(next);
        deliver(what);
      }
      drain();
    }
    throw std::runtime_error{"the machine does not come to an end"};
  }
  void at(mono_time when, std::vector<std::byte> frame) { pending_.push_back({when, std::move(frame), {}}); }
  void at(mono_time when, stimulus what) { pending_.push_back({when, {}, what}); }

  template <class Event>
  [[nodiscard]] std::vector<Event> all() const {
    std::vector<Event> found;
    for (const auto& one : events)
      if (const auto* it = std::get_if<Event>(&one)) found.push_back(*it);
    return found;
  }

 private:
  struct happening {
    mono_time at{};
    std::vector<std::byte> frame{};
    std::optional<stimulus> what{};
  };
  void deliver(const happening& one) {
    if (one.what)
      machine_.feed(now, *one.what);
    else
      machine_.feed(now, arrival_of(one.frame, now));
  }
  void drain() {
    while (auto one = machine_.next_event()) events.push_back(std::move(*one));
  }
  void send() {
    while (const auto wanted = machine_.next_effect(now)) {
      const auto& packet = std::get<transmit>(*wanted);
      outgoing one;
      one.at = now;
      one.token = packet.token;
      one.octets.assign(packet.bytes.begin(), packet.bytes.end());
      const auto ethernet = *wire::ethernet_view::parse(one.octets);
      one.to = ethernet.destination();
      if (const auto arp = wire::arp_view::parse(ethernet.payload()); arp && arp->target_ip())
        one.asked = *arp->target_ip();
      left.push_back(one);
      if (const int error = refuse ? refuse(one) : 0; error != 0) {
        machine_.feed(now, send_failed{one.token, error});
        continue;
      }
      machine_.feed(now, sent{one.token, {now, stamp_source::user}});
      machine_.feed(now, sent{one.token, {now + 1us, stamp_source::socket}});
      if (!answer) continue;
      for (auto& back : answer(one)) pending_.push_back({now + 1us + back.after, std::move(back.octets), {}});
    }
    drain();
  }

  Machine& machine_;
  std::vector<happening> pending_;
};

}  // namespace diag::probe::testing

// What the plan, views, records and judge of diag-arping stand on, without a kernel: a host with two links.
#pragma once

#include <fcntl.h>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include "tools/arping/judge.hpp"
#include "tools/arping/plan.hpp"
#include "tools/arping/view.hpp"

#include "tests/catch.hpp"

namespace diag::arping::test {

inline ip_address ip(std::string_view text) {
  const auto parsed = parse_ip(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}

inline mac_address mac(std::string_view text) {
  const auto parsed = parse_mac(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}

inline mono_time at(duration since_start) {
  return mono_time{} + since_start;
}

inline result<arping_options, tools::usage_error> read_options(std::vector<const char*> argv) {
  argv.insert(argv.begin(), "diag-arping");
  return parse_options(static_cast<int>(argv.size()), argv.data());
}

inline arping_options options_of(std::vector<const char*> argv) {
  const auto options = read_options(std::move(argv));
  INFO((options ? std::string{} : options.error().what));
  REQUIRE(options.has_value());
  return *options;
}

inline io::link ethernet(std::uint32_t index, std::string name, std::string_view hardware) {
  io::link made;
  made.index = index;
  made.name = std::move(name);
  made.mac = mac(hardware);
  made.hardware = 1;
  made.up = made.running = made.broadcast = true;
  return made;
}

/// eth0: 192.0.2.1/24, 203.0.113.1/25, 2001:db8::1/64, fe80::1/64. eth1: 198.51.100.1/30. lo. A default route
/// by 192.0.2.254.
inline network two_links() {
  network made;
  io::link lo;
  lo.index = 1;
  lo.name = "lo";
  lo.mac = mac_address{};
  lo.hardware = 772;
  lo.up = lo.running = lo.loopback = true;
  made.links = {lo, ethernet(2, "eth0", "02:00:5e:10:00:01"), ethernet(3, "eth1", "02:00:5e:10:00:02")};
  const auto add = [&](std::uint32_t interface, std::string_view address, std::uint8_t length) {
    auto parsed = ip(address);
    if (parsed.is_v6() && parsed.is_link_local()) parsed.scope(interface);
    made.addresses.push_back({interface, parsed, length, false, false});
  };
  add(1, "127.0.0.1", 8);
  add(2, "192.0.2.1", 24);
  add(2, "203.0.113.1", 25);
  add(2, "2001:db8::1", 64);
  add(2, "fe80::1", 64);
  add(3, "198.51.100.1", 30);
  const auto addresses = made.addresses;
  made.route = [addresses](const ip_address& to, const std::string& through) -> result<io::route> {
    io::route way;
    for (const auto& one : addresses)
      if (one.address.family() == to.family() && ip_prefix{one.address, one.prefix_length}.contains(to)) {
        way.interface = one.interface;
        way.interface_name = one.interface == 1 ? "lo" : one.interface == 2 ? "eth0" : "eth1";
        if (one.address == to) way.type = io::route_type::local;
        return way;
      }
    if (to.is_v6()) return system_failure(101, "look up route", to_string(to));
    way.interface = through == "eth1" ? 3 : 2;
    way.interface_name = through == "eth1" ? "eth1" : "eth0";
    way.gateway = through == "eth1" ? ip_address{} : ip("192.0.2.254");
    return way;
  };
  return made;
}

inline tools::gathered_targets gather(const arping_options& options) {
  return tools::gather_targets(options.targets, [](const std::string& line) { FAIL(line); });
}

/// A stage whose output is read back.
class scene {
 public:
  explicit scene(std::vector<const char*> argv)
      : options{options_of(std::move(argv))}, found{gather(options)}, around{two_links()} {
    REQUIRE(::pipe2(ends_, O_CLOEXEC | O_NONBLOCK) == 0);
    out_.emplace(ends_[1]);
    auto planned = plan_links(options, found.targets.list(), around);
    REQUIRE(planned.has_value());
    plan = std::move(*planned);
    on.emplace(
        stage{.options = options,
              .named = found.targets,
              .around = around,
              .plan = plan,
              .out = *out_,
              .wall_of = [](mono_time when) { return wall_time{1'700'000'000s + when.time_since_epoch()}; }});
    records.emplace(*on);
  }
  scene(const scene&) = delete;
  scene& operator=(const scene&) = delete;
  ~scene() {
    out_.reset();
    ::close(ends_[0]);
    ::close(ends_[1]);
  }

  /// What was written since the last call.
  std::string text() {
    out_->flush();
    std::string all(65536, '\0');
    const auto got = ::read(ends_[0], all.data(), all.size());
    all.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return all;
  }

 private:
  int ends_[2]{-1, -1};
  std::optional<report::output> out_{};

 public:
  arping_options options;
  tools::gathered_targets found;
  network around;
  link_plan plan{};
  std::optional<stage> on{};
  std::optional<record_maker> records{};
};

inline const mac_address host_a = *parse_mac("00:00:5e:00:53:0a");
inline const mac_address host_b = *parse_mac("00:00:5e:00:53:0b");

inline probe::neighbor_reply reply_from(const mac_address& owner, std::uint64_t number = 1) {
  probe::neighbor_reply reply;
  reply.number = number;
  reply.at = at(1ms);
  reply.rtt = reply.rtt_most = 312us;
  reply.source = probe::stamp_source::socket;
  reply.new_owner = number == 1;
  reply.said.owner = reply.said.frame_source = owner;
  reply.said.claimed = ip("192.0.2.7");
  reply.said.frame_destination = mac("02:00:5e:10:00:01");
  return reply;
}

/// Three probes, answered by these.
inline probe::neighbor_summary account_of(std::vector<mac_address> owners) {
  probe::neighbor_summary account;
  account.at = at(3s);
  account.elapsed = 3s;
  account.sent = 3;
  account.received = owners.empty() ? 0 : 3;
  account.lost = owners.empty() ? 3 : 0;
  for (const auto& one : owners) {
    probe::neighbor_owner owner;
    owner.mac = owner.frame_source = one;
    owner.answers = 3;
    owner.rtt = 312us;
    account.owners.push_back(owner);
  }
  return account;
}

}  // namespace diag::arping::test

// A whole /16 of neighbours, half of them silent: every answer kept, memory that knows nothing but owners.
#include "tests/catch.hpp"
#include "tests/sim/heap.hpp"
#include "tests/sim/link_stage.hpp"

using namespace diag;
using namespace diag::sim;

namespace {

constexpr std::uint32_t count = 65'536;

std::uint32_t number_of(const ip_address& address) {
  return load_be16(address.bytes(), address.bytes().size() - 2);
}

struct figures {
  probe::neighbor_totals totals;
  std::uint64_t replies = 0, wrong = 0, summaries = 0, owners = 0, frames = 0;
  std::size_t before = 0, made = 0, late = 0, after = 0;
  duration simulated{};
  bool finished = false;
};

figures sweep(ip_family family, bool everyone, bool looks) {
  figures out;
  link_segment segment{9};
  segment.remembers = false;
  station_config hosts;
  hosts.mac_of = [](const ip_address& address) { return host_mac(number_of(address)); };
  hosts.also = [everyone](const ip_address& address) { return everyone || number_of(address) % 2 == 0; };
  hosts.delay = latency::uniform(100us, 2ms);
  segment.add(hosts);
  probe::target_list targets;
  targets.add(*parse_ip(family == ip_family::v4 ? "198.18.0.0" : "2001:db8::"), count);
  targets.seal();
  auto config = quiet_neighbors();
  config.rounds = 2;
  config.only_silent = true;
  config.interval = 0ms;
  config.timeout = 500ms;
  config.rate = 100'000;
  config.want_stamps = false;
  config.looks = looks;
  config.await_looks = looks;
  out.before = live_heap();
  probe::neighbor_run machine{config, targets};
  out.made = live_heap();
  const link_options options;
  const auto result =
      run_on_link(machine, segment, options, [&](mono_time, const probe::neighbor_event& event) {
        if (const auto* reply = std::get_if<probe::neighbor_reply>(&event)) {
          ++out.replies;
          if (reply->said.owner != host_mac(reply->target) || reply->rtt > 2ms) ++out.wrong;
          if (out.replies == count * 9 / 20) out.late = live_heap();
        } else if (const auto* summary = std::get_if<probe::neighbor_summary>(&event)) {
          ++out.summaries;
          out.owners += summary->owners.size();
          if (summary->owners.size() != (everyone || summary->target % 2 == 0 ? 1U : 0U)) ++out.wrong;
          if (summary->sent != summary->received + summary->lost) ++out.wrong;
        }
      });
  out.after = live_heap();
  out.finished = result.finished;
  out.frames = result.sent;
  out.simulated = result.ended - mono_time{};
  out.totals = machine.totals();
  return out;
}

}  // namespace

TEST_CASE("neighbour scale: 65,536 targets, half of them silent", "[sim][neighbor]") {
  const auto family = GENERATE(ip_family::v4, ip_family::v6);
  const auto seen = sweep(family, false, false);
  CHECK(seen.finished);
  CHECK(seen.wrong == 0);
  CHECK(seen.summaries == count);
  CHECK(seen.owners == count / 2);
  CHECK(seen.replies == count / 2);
  CHECK(seen.totals.in_use == count / 2);
  CHECK(seen.totals.sent == count + count / 2);
  CHECK(seen.totals.lost == count);
  CHECK(seen.frames == seen.totals.sent);
  // 24 octets a target and 56 an owner, with room for how containers grow; what is under way is the link's.
  CHECK(seen.made - seen.before < 4U << 20);
  CHECK(seen.late < seen.before + (6U << 20));
  CHECK(seen.after < seen.before + (6U << 20));
}

TEST_CASE("neighbour scale: 65,536 targets that all answer", "[sim][neighbor]") {
  const auto seen = sweep(ip_family::v4, true, false);
  CHECK(seen.finished);
  CHECK(seen.wrong == 0);
  CHECK(seen.replies == count);
  CHECK(seen.totals.sent == count);
  CHECK(seen.after < seen.before + (8U << 20));
  CHECK(seen.simulated < 2s);
}

TEST_CASE("neighbour scale: second looks at 65,536 owners stay bounded and answer nothing twice",
          "[sim][neighbor]") {
  const auto seen = sweep(ip_family::v4, true, true);
  CHECK(seen.finished);
  CHECK(seen.totals.in_use == count);
  CHECK(seen.totals.conflicts == 0);
  CHECK(seen.totals.sent == count);
  CHECK(seen.after < seen.before + (24U << 20));
}

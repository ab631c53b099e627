// Searches for a hardware address on a simulated link: its addresses, all of them where it answers, and never
// another's.
#include <algorithm>
#include <cerrno>

#include "libdiag/probe/mac_search.hpp"

#include "tests/catch.hpp"
#include "tests/sim/link_forgeries.hpp"
#include "tests/sim/link_stage.hpp"

using namespace diag;
using namespace diag::sim;
using probe::mac_evidence;
using probe::mac_found;
using probe::reason;

namespace {

ip_family either() {
  return GENERATE(ip_family::v4, ip_family::v6);
}

constexpr auto zero = mono_time{};

struct search_trial {
  explicit search_trial(ip_family family, std::uint64_t seed = 1) : segment{seed} {
    targets.add(on_link(family, 2), 60);
    config.wanted = host_mac(77);
    config.link = our_link();
    config.identifier = 0x4d41;
    config.tag = 0x1122334455667788;
    config.inverse = family == ip_family::v4;
    for (std::uint8_t i = 10; i < 40; ++i) segment.add(plain_host(family, i));
  }
  void run() {
    targets.seal();
    machine.emplace(config, targets);
    result = run_on_link(*machine, segment, options, [&](mono_time, const probe::mac_search_event& event) {
      if (const auto* one = std::get_if<mac_found>(&event)) found.push_back(*one);
      if (const auto* one = std::get_if<probe::mac_search_summary>(&event)) summaries.push_back(*one);
      if (std::holds_alternative<probe::neighbor_rejected>(event)) ++rejected;
    });
  }
  [[nodiscard]] std::string breach() const;
  /// The last octets of what was found first-hand, in order, with how: "41 asked, 42 seen".
  [[nodiscard]] std::string told() const {
    std::string out;
    for (const auto& one : found) {
      if (one.again) continue;
      out += (out.empty() ? "" : ", ") +
             std::to_string(std::to_integer<unsigned>(one.address.bytes().back())) + " " +
             std::string{probe::describe(one.how)};
    }
    return out;
  }
  [[nodiscard]] const probe::mac_search_summary& summary() const { return summaries.at(0); }

  link_segment segment;
  probe::target_list targets;
  probe::mac_search_config config;
  link_options options;
  std::optional<probe::mac_search> machine;
  std::vector<mac_found> found;
  std::vector<probe::mac_search_summary> summaries;
  std::uint64_t rejected = 0;
  link_result result;
};

std::string search_trial::breach() const {
  if (result.spinning) return "the machine spins";
  if (!result.finished) return "the machine did not finish";
  if (segment.unreadable != 0 || result.misaddressed != 0)
    return "an effect that is no frame for this interface";
  if (summaries.size() != 1) return std::to_string(summaries.size()) + " summaries";
  const auto& said = summaries.front();
  if (said.sent != result.sent) return "sent";
  if (said.not_sent != result.failed) return "not_sent";
  std::vector<ip_address> firsts;
  for (const auto& one : found) {
    const auto known = std::ranges::find(firsts, one.address) != firsts.end();
    if (known != one.again) return "again";
    if (!known) firsts.push_back(one.address);
    if (one.rtt && *one.rtt < 0ns) return "an impossible RTT";
    if (one.rtt && one.how == mac_evidence::sighting) return "an RTT of what was not asked";
  }
  if (firsts != said.addresses) return "the addresses of the summary";
  if (!firsts.empty() && !said.present) return "found, and not present";
  return {};
}

/// Many addresses behind the wanted hardware address.
station_config wanted_host(ip_family family) {
  station_config out;
  out.macs = {host_mac(77)};
  out.addresses = {on_link(family, 41), on_link(family, 42), on_link(family, 61)};
  return out;
}

}  // namespace

TEST_CASE("MAC search: every address of the prefix that it has", "[sim][mac]") {
  const auto family = either();
  search_trial trial{family};
  trial.segment.add(wanted_host(family));
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.told() == "41 asked, 42 asked, 61 asked");
  CHECK(trial.summary().complete);
  CHECK(trial.summary().present);
  for (const auto& one : trial.found) CHECK(one.rtt == 200us);
}

TEST_CASE("MAC search: nobody is asked but the one that is wanted", "[sim][mac]") {
  const auto family = either();
  search_trial trial{family};
  std::uint64_t astray = 0;
  trial.segment.tap = [&](const seen_frame& frame) {
    astray += frame.head.destination == host_mac(77) ? 0U : 1U;
  };
  trial.segment.add(wanted_host(family));
  trial.run();
  CHECK(astray == 0);
}

TEST_CASE("MAC search: an echo request to everyone is answered by it alone", "[sim][mac]") {
  const auto family = either();
  search_trial trial{family};
  auto host = wanted_host(family);
  host.echoes = true;
  trial.segment.add(host);
  trial.config.broadcasts = {*parse_ip(family == ip_family::v4 ? "192.0.2.255" : "ff02::1")};
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.told() == "41 echo, 42 asked, 61 asked");
  // The same address, known again by ARP or by a solicitation.
  CHECK(trial.found.size() == 4);
}

TEST_CASE("MAC search: InARP and RARP tell an address in no prefix", "[sim][mac]") {
  const auto reverse = GENERATE(false, true);
  search_trial trial{ip_family::v4};
  station_config host;
  host.macs = {host_mac(77)};
  host.addresses = {*parse_ip("198.51.100.9")};
  host.inverse = !reverse;
  host.reverse = reverse;
  trial.segment.add(host);
  trial.config.reverse = true;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.told() == (reverse ? "9 rarp" : "9 inarp"));
}

TEST_CASE("MAC search: who is not there is not found, after everything was asked again", "[sim][mac]") {
  const auto family = either();
  search_trial trial{family};
  trial.config.retries = 2;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.told() == "");
  CHECK(trial.summary().complete);
  CHECK_FALSE(trial.summary().present);
  CHECK(trial.summary().sent == 3 * (60 + (family == ip_family::v4 ? 1U : 0U)));
}

TEST_CASE("MAC search: deaf to unicast, but seen", "[sim][mac]") {
  const auto family = either();
  search_trial trial{family};
  auto host = wanted_host(family);
  host.hears_unicast = false;
  trial.segment.add(host);
  trial.segment.say(zero + 40ms, announcement(host_mac(77), on_link(family, 42)));
  trial.segment.say(zero + 50ms, question(host_mac(77), on_link(family, 41), on_link(family, 1)));
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.told() == "42 seen, 41 seen");
}

TEST_CASE("MAC search: what was lost the first time is asked again only while nothing came", "[sim][mac]") {
  const auto family = either();
  search_trial trial{family};
  auto host = wanted_host(family);
  host.from = zero + 500ms;  // deaf during the first pass
  trial.segment.add(host);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.told() == "41 asked, 42 asked, 61 asked");
}

TEST_CASE("MAC search: refused sends are told, and it is not complete", "[sim][mac]") {
  const auto family = either();
  search_trial trial{family};
  trial.segment.add(wanted_host(family));
  trial.options.send_error = [](probe::probe_token token, mono_time) { return token % 4 == 0 ? ENOBUFS : 0; };
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().not_sent > 0);
  CHECK(trial.summary().last_error == reason::local_queue_full);
  CHECK_FALSE(trial.summary().complete);
}

TEST_CASE("MAC search: a link that goes down ends it, incomplete", "[sim][mac]") {
  const auto family = either();
  const auto what = GENERATE(link_outage::kind::down, link_outage::kind::no_carrier, link_outage::kind::gone);
  search_trial trial{family};
  trial.segment.add(wanted_host(family));
  trial.options.outages = {{zero + 90ms, zero + 5s, what}};
  trial.run();
  CHECK(trial.breach() == "");
  CHECK_FALSE(trial.summary().complete);
  CHECK(trial.summary().last_error ==
        (what == link_outage::kind::gone ? reason::interface_gone : reason::interface_down));
}

TEST_CASE("MAC search: an interrupt ends it with what there is", "[sim][mac]") {
  const auto family = either();
  search_trial trial{family};
  trial.segment.add(wanted_host(family));
  trial.options.interrupt_at = zero + 100ms;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK_FALSE(trial.summary().complete);
  CHECK(trial.told() == "41 asked, 42 asked");
  CHECK(trial.result.ended == zero + 100ms);
}

TEST_CASE("MAC search: the first address is enough when that was asked", "[sim][mac]") {
  const auto family = either();
  search_trial trial{family};
  trial.segment.add(wanted_host(family));
  trial.config.stop_at_first = true;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.told() == "41 asked");
}

TEST_CASE("MAC search: a hundred thousand forged frames find nothing", "[sim][mac]") {
  const auto family = either();
  search_trial trial{family};
  trial.config.rate = 50;
  trial.config.retries = 0;
  seeded_random random{6};
  std::vector<packet (*)(const lie&)> kinds;
  // What is refused for its own sake; a right frame to somebody else shows the address all the same.
  for (const auto& one : link_forgeries(family))
    if (one.why && *one.why != probe::reject_reason::wrong_target &&
        *one.why != probe::reject_reason::wrong_hardware)
      kinds.push_back(one.make);
  trial.segment.storm(zero, 100'000, 20us, [&](std::uint64_t) {
    const auto number = static_cast<std::uint8_t>(2 + random.below(60));
    return kinds[random.below(kinds.size())]({host_mac(77), on_link(family, number)});
  });
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.told() == "");
  CHECK(trial.rejected >= 100'000 / 2);
}

TEST_CASE("MAC search: in three hundred links drawn by lot it finds the wanted one's addresses alone",
          "[sim][mac]") {
  std::uint64_t found = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    const auto family = seed % 2 == 0 ? ip_family::v4 : ip_family::v6;
    seeded_random random{seed * 17};
    const auto one_in = [&](std::uint64_t many) { return random.below(many) == 0; };
    search_trial trial{family, seed};
    auto host = wanted_host(family);
    host.delay = one_in(3) ? latency::uniform(100us, 2s) : latency::uniform(100us, 50ms);
    const auto well = host.delay.draw(random) < 50ms && !one_in(3);
    if (!well) host.loss = random.unit();
    host.duplicate = one_in(3) ? 0.5 : 0;
    host.echoes = one_in(2);
    host.inverse = one_in(2);
    if (one_in(2)) trial.config.broadcasts = {*parse_ip(family == ip_family::v4 ? "192.0.2.255" : "ff02::1")};
    trial.config.rate = one_in(2) ? 500 : 5000;
    trial.config.unlimited = one_in(4);
    trial.config.timeout = one_in(2) ? 1s : 100ms;
    trial.segment.add(host);
    // The others announce and ask; none of that is the wanted one's.
    for (auto left = random.below(20); left > 0; --left)
      trial.segment.say(zero + std::chrono::milliseconds{random.below(1000)},
                        announcement(host_mac(static_cast<std::uint32_t>(10 + random.below(30))),
                                     on_link(family, static_cast<std::uint8_t>(2 + random.below(60)))));
    if (one_in(5)) trial.options.interrupt_at = zero + std::chrono::milliseconds{random.below(1500)};
    if (one_in(5)) trial.options.read_delay = latency::uniform(0us, 3ms);
    trial.run();
    CHECK(trial.breach() == "");
    for (const auto& one : trial.found) {
      CHECK(std::ranges::find(host.addresses, one.address) != host.addresses.end());
      ++found;
      // Stamps of zero, when the first questions leave, are none.
      if (!one.rtt || host.duplicate > 0 || one.source != probe::stamp_source::socket) continue;
      const auto truths = trial.segment.truths(one.address, host_mac(77), one.at);
      CHECK(std::ranges::any_of(
          truths, [&](const answer_truth& truth) { return truth.arrives - truth.asked == *one.rtt; }));
    }
  }
  CHECK(found > 300);
}

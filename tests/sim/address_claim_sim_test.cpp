// Claims on a simulated link: free only when every probe left and nobody objected, and every timer of RFC
// 5227 and RFC 4862 kept.
#include <algorithm>
#include <cerrno>

#include "libdiag/probe/address_claim.hpp"

#include "tests/catch.hpp"
#include "tests/sim/link_forgeries.hpp"
#include "tests/sim/link_stage.hpp"

using namespace diag;
using namespace diag::sim;
using probe::claim_objection;
using probe::claim_step;
using probe::claim_verdict;
using probe::reason;
using step = probe::claim_step::kind;

namespace {

ip_family either() {
  return GENERATE(ip_family::v4, ip_family::v6);
}

struct claim_trial {
  explicit claim_trial(ip_family family, std::uint64_t seed = 1) : segment{seed} {
    targets.add(on_link(family, 7));
    config.links = {our_link()};
    config.seed = seed;
  }
  void run() {
    targets.seal();
    machine.emplace(config, targets);
    result = run_on_link(*machine, segment, options,
                         [&](mono_time, const probe::claim_event& event) { events.push_back(event); });
  }
  template <class Event>
  [[nodiscard]] std::vector<Event> seen() const {
    std::vector<Event> out;
    for (const auto& one : events)
      if (const auto* kind = std::get_if<Event>(&one)) out.push_back(*kind);
    return out;
  }
  [[nodiscard]] probe::claim_summary summary() const { return seen<probe::claim_summary>().at(0); }
  [[nodiscard]] std::vector<mono_time> steps(step what) const {
    std::vector<mono_time> out;
    for (const auto& one : seen<claim_step>())
      if (one.what == what) out.push_back(one.at);
    return out;
  }
  /// What holds of every claim; "" it does.
  [[nodiscard]] std::string breach() const;

  link_segment segment;
  probe::target_list targets;
  probe::claim_config config;
  link_options options;
  std::optional<probe::address_claim> machine;
  std::vector<probe::claim_event> events;
  link_result result;
};

std::string claim_trial::breach() const {
  if (result.spinning) return "the machine spins";
  if (!result.finished) return "the machine did not finish";
  if (segment.unreadable != 0 || result.misaddressed != 0)
    return "an effect that is no frame for this interface";
  const auto summaries = seen<probe::claim_summary>();
  if (summaries.size() != targets.size()) return std::to_string(summaries.size()) + " summaries";
  std::uint64_t sent = 0;
  for (const auto& said : summaries) {
    const auto v6 = targets.at(said.target).is_v6();
    const auto& timing = v6 ? config.v6 : config.v4;
    std::uint64_t counts[4] = {};
    std::uint64_t objections = 0;
    for (const auto& one : seen<claim_step>())
      if (one.target == said.target && ++counts[static_cast<std::size_t>(one.what)] != one.number)
        return "steps out of order";
    for (const auto& one : seen<claim_objection>()) objections += one.target == said.target ? 1U : 0U;
    if (counts[0] != said.probes || counts[1] != said.announcements || counts[2] != said.defences)
      return "the steps are not those of the summary";
    if (objections != said.objections) return "objections";
    if (said.owners.empty() != (objections == 0)) return "owners without objection, or the other way round";
    const auto decided = said.verdict == claim_verdict::in_use || said.verdict == claim_verdict::conflict;
    if (decided && objections == 0) return "somebody has it, and nobody objected";
    if (said.verdict == claim_verdict::free && config.probe && said.probes != timing.probes)
      return "free, with " + std::to_string(said.probes) + " probes";
    if (said.verdict == claim_verdict::free && !config.defend && objections != 0)
      return "free, in spite of objections";
    if (said.probes > timing.probes) return "too many probes";
    sent += said.probes + said.announcements + said.defences;
  }
  if (sent != result.sent) return "what left is not what was told";
  return {};
}

constexpr auto zero = mono_time{};

}  // namespace

TEST_CASE("address claim: silence is free, at the pace of the RFC", "[sim][claim]") {
  const auto family = either();
  const auto seed = GENERATE(range(1U, 20U));
  claim_trial trial{family, seed};
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().verdict == claim_verdict::free);
  const auto probes = trial.steps(step::probed);
  REQUIRE(probes.size() == (family == ip_family::v4 ? 3U : 1U));
  CHECK(probes[0] >= zero);
  CHECK(probes[0] <= zero + 1s);
  for (std::size_t i = 1; i < probes.size(); ++i) {
    CHECK(probes[i] - probes[i - 1] >= 1s);
    CHECK(probes[i] - probes[i - 1] <= 2s);
  }
  CHECK(trial.summary().at == probes.back() + (family == ip_family::v4 ? 2s : 1s));
}

TEST_CASE("address claim: the waits are drawn, not fixed", "[sim][claim]") {
  const auto family = either();
  std::vector<mono_time> firsts;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    claim_trial trial{family, seed};
    trial.run();
    firsts.push_back(trial.steps(step::probed).at(0));
  }
  const auto [least, most] = std::minmax_element(firsts.begin(), firsts.end());
  CHECK(*least < zero + 200ms);
  CHECK(*most > zero + 800ms);
}

TEST_CASE("address claim: who has the address is named", "[sim][claim]") {
  const auto family = either();
  claim_trial trial{family};
  trial.segment.add(plain_host(family, 7));
  trial.segment.add(plain_host(family, 8));
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().verdict == claim_verdict::in_use);
  CHECK(trial.summary().owners == std::vector{host_mac(7)});
  CHECK(trial.summary().probes == 1);
  REQUIRE(trial.seen<claim_objection>().size() == 1);
  CHECK(trial.seen<claim_objection>()[0].since_probe == 200us);
}

TEST_CASE("address claim: two owners are a conflict", "[sim][claim]") {
  const auto family = either();
  claim_trial trial{family};
  trial.segment.add(plain_host(family, 7));
  auto second = plain_host(family, 7);
  second.macs = {host_mac(8)};
  second.delay = latency::fixed(3ms);
  trial.segment.add(second);
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().verdict == claim_verdict::conflict);
  CHECK(trial.summary().owners == std::vector{host_mac(7), host_mac(8)});
}

TEST_CASE("address claim: somebody else who wants it is a conflict, from the first moment on",
          "[sim][claim]") {
  const auto family = either();
  const auto when = GENERATE(1ms, 900ms, 1001ms);
  claim_trial trial{family};
  trial.segment.say(zero + when, claim_probe(host_mac(9), on_link(family, 7)));
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().verdict == claim_verdict::conflict);
  CHECK(trial.summary().owners == std::vector{host_mac(9)});
}

TEST_CASE("address claim: an announcement by its owner is an objection", "[sim][claim]") {
  const auto family = either();
  claim_trial trial{family};
  trial.segment.say(zero + 700ms, announcement(host_mac(9), on_link(family, 7)));
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().verdict == claim_verdict::in_use);
}

TEST_CASE("address claim: others who look for the address do not have it", "[sim][claim]") {
  const auto family = either();
  claim_trial trial{family};
  for (int i = 0; i < 40; ++i)
    trial.segment.say(zero + i * 50ms, question(host_mac(9), on_link(family, 9), on_link(family, 7)));
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().verdict == claim_verdict::free);
}

TEST_CASE("address claim: a slow owner is heard until the last wait is over", "[sim][claim]") {
  const auto family = either();
  const auto wait = family == ip_family::v4 ? 2s : 1s;
  const auto late = GENERATE(false, true);
  claim_trial trial{family};
  auto host = plain_host(family, 7);
  host.delay = latency::fixed(wait + (late ? 2ms : -2ms));
  // Hears the last probe alone.
  host.from = family == ip_family::v4 ? mono_time::max() : zero;
  const auto place = trial.segment.add(host);
  int heard = 0;
  trial.segment.tap = [&](const seen_frame&) {
    if (++heard == 3) trial.segment.station(place).from = zero;
  };
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().verdict == (late ? claim_verdict::free : claim_verdict::in_use));
}

TEST_CASE("address claim: without a link nothing can be told", "[sim][claim]") {
  const auto family = either();
  const auto what = GENERATE(link_outage::kind::down, link_outage::kind::no_carrier, link_outage::kind::gone);
  const auto from = GENERATE(0ms, 500ms, 1100ms);
  claim_trial trial{family, 3};
  trial.options.outages = {{zero + from, zero + 60s, what}};
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().verdict == claim_verdict::cannot_tell);
  CHECK(trial.summary().why ==
        (what == link_outage::kind::gone ? reason::interface_gone : reason::interface_down));
}

TEST_CASE("address claim: probes that cannot be sent prove nothing", "[sim][claim]") {
  const auto family = either();
  const auto error = GENERATE(ENOBUFS, ENETDOWN, ENXIO);
  claim_trial trial{family};
  trial.options.send_error = [error](probe::probe_token, mono_time) { return error; };
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().verdict == claim_verdict::cannot_tell);
  CHECK(trial.summary().why == probe::send_reason(error));
  CHECK(trial.summary().probes == 0);
  CHECK(trial.summary().not_sent > 0);
}

TEST_CASE("address claim: announces what is free, and as often as it should", "[sim][claim]") {
  const auto family = either();
  claim_trial trial{family};
  trial.config.announce = true;
  std::vector<seen_frame> left;
  trial.segment.tap = [&](const seen_frame& frame) { left.push_back(frame); };
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().verdict == claim_verdict::free);
  const auto at = trial.steps(step::announced);
  REQUIRE(at.size() == (family == ip_family::v4 ? 2U : 1U));
  if (at.size() == 2) CHECK(at[1] - at[0] == 2s);
  const auto& last = left.back();
  CHECK(is_group_frame(last.head.destination));
  if (family == ip_family::v4) {
    REQUIRE(last.arp);
    CHECK(last.arp->sender == on_link(family, 7));
    CHECK(last.arp->target == on_link(family, 7));
    CHECK(last.arp->sender_hardware == our_mac());
  } else {
    REQUIRE(last.nd);
    CHECK(last.nd->type == 136);
    CHECK(last.nd->target == on_link(family, 7));
    CHECK_FALSE(last.nd->solicited);
    CHECK(last.nd->link_layer == our_mac());
  }
}

TEST_CASE("address claim: what is held is defended once in ten seconds, and then given up", "[sim][claim]") {
  const auto family = either();
  const auto again = GENERATE(4s, 11s);
  claim_trial trial{family};
  trial.config.announce = true;
  trial.config.defend = true;
  trial.options.interrupt_at = zero + 60s;
  trial.segment.say(zero + 20s, announcement(host_mac(9), on_link(family, 7)));
  trial.segment.say(zero + 20s + again, announcement(host_mac(9), on_link(family, 7)));
  trial.run();
  CHECK(trial.breach() == "");
  if (again == 4s) {
    CHECK(trial.summary().verdict == claim_verdict::conflict);
    CHECK(trial.summary().defences == 1);
    CHECK(trial.steps(step::gave_up).size() == 1);
  } else {
    CHECK(trial.summary().verdict == claim_verdict::free);
    CHECK(trial.summary().defences == 2);
    CHECK(trial.summary().at == zero + 60s);
  }
}

TEST_CASE("address claim: a storm against a defender costs it the address, not the link", "[sim][claim]") {
  const auto family = either();
  claim_trial trial{family};
  trial.config.announce = true;
  trial.config.defend = true;
  trial.options.interrupt_at = zero + 60s;
  // Probes alone: each unanswered one would make an owner, and they may not be answered 50,000 times.
  trial.segment.storm(zero + 20s, 50'000, 20us,
                      [&](std::uint64_t) { return claim_probe(host_mac(9), on_link(family, 7)); });
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().defences <= 3);
}

TEST_CASE("address claim: its own probe that comes back is a loop, not a rival", "[sim][claim]") {
  const auto family = either();
  claim_trial trial{family};
  trial.segment.loop = 50us;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().verdict == claim_verdict::free);
  CHECK(trial.summary().looped);
}

TEST_CASE("address claim: a hundred thousand forged frames make nothing taken", "[sim][claim]") {
  const auto family = either();
  claim_trial trial{family};
  seeded_random random{5};
  std::vector<packet (*)(const lie&)> kinds;
  // What is refused for its own sake; a right frame to somebody else is an objection all the same.
  for (const auto& one : link_forgeries(family))
    if (one.why && *one.why != probe::reject_reason::wrong_target &&
        *one.why != probe::reject_reason::wrong_hardware)
      kinds.push_back(one.make);
  trial.segment.storm(zero, 100'000, 40us, [&](std::uint64_t left) {
    return kinds[random.below(kinds.size())](
        {host_mac(static_cast<std::uint32_t>(500 + left % 64)), on_link(family, 7)});
  });
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().verdict == claim_verdict::free);
  CHECK(trial.summary().objections == 0);
}

TEST_CASE("address claim: in three hundred links drawn by lot a verdict is what the link deserves",
          "[sim][claim]") {
  std::uint64_t verdicts[4] = {};
  for (std::uint64_t seed = 1; seed <= 320; ++seed) {
    INFO("seed " << seed);
    const auto family = seed % 2 == 0 ? ip_family::v4 : ip_family::v6;
    seeded_random random{seed * 31};
    const auto one_in = [&](std::uint64_t many) { return random.below(many) == 0; };
    const auto up_to = [&](std::int64_t ms) {
      return duration{std::chrono::milliseconds{random.below(static_cast<std::uint64_t>(ms))}};
    };
    claim_trial trial{family, seed};
    if (one_in(2)) {
      auto host = plain_host(family, 7);
      host.delay = latency::uniform(100us, one_in(3) ? 4s : 50ms);
      host.loss = one_in(3) ? 0.5 : 0;
      host.hears_broadcast = !one_in(6);
      trial.segment.add(host);
    }
    for (auto left = random.below(3); left > 0; --left) {
      const auto mac = host_mac(static_cast<std::uint32_t>(20 + random.below(2)));
      const auto address = on_link(family, one_in(2) ? 7 : 8);
      trial.segment.say(zero + up_to(9000),
                        one_in(2) ? claim_probe(mac, address) : announcement(mac, address));
    }
    const auto troubled = one_in(4);
    if (troubled && one_in(2))
      trial.options.outages = {
          {zero + up_to(5000), zero + 6s, static_cast<link_outage::kind>(random.below(3))}};
    else if (troubled)
      trial.options.send_error = [seed](probe::probe_token, mono_time now) {
        return (static_cast<std::uint64_t>(now.time_since_epoch().count()) / 7 + seed) % 3 == 0 ? ENOBUFS : 0;
      };
    if (one_in(6)) trial.options.interrupt_at = zero + up_to(6000);
    trial.config.announce = one_in(3);
    const auto seven = on_link(family, 7);
    std::uint64_t objecting = 0;
    trial.options.heard = [&](byte_view octets) {
      const auto frame = look_frame(octets);
      if (frame && frame->arp)
        objecting += frame->arp->sender == seven || frame->arp->target == seven ? 1U : 0U;
      else if (frame && frame->nd)
        objecting += frame->nd->target == seven ? 1U : 0U;
    };
    trial.run();
    CHECK(trial.breach() == "");
    const auto said = trial.summary();
    ++verdicts[static_cast<std::size_t>(said.verdict)];
    const auto cut = troubled || trial.options.interrupt_at.has_value();
    CHECK(said.objections == objecting);
    if (!cut) CHECK((said.verdict == claim_verdict::free) == (objecting == 0));
    if (!cut) CHECK(said.verdict != claim_verdict::cannot_tell);
  }
  for (const auto count : verdicts) CHECK(count > 5);
}

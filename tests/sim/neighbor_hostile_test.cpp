// A link full of liars: nothing but a right answer makes an owner, and the reason is told.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/sim/heap.hpp"
#include "tests/sim/link_forgeries.hpp"
#include "tests/sim/link_stage.hpp"

using namespace diag;
using namespace diag::sim;
using probe::neighbor_reply;
using probe::reject_reason;

namespace {

ip_family either() {
  return GENERATE(ip_family::v4, ip_family::v6);
}

/// One probe to host 7, which is answered by `frames` 1 ms later; the host itself, if there, after 5 ms.
void answer_seven(neighbor_stage& trial, ip_family family, bool there, const std::vector<packet>& frames) {
  if (there) {
    auto host = plain_host(family, 7);
    host.delay = latency::fixed(5ms);
    trial.segment.add(host);
  }
  trial.segment.tap = [&trial, frames](const seen_frame&) {
    for (const auto& frame : frames) trial.segment.say(trial.segment.net.now() + 1ms, frame);
  };
  trial.ask(on_link(family, 7));
  trial.run();
}

}  // namespace

TEST_CASE("neighbours: no answer is believed that does not prove itself, and the reason is told",
          "[sim][neighbor]") {
  const auto family = either();
  const auto there = GENERATE(false, true);
  for (const auto& forgery : link_forgeries(family)) {
    INFO(forgery.name << ", IPv" << (family == ip_family::v4 ? 4 : 6) << (there ? ", there" : ""));
    neighbor_stage trial;
    answer_seven(trial, family, there, {forgery.make({host_mac(9), on_link(family, 7)})});
    CHECK(trial.breach() == "");
    CHECK(trial.rejects() == (forgery.why ? probe::describe(*forgery.why) : ""));
    CHECK(trial.owners() == (there ? "7" : ""));
    CHECK(trial.summary().lost == (there ? 0 : 1));
    for (const auto& reply : trial.seen<neighbor_reply>()) CHECK(same_rtt(reply.rtt, 5ms));
  }
}

TEST_CASE("neighbours: every cut of a right answer makes no owner", "[sim][neighbor]") {
  const auto family = either();
  const auto whole = plain_answer(host_mac(7), on_link(family, 7));
  const std::size_t needed = family == ip_family::v4 ? 42 : whole.size();
  std::vector<packet> cuts;
  for (std::size_t size = 0; size < needed; ++size)
    cuts.emplace_back(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
  neighbor_stage trial;
  answer_seven(trial, family, false, cuts);
  CHECK(trial.breach() == "");
  CHECK(trial.owners() == "");
  CHECK(trial.result.received == needed);
}

TEST_CASE("neighbours: every bit flipped in a right advertisement makes no owner", "[sim][neighbor]") {
  const auto whole = plain_answer(host_mac(7), on_link(ip_family::v6, 7));
  std::vector<packet> bent;
  // Traffic class and flow label are in no checksum, nor is the frame's source.
  for (std::size_t bit = (14 + 4) * 8; bit < whole.size() * 8; ++bit) {
    auto octets = whole;
    octets[bit / 8] ^= std::byte{1} << bit % 8;
    bent.push_back(octets);
  }
  neighbor_stage trial;
  answer_seven(trial, ip_family::v6, false, bent);
  CHECK(trial.breach() == "");
  CHECK(trial.owners() == "");
}

TEST_CASE("neighbours: junk behind a short message is padding", "[sim][neighbor]") {
  auto answer = plain_answer(host_mac(7), on_link(ip_family::v4, 7));
  answer.resize(120, std::byte{0xa5});
  std::fill(answer.begin() + 42, answer.end(), std::byte{0x5a});
  neighbor_stage trial;
  trial.truth_known = false;
  answer_seven(trial, ip_family::v4, false, {answer});
  CHECK(trial.breach() == "");
  CHECK(trial.owners() == "7");
  CHECK(trial.findings() == "");
}

TEST_CASE("neighbours: an answer for an address nobody asked for makes no owner", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  answer_seven(trial, family, true, {plain_answer(host_mac(9), on_link(family, 8))});
  CHECK(trial.breach() == "");
  CHECK(trial.owners() == "7");
  CHECK(trial.seen<neighbor_reply>().size() == 1);
  CHECK(trial.machine->totals().conflicts == 0);
}

TEST_CASE("neighbours: an answer to a question that never left makes no owner", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  trial.options.send_error = [](probe::probe_token, mono_time) { return 100; };
  trial.segment.say(mono_time{} + 1ms, plain_answer(host_mac(9), on_link(family, 7)));
  trial.ask(on_link(family, 7));
  trial.config.rounds = 2;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().not_sent == 2);
  CHECK(trial.summary().received == 0);
  CHECK(trial.owners() == "");
}

TEST_CASE("neighbours: sixteen owners are kept, and no more", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial;
  for (std::uint32_t i = 0; i < 40; ++i) {
    auto host = plain_host(family, 7);
    host.macs = {host_mac(100 + i)};
    host.delay = latency::fixed(200us + i * 10us);
    trial.segment.add(host);
  }
  trial.ask(on_link(family, 7));
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.summary().owners.size() == 16);
  CHECK(trial.summary().too_many_owners);
  CHECK(trial.summary().received == 1);
}

TEST_CASE("neighbours: every frame about a target is accounted for once", "[sim][neighbor]") {
  const auto family = either();
  neighbor_stage trial{4};
  for (std::uint8_t i = 10; i < 20; ++i) {
    auto host = plain_host(family, i);
    host.delay = latency::uniform(100us, 700ms);
    host.copies = i % 3;
    trial.segment.add(host);
    for (const auto& forgery : link_forgeries(family))
      if (forgery.why)
        trial.segment.say(mono_time{} + i * 37ms, forgery.make({host_mac(90), on_link(family, i)}));
    trial.segment.say(mono_time{} + i * 11ms, announcement(host_mac(i), on_link(family, i)));
    trial.segment.say(mono_time{} + i * 23ms, claim_probe(host_mac(91), on_link(family, i)));
  }
  trial.ask(on_link(family, 10), 10);
  trial.config.rounds = 3;
  trial.config.timeout = 500ms;
  trial.config.linger = 1s;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.law->sightings > 0);
  CHECK(trial.accounted() == trial.result.received);
}

TEST_CASE("neighbours: a reply to another address than ours makes no owner", "[sim][neighbor]") {
  neighbor_stage trial;
  auto host = plain_host(ip_family::v4, 7);
  host.target_protocol = on_link(ip_family::v4, 99);
  trial.segment.add(host);
  trial.ask(on_link(ip_family::v4, 7));
  trial.config.rounds = 2;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.owners() == "");
  CHECK(trial.rejects() == "wrong-target wrong-target");
}

TEST_CASE("neighbours: a hundred thousand forged frames change no verdict", "[sim][neighbor]") {
  const auto family = either();
  const auto look_at = [&](bool forged) {
    neighbor_stage trial{21};
    for (std::uint8_t i = 10; i < 50; ++i) trial.segment.add(plain_host(family, i));
    auto other = plain_host(family, 20);
    other.macs = {host_mac(120)};
    trial.segment.add(other);
    seeded_random random{77};
    if (forged)
      trial.segment.storm(mono_time{}, 100'000, 15us, [&](std::uint64_t) {
        const auto number = static_cast<std::uint8_t>(2 + random.below(60));
        return random_forgery(random, host_mac(static_cast<std::uint32_t>(500 + random.below(40))),
                              on_link(family, number));
      });
    trial.ask(on_link(family, 2), 60);
    trial.config.rounds = 3;
    trial.config.only_silent = true;
    trial.config.interval = 0ms;
    trial.config.timeout = 500ms;
    trial.keep_events = false;
    trial.run();
    CHECK(trial.breach() == "");
    CHECK(trial.result.received >= (forged ? 100'000U : 0U));
    std::string out;
    for (std::uint32_t i = 0; i < 60; ++i) out += std::to_string(i + 2) + ":" + trial.owners(i) + " ";
    return out;
  };
  CHECK(look_at(true) == look_at(false));
}

TEST_CASE("neighbours: what a storm of strangers leaves behind is bounded", "[sim][neighbor]") {
  const auto family = either();
  std::size_t early = 0;
  std::size_t late = 0;
  neighbor_stage trial;
  trial.segment.add(plain_host(family, 7));
  // Fifty thousand a second for a second (A18), each another address and owner.
  trial.segment.storm(mono_time{}, 50'000, 20us, [&](std::uint64_t left) {
    if (left == 30'000) early = live_heap();
    if (left == 1) late = live_heap();
    return announcement(host_mac(static_cast<std::uint32_t>(1000 + left)), on_link(family, 100).plus(left));
  });
  trial.ask(on_link(family, 7));
  trial.config.rounds = 2;
  trial.keep_events = false;
  trial.run();
  CHECK(trial.breach() == "");
  CHECK(trial.owners() == "7");
  CHECK(trial.summary().received == 2);
  CHECK(trial.machine->totals().sightings == 50'000);
  CHECK(late <= early + (1U << 18));
}

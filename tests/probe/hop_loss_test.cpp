// What loss at a hop means: two causes that look alike at one hop, and not at all beside the others.
#include "libdiag/probe/hop_loss.hpp"

#include "libdiag/core/random.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using probe::hop_figures;
using probe::hop_loss;
using probe::judge_loss;

/// Hops with so many lost of so many; the last one is the target.
std::vector<hop_figures> path(const std::vector<std::uint64_t>& lost, std::uint64_t sent) {
  std::vector<hop_figures> hops;
  for (const auto one : lost) {
    auto& hop = hops.emplace_back();
    hop.hop = static_cast<std::uint8_t>(hops.size());
    hop.sent = sent;
    hop.lost = one;
    hop.answered = sent - one;
    if (hop.answered != 0) hop.addresses.push_back({ip_address::v4(hop.hop), hop.answered});
  }
  if (hops.back().answered != 0) hops.back().addresses[0].state = probe::hop_state::reached;
  return hops;
}

std::vector<hop_loss> words(const std::vector<hop_figures>& hops) {
  std::vector<hop_loss> all;
  for (const auto& one : judge_loss(hops)) all.push_back(one.what);
  return all;
}

}  // namespace

TEST_CASE("hop loss: loss that later hops do not share is the hop's own", "[probe][loss]") {
  const auto hops = path({0, 0, 30, 0, 0, 0}, 100);
  using enum hop_loss;
  CHECK(words(hops) == std::vector{none, none, rate_limited, none, none, none});
  CHECK(judge_loss(hops)[2].forwarding == 0);
}

TEST_CASE("hop loss: ten rounds are enough where the others lose nothing", "[probe][loss]") {
  using enum hop_loss;
  CHECK(words(path({0, 0, 3, 0, 0, 0, 0, 0}, 10))[2] == rate_limited);
  CHECK(words(path({0, 0, 1, 0, 0, 0, 0, 0}, 10))[2] == unclear);
}

TEST_CASE("hop loss: loss that carries on is loss on the way", "[probe][loss]") {
  const auto verdicts = judge_loss(path({0, 0, 0, 0, 11, 8, 12, 9, 10, 10}, 100));
  for (std::size_t i = 0; i < 4; ++i) CHECK(verdicts[i].what == hop_loss::none);
  for (std::size_t i = 4; i < 10; ++i) {
    INFO(i);
    CHECK(verdicts[i].what == hop_loss::forwarding);
    CHECK(verdicts[i].forwarding == Approx(0.1).margin(0.011));
  }
  CHECK(verdicts[3].forwarding == 0);
}

TEST_CASE("hop loss: a limited router in front of and behind real loss is told apart", "[probe][loss]") {
  const auto verdicts = judge_loss(path({0, 0, 90, 0, 10, 11, 60, 9, 12, 10}, 100));
  CHECK(verdicts[2].what == hop_loss::rate_limited);
  CHECK(verdicts[2].forwarding == 0);
  CHECK(verdicts[6].what == hop_loss::rate_limited);
  CHECK(verdicts[6].forwarding == Approx(0.1).margin(0.02));
  for (const auto i : {4U, 5U, 7U, 8U, 9U}) CHECK(verdicts[i].what == hop_loss::forwarding);
}

TEST_CASE("hop loss: routers that all answer sparingly do not make a clean path lossy", "[probe][loss]") {
  for (const std::uint64_t sent : {10U, 20U, 100U, 1000U}) {
    auto lost = std::vector<std::uint64_t>(8, sent / 5);
    lost.push_back(0);
    for (const auto word : words(path(lost, sent))) CHECK(word != hop_loss::forwarding);
  }
}

TEST_CASE("hop loss: silence is told from the end of the path", "[probe][loss]") {
  using enum hop_loss;
  CHECK(words(path({0, 20, 0, 20, 20}, 20)) == std::vector{none, silent, none, beyond, beyond});
}

TEST_CASE("hop loss: a late answer is an answer", "[probe][loss]") {
  auto hops = path({0, 20, 0}, 20);
  hops[1].late = 20;
  CHECK(words(hops)[1] == hop_loss::rate_limited);
}

TEST_CASE("hop loss: few probes prove nothing", "[probe][loss]") {
  using enum hop_loss;
  CHECK(words(path({0, 1, 1, 1, 1}, 4)) == std::vector{none, unclear, unclear, unclear, unclear});
  CHECK(words(path({0, 0, 0, 0, 3}, 9)).back() == unclear);
  CHECK(words(path({0, 0, 0, 0, 3}, 10)).back() == forwarding);
}

TEST_CASE("hop loss: the last router that answers is believed as far as the one before it", "[probe][loss]") {
  using enum hop_loss;
  CHECK(words(path({0, 30, 30, 100}, 100)) == std::vector{none, forwarding, forwarding, beyond});
  CHECK(words(path({0, 0, 30, 100}, 100)) == std::vector{none, none, unclear, beyond});
}

TEST_CASE("hop loss: nothing sent is nothing lost", "[probe][loss]") {
  CHECK(judge_loss({}).empty());
  CHECK(words(path({0, 0}, 0)) == std::vector{hop_loss::none, hop_loss::none});
}

TEST_CASE("hop loss: in a thousand runs no limited hop is called lossy, and loss is found", "[probe][loss]") {
  seeded_random random{20};
  constexpr std::uint64_t sent = 100;
  const auto draw = [&](double share) {
    std::uint64_t lost = 0;
    for (std::uint64_t i = 0; i < sent; ++i) lost += random.unit() < share ? 1U : 0U;
    return lost;
  };
  unsigned slandered = 0, missed = 0, excused = 0;
  for (int run = 0; run < 1000; ++run) {
    std::vector<std::uint64_t> limited;
    std::vector<std::uint64_t> lossy;
    for (unsigned h = 1; h <= 10; ++h) {
      limited.push_back(draw(h == 3 || h == 7 ? 0.3 : 0));
      lossy.push_back(draw(h >= 5 ? 0.1 : 0));
    }
    for (const auto word : words(path(limited, sent))) slandered += word == hop_loss::forwarding ? 1U : 0U;
    const auto found = words(path(lossy, sent));
    missed += found.back() == hop_loss::forwarding ? 0U : 1U;
    for (std::size_t i = 4; i < 9; ++i) excused += found[i] == hop_loss::rate_limited ? 1U : 0U;
  }
  CHECK(slandered == 0);
  CHECK(missed == 0);     // of 1000
  CHECK(excused <= 50U);  // of 5000
}

TEST_CASE("hop loss: a million rounds are judged like a hundred", "[probe][loss]") {
  const auto verdicts = judge_loss(path({0, 0, 300'000, 0, 100'100, 99'900, 100'000}, 1'000'000));
  CHECK(verdicts[2].what == hop_loss::rate_limited);
  CHECK(verdicts[4].what == hop_loss::forwarding);
  CHECK(verdicts[6].forwarding == Approx(0.1).margin(0.001));
}

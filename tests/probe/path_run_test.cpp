// Sending, timing and bookkeeping of a run along paths; what it asks is a stub's business here.
#include "libdiag/probe/path_run.hpp"

#include <cerrno>
#include <chrono>
#include <deque>

#include "tests/catch.hpp"
#include "tests/probe/path_packets.hpp"

using namespace diag;
using namespace diag::probe;
using namespace diag::probe::test;

namespace {

struct heard {
  path_question asked;
  path_answer answer;
};

/// Asks what it is told to, remembers what it hears.
class stub_course final : public path_course {
 public:
  std::deque<path_question> questions;
  std::vector<heard> news;
  duration wait = 100ms;
  std::optional<mono_time> due{};
  bool finished = false, cut = false, wanted = true;

  std::optional<path_question> next(mono_time) override {
    if (questions.empty()) return std::nullopt;
    const auto first = questions.front();
    questions.pop_front();
    return first;
  }
  [[nodiscard]] std::optional<mono_time> next_at() const override { return due; }
  void hear(mono_time, const path_question& asked, path_answer&& answer) override {
    news.push_back({asked, std::move(answer)});
  }
  [[nodiscard]] duration patience(std::uint32_t) const override { return wait; }
  void cut_short(mono_time) override { cut = finished = true; }
  [[nodiscard]] bool done() const override { return finished || questions.empty(); }
  [[nodiscard]] bool wants(std::uint32_t) const override { return wanted; }
  std::optional<path_event> next_event() override { return std::nullopt; }
};

struct stage {
  explicit stage(std::size_t count = 3) {
    targets.resize(1);
    targets[0].address = address("198.51.100.9");
    targets[0].source = address("192.0.2.1");
    config.probes.source_port_base = 40000;
    config.probes.key = {3, 4};
    for (std::size_t i = 0; i < count; ++i)
      course.questions.push_back({.target = 0, .flow = 0, .hop = static_cast<std::uint8_t>(i + 1)});
  }
  path_run& run() {
    if (!machine) machine.emplace(config, targets, course);
    return *machine;
  }
  /// Drains effects; the packets that went out.
  std::vector<octets> send(mono_time now) {
    std::vector<octets> out;
    while (auto effect = run().next_effect(now)) {
      const auto& packet = std::get<transmit>(*effect);
      CHECK(packet.layer == transmit::layer_kind::network);
      tokens.push_back(packet.token);
      out.emplace_back(packet.bytes.begin(), packet.bytes.end());
    }
    return out;
  }
  /// As a host asks for it: after the effects are drained.
  mono_time deadline(mono_time now) {
    send(now);
    REQUIRE(run().deadline().has_value());
    return *run().deadline();
  }
  void check_law() {
    const auto& c = run().counts();
    CHECK(c.sent == c.answered + c.silent + c.pending);
  }

  path_run_config config{};
  std::vector<path_target> targets;
  stub_course course;
  std::optional<path_run> machine{};
  std::vector<probe_token> tokens;
};

const auto router = address("203.0.113.3");
constexpr mono_time start{1s};

}  // namespace

TEST_CASE("path run: answered, silent and done", "[probe][path]") {
  stage on;
  const auto packets = on.send(start);
  REQUIRE(packets.size() == 3);
  const auto error = icmp_error_packet(packets[1], router);
  on.run().feed(start + 5ms, arriving(error, start + 5ms));
  REQUIRE(on.course.news.size() == 1);
  CHECK(on.course.news[0].asked.hop == 2);
  CHECK(on.course.news[0].answer.rtt == 5ms);
  const auto deadline = on.deadline(start + 5ms);
  CHECK(deadline >= start + 100ms);
  CHECK(deadline < start + 102ms);
  on.run().feed(deadline, wakeup{});
  CHECK(on.course.news.size() == 3);
  CHECK(on.course.news[2].answer.state == hop_state::silent);
  CHECK_FALSE(on.run().deadline().has_value());
  on.check_law();
  CHECK(on.run().counts().silent == 2);
}

TEST_CASE("path run: patience that shrinks is heeded at once", "[probe][path]") {
  stage on;
  const auto packets = on.send(start);
  on.course.wait = 8ms;
  const auto error = icmp_error_packet(packets[0], router);
  on.run().feed(start + 1ms, arriving(error, start + 1ms));
  CHECK(on.deadline(start + 1ms) < start + 9ms);
}

TEST_CASE("path run: late is told once, then all is repetition", "[probe][path]") {
  stage on{2};
  on.config.timeout = 50ms;  // above all patience
  on.course.questions.push_back({.target = 0, .flow = 0, .hop = 9});
  const auto packets = on.send(start);
  on.course.wait = 10ms;
  const auto first = icmp_error_packet(packets[0], router);
  on.run().feed(start + 1ms, arriving(first, start + 1ms));
  on.run().feed(start + 1ms, arriving(first, start + 1ms));
  CHECK(on.run().counts().duplicates == 1);
  on.course.questions.push_back({.target = 0, .flow = 0, .hop = 4});
  on.send(start + 9ms);
  on.run().feed(on.deadline(start + 9ms), wakeup{});
  CHECK(on.run().counts().silent == 2);
  const auto second = icmp_error_packet(packets[1], router);
  on.run().feed(start + 15ms, arriving(second, start + 15ms));
  on.run().feed(start + 16ms, arriving(second, start + 16ms));
  CHECK(on.course.news.back().answer.late);
  CHECK(on.run().counts().late == 1);
  CHECK(on.run().counts().duplicates == 2);
  on.run().feed(start + 17ms, interrupt{});
  CHECK(on.course.cut);
  CHECK_FALSE(on.run().deadline().has_value());
  on.check_law();
}

TEST_CASE("path run: what takes longer than the timeout is silent first", "[probe][path]") {
  stage on{1};
  on.config.timeout = 50ms;
  const auto packets = on.send(start);
  const auto error = icmp_error_packet(packets[0], router);
  on.run().feed(start + 60ms, arriving(error, start + 60ms));
  REQUIRE(on.course.news.size() == 2);
  CHECK(on.course.news[0].answer.state == hop_state::silent);
  CHECK(on.course.news[1].answer.late);
}

TEST_CASE("path run: what cannot be sent is no silence", "[probe][path]") {
  stage on{1};
  on.send(start);
  on.run().feed(start, send_failed{on.tokens.at(0), EPERM});
  REQUIRE(on.course.news.size() == 1);
  CHECK(on.course.news[0].answer.state == hop_state::error);
  CHECK(on.course.news[0].answer.why == reason::local_firewall);
  CHECK(on.run().counts().sent == 0);
  CHECK(on.run().counts().not_sent == 1);
  CHECK_FALSE(on.run().deadline().has_value());
}

TEST_CASE("path run: what overshot a target that is done holds no place", "[probe][path]") {
  stage on{3};
  const auto packets = on.send(start);
  on.course.wanted = false;
  const auto first = icmp_error_packet(packets[0], router);
  on.run().feed(start + 1ms, arriving(first, start + 1ms));
  CHECK(on.course.news.size() == 1);
  CHECK_FALSE(on.run().deadline().has_value());
  CHECK(on.run().counts().pending == 2);
  on.check_law();
}

TEST_CASE("path run: answers to probes that nobody waits for change nothing", "[probe][path]") {
  stage on{2};
  const auto packets = on.send(start);
  on.course.questions.push_back({.target = 0, .flow = 0, .hop = 3});  // not done yet
  on.course.wanted = false;
  const auto first = icmp_error_packet(packets[0], router);
  const auto second = icmp_error_packet(packets[1], router);
  on.run().feed(start + 1ms, arriving(first, start + 1ms));
  CHECK(on.run().counts().pending == 1);
  on.run().feed(start + 2ms, arriving(second, start + 2ms));
  CHECK(on.run().counts().pending == 1);
  CHECK(on.run().counts().answered == 1);
  CHECK(on.run().counts().duplicates == 0);
  CHECK(on.course.news.size() == 1);
  on.check_law();
}

TEST_CASE("path run: a rate is kept from the first probe on", "[probe][path]") {
  stage on{10};
  on.config.rate = 100;
  CHECK(on.send(start).size() == 1);
  CHECK(on.deadline(start) == start + 10ms);
  CHECK(on.send(start + 10ms).size() == 1);
}

TEST_CASE("path run: one volley goes out at once without a rate", "[probe][path]") {
  stage on{200};
  CHECK(on.send(start).size() == 64);
}

TEST_CASE("path run: the deadline of the run cuts it short", "[probe][path]") {
  stage on{1};
  on.config.deadline = 20ms;
  on.send(start);
  CHECK(*on.run().deadline() == start + 20ms);
  on.run().feed(start + 20ms, wakeup{});
  CHECK(on.course.cut);
  CHECK(on.run().counts().pending == 1);
  on.check_law();
}

TEST_CASE("path run: kernel stamps measure, where they came", "[probe][path]") {
  stage on{1};
  const auto packets = on.send(start);
  on.run().feed(start, sent{on.tokens[0], {start + 1ms, stamp_source::user}});
  on.run().feed(start, sent{on.tokens[0], {start + 2ms, stamp_source::socket}});
  const auto error = icmp_error_packet(packets[0], router);
  auto packet = arriving(error, start + 9ms);
  packet.kernel = {start + 8ms, stamp_source::socket};
  on.run().feed(start + 9ms, packet);
  CHECK(on.course.news.at(0).answer.rtt == 6ms);
  CHECK(on.course.news.at(0).answer.source == stamp_source::socket);
}

TEST_CASE("path run: junk is counted and told", "[probe][path]") {
  stage on{1};
  const auto packets = on.send(start);
  const auto cut = icmp_error_packet(packets[0], router, {.quote = 22});
  on.run().feed(start + 1ms, arriving(cut, start + 1ms));
  CHECK(on.run().counts().rejected == 1);
  const auto event = on.run().next_event();
  REQUIRE(event.has_value());
  CHECK(std::get<path_reject>(*event).why == reject_reason::bad_quote);
  CHECK(on.course.news.empty());
}

TEST_CASE("path run: with a full table it sleeps until a probe ends", "[probe][path]") {
  stage on{3};
  on.config.probes.max_slots = 2;
  on.course.due = start;  // another question, at once
  REQUIRE(on.send(start).size() == 2);
  const auto deadline = on.run().deadline();
  REQUIRE(deadline.has_value());
  CHECK(*deadline >= start + 100ms);
  on.run().feed(*deadline, wakeup{});
  CHECK(on.send(*deadline).size() == 1);
}

TEST_CASE("path run: thousands in flight to one target cost no more each", "[probe][path]") {
  constexpr std::size_t many = 30'000;
  stage on{0};
  on.config.unlimited = true;
  for (std::size_t i = 0; i < many; ++i)
    on.course.questions.push_back({.target = 0,
                                   .flow = 0,
                                   .hop = static_cast<std::uint8_t>(i % 16 + 1),
                                   .number = static_cast<std::uint16_t>(i)});
  const auto began = std::chrono::steady_clock::now();
  const auto packets = on.send(start);
  REQUIRE(packets.size() == many);
  for (std::size_t i = 0; i < many; i += 2) {
    const auto error = icmp_error_packet(packets[i], router);
    on.run().feed(start + 5ms, arriving(error, start + 5ms));
  }
  CHECK(on.run().counts().answered == many / 2);
  on.run().feed(on.deadline(start + 5ms), wakeup{});
  CHECK_FALSE(on.run().deadline().has_value());
  CHECK(on.run().counts().silent == many / 2);
  CHECK(on.course.news.size() == many);
  on.check_law();
  // A look at all that fly, once a probe, takes minutes.
  CHECK(std::chrono::steady_clock::now() - began < 30s);
}

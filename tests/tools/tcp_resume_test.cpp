// Resume tokens: there and back, typing errors, and another run's token.
#include <array>

#include "tools/tcp/plan.hpp"
#include "tools/tcp/resume_token.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using tcp::resume_point;

probe::tcp_plan plan_of(std::uint32_t first, std::uint64_t count, std::uint16_t port) {
  probe::tcp_plan plan;
  plan.add(ip_address::v4(first), count, std::array{port});
  plan.seal();
  return plan;
}

}  // namespace

TEST_CASE("tcp resume: a token comes back as it went", "[tools][tcp][resume]") {
  for (const auto& point : {resume_point{0, 0, 0, false}, resume_point{~0ULL, ~0ULL, ~0ULL, true},
                            resume_point{0x1234, 77, 0xabcdef, true}}) {
    INFO(tcp::resume_text(point));
    CHECK(tcp::parse_resume(tcp::resume_text(point)) == point);
  }
}

TEST_CASE("tcp resume: a typing error is found", "[tools][tcp][resume]") {
  const auto token = tcp::resume_text({0x1234, 77, 0xabcdef, true});
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto wrong = token;
    wrong[i] = wrong[i] == '0' ? '1' : '0';
    INFO(wrong);
    CHECK_FALSE(tcp::parse_resume(wrong).has_value());
  }
  for (std::size_t size = 0; size < token.size(); ++size)
    CHECK_FALSE(tcp::parse_resume(token.substr(0, size)).has_value());
  CHECK_FALSE(tcp::parse_resume(token + "0").has_value());
  CHECK_FALSE(tcp::parse_resume(token + "-0").has_value());
}

TEST_CASE("tcp resume: another plan refuses the token", "[tools][tcp][resume]") {
  const auto plan = plan_of(0xc0000200, 100, 22);
  const resume_point point{1, 50, plan.fingerprint(), true};
  CHECK_FALSE(tcp::resume_objection(point, plan).has_value());
  for (const auto& other :
       {plan_of(0xc0000200, 100, 23), plan_of(0xc0000201, 100, 22), plan_of(0xc0000200, 99, 22)}) {
    const auto why = tcp::resume_objection(point, other);
    REQUIRE(why.has_value());
    CHECK(why->starts_with("the token is of another run"));
  }
  CHECK(tcp::resume_objection({1, 100, plan.fingerprint(), true}, plan) == "nothing is left to be asked");
}

TEST_CASE("tcp resume: a run that was cut short goes on in the same order", "[tools][tcp][resume]") {
  const auto plan = plan_of(0xc0000200, 100, 22);
  tcp::tcp_options options;
  tcp::run_identity identity;
  identity.order_seed = 99;
  const auto token = tcp::resume_token(options, identity, plan, 40);
  const auto point = tcp::parse_resume(token);
  REQUIRE(point.has_value());
  CHECK(point->shuffled);  // more than 64 probes
  options.resume = *point;
  identity.order_seed = point->order_seed;
  const auto pacing = tcp::pacing_of(options, identity, plan);
  CHECK(pacing.start == 40);
  CHECK(pacing.order_seed == 99);
  CHECK(pacing.shuffled);

  CHECK(tcp::resume_token(options, identity, plan, 100).empty());
  options.resume.reset();
  options.in_order = true;
  CHECK(tcp::resume_token(options, identity, plan, 40).starts_with("o1-"));
  options.rounds = 2;
  CHECK(tcp::resume_token(options, identity, plan, 40).empty());
}

TEST_CASE("tcp plan: ports enough for retries, rounds and flows, and no more", "[tools][tcp]") {
  tcp::tcp_options options;
  CHECK(tcp::lease_size(options) == 3);
  options.retries = 0;
  CHECK(tcp::lease_size(options) == 1);
  options.rounds = 0;
  CHECK(tcp::lease_size(options) == 16);
  options.retries = 250;
  CHECK(tcp::lease_size(options) == 64);
  options.targets.flows = 100;
  CHECK(tcp::lease_size(options) == 100);
  options.source_ports = tcp::port_interval{5000, 5000};
  CHECK(tcp::lease_size(options) == 1);
}

TEST_CASE("tcp plan: rate 0 is no cap, none follows the answers", "[tools][tcp]") {
  const auto plan = plan_of(0xc0000200, 64, 22);
  tcp::tcp_options options;
  CHECK_FALSE(tcp::pacing_of(options, {}, plan).unlimited);
  CHECK_FALSE(tcp::pacing_of(options, {}, plan).shuffled);
  options.rate = 0;
  CHECK(tcp::pacing_of(options, {}, plan).unlimited);
  options.rate = 50;
  CHECK_FALSE(tcp::pacing_of(options, {}, plan).unlimited);
  CHECK(tcp::pacing_of(options, {}, plan).rate == 50);
}

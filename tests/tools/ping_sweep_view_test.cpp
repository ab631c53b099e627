// A sweep's rows, lists and table.
#include <fcntl.h>
#include <unistd.h>

#include "libdiag/probe/sweep.hpp"
#include "tools/ping/sweep_view.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using ping::sweep_row;
using ping::sweep_state;

probe::ping_summary alive(std::uint32_t target, duration rtt) {
  probe::ping_summary out;
  out.target = target;
  out.sent = out.received = 1;
  out.last_rtt = rtt;
  out.hop_limit = 64;
  return out;
}
probe::ping_summary silent(std::uint32_t target) {
  probe::ping_summary out;
  out.target = target;
  out.sent = out.lost = 2;
  return out;
}
probe::ping_summary refused(std::uint32_t target) {
  probe::ping_summary out;
  out.target = target;
  out.sent = out.errors = 1;
  out.last_error = probe::reason::host_unreachable;
  return out;
}

/// What the view prints for 192.0.2.0/30 with these accounts.
std::string shown(std::vector<const char*> argv, const std::vector<probe::ping_summary>& accounts) {
  argv.insert(argv.begin(), "diag-ping");
  argv.push_back("192.0.2.0/30");
  const auto options = ping::parse_options(static_cast<int>(argv.size()), argv.data(), true);
  REQUIRE(options.has_value());
  const auto found = tools::gather_targets(options->targets, [](const std::string&) {});
  probe::sweep_config config;
  const probe::sweep machine{config, found.targets.list()};
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  {
    report::output out{ends[1]};
    const ping::stage stage{*options, found.targets, out};
    ping::sweep_view view{stage, machine, true};
    view.begin();
    for (const auto& one : accounts) view.take(one);
    view.rest(mono_time{});
    view.end({});
  }
  ::close(ends[1]);
  std::string text(4096, '\0');
  text.resize(static_cast<std::size_t>(::read(ends[0], text.data(), text.size())));
  ::close(ends[0]);
  return text;
}

const std::vector<probe::ping_summary> mixed{refused(2), alive(3, 300us), silent(1), alive(0, 41us)};

}  // namespace

TEST_CASE("sweep view: a row keeps the verdict in eight octets", "[tools][ping][sweep]") {
  const auto row = sweep_row::of(alive(0, 1234567ns));
  CHECK(row.state == sweep_state::alive);
  CHECK(row.time() == 1234500ns);
  CHECK(row.hop_limit == 64);
  CHECK(sweep_row::of(alive(0, 1h)).time() == duration{std::int64_t{UINT32_MAX} * 100});
  CHECK(sweep_row::of(silent(0)).state == sweep_state::silent);
  CHECK(sweep_row::of(refused(0)).why == probe::reason::host_unreachable);
  auto late = silent(0);
  late.late = 1;
  CHECK(sweep_row::of(late).is_alive());
  probe::ping_summary kept;
  kept.sent = kept.not_sent = 1;
  CHECK(sweep_row::of(kept).state == sweep_state::error);
}

TEST_CASE("sweep view: --alive prints the living as they are found", "[tools][ping][sweep]") {
  CHECK(shown({"--alive"}, mixed) == "192.0.2.3\n192.0.2.0\n");
}

TEST_CASE("sweep view: --unreachable prints the others, sorted when asked", "[tools][ping][sweep]") {
  CHECK(shown({"--unreachable", "--sort", "address"}, mixed) == "192.0.2.1\n192.0.2.2\n");
}

TEST_CASE("sweep view: the table in the order of the targets, nothing of those not asked",
          "[tools][ping][sweep]") {
  const std::string expected =
      "TARGET     STATE          RTT ms  TTL  SENT  WHY\n"
      "192.0.2.0  alive           0.041   64     1\n"
      "192.0.2.1  silent                         2\n"
      "192.0.2.3  alive           0.300   64     1\n"
      "\n";
  const auto text = shown({}, {alive(3, 300us), silent(1), alive(0, 41us)});
  CHECK(text.substr(0, expected.size()) == expected);
}

TEST_CASE("sweep view: the table sorted by RTT and by loss", "[tools][ping][sweep]") {
  const auto order = [](const std::string& text) {
    std::string digits;
    for (std::size_t at = 0; (at = text.find("\n192.0.2.", at)) != text.npos; ++at) digits += text[at + 9];
    return digits;
  };
  CHECK(order(shown({"--sort", "rtt"}, mixed)) == "0312");
  CHECK(order(shown({"--sort", "loss"}, mixed)) == "1203");
}

TEST_CASE("sweep view: a refusal has its reason", "[tools][ping][sweep]") {
  CHECK(shown({}, mixed).find("192.0.2.2  unreachable                    1  host-unreachable\n") !=
        std::string::npos);
}

TEST_CASE("sweep view: -q leaves the last line", "[tools][ping][sweep]") {
  const auto text = shown({"-q"}, mixed);
  CHECK(text.starts_with("4 targets: "));
}

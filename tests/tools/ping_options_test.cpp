// diag-ping's options: values, contradictions, the limits of users without privilege, help.
#include <algorithm>
#include <set>

#include "tools/ping/options.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using ping::ping_options;
using ping::run_mode;

result<ping_options, tools::usage_error> read(std::vector<const char*> argv, bool privileged = true) {
  argv.insert(argv.begin(), "diag-ping");
  return ping::parse_options(static_cast<int>(argv.size()), argv.data(), privileged);
}

ping_options good(std::vector<const char*> argv) {
  auto options = read(std::move(argv));
  INFO((options ? std::string{} : options.error().what));
  REQUIRE(options.has_value());
  return *options;
}

std::string why(std::vector<const char*> argv, bool privileged = true) {
  const auto options = read(std::move(argv), privileged);
  return options ? "accepted" : options.error().what;
}

}  // namespace

TEST_CASE("ping options: defaults are iputils' own", "[tools][ping]") {
  const auto o = good({"127.0.0.1"});
  CHECK(o.count == 0);
  CHECK(o.size == 56);
  CHECK_FALSE(o.interval.has_value());
  CHECK(o.timeout == 1s);
  CHECK(o.retries == 1);
  CHECK(o.loopback);
  CHECK(o.format == ping::output_format::text);
}

TEST_CASE("ping options: iputils' letters mean what they mean there", "[tools][ping]") {
  const auto o = good({"-4", "-c5", "-i0.2", "-W2", "-w", "10", "-s", "1400", "-t", "9", "-Q", "184", "-M",
                       "do", "-p", "ff00", "-aDOnqvL", "-m7", "host"});
  CHECK(o.targets.family == ip_family::v4);
  CHECK(o.count == 5);
  CHECK(o.interval == 200ms);
  CHECK(o.timeout == 2s);
  CHECK(o.deadline == duration{10s});
  CHECK(o.size == 1400);
  CHECK(o.hop_limit == 9);
  CHECK(o.traffic_class == 184);
  CHECK(o.path_mtu == io::path_mtu_mode::force);
  CHECK(o.pattern == std::vector{std::byte{0xff}, std::byte{0}});
  CHECK((o.audible && o.timestamps && o.outstanding && o.numeric && o.quiet && o.verbose));
  CHECK_FALSE(o.loopback);
  CHECK(o.mark == 7u);
}

TEST_CASE("ping options: -I takes an interface or, by habit, an address", "[tools][ping]") {
  CHECK(good({"-I", "eth0", "host"}).interface == "eth0");
  const auto o = good({"-I", "192.0.2.1", "host"});
  CHECK(o.interface.empty());
  CHECK(to_string(o.source) == "192.0.2.1");
  CHECK(why({"-I", "a-very-long-interface-name", "host"}).starts_with("option -I/--interface"));
}

TEST_CASE("ping options: code points have names", "[tools][ping]") {
  CHECK(good({"--dscp", "ef", "host"}).traffic_class == 46 << 2);
  CHECK(good({"--dscp", "af41", "host"}).traffic_class == 34 << 2);
  CHECK(good({"--dscp", "cs6", "host"}).traffic_class == 48 << 2);
  CHECK(good({"--dscp", "63", "host"}).traffic_class == 63 << 2);
  for (const char* bad : {"64", "af44", "af50", "cs8", "EF", ""})
    CHECK(why({"--dscp", bad, "host"}).starts_with("option --dscp: '" + std::string{bad} + "' must be"));
}

TEST_CASE("ping options: refuses what the issue names", "[tools][ping]") {
  CHECK(why({"-s", "65508", "host"}) == "option -s/--size: '65508' must be 0..65507");
  CHECK(why({"-c", "0", "host"}) == "option -c/--count: '0' must be 1..9223372036854775808");
  CHECK(why({"-i", "0", "host"}, false) == "option -i/--interval: below 2 ms is for root; use -i 0.002");
  CHECK(why({"-i", "0.002", "host"}, false) == "accepted");
  CHECK(why({"--flood", "host"}, false) == "option --flood is for root; use -i 0.002");
  CHECK(why({"-b", "-i", "0.5", "host"}, false) == "option -i/--interval: with -b below 1 s is for root");
  CHECK(why({"-i", "0", "host"}) == "accepted");
  CHECK(why({}) == "no target given");
  CHECK(why({"-t", "0", "host"}) == "option -t/--ttl: '0' must be 1..255");
  CHECK(why({"-t", "256", "host"}) == "option -t/--ttl: '256' must be 1..255");
  CHECK(why({"-p", "xyz", "host"}).starts_with("option -p/--pattern"));
  CHECK(why({"--shard", "4/3", "host"}) == "option --shard: '4/3' must be I/N with I in 1..N");
  CHECK(why({"--shard", "0/3", "host"}) == "option --shard: '0/3' must be I/N with I in 1..N");
  CHECK(why({"--until", "sideways", "host"}) ==
        "option --until: 'sideways' must be up, down, up:N or down:N");
  CHECK(why({"--warn", "rtt>50", "host"})
            .starts_with("option --warn: 'rtt>50' at column 7: a time needs a unit"));
  CHECK(why({"--sort", "size", "host"}) == "option --sort: 'size' must be one of address, rtt, loss, target");
}

TEST_CASE("ping options: counts reach 2^63 as in iputils", "[tools][ping]") {
  CHECK(good({"-c", "9223372036854775808", "host"}).count == std::uint64_t{1} << 63);
  CHECK(why({"-c", "9223372036854775809", "host"}) != "accepted");
}

TEST_CASE("ping options: what cannot stand together is said", "[tools][ping]") {
  CHECK(why({"-4", "-6", "host"}) == "options -4 and -6 exclude each other");
  CHECK(why({"--json", "--format", "csv", "host"}) == "options --json and --format exclude each other");
  CHECK(why({"--json", "--format", "json", "host"}) == "accepted");
  CHECK(why({"--alive", "-c", "3", "host"}).starts_with("--alive and --unreachable ask every target once"));
  CHECK(why({"--alive", "--json", "host"}) == "--alive and --unreachable are text: they exclude --format");
  CHECK(why({"--packets", "--json", "host"}).starts_with("--packets is text"));
  CHECK(why({"--plot", "x.svg", "192.0.2.0/24"}) == "--plot draws a series: add -c COUNT");
  CHECK(why({"--tos", "1", "--dscp", "1", "host"}) == "options --tos and --dscp exclude each other");
  CHECK(why({"-A", "--flood", "host"}) == "options --adaptive and --flood exclude each other");
}

TEST_CASE("ping options: many addresses are a sweep unless something repeats", "[tools][ping]") {
  const auto mode = [](std::vector<const char*> argv) { return mode_of(good(std::move(argv))); };
  CHECK(mode({"192.0.2.0/24"}) == run_mode::sweep);
  CHECK(mode({"192.0.2.1/32"}) == run_mode::sweep);
  CHECK(mode({"192.0.2.1-9"}) == run_mode::sweep);
  CHECK(mode({"-r", "0", "host"}) == run_mode::sweep);
  CHECK(mode({"--alive", "host"}) == run_mode::sweep);
  CHECK(mode({"-f", "list"}) == run_mode::sweep);
  CHECK(mode({"-g", "192.0.2.1", "192.0.2.9"}) == run_mode::sweep);
  CHECK(mode({"host", "192.0.2.1"}) == run_mode::series);
  CHECK(mode({"-c", "2", "192.0.2.0/24"}) == run_mode::series);
  CHECK(mode({"-f", "list", "-c", "2"}) == run_mode::series);
  CHECK(mode({"--until", "up", "192.0.2.0/24"}) == run_mode::series);
  CHECK(mode({"--mtu", "192.0.2.0/30"}) == run_mode::mtu);
}

TEST_CASE("ping options: help and version win over everything else", "[tools][ping]") {
  CHECK(good({"--help"}).help);
  CHECK(good({"-h", "-c", "nonsense"}).help);
  CHECK(good({"-V"}).version);
}

TEST_CASE("ping options: Nagios is recognised however wrong the rest is", "[tools][ping]") {
  const char* apart[] = {"diag-ping", "--bogus", "--format", "nagios"};
  const char* joined[] = {"diag-ping", "--format=nagios"};
  const char* other[] = {"diag-ping", "--format", "json"};
  CHECK(tools::wants_nagios(4, apart));
  CHECK(tools::wants_nagios(2, joined));
  CHECK_FALSE(tools::wants_nagios(3, other));
}

TEST_CASE("ping help: names every option there is and no other", "[tools][ping]") {
  const std::string text{ping::help_text()};
  std::set<std::string> shown;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool begins = text[at] == '-' && (at == 0 || text[at - 1] == ' ' || text[at - 1] == '\n');
    if (!begins) continue;
    auto end = at;
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '-'))
      ++end;
    if (end - at > 1) shown.insert(text.substr(at, end - at));
  }
  const auto names = ping::option_names();
  CHECK(shown == std::set<std::string>(names.begin(), names.end()));
}

TEST_CASE("ping help: fits a screen and ends with three examples", "[tools][ping]") {
  const std::string text{ping::help_text()};
  CHECK(std::count(text.begin(), text.end(), '\n') <= 50);
  const auto examples = text.substr(text.find("\nExamples\n"));
  CHECK(std::count(examples.begin(), examples.end(), '\n') == 5);
  std::size_t longest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    longest = std::max(longest, end - at);
    at = end + 1;
  }
  CHECK(longest <= 80);
}

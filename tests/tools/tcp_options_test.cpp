// diag-tcp's options: values, defaults, contradictions, help.
#include <algorithm>
#include <set>

#include "tools/common/shared_options.hpp"
#include "tools/tcp/options.hpp"
#include "tools/tcp/words.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using tcp::probe_method;
using tcp::tcp_options;

result<tcp_options, tools::usage_error> read(std::vector<const char*> argv) {
  argv.insert(argv.begin(), "diag-tcp");
  return tcp::parse_options(static_cast<int>(argv.size()), argv.data());
}

tcp_options good(std::vector<const char*> argv) {
  auto options = read(std::move(argv));
  INFO((options ? std::string{} : options.error().what));
  REQUIRE(options.has_value());
  return *options;
}

std::string why(std::vector<const char*> argv) {
  const auto options = read(std::move(argv));
  return options ? "accepted" : options.error().what;
}

bool admits(const tcp_options& o, probe::tcp_state state) {
  return o.expected.admits(state, probe::reason::none);
}

}  // namespace

TEST_CASE("tcp options: defaults", "[tools][tcp]") {
  const auto o = good({"192.0.2.1:22"});
  CHECK(o.rounds == 1);
  CHECK(o.interval == 1s);
  CHECK(o.timeout == 1s);
  CHECK(o.retries == 2);
  CHECK(o.linger == 0s);
  CHECK_FALSE(o.rate.has_value());
  CHECK(o.method == probe_method::automatic);
  CHECK(o.flags == wire::tcp_flag::syn);
  CHECK(o.profile == "linux");
  CHECK(o.targets.flows == 1);
  CHECK(admits(o, probe::tcp_state::open));
  CHECK_FALSE(admits(o, probe::tcp_state::closed));
  CHECK_FALSE(o.needs_raw());
}

TEST_CASE("tcp options: the letters all tools share", "[tools][tcp]") {
  const auto o =
      good({"-4",   "-c0", "-i0.2",  "-W2", "-w",     "10",  "-t",      "9",   "-nqv", "-m7",       "-I",
            "eth0", "-r0", "--dscp", "ef",  "--rate", "500", "--shard", "2/4", "-p",   "22,80,ssh", "host"});
  CHECK(o.targets.family == ip_family::v4);
  CHECK(o.rounds == 0);
  CHECK(o.interval == 200ms);
  CHECK(o.timeout == 2s);
  CHECK(o.deadline == duration{10s});
  CHECK(o.hop_limit == 9);
  CHECK(o.traffic_class == 46 << 2);
  CHECK(o.mark == 7u);
  CHECK(o.interface == "eth0");
  CHECK(o.retries == 0);
  CHECK(o.rate == 500);
  CHECK((o.targets.shard == 2 && o.targets.shards == 4));
  CHECK(o.ports == "22,80,ssh");
  CHECK((o.numeric && o.quiet && o.verbose));
  CHECK(o.needs_raw());  // a mark
}

TEST_CASE("tcp options: one way of asking", "[tools][tcp]") {
  CHECK(good({"--connect", "h:1"}).method == probe_method::connect);
  CHECK(good({"--banner", "h:1"}).method == probe_method::connect);
  CHECK(good({"--connect", "--banner", "--data", "x", "h:1"}).method == probe_method::connect);
  const auto ack = good({"--ack", "h:1"});
  CHECK(ack.method == probe_method::ack);
  CHECK(ack.flags == wire::tcp_flag::ack);
  CHECK(admits(ack, probe::tcp_state::closed));
  CHECK_FALSE(admits(ack, probe::tcp_state::open));
  CHECK(good({"--null", "h:1"}).flags == 0);
  const auto ecn = good({"--flags", "syn,ECE,CWR", "h:1"});
  CHECK(ecn.flags == (wire::tcp_flag::syn | wire::tcp_flag::ece | wire::tcp_flag::cwr));
  CHECK(admits(ecn, probe::tcp_state::open));
  CHECK(why({"--connect", "--ack", "h:1"}) == "options --connect and --ack exclude each other");
  CHECK(why({"--fin", "--null", "h:1"}) == "options --fin and --null exclude each other");
  CHECK(why({"--data", "x", "--flags", "SYN", "h:1"}) == "options --data and --flags exclude each other");
  CHECK(why({"--flags", "SYN,XYZ", "h:1"}).starts_with("option --flags: 'SYN,XYZ' must be"));
}

TEST_CASE("tcp options: what only a crafted segment can do", "[tools][tcp]") {
  CHECK(good({"--profile", "windows", "h:1"}).needs_raw());
  CHECK(good({"--mss", "1400", "h:1"}).needs_raw());
  CHECK(why({"--connect", "--mss", "1400", "h:1"}).find("exclude --profile, --mss and --wscale") !=
        std::string::npos);
  CHECK(why({"--banner", "-m", "7", "h:1"}).find("--mark excludes --connect") != std::string::npos);
  CHECK(why({"--ack", "--wscale", "3", "h:1"}) == "--mss and --wscale are options of a SYN");
  CHECK(why({"--wscale", "15", "h:1"}) == "option --wscale: '15' must be 0..14");
}

TEST_CASE("tcp options: source ports are enough for the flows", "[tools][tcp]") {
  const auto o = good({"--source-port", "40000-40007", "--flows", "8", "h:1"});
  CHECK(o.source_ports == tcp::port_interval{40000, 40007});
  CHECK(good({"--source-port", "53", "h:1"}).source_ports == tcp::port_interval{53, 53});
  CHECK(why({"--source-port", "40000-40006", "--flows", "8", "h:1"}) ==
        "--flows 8 needs as many ports: --source-port names 7");
  for (const char* bad : {"0", "65536", "5-4", "1-", "-1", "x", ""})
    CHECK(
        why({"--source-port", bad, "h:1"}).starts_with("option --source-port: '" + std::string{bad} + "' "));
  CHECK(why({"--source-port", "1-5000", "h:1"}) ==
        "option --source-port: '1-5000' holds more than 4096 ports");
}

TEST_CASE("tcp options: bad ports are refused before anything is opened", "[tools][tcp]") {
  for (const char* bad : {"0", "65536", "90-80", "22,,80", ""})
    CHECK(why({"-p", bad, "h"}).starts_with("option -p/--ports: '" + std::string{bad} + "' "));
}

TEST_CASE("tcp options: states that are expected", "[tools][tcp]") {
  const auto o = good({"--expect", "filtered|rejected", "h:1"});
  CHECK(admits(o, probe::tcp_state::filtered));
  CHECK(admits(o, probe::tcp_state::rejected));
  CHECK_FALSE(admits(o, probe::tcp_state::open));
  CHECK(why({"--expect", "shut", "h:1"}).starts_with("option --expect: 'shut' "));
}

TEST_CASE("tcp options: suites exclude what would contradict them", "[tools][tcp]") {
  CHECK(good({"--policy", "p"}).is_suite());
  CHECK(good({"--compare", "b", "h:1"}).is_suite());
  CHECK(why({"--policy", "p", "h:1"}) ==
        "--policy names targets and ports: it excludes TARGET, -f, -p and --shard");
  CHECK(why({"--policy", "p", "--compare", "b"}) == "options --policy and --compare exclude each other");
  CHECK(why({"--report", "tap", "h:1"}) == "option --report needs --policy or --compare");
  CHECK(why({"--policy", "p", "--json"}).find("they exclude --format") != std::string::npos);
  CHECK(why({"--policy", "p", "--expect", "open"}).find("--expect") != std::string::npos);
  CHECK(why({"--policy", "p", "--warn", "loss>1%"}).find("--warn") != std::string::npos);
}

TEST_CASE("tcp options: output that cannot go together", "[tools][tcp]") {
  CHECK(why({"--open", "--json", "h:1"}) == "--open is text: it excludes --format");
  CHECK(why({"--packets", "--json", "h:1"}).starts_with("--packets is text"));
  CHECK(why({"-4", "-6", "h:1"}) == "options -4 and -6 exclude each other");
  CHECK(why({}) == "no target given");
}

TEST_CASE("tcp options: a token is taken whole or not at all", "[tools][tcp]") {
  const auto token = tcp::resume_text({7, 9, 11, true});
  CHECK(good({"--resume", token.c_str(), "h:1"}).resume == tcp::resume_point{7, 9, 11, true});
  CHECK(why({"--resume", token.substr(1).c_str(), "h:1"}).starts_with("option --resume: "));
  CHECK(why({"--resume", token.c_str(), "-c", "2", "h:1"}).find("excludes -c") != std::string::npos);
  CHECK(why({"--resume", token.c_str(), "--in-order", "h:1"}).find("excludes --in-order") !=
        std::string::npos);
}

TEST_CASE("tcp options: thresholds are over the summary's keys", "[tools][tcp]") {
  CHECK(good({"--warn", "rtt.p95>50ms or filtered>0", "--crit", "loss>5%", "h:1"}).warn.has_value());
  CHECK(why({"--warn", "colour>1", "h:1"}).find("no metric 'colour'") != std::string::npos);
}

TEST_CASE("shared options: formats that are records", "[tools]") {
  using tools::output_format;
  CHECK(tools::is_record_format(output_format::json));
  CHECK(tools::is_record_format(output_format::openmetrics));
  CHECK_FALSE(tools::is_record_format(output_format::nagios));
  CHECK_FALSE(tools::is_record_format(output_format::text));
}

TEST_CASE("tcp words: escapes are C's", "[tools][tcp]") {
  const auto octets = [](std::string_view text) {
    std::string plain;
    const auto read = tcp::unescape(text);
    if (!read) return "error: " + read.error().what;
    for (const auto octet : *read) plain += static_cast<char>(octet);
    return plain;
  };
  CHECK(octets("GET / HTTP/1.0\\r\\n\\r\\n") == "GET / HTTP/1.0\r\n\r\n");
  CHECK(octets("\\x41\\102\\\\\\0") == std::string{"AB\\\0", 4});
  CHECK(octets("\\1234") == "S4");
  CHECK(octets("\\q") == "error: has no such escape: \\q");
  CHECK(octets("\\x4").starts_with("error: "));
  CHECK(octets("\\777").starts_with("error: "));
  CHECK(octets("end\\").starts_with("error: "));
}

TEST_CASE("tcp words: flags by name", "[tools][tcp]") {
  CHECK(tcp::parse_flags("FIN,PSH,URG") == 0x29);
  CHECK(tcp::parse_flags("none") == 0);
  CHECK_FALSE(tcp::parse_flags("").has_value());
  CHECK_FALSE(tcp::parse_flags("SYN,").has_value());
}

TEST_CASE("tcp options: help names every option and fits a screen", "[tools][tcp]") {
  const std::string help{tcp::help_text()};
  CHECK(std::count(help.begin(), help.end(), '\n') <= 50);
  for (const auto& name : tcp::option_names()) {
    INFO(name);
    CHECK(help.find(name) != std::string::npos);
  }
  std::set<std::string> once;
  for (const auto& name : tcp::option_names()) CHECK(once.insert(name).second);
}

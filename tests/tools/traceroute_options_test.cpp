// diag-traceroute's options: values, defaults, contradictions, help.
#include <algorithm>
#include <set>

#include "tools/traceroute/options.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using probe::path_method;
using traceroute::run_mode;
using traceroute::trace_options;

result<trace_options, tools::usage_error> read(std::vector<const char*> argv, const char* asn = nullptr) {
  argv.insert(argv.begin(), "diag-traceroute");
  return traceroute::parse_options(static_cast<int>(argv.size()), argv.data(), asn);
}

trace_options good(std::vector<const char*> argv, const char* asn = nullptr) {
  auto options = read(std::move(argv), asn);
  INFO((options ? std::string{} : options.error().what));
  REQUIRE(options.has_value());
  return *options;
}

std::string why(std::vector<const char*> argv) {
  const auto options = read(std::move(argv));
  return options ? "accepted" : options.error().what;
}

}  // namespace

TEST_CASE("traceroute options: defaults", "[tools][traceroute]") {
  const auto o = good({"192.0.2.1"});
  CHECK(o.mode == run_mode::trace);
  CHECK(o.method == path_method::udp);
  CHECK(o.port == 33434);
  CHECK_FALSE(o.fixed_port);
  CHECK(o.queries == 3);
  CHECK(o.first_hop == 1);
  CHECK(o.last_hop == 30);
  CHECK(o.window == 16);
  CHECK(o.flows == 1);
  CHECK(o.timeout == 3s);
  CHECK(o.send_wait == 0s);
  CHECK_FALSE(o.rate.has_value());
  CHECK(o.packet_size(ip_family::v4) == 60);
  CHECK(o.packet_size(ip_family::v6) == 80);
  CHECK(o.needs_raw().empty());
  CHECK(o.profile == "linux");
}

TEST_CASE("traceroute options: the method brings its port", "[tools][traceroute]") {
  CHECK(good({"-I", "h"}).method == path_method::icmp);
  CHECK(good({"-T", "h"}).method == path_method::tcp_syn);
  CHECK(good({"-T", "h"}).port == 80);
  CHECK(good({"-T", "--ack", "-p", "443", "h"}).method == path_method::tcp_ack);
  CHECK(good({"--ack", "-p", "443", "h"}).port == 443);
  CHECK(good({"-U", "h"}).port == 53);
  CHECK(good({"-U", "h"}).fixed_port);
  CHECK(good({"-p", "5353", "h"}).fixed_port);
  CHECK_FALSE(good({"-T", "-p", "53", "h"}).fixed_port);
}

TEST_CASE("traceroute options: Butskoy's letters", "[tools][traceroute]") {
  const auto o = good({"-4", "-F", "-n", "-e", "-f2", "-m", "40", "-q1", "-N", "32", "-t16", "-l16", "-w9",
                       "-W2", "-i", "e0", "-s", "192.0.2.9", "h"});
  CHECK(o.targets.family == ip_family::v4);
  CHECK(o.dont_fragment);
  CHECK(o.numeric);
  CHECK(o.extensions);
  CHECK(o.first_hop == 2);
  CHECK(o.last_hop == 40);
  CHECK(o.queries == 1);
  CHECK(o.window == 32);
  CHECK(o.traffic_class == 16);
  CHECK(o.flow_label == 16U);
  CHECK(o.deadline == duration{9s});
  CHECK(o.timeout == 2s);
  CHECK(o.interface == "e0");
  CHECK(o.source == *parse_ip("192.0.2.9"));
}

TEST_CASE("traceroute options: -z is seconds, and milliseconds above ten", "[tools][traceroute]") {
  CHECK(good({"-z", "0.5", "h"}).send_wait == 500ms);
  CHECK(good({"-z", "10", "h"}).send_wait == 10s);
  CHECK(good({"-z", "11", "h"}).send_wait == 11ms);
  CHECK(good({"-z", "500", "h"}).send_wait == 500ms);
  CHECK(good({"-z", "2ms", "h"}).send_wait == 2ms);
  CHECK(good({"-z", "20s", "h"}).send_wait == 20s);
  CHECK(why({"-z", "-1", "h"}) != "accepted");
  CHECK(why({"-z", "1", "--rate", "5", "h"}) == "options -z/--sendwait and --rate exclude each other");
}

TEST_CASE("traceroute options: modes exclude each other and bring their numbers", "[tools][traceroute]") {
  CHECK(good({"--mtu", "h"}).mode == run_mode::mtu);
  CHECK(good({"--mda", "h"}).mode == run_mode::mda);
  CHECK(good({"--report", "5", "h"}).rounds == 5);
  CHECK(good({"--report", "0", "h"}).rounds == 0);
  CHECK(good({"--live", "h"}).rounds == 0);
  CHECK(good({"--report", "5", "--interval", "0.2", "h"}).interval == 200ms);
  const auto located = good({"--locate", "445,80", "h"});
  CHECK(located.mode == run_mode::locate);
  CHECK(located.locate_ports == "445,80");
  CHECK(located.queries == 2);
  CHECK_FALSE(located.locate_udp);
  CHECK(good({"--locate", "53", "-U", "h"}).locate_udp);
  CHECK(why({"--mtu", "--report", "3", "h"}) == "options --mtu and --report exclude each other");
  CHECK(why({"--locate", "1", "--live", "h"}) == "options --locate and --live exclude each other");
}

TEST_CASE("traceroute options: what may not stand together", "[tools][traceroute]") {
  for (const auto& argv : std::vector<std::vector<const char*>>{
           {"-I", "-T", "h"},
           {"-I", "-U", "h"},
           {"-T", "-U", "h"},
           {"--ack", "-U", "h"},
           {"-I", "-p", "7", "h"},
           {"-I", "--source-port", "7", "h"},
           {"-4", "-6", "h"},
           {"-6", "-s", "192.0.2.1", "h"},
           {"-f", "5", "-m", "4", "h"},
           {"-T", "--size", "60", "h"},
           {"-6", "--size", "57", "h"},
           {"-t", "1", "--dscp", "1", "h"},
           {"--profile", "bare", "h"},
           {"-q", "2", "--mda", "h"},
           {"--flows", "2", "--mda", "h"},
           {"--flows", "2", "--mtu", "h"},
           {"--flows", "2", "--doubletree", "h"},
           {"--source-port", "65535", "--flows", "2", "h"},
           {"--interval", "1", "h"},
           {"--control", "80", "h"},
           {"--locate", "80", "-I", "h"},
           {"--locate", "80", "-p", "80", "h"},
           {"--mtu", "--size", "60", "h"},
           {"--mtu", "-T", "h"},
           {"--doubletree", "--report", "2", "h"},
           {"--packets", "--json", "h"},
           {"--json", "--format", "csv", "h"},
           {"--live", "--json", "h"},
           {"--live", "--packets", "h"},
           {"--save", "x", "--mda", "h"},
           {"--expect", "x", "--flows", "2", "h"},
           {"--dot", "x", "--mtu", "h"},
           {"--plot", "x.svg", "--mda", "h"},
           {"-A", "h"},
           {},
           {"-n"},
       }) {
    std::string words;
    for (const auto* word : argv) words += std::string{word} + ' ';
    INFO(words);
    CHECK(why(argv) != "accepted");
    CHECK(why(argv).find('\n') == std::string::npos);
  }
}

TEST_CASE("traceroute options: numbers keep to their range", "[tools][traceroute]") {
  for (const auto* option : {"-q", "-f", "-m", "-N", "-p", "--flows", "--source-port"})
    for (const auto* value :
         {"0", "-1", "65536", "1e1", "0x1", "99999999999999999999", "", " 1", "1 ", "+1"}) {
      INFO(option << ' ' << value);
      CHECK(why({option, value, "h"}) != "accepted");
    }
  CHECK(good({"-m", "255", "h"}).last_hop == 255);
  CHECK(good({"-l", "1048575", "h"}).flow_label == 1048575U);
  CHECK(why({"-l", "1048576", "h"}) != "accepted");
  CHECK(why({"--size", "37", "h"}) != "accepted");
  CHECK(good({"--size", "38", "h"}).packet_size(ip_family::v4) == 38);
  CHECK(why({"--locate", "1-33", "h"}) != "accepted");
  CHECK(good({"--locate", "1-32", "h"}).mode == run_mode::locate);
}

TEST_CASE("traceroute options: the AS table comes from the command line, else from the environment",
          "[tools][traceroute]") {
  CHECK(good({"--asn", "t", "h"}).as_numbers);
  CHECK(good({"-A", "h"}, "env").asn_file == "env");
  CHECK(good({"-A", "--asn", "t", "h"}, "env").asn_file == "t");
  CHECK_FALSE(good({"h"}, "env").as_numbers);
}

TEST_CASE("traceroute options: what needs whole packets is named", "[tools][traceroute]") {
  CHECK(good({"-T", "h"}).needs_raw() == "-T");
  CHECK(good({"--ack", "h"}).needs_raw() == "--ack");
  CHECK(good({"--flows", "2", "h"}).needs_raw() == "--flows");
  CHECK(good({"--mda", "h"}).needs_raw() == "--mda");
  CHECK(good({"--locate", "1", "h"}).needs_raw() == "--locate");
  CHECK(good({"--pcap", "x", "h"}).needs_raw() == "--pcap");
  CHECK(good({"-I", "h"}).needs_raw().empty());
  CHECK(good({"--report", "2", "h"}).needs_raw().empty());
}

TEST_CASE("traceroute options: help names every option, fits a screen and ends with examples",
          "[tools][traceroute]") {
  const std::string help{traceroute::help_text()};
  for (const auto& name : traceroute::option_names()) {
    INFO(name);
    const auto at = help.find(name);
    CHECK(at != std::string::npos);
  }
  CHECK(std::count(help.begin(), help.end(), '\n') <= 50);
  for (std::size_t from = 0, end = 0; (end = help.find('\n', from)) != std::string::npos; from = end + 1)
    CHECK(end - from <= 80);
  CHECK(help.find("Examples\n") != std::string::npos);
  const auto names = traceroute::option_names();
  CHECK(std::set<std::string>(names.begin(), names.end()).size() == names.size());
}

TEST_CASE("traceroute options: a condition on what the run never knows is refused", "[tools][traceroute]") {
  CHECK(why({"--crit", "findings>0", "--report", "5", "h"}) ==
        "option --crit: 'findings' needs a plain trace");
  CHECK(why({"--warn", "receiver_dropped>0", "h"}) ==
        "option --warn: 'receiver_dropped' is known only when the run is over");
  CHECK(why({"--crit", "hops>3 or path_mtu<1500", "h"}) == "option --crit: 'path_mtu' needs --mtu");
  CHECK(why({"--crit", "expected==0", "h"}) == "option --crit: 'expected' needs --expect");
  CHECK(why({"--crit", "loss>1%", "--mtu", "h"}) == "option --crit: 'loss_percent' is not known with --mtu");
  CHECK(why({"--crit", "flows<2", "h"}) == "option --crit: 'flows' needs --mda");
  for (const std::vector<const char*>& argv :
       std::vector<std::vector<const char*>>{{"--crit", "findings>0 or rejected>0 or duplicates>0", "h"},
                                             {"--crit", "expected==0", "--expect", "x", "h"},
                                             {"--crit", "path_mtu<1500 or hops>3", "--mtu", "h"},
                                             {"--crit", "flows<2 or complete==0", "--mda", "h"},
                                             {"--crit", "loss>5% or rounds<3", "--report", "5", "h"},
                                             {"--crit", "loss>5% or rejected>3", "--locate", "80", "h"}})
    CHECK(why(argv) == "accepted");
}

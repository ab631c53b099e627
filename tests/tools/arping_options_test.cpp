// diag-arping's options: values, what kind of run they ask for, contradictions, help.
#include <algorithm>
#include <set>

#include "tools/arping/options.hpp"

#include "tests/tools/arping_stage.hpp"

namespace {

using namespace diag;
using namespace diag::arping;
using arping::test::mac;
using arping::test::options_of;
using arping::test::read_options;

std::string why(std::vector<const char*> argv) {
  const auto options = read_options(std::move(argv));
  return options ? "accepted" : options.error().what;
}

run_mode mode(std::vector<const char*> argv) {
  return mode_of(options_of(std::move(argv)));
}

}  // namespace

TEST_CASE("arping options: one target is a series, several are a sweep", "[tools][arping]") {
  CHECK(mode({"192.0.2.1"}) == run_mode::series);
  CHECK(mode({"192.0.2.1", "192.0.2.2"}) == run_mode::sweep);
  CHECK(mode({"192.0.2.0/24"}) == run_mode::sweep);
  CHECK(mode({"--local"}) == run_mode::sweep);
  CHECK(mode({"-r", "0", "192.0.2.1"}) == run_mode::sweep);
  CHECK(mode({"-c", "2", "192.0.2.0/24"}) == run_mode::series);
  CHECK(mode({"--watch", "192.0.2.0/24"}) == run_mode::series);
  CHECK(mode({"-D", "192.0.2.1"}) == run_mode::claim);
  CHECK(mode({"-U", "192.0.2.1"}) == run_mode::claim);
  CHECK(mode({"00:00:5e:00:53:01"}) == run_mode::search);
  CHECK(mode({"--rarp", "00:00:5e:00:53:01"}) == run_mode::search);
}

TEST_CASE("arping options: a hardware address among the words is searched for", "[tools][arping]") {
  const auto o = options_of({"192.0.2.0/28", "00-00-5e-00-53-01"});
  CHECK(o.wanted == mac("00:00:5e:00:53:01"));
  CHECK(o.targets.words == std::vector<std::string>{"192.0.2.0/28"});
  CHECK(why({"00:00:5e:00:53:01", "00:00:5e:00:53:02"}) == "one hardware address at a time");
  CHECK(why({"--rarp", "00:00:5e:00:53:01", "--inarp", "00:00:5e:00:53:01"}) ==
        "a hardware address, --rarp and --inarp exclude each other");
}

TEST_CASE("arping options: tags add up, the outer one first", "[tools][arping]") {
  const auto o = options_of({"--vlan", "100.5", "--vlan", "7", "192.0.2.1"});
  REQUIRE(o.tags.size() == 2);
  CHECK(o.tags[0].id == 100);
  CHECK(o.tags[0].priority == 5);
  CHECK(o.tags[1].id == 7);
  CHECK(why({"--vlan", "1", "--vlan", "2", "--vlan", "3", "192.0.2.1"}).find("third tag") !=
        std::string::npos);
  for (const auto* word : {"4095", "1.8", "1.", ".1", "x", "-1", "1.1.1"})
    CHECK(why({"--vlan", word, "192.0.2.1"}).find("must be ID or ID.PRIORITY") != std::string::npos);
}

TEST_CASE("arping options: an ethertype is hexadecimal or decimal, and no length", "[tools][arping]") {
  CHECK(options_of({"--ethertype", "0x88b5", "192.0.2.1"}).ether_type == 0x88b5);
  CHECK(options_of({"--ethertype", "0x88B5", "192.0.2.1"}).ether_type == 0x88b5);
  CHECK(options_of({"--ethertype", "34997", "192.0.2.1"}).ether_type == 0x88b5);
  for (const auto* word : {"0x5ff", "1500", "0x", "0x1ffff", "65536", "88b5", "0x8g00", "0x88-5"})
    CHECK(why({"--ethertype", word, "192.0.2.1"}).find("must be 0x0600..0xffff") != std::string::npos);
}

TEST_CASE("arping options: a count is expected exactly or within bounds", "[tools][arping]") {
  const auto range = [](const char* word) {
    return *options_of({"--expect-count", word, "--local"}).expect_count;
  };
  CHECK(range("3").holds(3));
  CHECK_FALSE(range("3").holds(4));
  CHECK(range(">=3").holds(400));
  CHECK_FALSE(range(">=3").holds(2));
  CHECK(range("<=3").holds(0));
  CHECK_FALSE(range("<=3").holds(4));
  CHECK(range("2..4").holds(4));
  CHECK_FALSE(range("2..4").holds(5));
  for (const auto* word : {"", "4..2", "..", ">", "a", "-1"})
    CHECK(why({"--expect-count", word, "--local"}) != "accepted");
}

TEST_CASE("arping options: who names his own address has chosen the family", "[tools][arping]") {
  CHECK(options_of({"-S", "0.0.0.0", "host"}).targets.family == ip_family::v4);
  CHECK(why({"-S", "192.0.2.1", "-6", "host"}) ==
        "option -S/--source: 192.0.2.1 is of the other address family");
}

TEST_CASE("arping options: defending without having asked is not offered", "[tools][arping]") {
  CHECK(options_of({"--defend", "192.0.2.1"}).dad);
  CHECK_FALSE(options_of({"--defend", "-U", "192.0.2.1"}).dad);
  CHECK(why({"-U", "-A", "192.0.2.1"}) == "options -U and -A exclude each other");
}

TEST_CASE("arping options: a large IPv6 prefix cannot be swept, and the way out is named",
          "[tools][arping]") {
  CHECK(why({"2001:db8::/64"}) ==
        "2001:db8::/64 cannot be asked for address by address (at most a /108): --local -6 finds who answers "
        "there");
  CHECK(why({"2001:db8::/108"}) == "accepted");
}

TEST_CASE("arping options: a Nagios check comes to an end", "[tools][arping]") {
  CHECK(options_of({"--format", "nagios", "192.0.2.1"}).count == 3);
  CHECK(options_of({"--format", "nagios", "-w", "5", "192.0.2.1"}).count == 0);
  CHECK(options_of({"--format", "nagios", "192.0.2.0/24"}).count == 0);
}

TEST_CASE("arping options: what may not stand together is named", "[tools][arping]") {
  CHECK(why({}) == "no target given");
  CHECK(why({"-b", "--unicast", "192.0.2.1"}) == "options -b/--broadcast and --unicast exclude each other");
  CHECK(why({"--check", "--no-check", "192.0.2.1"}) == "options --check and --no-check exclude each other");
  CHECK(why({"--expect-free", "--expect-count", "1", "192.0.2.1"}) ==
        "option --expect-free excludes --expect-mac and --expect-count");
  CHECK(why({"-D", "--local"}).find("take addresses") != std::string::npos);
  CHECK(why({"-D", "--save", "x", "192.0.2.1"}).find("exclude claims") != std::string::npos);
  CHECK(why({"--framing", "llc", "-6", "::1"}).find("ARP's alone") != std::string::npos);
}

TEST_CASE("arping options: help fits a screen and names every option", "[tools][arping]") {
  const std::string text{help_text()};
  CHECK(std::count(text.begin(), text.end(), '\n') <= 50);
  CHECK(text.find("Examples") != std::string::npos);
  for (const auto& name : option_names()) {
    INFO(name);
    CHECK(text.find(name) != std::string::npos);
  }
  std::size_t widest = 0;
  for (std::size_t from = 0, end = 0; (end = text.find('\n', from)) != text.npos; from = end + 1)
    widest = std::max(widest, end - from);
  CHECK(widest <= 90);
}

// Ports as users write them, and the sentence for each way to get them wrong.
#include "tools/common/port_list.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using ports = std::vector<std::uint16_t>;

/// Two services, so that the test does not hang on /etc/services.
std::optional<std::uint16_t> services(std::string_view name) {
  if (name == "http") return 80;
  if (name == "3com-tsmux") return 106;
  return std::nullopt;
}

ports read(std::string_view text) {
  const auto all = tools::parse_ports(text, services);
  INFO(text);
  REQUIRE(all.has_value());
  return *all;
}

std::string why(std::string_view text) {
  const auto all = tools::parse_ports(text, services);
  return all ? "no error" : all.error().why;
}

}  // namespace

TEST_CASE("port list: numbers, ranges and services, in the order given", "[tools][ports]") {
  CHECK(read("22") == ports{22});
  CHECK(read("443,22,8000-8003,http") == ports{443, 22, 8000, 8001, 8002, 8003, 80});
  CHECK(read("1,65535") == ports{1, 65535});
  CHECK(read("7-7") == ports{7});
  CHECK(read("0080") == ports{80});
}

TEST_CASE("port list: a port named twice keeps its first place", "[tools][ports]") {
  CHECK(read("80,22,80,20-23,http") == ports{80, 22, 20, 21, 23});
}

TEST_CASE("port list: all is every port but 0", "[tools][ports]") {
  const auto all = read("all");
  CHECK(all.size() == 65535);
  CHECK(all.front() == 1);
  CHECK(all.back() == 65535);
  CHECK(read("443,all").size() == 65535);
}

TEST_CASE("port list: a service may hold a dash and begin with a digit", "[tools][ports]") {
  CHECK(read("3com-tsmux") == ports{106});
}

TEST_CASE("port list: the system knows ssh", "[tools][ports]") {
  // No /etc/services in a minimal container: then there is nothing to know.
  if (const auto ssh = tools::system_service("ssh")) CHECK(*ssh == 22);
  CHECK_FALSE(tools::system_service("no-such-service").has_value());
  if (const auto snmp = tools::system_udp_service("snmp")) CHECK(*snmp == 161);
  if (tools::system_udp_service("bootps")) CHECK_FALSE(tools::system_service("bootps").has_value());
  CHECK_FALSE(tools::system_service(std::string_view{"ssh\0x", 5}).has_value());
}

TEST_CASE("port list: each error has its sentence", "[tools][ports]") {
  CHECK(why("") == "there is no port");
  CHECK(why("0") == "port 0: must be 1..65535");
  CHECK(why("65536") == "port 65536: must be 1..65535");
  CHECK(why("1-65536") == "port 65536: must be 1..65535");
  CHECK(why("0-10") == "port 0: must be 1..65535");
  CHECK(why("99999999999999999999") == "port 99999999999999999999: must be 1..65535");
  CHECK(why("90-80") == "the range \"90-80\" ends before it begins");
  CHECK(why("-80") == "the range \"-80\" lacks its first port");
  CHECK(why("80-") == "the range \"80-\" lacks its last port");
  CHECK(why("-") == "the range \"-\" lacks its first port");
  CHECK(why("1-2-3") == "\"1-2-3\" is not one range");
  CHECK(why("22,,80") == "an item of the list is empty");
  CHECK(why(",80") == "an item of the list is empty");
  CHECK(why("22,80,") == "nothing follows the last comma");
  CHECK(why("22, 80") == "\" 80\" holds a blank");
  CHECK(why("htpp") == "\"htpp\" is neither a port nor a TCP service that this system knows");
  CHECK(why("+80") == "\"+80\" is neither a port nor a TCP service that this system knows");
  CHECK(why("0x50") == "\"0x50\" is neither a port nor a TCP service that this system knows");
  CHECK(why("a\x1b[31m") == "\"a\\x1b[31m\" is neither a port nor a TCP service that this system knows");
}

TEST_CASE("port list: a service that is not there is one of the protocol asked for", "[tools][ports]") {
  const auto nobody = [](std::string_view) { return std::optional<std::uint16_t>{}; };
  CHECK(tools::parse_ports("53,sip", nobody, "UDP").error().why ==
        "\"sip\" is neither a port nor a UDP service that this system knows");
}

TEST_CASE("port list: a long item is cut in the sentence", "[tools][ports]") {
  CHECK(why(std::string(10'000, 'x')).size() < 150);
  CHECK(why(std::string(10'000, '9')).size() < 150);
}

TEST_CASE("port list: a service of port 0 is none", "[tools][ports]") {
  CHECK_FALSE(tools::parse_ports("zero", [](std::string_view) {
                return std::optional<std::uint16_t>{0};
              }).has_value());
}

TEST_CASE("port set: as few intervals as there can be, and its text reads back", "[tools][ports]") {
  const tools::port_set set{ports{443, 22, 8002, 8000, 8001, 22}};
  CHECK(set.intervals() == std::vector<tools::port_interval>{{22, 22}, {443, 443}, {8000, 8002}});
  CHECK(set.size() == 5);
  CHECK(set.text() == "22,443,8000-8002");
  CHECK(tools::port_set{read(set.text())} == set);
  CHECK(set.ports() == ports{22, 443, 8000, 8001, 8002});
}

TEST_CASE("port set: a list is read as a set without being written out", "[tools][ports]") {
  const auto set = tools::parse_port_set("80-90,http,all,7,85-100", services);
  REQUIRE(set.has_value());
  CHECK(set->text() == "all");
  CHECK(tools::parse_port_set("80-90,85-100,7,101,http", services)->text() == "7,80-101");
  CHECK(tools::parse_port_set("90-80", services).error().why == "the range \"90-80\" ends before it begins");
}

TEST_CASE("port set: the whole range is `all`", "[tools][ports]") {
  const tools::port_set set{read("all")};
  CHECK(set.text() == "all");
  CHECK(set.size() == 65535);
  CHECK(set.contains(1));
  CHECK(set.contains(65535));
  CHECK_FALSE(set.contains(0));
}

TEST_CASE("port set: membership and overlap at the edges", "[tools][ports]") {
  const tools::port_set set{read("10-20,30")};
  CHECK_FALSE(set.contains(9));
  CHECK(set.contains(10));
  CHECK(set.contains(20));
  CHECK_FALSE(set.contains(21));
  CHECK(set.contains(30));
  CHECK(set.common(tools::port_set{read("1-9,25,30-40")}) == 30);
  CHECK(set.common(tools::port_set{read("15-35")}) == 15);
  CHECK_FALSE(set.common(tools::port_set{read("1-9,21-29,31")}).has_value());
  CHECK_FALSE(set.common(tools::port_set{}).has_value());
  CHECK(tools::port_set{}.text().empty());
}

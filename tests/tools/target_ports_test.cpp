// TARGET[:PORTS]: where the target ends, in both families, and what is refused.
#include "tools/tcp/target_ports.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using ports = std::vector<std::uint16_t>;

struct read_word {
  std::string first;
  std::uint64_t count = 0;
  std::string name;
  ports asked;
  friend bool operator==(const read_word&, const read_word&) = default;
};

read_word read(std::string_view word) {
  const auto parsed = tcp::parse_target_ports(word, [](std::string_view name) {
    return name == "https" ? std::optional<std::uint16_t>{443} : std::nullopt;
  });
  INFO(word);
  REQUIRE(parsed.has_value());
  if (const auto* block = std::get_if<tools::address_block>(&parsed->target))
    return {to_string(block->first), block->count, "", parsed->ports};
  return {"", 0, std::get<tools::host_name>(parsed->target).text, parsed->ports};
}

std::string refused(std::string_view word) {
  const auto parsed = tcp::parse_target_ports(word);
  if (parsed) return "not refused";
  return parsed.error().why + (parsed.error().hint.empty() ? "" : " (" + parsed.error().hint + ")");
}

}  // namespace

TEST_CASE("target ports: addresses, prefixes, ranges and names take ports", "[tools][ports]") {
  CHECK(read("192.0.2.1:443") == read_word{"192.0.2.1", 1, "", {443}});
  CHECK(read("192.0.2.0/24:443") == read_word{"192.0.2.0", 256, "", {443}});
  CHECK(read("192.0.2.1-20:22,80") == read_word{"192.0.2.1", 20, "", {22, 80}});
  CHECK(read("www.example:https,8000-8001") == read_word{"", 0, "www.example", {443, 8000, 8001}});
}

TEST_CASE("target ports: none given is none", "[tools][ports]") {
  CHECK(read("192.0.2.1").asked.empty());
  CHECK(read("www.example") == read_word{"", 0, "www.example", {}});
  CHECK(read("192.0.2.0/30") == read_word{"192.0.2.0", 4, "", {}});
}

TEST_CASE("target ports: IPv6 takes them in brackets alone", "[tools][ports]") {
  CHECK(read("[2001:db8::1]:443") == read_word{"2001:db8::1", 1, "", {443}});
  CHECK(read("[2001:db8::/120]:443") == read_word{"2001:db8::", 256, "", {443}});
  CHECK(read("[2001:db8::1-2001:db8::3]:22") == read_word{"2001:db8::1", 3, "", {22}});
  CHECK(read("[2001:db8::1]") == read_word{"2001:db8::1", 1, "", {}});
  // All of these are addresses, however much their ends look like ports.
  CHECK(read("2001:db8::1:443") == read_word{"2001:db8::1:443", 1, "", {}});
  CHECK(read("::80") == read_word{"::80", 1, "", {}});
  CHECK(read("2001:db8::/120") == read_word{"2001:db8::", 256, "", {}});
}

TEST_CASE("target ports: each refusal has its sentence", "[tools][ports]") {
  CHECK(refused("192.0.2.1:") == "no ports follow the colon (write TARGET:22,80,8000-8100)");
  CHECK(refused("[2001:db8::1]:") == "no ports follow the colon (write TARGET:22,80,8000-8100)");
  CHECK(refused(":80") == "no target stands before the colon (write TARGET:PORTS)");
  CHECK(refused("") == "it is empty");
  CHECK(refused("http://www.example/") == "it is a URL (name the host and the port alone: HOST:PORT)");
  CHECK(refused("[2001:db8::1") == "the bracket is not closed (write [ADDRESS]:PORTS)");
  CHECK(refused("[2001:db8::1]80") == "only `:PORTS` may follow the bracket (write [ADDRESS]:PORTS)");
  CHECK(refused("[2001:db8::]/120:443") ==
        "the prefix length stands outside the brackets (write [ADDRESS/LENGTH]:PORTS)");
  CHECK(refused("[192.0.2.1]:80") == "brackets are for IPv6 addresses (leave them out)");
  CHECK(refused("[www.example]:80") == "brackets are for IPv6 addresses (leave them out)");
  CHECK(refused("[]:80") == "it is empty");
  CHECK(refused("192.0.2.1:22:80") ==
        "not an IPv6 address (ports follow one colon; an IPv6 address needs brackets: [ADDRESS]:PORTS)");
  CHECK(refused("192.0.2.1:0") == "port 0: must be 1..65535");
  CHECK(refused("192.0.2.1:90-80") == "the range \"90-80\" ends before it begins");
  CHECK(refused("192.0.2.1:22,") == "nothing follows the last comma");
  CHECK(refused("192.0.2.0/33:22") == "the prefix length must be 0..32");
  CHECK(refused("192.0.2.9-1:22") == "the range ends before it begins");
}

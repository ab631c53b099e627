// Names and AS numbers of hops.
#include "tools/traceroute/address_labels.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using traceroute::address_labels;
using traceroute::label_sources;

const auto known = *parse_ip("192.0.2.1");
const auto unnamed = *parse_ip("192.0.2.2");
const auto unknown = *parse_ip("192.0.2.3");

label_sources names() {
  label_sources from;
  from.find_name = [](const ip_address& address) -> std::optional<std::optional<std::string>> {
    if (address == known) return std::optional<std::string>{"a\nb"};
    if (address == unnamed) return std::optional<std::string>{};
    return std::nullopt;
  };
  return from;
}

}  // namespace

TEST_CASE("address labels: without names an address is its own label", "[tools][traceroute]") {
  const address_labels labels;
  CHECK(labels.text(known) == "192.0.2.1");
  CHECK(labels.settled(known));
  CHECK_FALSE(labels.names_wanted());
}

TEST_CASE("address labels: a name stands before its address, escaped", "[tools][traceroute]") {
  const address_labels labels{names()};
  CHECK(labels.text(known) == "a\\x0ab (192.0.2.1)");
  CHECK(labels.text(unnamed) == "192.0.2.2");
  CHECK(labels.text(unknown) == "192.0.2.3");
}

TEST_CASE("address labels: settled is who is known or known to have no name", "[tools][traceroute]") {
  const address_labels labels{names()};
  CHECK(labels.settled(known));
  CHECK(labels.settled(unnamed));
  CHECK_FALSE(labels.settled(unknown));
  CHECK(labels.settled(ip_address{}));
}

TEST_CASE("address labels: with a table everybody has an AS or a star", "[tools][traceroute]") {
  auto from = names();
  from.find_origin = [](const ip_address& address) -> std::optional<traceroute::as_origin> {
    if (address == known) return traceroute::as_origin{64496, {}, {}};
    return std::nullopt;
  };
  const address_labels labels{from};
  CHECK(labels.text(known) == "a\\x0ab (192.0.2.1) [AS64496]");
  CHECK(labels.text(unnamed) == "192.0.2.2 [*]");
}

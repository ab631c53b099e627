// What routers append, taken over whole or not at all.
#include "libdiag/probe/path_extension.hpp"

#include <initializer_list>
#include <vector>

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::probe;

namespace {

using octets = std::vector<std::byte>;

/// An object of RFC 4884 §8.
octets object(std::uint8_t class_num, std::uint8_t c_type, std::initializer_list<unsigned> payload) {
  octets out(4);
  store_be16(out, 0, static_cast<std::uint16_t>(4 + payload.size()));
  out[2] = std::byte{class_num};
  out[3] = std::byte{c_type};
  for (const auto one : payload) out.push_back(static_cast<std::byte>(one));
  return out;
}

path_answer read(std::initializer_list<octets> objects, std::uint8_t version = 2) {
  octets all;
  for (const auto& one : objects) all.insert(all.end(), one.begin(), one.end());
  wire::icmp_extension extension;
  extension.version = version;
  extension.objects = all;
  path_answer into;
  read_extension(extension, into);
  return into;
}

}  // namespace

TEST_CASE("path extension: labels, interfaces, and the rest as octets", "[probe][path]") {
  // Label 100, traffic class 5, bottom, TTL 1; incoming interface 7 named "ge0"; class 3.
  const auto answer = read({object(1, 1, {0x00, 0x06, 0x4b, 0x01}),
                            object(2, 0x0a, {0, 0, 0, 7, 4, 'g', 'e', '0'}), object(3, 1, {0xde, 0xad})});
  REQUIRE(answer.mpls.size() == 1);
  CHECK(answer.mpls[0].label == 100);
  CHECK(answer.mpls[0].traffic_class == 5);
  REQUIRE(answer.interfaces.size() == 1);
  CHECK(answer.interfaces[0].index == 7U);
  CHECK(answer.interfaces[0].name == "ge0");
  REQUIRE(answer.other_objects.size() == 1);
  CHECK(answer.other_objects[0] == "3/1:dead");
  CHECK_FALSE(answer.bad_extension);
}

TEST_CASE("path extension: what is of another version is not read", "[probe][path]") {
  const auto answer = read({object(1, 1, {0x00, 0x06, 0x4b, 0x01})}, 3);
  CHECK(answer.bad_extension);
  CHECK(answer.mpls.empty());
}

TEST_CASE("path extension: a length that lies ends the walk, what came before stays", "[probe][path]") {
  auto liar = object(3, 1, {1, 2});
  store_be16(liar, 0, GENERATE(std::uint16_t{0}, std::uint16_t{3}, std::uint16_t{7}, std::uint16_t{65535}));
  const auto answer = read({object(1, 1, {0x00, 0x06, 0x4b, 0x01}), liar});
  CHECK(answer.bad_extension);
  CHECK(answer.mpls.size() == 1);
  CHECK(answer.other_objects.empty());
}

TEST_CASE("path extension: a thousand objects cost no more than a few", "[probe][path]") {
  octets many;
  for (int i = 0; i < 1000; ++i) {
    const auto one = object(9, 1, {});
    many.insert(many.end(), one.begin(), one.end());
  }
  const auto answer = read({many});
  CHECK(answer.other_objects.size() <= 8);
  CHECK(answer.bad_extension);
}

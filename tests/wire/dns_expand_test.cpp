// Data of records without compression: RFC 3597 §4.
#include "tests/catch.hpp"
#include "tests/wire/dns_vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::answer_of;

namespace {
std::string expanded(byte_view message, std::size_t number = 0) {
  const auto contents = test::read(message);
  dns_budget budget;
  const auto data = expand_rdata(contents.records.at(number), budget);
  return data ? hex_text(*data) : describe(data.error());
}
}  // namespace

TEST_CASE("dns expand: writes out the names of each type that may compress them", "[wire][dns]") {
  // c00c is "a.".
  const auto [type, data, whole] = GENERATE(table<std::uint16_t, const char*, const char*>({
      {std::uint16_t{2}, "c00c", "016100"},
      {std::uint16_t{5}, "0162c00c", "0162016100"},
      {std::uint16_t{12}, "00", "00"},
      {std::uint16_t{39}, "c00c", "016100"},
      {std::uint16_t{6}, "c00c 0162c00c 0000000100000002000000030000000400000005",
       "016100"
       "0162016100"
       "0000000100000002000000030000000400000005"},
      {std::uint16_t{14}, "c00c c00c", "016100016100"},
      {std::uint16_t{15}, "000a c00c", "000a016100"},
      {std::uint16_t{17}, "c00c c00c", "016100016100"},
      {std::uint16_t{18}, "0001 c00c", "0001016100"},
      {std::uint16_t{24}, "0102030405060708090a0b0c0d0e0f101112 c00c ffff",
       "0102030405060708090a0b0c0d0e0f101112016100ffff"},
      {std::uint16_t{26}, "000a c00c c00c", "000a016100016100"},
      {std::uint16_t{30}, "c00c 62", "01610062"},
      {std::uint16_t{33}, "000000640185 c00c", "000000640185016100"},
      {std::uint16_t{35}, "0064000a 0175 00 0161 c00c", "0064000a0175000161016100"},
      {std::uint16_t{1}, "c00c0203", "c00c0203"},
      {std::uint16_t{16}, "02c00c", "02c00c"},
      {std::uint16_t{65534}, "c00c", "c00c"},
  }));
  CAPTURE(type);
  CHECK(expanded(answer_of(type, data)) == whole);
}

TEST_CASE("dns expand: data that does not fit is named with its octet", "[wire][dns][fault]") {
  const std::string bad = "malformed: data that does not fit its type, octet ";
  CHECK(expanded(answer_of(2, "0162")) == bad + "33");
  CHECK(expanded(answer_of(2, "c00c00")) == bad + "33");
  CHECK(expanded(answer_of(15, "00")) == bad + "31");
  CHECK(expanded(answer_of(15, "000a")) == bad + "33");
  CHECK(expanded(answer_of(6, "c00c c00c 00000001")) == bad + "35");
  CHECK(expanded(answer_of(35, "0064000a 0975")) == bad + "35");
  CHECK(expanded(answer_of(35, "0064000a")) == bad + "35");
  CHECK(expanded(answer_of(2, "c01f")) ==
        "malformed: a compression pointer that does not point backwards, octet 31");
}

TEST_CASE("dns expand: no data stays no data", "[wire][dns]") {
  CHECK(expanded(answer_of(6, "", 255)).empty());
}

TEST_CASE("dns expand: writes out what a server compressed", "[wire][dns]") {
  CHECK(expanded(test::vector_named("dns_answer_cname")) == "03777777076578616d706c65036f726700");
  CHECK(expanded(test::vector_named("dns_answer_mx"), 0).starts_with("000a"));
}

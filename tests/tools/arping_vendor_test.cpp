// Prefixes, habits and files of the registry, good and bad.
#include <cstdlib>
#include <sys/stat.h>

#include "tools/arping/vendor_prefixes.hpp"
#include "tools/arping/vendor_registry.hpp"
#include "tools/arping/vendor_table.hpp"

#include "tests/catch.hpp"
#include "tests/tools/scratch.hpp"

namespace {

using namespace diag;
using arping::vendor_table;

constexpr auto data = DIAG_TEST_DATA "/ieee-data";

std::string vendor(vendor_table& table, std::string_view mac) {
  return std::string{table.vendor_of(parse_mac(mac).value())};
}
std::string vendor(std::string_view mac, const std::string& folder = data) {
  vendor_table table{folder};
  return vendor(table, mac);
}

std::string hex6(unsigned number) {
  std::string out(6, '0');
  for (auto at = out.size(); at-- > 0; number /= 16) out[at] = "0123456789ABCDEF"[number % 16];
  return out;
}

}  // namespace

TEST_CASE("vendors: names as the file has them, tidied", "[tools][arping]") {
  CHECK(vendor("00:aa:01:01:02:03") == "Plain Makers");  // the first of two rows
  CHECK(vendor("00:aa:02:01:02:03") == "Quoted, \"Inc\"");
  CHECK(vendor("00:aa:04:01:02:03") == "Blank Ltd.");
  CHECK(vendor("00:aa:09:01:02:03").empty());  // stands in an address only
  CHECK(vendor("00:aa:08:01:02:03").empty());  // at the beginning of a line, but in an address
  CHECK(vendor("00:aa:07:01:02:03").empty());  // too many digits
  CHECK(vendor("00:aa:77:01:02:03").empty());
}

TEST_CASE("vendors: a divided block is looked up in finer files", "[tools][arping]") {
  CHECK(vendor("00:aa:03:12:34:56") == "Medium Block");
  CHECK(vendor("00:aa:03:2a:b4:56") == "Small Block");
  CHECK(vendor("00:aa:03:ff:f4:56") == "Old Block");
  CHECK(vendor("00:aa:03:2a:c4:56").empty());  // the registrar is nobody's vendor
  CHECK(vendor("00:aa:06:1f:ff:ff") == "Lonely Medium");
}

TEST_CASE("vendors: the index finds what reading through finds", "[tools][arping]") {
  vendor_table table{data};
  for (const auto* block : {"20", "21", "22", "23", "24", "25"})
    CHECK(vendor(table, "00:aa:" + std::string{block} + ":00:00:00").empty());
  CHECK(vendor(table, "00:aa:01:01:02:03") == "Plain Makers");
  CHECK(vendor(table, "00:aa:02:01:02:03") == "Quoted, \"Inc\"");
  for (const auto* block : {"07", "08", "09"})
    CHECK(vendor(table, "00:aa:" + std::string{block} + ":01:02:03").empty());
  CHECK(vendor(table, "00:aa:03:12:34:56") == "Medium Block");
  CHECK(vendor(table, "00:aa:03:2a:b4:56") == "Small Block");
  CHECK(vendor(table, "00:aa:03:ff:f4:56") == "Old Block");
}

TEST_CASE("vendors: rows with other than so many digits are not indexed", "[tools][arping]") {
  arping::vendor_registry file{std::string{data} + "/oui.csv", 6};
  for (std::uint64_t at = 0x20; at < 0x26; ++at) CHECK(file.find(at) == nullptr);
  CHECK(file.find(0x00aa07) == nullptr);
  CHECK(file.find(0x00aa01) != nullptr);
}

TEST_CASE("vendors: local and group addresses have none, but for habits", "[tools][arping]") {
  CHECK(vendor("52:54:00:12:34:56") == "QEMU/KVM");
  CHECK(vendor("02:42:ac:11:00:02") == "Docker");
  CHECK(vendor("02:aa:01:00:00:01").empty());
  CHECK(vendor("01:aa:01:00:00:01").empty());
  CHECK(vendor("01:00:5e:00:00:01").empty());
  CHECK(vendor("00:00:5e:00:01:01") == "VRRP or CARP");
  CHECK(vendor("00:00:0c:07:ac:05") == "HSRP");
  CHECK(vendor("00:00:0c:9f:f1:23") == "HSRP");
  CHECK(vendor("00:07:b4:03:ff:01") == "GLBP");
  CHECK(vendor("00:07:b4:04:00:01").empty());
}

TEST_CASE("vendors: without files, what is built in", "[tools][arping]") {
  const test::scratch none;
  CHECK(vendor("b8:27:eb:00:00:01", none.in("absent")) == "Raspberry Pi");
  CHECK(vendor("7c:1e:52:00:00:01", none.in("absent")) == "Microsoft");
  CHECK(vendor("00:00:0c:00:00:01", none.in("absent")) == "Cisco");
  CHECK(vendor("00:00:0d:00:00:01", none.in("absent")).empty());
  CHECK(vendor("fc:ff:ff:00:00:01", none.in("absent")).empty());
  CHECK(vendor("00:00:0c:00:00:01", none.in("")) == "Cisco");
}

TEST_CASE("vendors: $DIAG_OUI names the folder when nobody else does", "[tools][arping]") {
  ::setenv("DIAG_OUI", data, 1);
  CHECK(vendor("00:aa:01:01:02:03", "") == "Plain Makers");
  CHECK(vendor("00:aa:01:01:02:03", "/nowhere").empty());
  ::unsetenv("DIAG_OUI");
}

TEST_CASE("vendors: what the file says is made safe and short", "[tools][arping]") {
  CHECK(vendor("00:aa:05:01:02:03") == "\\x1b[31mRed\\x5c \\xe2\\x80\\xae");
  const test::scratch dir;
  std::string long_name;
  while (long_name.size() < 100) long_name += "\xc3\xa9";
  static_cast<void>(dir.file("oui.csv", "MA-L,00AA01," + long_name + ",\nMA-L,00AA02,\"never closed" +
                                            std::string(2'000, 'x') + "\nMA-L,00AA03"));
  vendor_table table{dir.in("")};
  const auto cut = vendor(table, "00:aa:01:00:00:00");
  CHECK(cut == long_name.substr(0, 60) + "...");
  CHECK(vendor(table, "00:aa:02:00:00:00") == "never closed" + std::string(49, 'x') + "...");
  CHECK(vendor(table, "00:aa:03:00:00:00").empty());
}

TEST_CASE("vendors: a file larger than a piece, by reading through and by the index", "[tools][arping]") {
  const test::scratch dir;
  std::string text = "Registry,Assignment,Organization Name,Organization Address\n";
  // Rows of changing length, so that pieces are cut at every place of a row.
  for (unsigned at = 0; at < 20'000; ++at)
    text += "MA-L," + hex6((at * 7919U % 20'000U) << 2) + ",Maker " + std::to_string(at * 7919U % 20'000U) +
            ",\"Street " + std::string(at % 41, 'x') + "\"\n";
  const auto path = dir.file("oui.csv", text);
  const auto wrong = [&](std::uint64_t step, std::size_t questions) {
    std::size_t out = 0;
    for (std::uint64_t at = 0; at < 20'000;) {
      arping::vendor_registry file{path, 6};
      for (std::size_t asked = 0; asked < questions && at < 20'000; ++asked, at += step) {
        const auto* const name = file.find(at << 2);
        out += name == nullptr || *name != "Maker " + std::to_string(at);
        out += file.find(at << 2 | 1) != nullptr;
      }
    }
    return out;
  };
  CHECK(wrong(1, 20'000) == 0);
  CHECK(wrong(61, 2) == 0);  // four readings, then there would be an index
}

TEST_CASE("vendors: where a piece begins, no row needs to begin", "[tools][arping]") {
  const test::scratch dir;
  // Sixty-four KiB less the overlap: the second piece begins within this address.
  std::string text = "MA-L,00AA01,Plain Makers,\"";
  text += std::string((64U << 10) - 32 - text.size(), 'x') + "MA-L,00AA02,Nobody,\"\nMA-L,00AA03,Next,\n";
  arping::vendor_registry file{dir.file("oui.csv", text), 6};
  for (int round = 0; round < 2; ++round) {  // reading through, then by the index
    CHECK(file.find(0x00aa02) == nullptr);
    REQUIRE(file.find(0x00aa03) != nullptr);
    CHECK(*file.find(0x00aa03) == "Next");
    for (std::uint64_t other = 0; other < 4; ++other) CHECK(file.find(other) == nullptr);
  }
}

TEST_CASE("vendors: what is no regular file is no file", "[tools][arping]") {
  const test::scratch dir;
  REQUIRE(::mkfifo(dir.in("oui.csv").c_str(), 0600) == 0);
  CHECK(vendor("00:00:0c:00:00:01", dir.in("")) == "Cisco");
  CHECK_FALSE(arping::vendor_registry("/dev/zero", 6).is_open());
  CHECK_FALSE(arping::vendor_registry("/", 6).is_open());
  CHECK_FALSE(arping::vendor_registry("", 6).is_open());
}

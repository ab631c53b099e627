// Words and files to numbered targets, without the name service.
#include "tools/common/target_set.hpp"

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include "tests/catch.hpp"

namespace {

using namespace diag;
using tools::exit_code;
using tools::target_request;

struct gathering {
  tools::gathered_targets got;
  std::vector<std::string> complaints;
};

gathering gather(const target_request& request) {
  gathering out;
  out.got = tools::gather_targets(request, [&](const std::string& line) { out.complaints.push_back(line); });
  return out;
}

std::vector<std::string> addresses(const tools::target_set& targets) {
  std::vector<std::string> all;
  for (std::uint64_t i = 0; i < targets.size(); ++i) all.push_back(to_string(targets.address(i)));
  return all;
}

/// A file that goes away with its owner.
class scratch_file {
 public:
  explicit scratch_file(std::string_view text) {
    const int fd = ::mkstemp(path_.data());
    REQUIRE(fd >= 0);
    REQUIRE(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    ::close(fd);
  }
  ~scratch_file() { std::remove(path_.c_str()); }
  scratch_file(const scratch_file&) = delete;
  scratch_file& operator=(const scratch_file&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/diag-targets-XXXXXX";
};

}  // namespace

TEST_CASE("target set: a target named twice is probed once, where it was named first", "[tools][targets]") {
  const auto out = gather({.words = {"192.0.2.2", "192.0.2.0/30", "192.0.2.2"}});
  CHECK(addresses(out.got.targets) ==
        std::vector<std::string>{"192.0.2.2", "192.0.2.0", "192.0.2.1", "192.0.2.3"});
  CHECK(out.got.worst == exit_code::positive);
}

TEST_CASE("target set: shards are disjoint and together whole", "[tools][targets]") {
  std::vector<std::string> all;
  for (std::uint64_t shard = 1; shard <= 3; ++shard)
    for (const auto& one :
         addresses(gather({.words = {"192.0.2.0/29"}, .shard = shard, .shards = 3}).got.targets))
      all.push_back(one);
  std::sort(all.begin(), all.end());
  CHECK(all == addresses(gather({.words = {"192.0.2.0/29"}}).got.targets));
}

TEST_CASE("target set: -g makes a range of two addresses", "[tools][targets]") {
  CHECK(gather({.words = {"192.0.2.1", "192.0.2.3"}, .generate = true}).got.targets.size() == 3);
  CHECK(gather({.words = {"192.0.2.0/30"}, .generate = true}).got.targets.size() == 4);
  const auto wrong = gather({.words = {"192.0.2.9", "192.0.2.3"}, .generate = true});
  CHECK(wrong.got.fatal);
  CHECK(wrong.complaints ==
        std::vector<std::string>{"cannot use target 192.0.2.9 192.0.2.3: the range ends before it begins"});
}

TEST_CASE("target set: a bad word of the command line is fatal and usage", "[tools][targets]") {
  const auto out = gather({.words = {"192.0.2.1", "192.0.2.0/33"}});
  CHECK(out.got.fatal);
  CHECK(out.got.worst == exit_code::usage);
  CHECK(out.complaints ==
        std::vector<std::string>{"cannot use target 192.0.2.0/33: the prefix length must be 0..32"});
}

TEST_CASE("target set: an address of the other family is refused with -4 or -6", "[tools][targets]") {
  const auto out = gather({.words = {"::1"}, .family = ip_family::v4});
  CHECK(out.got.fatal);
  CHECK(out.complaints == std::vector<std::string>{"cannot use target ::1: not an IPv4 address"});
}

TEST_CASE("target set: bad lines of a file are listed with their numbers, the good ones count",
          "[tools][targets]") {
  const scratch_file file{"192.0.2.1\n192.0.2.300\n# fine\n192.0.2.2/99\n192.0.2.7\na b\n"};
  const auto out = gather({.file = file.path()});
  CHECK(addresses(out.got.targets) == std::vector<std::string>{"192.0.2.1", "192.0.2.7"});
  CHECK(out.got.worst == exit_code::usage);
  CHECK_FALSE(out.got.fatal);
  REQUIRE(out.complaints.size() == 3);
  CHECK(out.complaints[0] ==
        "line 2 of " + file.path() + ": cannot use target 192.0.2.300: not an IPv4 address");
  CHECK(out.complaints[1] ==
        "line 4 of " + file.path() + ": cannot use target 192.0.2.2/99: the prefix length must be 0..32");
  CHECK(out.complaints[2] ==
        "line 6 of " + file.path() + ": cannot use target a b: holds more than one word");
}

TEST_CASE("target set: a file that cannot be read is our own failure", "[tools][targets]") {
  const auto alone = gather({.file = "/nonexistent"});
  CHECK(alone.got.fatal);
  CHECK(alone.got.worst == exit_code::ours);
  const auto beside = gather({.words = {"192.0.2.1"}, .file = "/nonexistent"});
  CHECK_FALSE(beside.got.fatal);
  CHECK(beside.got.targets.size() == 1);
}

TEST_CASE("target set: a million addresses in order are one range", "[tools][targets]") {
  std::string text;
  for (std::uint32_t i = 0; i < 1'000'000; ++i) text += to_string(ip_address::v4(0xc6120000U + i)) + "\n";
  const scratch_file file{text};
  const auto out = gather({.file = file.path()});
  CHECK(out.got.targets.size() == 1'000'000);
  CHECK(to_string(out.got.targets.address(999'999)) == to_string(ip_address::v4(0xc6120000U + 999'999)));
}

TEST_CASE("target set: families come from the shape of the words alone", "[tools][targets]") {
  const auto families = [](target_request request) {
    const auto needed = tools::families_of(request);
    return std::pair{needed.v4, needed.v6};
  };
  CHECK(families({.words = {"192.0.2.1", "192.0.2.0/24"}}) == std::pair{true, false});
  CHECK(families({.words = {"::1"}}) == std::pair{false, true});
  CHECK(families({.words = {"name.example"}}) == std::pair{true, true});
  CHECK(families({.words = {"name.example"}, .family = ip_family::v6}) == std::pair{false, true});
  CHECK(families({.file = "-"}) == std::pair{true, true});
}

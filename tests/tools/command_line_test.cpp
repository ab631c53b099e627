// The command line's shape: names, clusters, missing values, `--`.
#include <algorithm>

#include "tools/common/options.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using tools::command_line;

struct values {
  std::uint32_t count = 0;
  bool quiet = false, numeric = false;
  duration interval{};
  std::string file;
  std::vector<std::string> words;
};

result<values, tools::usage_error> read(std::vector<const char*> argv) {
  values into;
  command_line cli;
  cli.value("-c,--count", tools::integer_reader(into.count, 1, 100));
  cli.value("-i,--interval", tools::duration_reader(into.interval, 0s, 1h));
  cli.value("-f,--file", tools::text_reader(into.file));
  cli.flag("-q,--quiet", into.quiet);
  cli.flag("-n,--numeric", into.numeric);
  argv.insert(argv.begin(), "program");
  auto words = cli.parse(static_cast<int>(argv.size()), argv.data());
  if (!words) return words.error();
  into.words = std::move(*words);
  return into;
}

std::string why(std::vector<const char*> argv) {
  const auto read_values = read(std::move(argv));
  return read_values ? "accepted" : read_values.error().what;
}

}  // namespace

TEST_CASE("command line: takes values in every customary shape", "[tools][options]") {
  for (const auto& argv : std::vector<std::vector<const char*>>{{"-c", "3", "host"},
                                                                {"-c3", "host"},
                                                                {"--count", "3", "host"},
                                                                {"--count=3", "host"},
                                                                {"host", "-c3"}}) {
    const auto got = read(argv);
    REQUIRE(got.has_value());
    CHECK(got->count == 3);
    CHECK(got->words == std::vector<std::string>{"host"});
  }
}

TEST_CASE("command line: letters of flags may stand together, the last with its value", "[tools][options]") {
  const auto got = read({"-qnc7", "host"});
  REQUIRE(got.has_value());
  CHECK(got->quiet);
  CHECK(got->numeric);
  CHECK(got->count == 7);
}

TEST_CASE("command line: an option given twice counts as given last", "[tools][options]") {
  const auto got = read({"-c", "3", "--count", "5", "-q", "-q"});
  REQUIRE(got.has_value());
  CHECK(got->count == 5);
  CHECK(got->quiet);
}

TEST_CASE("command line: after -- everything is a word", "[tools][options]") {
  const auto got = read({"-c", "3", "--", "-q", "--", "host"});
  REQUIRE(got.has_value());
  CHECK_FALSE(got->quiet);
  CHECK(got->words == std::vector<std::string>{"-q", "--", "host"});
}

TEST_CASE("command line: words that look special stay as they are", "[tools][options]") {
  const auto got = read({"[::1]", "[a,b]", "-", "", "a=b"});
  REQUIRE(got.has_value());
  CHECK(got->words == std::vector<std::string>{"[::1]", "[a,b]", "-", "", "a=b"});
}

TEST_CASE("command line: a value may begin with a dash", "[tools][options]") {
  const auto got = read({"-f", "-", "host"});
  REQUIRE(got.has_value());
  CHECK(got->file == "-");
  CHECK(why({"-c", "-1", "host"}) == "option -c/--count: '-1' must be 1..100");
}

TEST_CASE("command line: says in one sentence what is wrong", "[tools][options]") {
  CHECK(why({"--bogus", "x"}) == "unknown option '--bogus'");
  CHECK(why({"-Z", "x"}) == "unknown option '-Z'");
  CHECK(why({"-5", "x"}) == "unknown option '-5'");
  CHECK(why({"--cou", "3"}) == "unknown option '--cou'");
  CHECK(why({"--COUNT", "3"}) == "unknown option '--COUNT'");
  CHECK(why({"-c"}) == "option --count needs a value");
  CHECK(why({"--count=", "3"}) == "option -c/--count needs a value");
  CHECK(why({"--quiet=yes"}) == "option --quiet takes no value");
  CHECK(why({"-c", "0x3"}) == "option -c/--count: '0x3' is not a whole number");
  CHECK(why({"-c", " 3"}) == "option -c/--count: ' 3' is not a whole number");
  CHECK(why({"-c", "101"}) == "option -c/--count: '101' must be 1..100");
  CHECK(why({"-i", "nan"}).starts_with("option -i/--interval: 'nan' is not a duration"));
  CHECK(why({"-f", ""}) == "option -f/--file: '' must not be empty");
}

TEST_CASE("command line: text from outside is escaped and cut in complaints", "[tools][options]") {
  CHECK(why({"-c", "\033[31m"}) == "option -c/--count: '\\x1b[31m' is not a whole number");
  const std::string endless(5000, '9');
  CHECK(why({"-c", endless.c_str()}).size() < 200);
}

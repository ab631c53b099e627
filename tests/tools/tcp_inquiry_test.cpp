// What files and words amount to before anything is sent.
#include "tools/tcp/inquiry.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using kind = craft::syn_option::kind;

struct question {
  explicit question(std::vector<const char*> argv) {
    argv.insert(argv.begin(), "diag-tcp");
    auto read = tcp::parse_options(static_cast<int>(argv.size()), argv.data());
    REQUIRE(read.has_value());
    options = *read;
    what = tcp::gather(options, true, true, [this](const std::string& line) { told += line + '\n'; });
  }
  tcp::tcp_options options;
  std::string told;
  tcp::inquiry what;
};

}  // namespace

TEST_CASE("tcp inquiry: -p is for targets without ports of their own", "[tools][tcp][inquiry]") {
  const question q{{"-p", "80,443", "192.0.2.1", "192.0.2.2:22"}};
  CHECK(q.told.empty());
  REQUIRE_FALSE(q.what.fatal);
  CHECK(q.what.asked().plan.size() == 3);
}

TEST_CASE("tcp inquiry: the profile with the options added to it", "[tools][tcp][inquiry]") {
  const question plain{{"192.0.2.1:22"}};
  CHECK(plain.what.profile.window == craft::linux_profile().window);
  const question changed{{"--profile", "bare", "--mss", "1200", "--wscale", "3", "192.0.2.1:22"}};
  REQUIRE(changed.what.profile.options.size() == 2);
  CHECK(changed.what.profile.find(kind::mss)->value == 1200);
  CHECK(changed.what.profile.find(kind::window_scale)->value == 3);
}

TEST_CASE("tcp inquiry: everything that is wrong is told, and nothing is run", "[tools][tcp][inquiry]") {
  const question service{{"-p", "nosuchservice", "192.0.2.1"}};
  CHECK(service.what.fatal);
  CHECK(service.what.worst == tools::exit_code::usage);
  CHECK(service.told.starts_with("option -p/--ports: 'nosuchservice' "));
  const question profile{{"--profile", "/nonexistent/profile", "192.0.2.1:22"}};
  CHECK(profile.what.fatal);
  CHECK(profile.what.worst == tools::exit_code::ours);
  const auto token = tcp::resume_text({1, 2, 3, true});
  const question resumed{{"--resume", token.c_str(), "192.0.2.1:1-100"}};
  CHECK(resumed.what.fatal);
  CHECK(resumed.told.starts_with("option --resume: the token is of another run"));
}

TEST_CASE("tcp inquiry: a dry run says what would be asked", "[tools][tcp][inquiry]") {
  const question q{{"--dry-run", "--flows", "2", "-c", "3", "-r", "0", "192.0.2.0/30:22,80"}};
  CHECK(
      tcp::dry_run_text(q.options, q.what) ==
      "4 targets, 16 probes over 2 flows, 3 times, method syn (connect without privileges), up to 1 attempt "
      "each; nothing was sent\n");
}

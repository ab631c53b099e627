// Options as the machines are told them.
#include "tools/ping/plan.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;

ping::ping_options options(std::vector<const char*> argv) {
  argv.insert(argv.begin(), "diag-ping");
  argv.push_back("192.0.2.1");
  auto read = ping::parse_options(static_cast<int>(argv.size()), argv.data(), true);
  REQUIRE(read.has_value());
  return *read;
}

const ping::run_identity identity{0x1230, 4, 7, {1, 2}};
const io::clock_bridge::sample clocks{mono_time{100s}, wall_time{24h * 3 + 5h}};

}  // namespace

TEST_CASE("ping plan: a series asks once a second for ever", "[tools][ping]") {
  const auto config = ping::series_config(options({}), identity, clocks, true);
  CHECK(config.count == 0);
  CHECK(config.interval == 1s);
  CHECK(config.timeout == 1s);
  CHECK(config.rate == 0);
  CHECK(config.want_stamps);
  CHECK(config.echo.identifier_base == 0x1230);
  CHECK(config.echo.payload_size == 56);
  CHECK_FALSE(config.report_sent);
}

TEST_CASE("ping plan: users without privilege have a floor under -A", "[tools][ping]") {
  CHECK(ping::series_config(options({"-A"}), identity, clocks, false).adaptive_floor == 2ms);
  CHECK(ping::series_config(options({"-A"}), identity, clocks, true).adaptive_floor == 0ns);
}

TEST_CASE("ping plan: the day of --timestamp begins at midnight UT", "[tools][ping]") {
  const auto config = ping::series_config(options({"--timestamp"}), identity, clocks, true);
  CHECK(config.echo.timestamp);
  // At mono 100 s it is five o'clock, so at mono 0 it was 100 s earlier.
  CHECK(config.echo.ut_midnight_ms == Approx(5 * 3600e3 - 100e3));
}

TEST_CASE("ping plan: a sweep follows the answers unless told", "[tools][ping]") {
  const auto follows = ping::sweep_config(options({"192.0.2.0/24"}), identity, 257);
  CHECK(follows.rate == 0);
  CHECK_FALSE(follows.unlimited);
  CHECK(follows.retries == 1);
  CHECK(follows.want_stamps);
  CHECK_FALSE(ping::sweep_config(options({"192.0.2.0/24"}), identity, 65536).want_stamps);
  CHECK(ping::sweep_config(options({"--rate", "500"}), identity, 9).rate == 500);
  CHECK(ping::sweep_config(options({"--rate", "0"}), identity, 9).unlimited);
}

TEST_CASE("ping plan: flooding falls back to 10 ms, or to the interval given", "[tools][ping]") {
  const auto period = [](const ping::ping_options& given) {
    return ping::series_config(given, identity, clocks, true).flood_interval;
  };
  CHECK(period(options({"--flood"})) == 10ms);
  CHECK(period(options({"--flood", "-i", "0.5"})) == 500ms);
}

TEST_CASE("ping plan: in a sweep the interval is the one between packets", "[tools][ping]") {
  CHECK(ping::sweep_config(options({"-i", "0.01"}), identity, 9).rate == Approx(100));
  CHECK(ping::sweep_config(options({"-i", "0"}), identity, 9).unlimited);
  CHECK(ping::sweep_config(options({"-i", "0.01", "--rate", "7"}), identity, 9).rate == 7);
}

TEST_CASE("ping doors: the capture is told our identifiers", "[tools][ping]") {
  const auto filter = ping::capture_filter(identity);
  CHECK(filter.find("icmp[4:2] & 0xfffc = 0x1230") != filter.npos);
  CHECK(filter.find("ip6[44:2] & 0xfffc = 0x1230") != filter.npos);
  CHECK(ping::capture_filter({0xffff, 1, 0, {}}).find("& 0xffff = 0xffff") != std::string::npos);
}

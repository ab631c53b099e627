// A series on the terminal: which events have a line, and what comes at the end.
#include "tools/ping/text_view.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "tests/catch.hpp"

namespace {

using namespace diag;

probe::ping_reply reply(std::uint64_t number, std::uint32_t target = 0) {
  probe::ping_reply out;
  out.target = target;
  out.number = number;
  out.at = mono_time{5s};
  out.from = ip_address::v4(0xc0000201 + target);
  out.hop_limit = 64;
  out.size = 64;
  out.rtt = 41us;
  return out;
}

probe::ping_rejected rejected(probe::reject_reason why) {
  probe::ping_rejected out;
  out.why = why;
  out.from = ip_address::v4(0xc0000209);
  return out;
}

/// What the view prints of these events.
std::string shown(std::vector<const char*> argv, const std::vector<probe::ping_event>& events,
                  bool lines = true) {
  argv.insert(argv.begin(), "diag-ping");
  const auto options = ping::parse_options(static_cast<int>(argv.size()), argv.data(), true);
  REQUIRE(options.has_value());
  const auto found = tools::gather_targets(options->targets, [](const std::string&) {});
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  {
    report::output out{ends[1]};
    ping::stage stage{*options, found.targets, out};
    stage.wall_of = [](mono_time at) { return wall_time{at.time_since_epoch()}; };
    ping::text_view view{stage, lines};
    view.begin();
    for (const auto& one : events) view.take(one);
    view.rest(mono_time{});
    view.end({});
  }
  ::close(ends[1]);
  std::string text(8192, '\0');
  text.resize(static_cast<std::size_t>(::read(ends[0], text.data(), text.size())));
  ::close(ends[0]);
  const auto header = text.find('\n');
  return text.substr(header + 1);
}

constexpr const char* target = "192.0.2.1";

}  // namespace

TEST_CASE("text view: a line for every answer, none with -q or where something else is shown",
          "[tools][ping]") {
  CHECK(shown({target}, {reply(1)}) == "64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.041 ms\n");
  CHECK(shown({"-q", target}, {reply(1)}).empty());
  CHECK(shown({target}, {reply(1)}, false).empty());
}

TEST_CASE("text view: -D puts the time in front, -a a bell behind answers in time", "[tools][ping]") {
  CHECK(shown({"-D", target}, {reply(1)}).starts_with("[5.000000] 64 bytes"));
  CHECK(shown({"-a", target}, {reply(1)}).ends_with(" ms\a\n"));
  auto late = reply(1);
  late.what = probe::ping_reply::kind::late;
  CHECK(shown({"-a", target}, {late}).ends_with(" ms (late)\n"));
}

TEST_CASE("text view: lost probes have a line with -O", "[tools][ping]") {
  const probe::ping_timeout lost{0, 7, mono_time{}, 1s};
  CHECK(shown({target}, {lost}).empty());
  CHECK(shown({"-O", target}, {lost}) == "no answer yet for icmp_seq=7\n");
  CHECK(shown({"-O", target, "192.0.2.2"}, {lost}) == "no answer yet for icmp_seq=7 from 192.0.2.1\n");
}

TEST_CASE("text view: a wrong source is always shown, other refusals with -v", "[tools][ping]") {
  CHECK(shown({target}, {rejected(probe::reject_reason::wrong_source)}).starts_with("From 192.0.2.9 "));
  CHECK(shown({target}, {rejected(probe::reject_reason::bad_checksum)}).empty());
  CHECK(shown({"-v", target}, {rejected(probe::reject_reason::bad_checksum)})
            .starts_with("From 192.0.2.9 Bad"));
}

TEST_CASE("text view: what our own host refused is no line of the results", "[tools][ping]") {
  probe::ping_error local;
  local.error = 1;
  local.why = probe::reason::local_firewall;
  CHECK(shown({target}, {local}).empty());
}

TEST_CASE("text view: with many targets an error says which one was asked", "[tools][ping]") {
  probe::ping_error error;
  error.target = 1;
  error.number = 1;
  error.from = ip_address::v4(0xc00002fe);
  error.type = 3;
  error.code = 1;
  CHECK(shown({target, "192.0.2.2"}, {error}) ==
        "From 192.0.2.254 icmp_seq=1 Destination Host Unreachable (asked 192.0.2.2)\n");
}

TEST_CASE("text view: a flood is dots and backspaces", "[tools][ping]") {
  CHECK(shown({"--flood", target}, {probe::ping_sent{0, 1}, reply(1), probe::ping_sent{0, 2}}) == ".\b \b.");
}

TEST_CASE("text view: many targets end in a table, sorted as asked", "[tools][ping]") {
  probe::rtt_statistics slow, fast, none;
  slow.add(2ms);
  fast.add(1ms);
  probe::loss_runs loss;
  const auto account = [&](std::uint32_t number, const probe::rtt_statistics& rtt) {
    probe::ping_summary out;
    out.target = number;
    out.sent = 1;
    out.received = rtt.count();
    out.lost = 1 - rtt.count();
    out.rtt = &rtt;
    out.loss = &loss;
    return out;
  };
  const std::vector<probe::ping_event> events{account(0, slow), account(1, none), account(2, fast)};
  const auto order = [&](const char* key) {
    const auto text = shown({"-c1", "--sort", key, "192.0.2.3", "192.0.2.1", "192.0.2.2"}, events);
    std::string digits;
    for (std::size_t at = 0; (at = text.find("\n192.0.2.", at)) != text.npos; ++at) digits += text[at + 9];
    return digits;
  };
  CHECK(order("target") == "312");
  CHECK(order("address") == "123");
  CHECK(order("rtt") == "231");
  CHECK(order("loss") == "132");
}

TEST_CASE("text_view: prints ten duplicates of a probe, and then that there are more", "[tools][text_view]") {
  auto again = reply(1);
  again.what = probe::ping_reply::kind::duplicate;
  std::vector<probe::ping_event> events{reply(1)};
  events.insert(events.end(), 12, again);
  const auto lines = [](const std::string& text, std::string_view word) {
    std::size_t count = 0;
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++count;
    return count;
  };
  const auto text = shown({target}, events);
  CHECK(lines(text, "(DUP!)") == 10);
  CHECK(lines(text, "More duplicates of icmp_seq=1 are only counted.\n") == 1);
  CHECK(lines(shown({"-v", target}, events), "(DUP!)") == 12);

  // The next probe has ten of its own.
  again.number = 2;
  events.emplace_back(again);
  CHECK(lines(shown({target}, events), "(DUP!)") == 11);

  // Many who answer one broadcast are no repetition.
  again.from = ip_address::v4(0xc0000299);
  events.assign(12, again);
  CHECK(lines(shown({target}, events), "(DUP!)") == 12);
}

// What a person reads: lines of results, summaries, findings in words.
#include "tools/tcp/progress.hpp"
#include "tools/tcp/text_lines.hpp"
#include "tools/tcp/text_view.hpp"

#include "tests/tools/tcp_stage.hpp"

namespace {

using namespace diag;
using namespace diag::tcp::test;

std::string line(const probe::tcp_result& what, std::size_t width = 13) {
  const report::style plain;
  tcp::line_facts facts{.style = plain};
  facts.address = ip_address::v4(0xc0000201);
  facts.width = width;
  facts.patience = 3s;
  return tcp::result_line(what, facts);
}

}  // namespace

TEST_CASE("tcp text: one line a result, in columns", "[tools][tcp][text]") {
  CHECK(line(opened()) ==
        "192.0.2.1:22   open      syn-ack            0.123 ms  ttl 64  mss 1460, window 64240 x128, sack, "
        "timestamps\n");
  CHECK(line(closed()) == "192.0.2.1:80   closed    reset              0.101 ms  ttl 64\n");
  CHECK(line(rejected()) ==
        "192.0.2.1:443  rejected  admin-prohibited   0.200 ms  by 203.0.113.1 (icmp 3/13)\n");
  CHECK(line(filtered()) == "192.0.2.1:445  filtered  no answer to 3 SYNs in 3.0 s\n");
}

TEST_CASE("tcp text: a reset by a device says how far both are", "[tools][tcp][text]") {
  auto what = closed(23);
  what.why = probe::reason::reset_by_device;
  what.device_hops = 1;
  what.host_hops = 3;
  CHECK(line(what) ==
        "192.0.2.1:23   closed    reset by a device 1 hop away (ttl 64); the host is 3 hops away\n");
  what.device_hops = 0;
  CHECK(line(what).find("by a device on this link (ttl 64)") != std::string::npos);
}

TEST_CASE("tcp text: what our own host refused", "[tools][tcp][text]") {
  auto what = ended(probe::tcp_state::error, probe::reason::local_firewall);
  what.error = EPERM;
  CHECK(line(what) == "192.0.2.1:22   error     local-firewall     blocked by this host's firewall\n");
}

TEST_CASE("tcp text: what was changed on the way, and what is odd", "[tools][tcp][text]") {
  auto what = rejected();
  what.rewritten[0] = {probe::header_change::field::maximum_segment_size, 1460, 1380};
  what.rewritten[1] = {probe::header_change::field::sack_permitted, 1, std::nullopt};
  what.rewritten_count = 2;
  CHECK(line(what).ends_with("(icmp 3/13)  changed on the way: mss 1460 to 1380, sack taken out\n"));
  auto odd = opened();
  odd.odd = odd.odd | probe::tcp_oddity::answered_retry | probe::tcp_oddity::checksum_unverified;
  CHECK(line(odd).ends_with("  [answered-retry]\n"));
}

TEST_CASE("tcp text: what the peer said is escaped, on a line of its own", "[tools][tcp][text]") {
  auto said = std::make_shared<probe::tcp_dialogue>();
  for (const char c : std::string_view{"\033[31mhi\n"}) said->received.push_back(static_cast<std::byte>(c));
  said->first_octet = 3ms;
  said->ended_after = 5ms;
  said->how = probe::tcp_dialogue::ending::reset;
  auto what = opened();
  what.dialogue = said;
  CHECK(line(what).ends_with("\n    \"\\x1b[31mhi\" after 3.00 ms; reset by the peer after 5.00 ms\n"));
}

TEST_CASE("tcp text: of what the peer said the first line is shown, up to 100 octets", "[tools][tcp][text]") {
  const auto shown = [](const std::string& words) {
    auto said = std::make_shared<probe::tcp_dialogue>();
    for (const char c : words) said->received.push_back(static_cast<std::byte>(c));
    auto what = opened();
    what.dialogue = said;
    const auto text = line(what);
    return text.substr(text.find('\n') + 1);
  };
  CHECK(shown("220 hello\r\n") == "    \"220 hello\"\n");
  CHECK(shown("HTTP/1.0 200 OK\r\nServer: x\r\n\r\n") == "    \"HTTP/1.0 200 OK\" (30 octets in all)\n");
  CHECK(shown("\r\n\r\nhello") == "    \"hello\"\n");
  CHECK(shown("\n\n") == "    \"\"\n");
  CHECK(shown(std::string(100, 'a')) == "    \"" + std::string(100, 'a') + "\"\n");
  CHECK(shown(std::string(101, 'a')) == "    \"" + std::string(100, 'a') + "\" (101 octets in all)\n");
}

TEST_CASE("tcp text: IPv6 endpoints have brackets", "[tools][tcp][text]") {
  std::string text;
  tcp::append_endpoint(text, *parse_ip("2001:db8::1"), 443);
  CHECK(text == "[2001:db8::1]:443");
}

TEST_CASE("tcp text: a small plan is told whole", "[tools][tcp][text]") {
  scene set{{"-n", "192.0.2.1:22,80,443,445"}};
  tcp::text_view view{set.on, true};
  for (const auto& one : {opened(), closed(), rejected(), filtered()}) view.take(one);
  auto account = summary({1, 1, 1, 1});
  account.sent = 6;
  account.rtt_min = 101us;
  account.rtt_mean = 141us;
  account.rtt_max = 200us;
  account.found = account.found | probe::tcp_finding::loss;
  view.take(account);
  tcp::ending how;
  how.totals = account;
  view.end(how);
  const auto text = set.text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 6);
  CHECK(text.ends_with(
      "192.0.2.1: 1 open, 1 closed, 1 filtered, 1 rejected; 6 SYNs sent, rtt 0.101/0.141/0.200 ms\n"
      "  some answers came to a later attempt only: there is loss on the path\n"));
}

TEST_CASE("tcp text: of a large plan only open ports have lines, and reasons are counted",
          "[tools][tcp][text]") {
  scene set{{"-n", "192.0.2.1:1-1000"}};
  tcp::text_view view{set.on, true};
  view.take(closed(1));
  view.take(filtered(2));
  CHECK(set.text().empty());
  view.take(opened(3));
  view.take(rejected(4));
  CHECK(set.text().starts_with("192.0.2.1:3 "));
  auto account = summary({1, 1, 1, 1});
  view.take(account);
  tcp::ending how;
  how.elapsed = 2s;
  how.totals = account;
  view.end(how);
  CHECK(set.text() ==
        "192.0.2.1: 1 open, 1 closed, 1 filtered, 1 rejected; 4 SYNs sent\n"
        "  filtered: 2; rejected: 1 admin-prohibited by 203.0.113.1 (4)\n"
        "4 results in 2 s, 2 packets a second\n");
}

TEST_CASE("tcp text: the time of a silence is that of our attempts, not of the kernel's SYNs",
          "[tools][tcp][text]") {
  scene set{{"-n", "-r", "1", "-W", "8", "--connect", "192.0.2.1:445"}};
  tcp::text_view view{set.on, true};
  auto what = filtered();
  what.attempts = 8;
  view.take(what);
  CHECK(set.text() == "192.0.2.1:445  filtered  no answer to 8 SYNs in 17.0 s\n");
}

TEST_CASE("tcp text: ports and senders are named where they are few", "[tools][tcp][text]") {
  tcp::reason_tally tally;
  for (std::uint16_t port = 30; port > 20; --port) tally.add(filtered(port));
  tally.add(filtered(30));
  tally.add(rejected(443));
  CHECK(tally.text(true) ==
        "filtered: 21,22,23,24,25,26,27,28,29,30; rejected: 1 admin-prohibited by 203.0.113.1 (443)");
  CHECK(tally.text(false) == "rejected: 1 admin-prohibited by 203.0.113.1");
  tally.add(filtered(31));
  auto other = rejected(80);
  other.from = ip_address::v4(0xcb007102);
  tally.add(other);
  CHECK(tally.text(true) == "rejected: 2 admin-prohibited (80,443)");
}

TEST_CASE("tcp text: many targets have one total, not a summary each", "[tools][tcp][text]") {
  scene set{{"-n", "192.0.2.0/24:80"}};
  tcp::text_view view{set.on, true};
  auto account = summary({0, 1});
  for (std::uint32_t target = 0; target < 256; ++target) {
    auto what = closed();
    what.target = target;
    view.take(what);
    account.target = target;
    view.take(account);
  }
  tcp::ending how;
  how.elapsed = 1s;
  how.totals = summary({0, 256});
  view.end(how);
  CHECK(set.text() == "256 targets: 256 closed; 256 SYNs sent\n256 results in 1 s, 256 packets a second\n");
}

TEST_CASE("tcp text: an anomaly is for -v, a conflict for everyone", "[tools][tcp][text]") {
  probe::tcp_anomaly duplicate;
  duplicate.why = probe::reject_reason::duplicate_answer;
  duplicate.target = 0;
  duplicate.port = 22;
  duplicate.from = ip_address::v4(0xc0000201);
  duplicate.flags = 0x12;
  duplicate.hop_limit = 63;
  auto conflict = duplicate;
  conflict.why = probe::reject_reason::conflicting_answer;
  scene plain{{"-n", "192.0.2.1:22"}};
  tcp::text_view view{plain.on, true};
  view.take(duplicate);
  CHECK(plain.text().empty());
  view.take(conflict);
  CHECK(plain.text() == "192.0.2.1:22  anomaly   conflict           from 192.0.2.1, SYN,ACK, ttl 63\n");
  scene verbose{{"-nv", "192.0.2.1:22"}};
  tcp::text_view telling{verbose.on, true};
  telling.take(duplicate);
  CHECK(verbose.text() == "192.0.2.1:22  anomaly   duplicate          from 192.0.2.1, SYN,ACK, ttl 63\n");
}

TEST_CASE("tcp text: --open prints endpoints, each once", "[tools][tcp][text]") {
  scene set{{"--open", "-c", "3", "192.0.2.1:22,80"}};
  tcp::open_view view{set.on};
  for (int round = 0; round < 3; ++round) {
    view.take(opened(22));
    view.take(closed(80));
  }
  view.take(summary({3, 3}));
  view.end({});
  CHECK(set.text() == "192.0.2.1:22\n");
}

TEST_CASE("tcp text: a run that was cut short says how far it came", "[tools][tcp][text]") {
  scene set{{"-n", "192.0.2.1:1-1000"}};
  tcp::text_view view{set.on, true};
  auto account = summary({0, 10});
  account.pending = 5;
  view.take(account);
  tcp::ending how;
  how.elapsed = 1s;
  how.complete = false;
  how.totals = account;
  view.end(how);
  CHECK(
      set.text() ==
      "192.0.2.1: 10 closed, 5 not decided; 10 SYNs sent\n10 results of 1000 in 1 s, 10 packets a second\n");
}

TEST_CASE("tcp text: every finding is a sentence", "[tools][tcp][text]") {
  auto account = summary({1, 1});
  account.device_hops = 1;
  account.host_hops = 3;
  account.example_port = 23;
  using enum probe::tcp_finding;
  CHECK(tcp::finding_text(reset_by_device, account) ==
        "connections are reset by a device 1 hop away, not by the host, which is 3 hops away (port 23 for "
        "one)");
  for (const auto one : probe::all_tcp_findings) CHECK(tcp::finding_text(one, account).size() > 40);
}

TEST_CASE("tcp text: progress has a rate and says what is left", "[tools][tcp][text]") {
  scene set{{"192.0.2.1:1-1000"}};
  probe::tcp_course course{set.asked.plan, {}};
  REQUIRE(course.ready(mono_time{}));
  for (int i = 0; i < 250; ++i) course.take();
  CHECK(tcp::progress_text(course, summary({3}), 500ms) ==
        "asked 250 of 1000 (25%), 3 open; 500 a second, 1.5 s left");
}

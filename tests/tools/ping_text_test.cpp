// Lines of a series, held against what iputils 20221126 prints.
#include "tools/ping/icmp_words.hpp"
#include "tools/ping/mtu_view.hpp"
#include "tools/ping/text_lines.hpp"

#include "tests/catch.hpp"

namespace {

using namespace diag;
using namespace diag::ping;

const auto loopback = ip_address::v4(0x7f000001);
const auto router = ip_address::v4(0xc0000201);
const auto six = *parse_ip("2001:db8::1");

probe::ping_reply reply() {
  probe::ping_reply out;
  out.number = 1;
  out.from = loopback;
  out.hop_limit = 64;
  out.size = 64;
  out.rtt = 41us;
  return out;
}

probe::ping_error error(std::uint8_t type, std::uint8_t code, const ip_address& from = router) {
  probe::ping_error out;
  out.number = 3;
  out.from = from;
  out.type = type;
  out.code = code;
  return out;
}

wall_time wall_of(mono_time at) {
  return wall_time{at.time_since_epoch()};
}

}  // namespace

TEST_CASE("ping text: the header line of IPv4, of IPv6 and of a source", "[tools][ping]") {
  CHECK(header_line({{"", loopback}}) == "PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.\n");
  CHECK(header_line({{"localhost", loopback}, 1000}) ==
        "PING localhost (127.0.0.1) 1000(1028) bytes of data.\n");
  CHECK(header_line({{"", six}}) == "PING 2001:db8::1(2001:db8::1) 56 data bytes\n");
  CHECK(header_line({{"", loopback}, 56, loopback, "lo"}) ==
        "PING 127.0.0.1 (127.0.0.1) from 127.0.0.1 lo: 56(84) bytes of data.\n");
}

TEST_CASE("ping text: a reply, with the name where one was given", "[tools][ping]") {
  CHECK(reply_line(reply(), {"", loopback}, false) ==
        "64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.041 ms\n");
  CHECK(reply_line(reply(), {"localhost", loopback}, false) ==
        "64 bytes from localhost (127.0.0.1): icmp_seq=1 ttl=64 time=0.041 ms\n");
}

TEST_CASE("ping text: what is odd about a reply stands behind the line", "[tools][ping]") {
  auto odd = reply();
  odd.what = probe::ping_reply::kind::duplicate;
  CHECK(reply_line(odd, {"", loopback}, false).ends_with("time=0.041 ms (DUP!)\n"));
  odd.what = probe::ping_reply::kind::late;
  odd.rtt = 1203ms;
  CHECK(reply_line(odd, {"", loopback}, false).ends_with("time=1203 ms (late)\n"));
  odd.what = probe::ping_reply::kind::in_time;
  odd.odd = probe::anomalies{0} | probe::anomaly::truncated;
  CHECK(reply_line(odd, {"", loopback}, false).ends_with(" ms (truncated)\n"));
  odd.odd = probe::anomalies{0} | probe::anomaly::corrupt;
  odd.first_odd_octet = 12;
  CHECK(reply_line(odd, {"", loopback}, false).ends_with(" ms (corrupt at octet 12)\n"));
}

TEST_CASE("ping text: names from outside are escaped", "[tools][ping]") {
  CHECK(subject_text({"evil\033[2J", loopback}) == "evil\\x1b[2J (127.0.0.1)");
}

TEST_CASE("ping text: ICMP errors in iputils' words", "[tools][ping]") {
  CHECK(error_line(error(3, 1), false) == "From 192.0.2.1 icmp_seq=3 Destination Host Unreachable\n");
  CHECK(icmp_words(error(3, 0), false) == "Destination Net Unreachable");
  CHECK(icmp_words(error(3, 2), false) == "Destination Protocol Unreachable");
  CHECK(icmp_words(error(3, 3), false) == "Destination Port Unreachable");
  CHECK(icmp_words(error(11, 0), false) == "Time to live exceeded");
  CHECK(icmp_words(error(11, 1), false) == "Frag reassembly time exceeded");
  CHECK(icmp_words(error(1, 3, six), false) == "Destination unreachable: Address unreachable");
  CHECK(icmp_words(error(3, 0, six), false) == "Time exceeded: Hop limit");
}

TEST_CASE("ping text: ICMP errors in the RFC's words where those say more", "[tools][ping]") {
  const auto words = icmp_words(error(3, 13), false);
  CHECK(words.find("administratively prohibited") != words.npos);
  CHECK(icmp_words(error(3, 13), true).ends_with(" (type 3 code 13)"));
  CHECK_FALSE(icmp_words(error(3, 200), false).empty());
}

TEST_CASE("ping text: fragmentation needed names the MTU, and says so when it was not told",
          "[tools][ping]") {
  auto needed = error(3, 4);
  CHECK(icmp_words(needed, false) == "Frag needed and DF set (mtu not told)");
  needed.mtu = 1400;
  CHECK(icmp_words(needed, false) == "Frag needed and DF set (mtu = 1400)");
  auto big = error(2, 0, six);
  big.mtu = 1280;
  CHECK(icmp_words(big, false) == "Packet too big: mtu=1280");
}

TEST_CASE("ping text: a wrong source is named with its probe", "[tools][ping]") {
  probe::ping_rejected what;
  what.why = probe::reject_reason::wrong_source;
  what.from = router;
  what.target = 0;
  what.number = 2;
  CHECK(rejected_line(what, false) ==
        "From 192.0.2.1 icmp_seq=2 Answer from another address than the one asked (not counted)\n");
}

TEST_CASE("ping text: a lost probe and the time in front", "[tools][ping]") {
  CHECK(timeout_line({0, 7, mono_time{}, 1s}) == "no answer yet for icmp_seq=7\n");
  CHECK(stamp_text(wall_time{1700000000s + 42us}) == "[1700000000.000042] ");
}

TEST_CASE("ping text: the statistics block is iputils' with one line of ours", "[tools][ping]") {
  probe::rtt_statistics rtt;
  for (const auto sample : {41us, 50us, 60us}) rtt.add(sample);
  probe::loss_runs loss;
  probe::ping_summary account;
  account.sent = account.received = 3;
  account.elapsed = 2003ms;
  account.rtt = &rtt;
  account.loss = &loss;
  CHECK(statistics_block(account, {"host"}, wall_of) ==
        "\n--- host ping statistics ---\n"
        "3 packets transmitted, 3 received, 0% packet loss, time 2003ms\n"
        "rtt min/avg/max/mdev = 0.041/0.050/0.060/0.007 ms\n"
        "p50/p90/p95/p99 = 0.050/0.060/0.060/0.060 ms, jitter 0.001 ms, reordered 0, longest loss run 0\n");
}

TEST_CASE("ping text: every way a probe can end has its count", "[tools][ping]") {
  probe::rtt_statistics rtt;
  rtt.add(1ms);
  probe::loss_runs loss;
  loss.settle(1, mono_time{1s}, probe::loss_runs::outcome::answered);
  loss.settle(2, mono_time{2s}, probe::loss_runs::outcome::lost);
  loss.settle(3, mono_time{3s}, probe::loss_runs::outcome::lost);
  probe::ping_summary account;
  account.sent = 7;
  account.received = 1;
  account.lost = 1;
  account.errors = 1;
  account.late = 1;
  account.duplicates = 2;
  account.not_sent = 3;
  account.pending = 1;
  account.corrupt = 1;
  account.rejected[0] = 4;
  account.rtt = &rtt;
  account.loss = &loss;
  const auto text = statistics_block(account, {"host", false, 9}, wall_of);
  CHECK(
      text.find(
          "4 packets transmitted, 1 received, +2 duplicates, +1 corrupted, +1 errors, +1 late, +3 not sent, "
          "+1 pending, +4 rejected, 66.6667% packet loss, time 0ms\n") != text.npos);
  CHECK(text.find(
            "lost by our own receiver 9, longest loss run 2; outages 1970-01-01T00:00:02.000Z - the end (2 "
            "lost)\n") != text.npos);
}

TEST_CASE("ping text: no loss is stated where no fate is known", "[tools][ping]") {
  probe::rtt_statistics rtt;
  probe::loss_runs loss;
  probe::ping_summary account;
  account.sent = account.not_sent = 2;
  account.rtt = &rtt;
  account.loss = &loss;
  CHECK(statistics_block(account, {"host"}, wall_of) ==
        "\n--- host ping statistics ---\n0 packets transmitted, 0 received, +2 not sent, time 0ms\n");
}

TEST_CASE("ping text: the interim line is iputils'", "[tools][ping]") {
  probe::rtt_statistics rtt;
  rtt.add(40us);
  probe::ping_summary account;
  account.sent = account.received = 1;
  account.rtt = &rtt;
  CHECK(interim_line(account) == "1/1 packets, 0% loss, min/avg/ewma/max = 0.040/0.040/0.040/0.040 ms");
}

TEST_CASE("ping text: the path MTU search says who limits the path", "[tools][ping]") {
  probe::mtu_step step;
  step.size = 1500;
  step.what = probe::mtu_step::outcome::too_big;
  step.from = router;
  step.mtu = 1400;
  CHECK(mtu_step_line(step) == "1500 octets: too big, 192.0.2.1 says 1400\n");
  probe::mtu_verdict verdict;
  verdict.path_mtu = 1400;
  verdict.upper = 1500;
  verdict.limited_by = router;
  verdict.sent = 4;
  CHECK(mtu_verdict_line({"", loopback}, verdict) ==
        "path MTU to 127.0.0.1 is 1400 octets (told by 192.0.2.1), 4 packets\n");
  verdict.limited_by = {};
  verdict.black_hole = true;
  verdict.silent_above = 1401;
  CHECK(mtu_verdict_line({"", loopback}, verdict).find("BLACK HOLE") != std::string::npos);
}

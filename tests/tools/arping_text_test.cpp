// The lines of diag-arping, to the letter.
#include <algorithm>

#include "tools/arping/claim_view.hpp"
#include "tools/arping/sweep_view.hpp"
#include "tools/arping/text_lines.hpp"
#include "tools/arping/text_view.hpp"

#include "tests/tools/arping_stage.hpp"

namespace {

using namespace diag;
using namespace diag::arping;
using arping::test::account_of;
using arping::test::at;
using arping::test::host_a;
using arping::test::host_b;
using arping::test::ip;
using arping::test::reply_from;
using arping::test::scene;

target_result result_of(const probe::neighbor_summary& account, verdict what) {
  target_result result;
  result.account = &account;
  result.what = what;
  return result;
}

}  // namespace

TEST_CASE("arping text: a series with a second owner", "[tools][arping]") {
  scene s{{"192.0.2.7"}};
  series_view shown{*s.on};
  shown.begin();
  CHECK(s.text() == "ARP 192.0.2.7 from 192.0.2.1 (02:00:5e:10:00:01) on eth0\n");
  shown.take(probe::neighbor_event{reply_from(host_a)});
  auto second = reply_from(host_b);
  second.rtt = second.rtt_most = 398us;
  shown.take(probe::neighbor_event{second});
  CHECK(s.text() ==
        "192.0.2.7 is at 00:00:5e:00:53:0a  seq 1  0.312 ms\n"
        "192.0.2.7 is at 00:00:5e:00:53:0b  seq 1  0.398 ms  second owner\n");
  const auto account = account_of({host_a, host_b});
  shown.conclude(result_of(account, verdict::conflict));
  shown.end({});
  CHECK(s.text() ==
        "--- 192.0.2.7: conflict: 00:00:5e:00:53:0a and 00:00:5e:00:53:0b\n3 probes, 3 answered, 0 lost\n");
}

TEST_CASE("arping text: what is odd about an answer stands behind it", "[tools][arping]") {
  scene s{{"192.0.2.7"}};
  auto reply = reply_from(host_a, 2);
  reply.pair = probe::neighbor_reply::pairing::ambiguous;
  reply.rtt_most = 1200ms;
  reply.said.frame_source = host_b;
  CHECK(reply_line(*s.on, reply, 1) ==
        "192.0.2.7 is at 00:00:5e:00:53:0a  seq 2  0.312 to 1200 ms  to which probe is not certain  from "
        "00:00:5e:00:53:0b\n");
  reply = reply_from(host_a, 2);
  reply.what = probe::neighbor_reply::kind::late;
  reply.said.frame_destination = probe::broadcast_mac;
  CHECK(reply_line(*s.on, reply, 1) ==
        "192.0.2.7 is at 00:00:5e:00:53:0a  seq 2  0.312 ms  late  to everyone\n");
}

TEST_CASE("arping text: somebody who repeats himself does not fill the screen", "[tools][arping]") {
  scene s{{"192.0.2.7"}};
  series_view shown{*s.on};
  auto again = reply_from(host_a, 1);
  again.what = probe::neighbor_reply::kind::duplicate;
  again.new_owner = false;
  for (int i = 0; i < 100; ++i) shown.take(probe::neighbor_event{again});
  const auto text = s.text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 4);
}

TEST_CASE("arping text: -q shows the result alone, -a rings", "[tools][arping]") {
  scene quiet{{"-q", "192.0.2.7"}};
  series_view shown{*quiet.on};
  shown.begin();
  shown.take(probe::neighbor_event{reply_from(host_a)});
  shown.take(probe::neighbor_event{probe::neighbor_timeout{0, 2, at(2s), 1s}});
  CHECK(quiet.text().empty());
  scene loud{{"-a", "192.0.2.7"}};
  series_view rung{*loud.on};
  rung.take(probe::neighbor_event{reply_from(host_a)});
  CHECK(loud.text().front() == '\a');
}

TEST_CASE("arping text: rows of IPv6 addresses line up", "[tools][arping]") {
  scene s{{"2001:db8::10-2001:db8::11"}};
  CHECK(
      row_line(*s.on, reply_from(host_a), 1) ==
      "2001:db8::10                             00:00:5e:00:53:0a  -                             0.312 ms\n");
}

TEST_CASE("arping text: whoever watches reads of a first owner once", "[tools][arping]") {
  scene s{{"--watch", "192.0.2.7"}};
  watch_view shown{*s.on};
  shown.take(probe::neighbor_event{probe::neighbor_change{0, at(1s), std::nullopt, host_a, false}});
  CHECK(s.text().empty());
  shown.take(probe::neighbor_event{probe::neighbor_change{0, at(2s), host_a, host_b, false}});
  CHECK_FALSE(s.text().empty());
  shown.take(probe::neighbor_event{probe::neighbor_change{0, at(3s), host_b, std::nullopt, false}});
  CHECK_FALSE(s.text().empty());
}

TEST_CASE("arping text: a sweep has a row for each owner and a line of totals", "[tools][arping]") {
  scene s{{"192.0.2.6-8"}};
  sweep_view shown{*s.on};
  shown.begin();
  CHECK(s.text() == "ARP 3 targets from 192.0.2.1 (02:00:5e:10:00:01) on eth0\n");
  auto reply = reply_from(host_a);
  reply.target = 1;
  shown.take(probe::neighbor_event{reply});
  reply.new_owner = false;
  shown.take(probe::neighbor_event{reply});
  CHECK(s.text() == "192.0.2.7        00:00:5e:00:53:0a  -                             0.312 ms\n");
  auto account = account_of({host_a, host_b});
  account.target = 1;
  shown.conclude(result_of(account, verdict::conflict));
  probe::neighbor_totals totals;
  totals.targets = 3;
  totals.in_use = totals.conflicts = 1;
  totals.sent = 5;
  shown.end({.elapsed = 610ms, .totals = totals});
  CHECK(s.text() ==
        "1 of 3 in use, 1 conflict; 5 probes in 610 ms\n"
        "192.0.2.7: conflict: 00:00:5e:00:53:0a and 00:00:5e:00:53:0b\n");
}

TEST_CASE("arping text: --watch tells changes with their times, and no answers", "[tools][arping]") {
  scene s{{"--watch", "192.0.2.7"}};
  watch_view shown{*s.on};
  shown.take(probe::neighbor_event{reply_from(host_a)});
  shown.take(probe::neighbor_event{reply_from(host_a, 2)});
  shown.take(probe::neighbor_event{probe::neighbor_change{0, at(2s), host_a, host_b, true}});
  shown.take(probe::neighbor_event{probe::neighbor_change{0, at(3s), host_b, std::nullopt, false}});
  shown.take(probe::neighbor_event{probe::neighbor_link_state{at(4s), {2, false, false, false}}});
  CHECK(s.text() ==
        "2023-11-14 22:13:20.001  192.0.2.7 is at 00:00:5e:00:53:0a  seq 1  0.312 ms\n"
        "2023-11-14 22:13:22.000  192.0.2.7 moved from 00:00:5e:00:53:0a to 00:00:5e:00:53:0b  (announced)\n"
        "2023-11-14 22:13:23.000  192.0.2.7 does not answer any more; it was at 00:00:5e:00:53:0b\n"
        "2023-11-14 22:13:24.000  eth0 is down\n");
}

TEST_CASE("arping text: --watch calls nobody a second owner to whom the address may have moved",
          "[tools][arping]") {
  scene s{{"--watch", "192.0.2.7"}};
  watch_view shown{*s.on};
  shown.take(probe::neighbor_event{reply_from(host_a)});
  auto next = reply_from(host_b);
  next.at = at(2s);
  shown.take(probe::neighbor_event{next});
  CHECK(s.text() ==
        "2023-11-14 22:13:20.001  192.0.2.7 is at 00:00:5e:00:53:0a  seq 1  0.312 ms\n"
        "2023-11-14 22:13:22.000  192.0.2.7 is at 00:00:5e:00:53:0b  seq 1  0.312 ms  another owner than "
        "before\n");
}

TEST_CASE("arping text: probes that were open at the end, and a count that is not met, are told",
          "[tools][arping]") {
  scene s{{"--expect-count", ">=2", "192.0.2.7", "192.0.2.8"}};
  auto account = account_of({});
  account.lost = 2;
  account.pending = 1;
  CHECK(counts_line(account) == "3 probes, 0 answered, 2 lost, 1 still open");
  sweep_view shown{*s.on};
  judge held{*s.on, *s.records};
  shown.end({.unmet = held.close()});
  CHECK(s.text().find("\n0 in use, expected 2 or more\n") != std::string::npos);
}

TEST_CASE("arping text: a claim has a line for each step and a verdict", "[tools][arping]") {
  scene s{{"-D", "-I", "eth0", "192.0.2.50"}};
  claim_view shown{*s.on};
  shown.begin();
  shown.take(probe::claim_event{probe::claim_step{probe::claim_step::kind::probed, 0, 1, at(1s)}});
  probe::claim_objection objection;
  objection.at = at(1s);
  objection.since_probe = 280us;
  objection.said = reply_from(host_a).said;
  shown.take(probe::claim_event{objection});
  probe::claim_summary end;
  end.verdict = probe::claim_verdict::in_use;
  end.probes = end.objections = 1;
  end.elapsed = 400ms;
  end.owners = {host_a};
  shown.take(probe::claim_event{end});
  CHECK(s.text() ==
        "claiming 192.0.2.50 (02:00:5e:10:00:01) on eth0\n"
        "192.0.2.50 probed  1\n"
        "192.0.2.50 is at 00:00:5e:00:53:0a  0.280 ms after the probe  (reply)\n"
        "--- 192.0.2.50: in-use: 00:00:5e:00:53:0a\n"
        "1 probe, 1 objection in 400 ms\n");
}

TEST_CASE("arping text: what could not be told says why", "[tools][arping]") {
  scene s{{"-D", "-I", "eth0", "192.0.2.50"}};
  probe::claim_summary end;
  end.verdict = probe::claim_verdict::cannot_tell;
  CHECK(claim_block(*s.on, end).find("cannot-tell (cut short)") != std::string::npos);
  end.why = probe::reason::interface_down;
  CHECK(claim_block(*s.on, end).find("cannot-tell (interface-down)") != std::string::npos);
  end = {};
  end.verdict = probe::claim_verdict::free;
  end.owners = {host_a};
  CHECK(claim_block(*s.on, end).find("free, held against 00:00:5e:00:53:0a") != std::string::npos);
}

TEST_CASE("arping text: a search lists addresses with how they became known", "[tools][arping]") {
  scene s{{"-I", "eth0", "192.0.2.7"}};
  s.options.wanted = host_a;
  probe::mac_found found;
  found.address = ip("192.0.2.7");
  found.rtt = 8us;
  CHECK(search_header(*s.on) ==
        "searching for 00:00:5e:00:53:0a from 192.0.2.1 (02:00:5e:10:00:01) on eth0\n");
  CHECK(found_line(*s.on, found) == "00:00:5e:00:53:0a has 192.0.2.7  (asked)  0.008 ms\n");
  probe::mac_search_summary end;
  end.sent = 10;
  end.elapsed = 1s;
  end.complete = true;
  CHECK(search_block(*s.on, end) == "--- 00:00:5e:00:53:0a: no-answer\n10 questions, 0 answers in 1 s\n");
}

TEST_CASE("arping text: a zone is shown by the name of its link", "[tools][arping]") {
  scene s{{"-I", "eth0", "192.0.2.7"}};
  auto address = ip("fe80::7");
  address.scope(2);
  CHECK(s.on->address_text(address) == "fe80::7%eth0");
  address.scope(9);
  CHECK(s.on->address_text(address) == "fe80::7%9");
}

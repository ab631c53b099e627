// What people read: rows, marks, extensions, verdicts; the order in which they come.
#include "tools/traceroute/flow_parts.hpp"
#include "tools/traceroute/text_lines.hpp"
#include "tools/traceroute/text_view.hpp"

#include "tests/catch.hpp"
#include "tests/tools/traceroute_stage.hpp"

namespace {

using namespace diag;
using namespace diag::traceroute;
using namespace diag::traceroute::test;
using probe::hop_state;
using probe::path_stop;

std::string line_of(const probe::hop_row& row, const address_labels& labels = {}, bool extensions = false) {
  const report::style plain;
  return row_line(row, {labels, plain, extensions});
}

probe::hop_row target_row(std::uint8_t hop, std::string_view address, std::uint32_t target = 0) {
  return row_of(
      hop,
      {answer_from(address, 1200us, hop_state::reached), answer_from(address, 1100us, hop_state::reached),
       answer_from(address, 1300us, hop_state::reached)},
      target);
}

}  // namespace

TEST_CASE("traceroute text: a row has Butskoy's shape", "[tools][traceroute]") {
  const auto row = row_of(1, {answer_from("198.51.100.1", 345us), answer_from("198.51.100.1", 312us), {}});
  CHECK(line_of(row) == " 1  198.51.100.1  0.345 ms  0.312 ms *");
  CHECK(line_of(row, labels_of({{"198.51.100.1", "gw.example"}})) ==
        " 1  gw.example (198.51.100.1)  0.345 ms  0.312 ms *");
  CHECK(line_of(silent_row(2)) == " 2  * * *");
  CHECK(line_of(row_of(12, {answer_from("198.51.100.9", 900us), answer_from("198.51.100.10", 1ms), {}})) ==
        "12  198.51.100.9  0.900 ms 198.51.100.10  1.000 ms *");
}

TEST_CASE("traceroute text: where flows part, each address has a line with its flows",
          "[tools][traceroute]") {
  auto row = row_of(2, {answer_from("198.51.100.9", 11us),
                        answer_from("198.51.100.9", 7us),
                        answer_from("198.51.100.10", 12us),
                        {},
                        answer_from("198.51.100.9", 5us),
                        answer_from("198.51.100.9", 6us),
                        {},
                        {}});
  for (std::size_t i = 0; i < row.probes.size(); ++i)
    row.probes[i].asked.flow = static_cast<std::uint16_t>(i / 2);
  CHECK(line_of(row) ==
        " 2  198.51.100.9  0.011 ms  0.007 ms  0.005 ms  0.006 ms  flows 1,3\n"
        "    198.51.100.10  0.012 ms *  flow 2\n"
        "    * *  flow 4");
  // Where they met the same router nothing is to be told.
  row.probes[2].answer.from = row.probes[0].answer.from;
  CHECK(line_of(row) == " 2  198.51.100.9  0.011 ms  0.007 ms  0.012 ms *  0.005 ms  0.006 ms * *");
  const std::vector<std::uint16_t> many{0, 1, 2, 4, 5, 8};
  CHECK(flow_words(many) == "flows 1-3,5,6,9");
}

TEST_CASE("traceroute text: a hostile name is escaped", "[tools][traceroute]") {
  const auto row = row_of(1, {answer_from("198.51.100.1", 1ms)});
  CHECK(line_of(row, labels_of({{"198.51.100.1", "\033[31m\nx"}})) ==
        " 1  \\x1b[31m\\x0ax (198.51.100.1)  1.000 ms");
}

TEST_CASE("traceroute text: every unreachable has its mark", "[tools][traceroute]") {
  const auto v4 = [](std::uint8_t type, std::uint8_t code) {
    return mark_of(refusal_from("198.51.100.1", type, code));
  };
  CHECK(v4(3, 0) == "!N");
  CHECK(v4(3, 1) == "!H");
  CHECK(v4(3, 2) == "!P");
  CHECK(v4(3, 3) == "!<3>");
  CHECK(v4(3, 4) == "!F");
  CHECK(v4(3, 5) == "!S");
  CHECK(v4(3, 9) == "!<9>");
  CHECK(v4(3, 13) == "!X");
  CHECK(v4(3, 14) == "!V");
  CHECK(v4(3, 15) == "!C");
  CHECK(v4(12, 1) == "!<12-1>");
  auto too_big = refusal_from("198.51.100.1", 3, 4);
  too_big.mtu = 1400;
  CHECK(mark_of(too_big) == "!F-1400");
  const auto v6 = [](std::uint8_t type, std::uint8_t code) {
    return mark_of(refusal_from("2001:db8::1", type, code));
  };
  CHECK(v6(1, 0) == "!N");
  CHECK(v6(1, 1) == "!X");
  CHECK(v6(1, 3) == "!H");
  CHECK(v6(1, 4) == "!<4>");
  CHECK(v6(1, 5) == "!<5>");
  CHECK(v6(4, 1) == "!<4-1>");
  auto big_v6 = refusal_from("2001:db8::1", 2, 0);
  big_v6.mtu = 1280;
  CHECK(mark_of(big_v6) == "!F-1280");
  CHECK(mark_of(answer_from("198.51.100.1", 1ms)).empty());
  CHECK(mark_of(answer_from("198.51.100.1", 1ms, hop_state::reached)).empty());
  probe::path_answer unsent;
  unsent.state = hop_state::error;
  CHECK(mark_of(unsent) == "!E");
}

TEST_CASE("traceroute text: extensions are shown when asked for, and where they change",
          "[tools][traceroute]") {
  auto labelled = answer_from("198.51.100.9", 900us);
  labelled.mpls = {{100, 0, false, 1}, {200, 5, true, 254}};
  const auto row = row_of(3, {labelled, labelled, answer_from("198.51.100.9", 1ms)});
  CHECK(line_of(row) == " 3  198.51.100.9  0.900 ms  0.900 ms  1.000 ms");
  CHECK(line_of(row, {}, true) ==
        " 3  198.51.100.9 <MPLS:L=100,E=0,S=0,T=1/L=200,E=5,S=1,T=254>  0.900 ms  0.900 ms  1.000 ms");
  probe::path_answer other;
  other.interfaces.push_back({wire::interface_role::incoming, 2, ip("192.0.2.1"), "eth\033", 1500});
  other.other_objects.emplace_back("3/1:00ff");
  other.bad_extension = true;
  CHECK(extension_text(other) == "<INC:2,192.0.2.1,\"eth\\x1b\",mtu=1500> <3/1:00ff> <bad extension>");
}

TEST_CASE("traceroute text: rows of one target come as they are told, the verdict behind them",
          "[tools][traceroute]") {
  scene here{{"192.0.2.9"}};
  text_view view{*here.on, true};
  view.begin();
  CHECK(here.text() == "diag-traceroute to 192.0.2.9, 30 hops max, 60 byte packets, udp 33434\n");
  view.take(row_of(1, {answer_from("198.51.100.1", 345us)}));
  CHECK(here.text() == " 1  198.51.100.1  0.345 ms\n");
  view.take(silent_row(2));
  CHECK(here.text().empty());
  view.take(target_row(3, "192.0.2.9"));
  CHECK(here.text() == " 2  * * *\n 3  192.0.2.9  1.200 ms  1.100 ms  1.300 ms\n");
  view.take(end_of(path_stop::reached, 3));
  CHECK(here.text().starts_with("reached 192.0.2.9 at hop 3 in 1.100 ms\n"));
}

TEST_CASE("traceroute text: silent hops at the end are one line", "[tools][traceroute]") {
  scene here{{"-n", "192.0.2.9"}};
  text_view view{*here.on, true};
  view.begin();
  view.take(row_of(7, {answer_from("192.0.2.33", 1ms)}));
  for (std::uint8_t hop = 8; hop <= 23; ++hop) view.take(silent_row(hop));
  here.text();
  view.take(end_of(path_stop::silence, 7));
  CHECK(
      here.text().starts_with(" 8-23  *  nothing from 16 hops in a row\n"
                              "not reached: nothing answers beyond hop 7 (192.0.2.33)\n"));
}

TEST_CASE("traceroute text: one silent hop at the end is a row like others", "[tools][traceroute]") {
  scene here{{"-n", "-m", "2", "192.0.2.9"}};
  text_view view{*here.on, true};
  view.begin();
  view.take(row_of(1, {answer_from("192.0.2.33", 1ms)}));
  view.take(silent_row(2));
  here.text();
  auto end = end_of(path_stop::last_hop, 1);
  end.asked_to = 2;
  view.take(end);
  CHECK(here.text().starts_with(" 2  * * *\nnot reached: it is beyond hop 2, the last that was asked\n"));
}

TEST_CASE("traceroute text: several targets are printed whole, each when it is done", "[tools][traceroute]") {
  scene here{{"-n", "192.0.2.9", "192.0.2.10"}};
  text_view view{*here.on, true};
  view.begin();
  view.take(target_row(1, "192.0.2.10", 1));
  view.take(row_of(1, {answer_from("198.51.100.1", 1ms)}, 0));
  CHECK(here.text().empty());
  view.take(end_of(path_stop::reached, 1, 1));
  CHECK(
      here.text().starts_with("diag-traceroute to 192.0.2.10, 30 hops max, 60 byte packets, udp 33434\n"
                              " 1  192.0.2.10  1.200 ms"));
  view.take(end_of(path_stop::silence, 1, 0));
  CHECK(here.text().starts_with("\ndiag-traceroute to 192.0.2.9, "));
}

TEST_CASE("traceroute text: --quiet leaves the verdict", "[tools][traceroute]") {
  scene here{{"-n", "--quiet", "192.0.2.9"}};
  text_view view{*here.on, false};
  view.begin();
  view.take(target_row(1, "192.0.2.9"));
  view.take(end_of(path_stop::reached, 1));
  const auto text = here.text();
  CHECK(text.find("1.200 ms") == std::string::npos);
  CHECK(text.find("reached 192.0.2.9 at hop 1") != std::string::npos);
}

TEST_CASE("traceroute text: verdicts say where it stops and who says so", "[tools][traceroute]") {
  scene here{{"-T", "-p", "443", "192.0.2.9"}};
  const auto verdict = [&](std::vector<probe::hop_row> rows, const probe::path_end& end) {
    return verdict_line({here.plan.paths[0], std::move(rows), end}, *here.on);
  };
  CHECK(verdict({row_of(3, {refusal_from("198.51.100.3", 3, 13)})}, end_of(path_stop::unreachable, 3)) ==
        "not reached: admin-prohibited, says 198.51.100.3 at hop 3");
  CHECK(verdict({}, end_of(path_stop::silence, 0)) == "not reached: nothing answers at all");
  CHECK(verdict({}, end_of(path_stop::interrupted, 0)) == "not reached: interrupted; nothing answers at all");
  CHECK(verdict({}, end_of(path_stop::error, 0)) == "not reached: this host could not send");
  auto open = answer_from("192.0.2.9", 1ms, hop_state::reached);
  open.tcp_flags = 0x12;
  CHECK(verdict({row_of(4, {open})}, end_of(path_stop::reached, 4)) ==
        "reached 192.0.2.9 at hop 4 in 1.100 ms, tcp/443 open");
  open.tcp_flags = 0x14;
  CHECK(verdict({row_of(4, {open})}, end_of(path_stop::reached, 4)) ==
        "reached 192.0.2.9 at hop 4 in 1.100 ms, tcp/443 closed");
}

TEST_CASE("traceroute text: --mtu shows what fits where it changes", "[tools][traceroute]") {
  const report::style plain;
  const address_labels labels;
  const row_manner manner{labels, plain, false};
  probe::mtu_row row;
  row.hop = 1;
  row.mtu = 1500;
  row.answer = answer_from("198.51.100.1", 345us);
  CHECK(mtu_row_line(row, 0, manner) == " 1  198.51.100.1  0.345 ms  F=1500");
  CHECK(mtu_row_line(row, 1500, manner) == " 1  198.51.100.1  0.345 ms");
  row.mtu = 1400;
  row.lowered = true;
  CHECK(mtu_row_line(row, 1500, manner) ==
        " 1  198.51.100.1  0.345 ms  F=1400  found by trying: nobody says so");
  row.limited_by = ip("198.51.100.9");
  row.limited_at = 2;
  CHECK(mtu_row_line(row, 1500, manner) == " 1  198.51.100.1  0.345 ms  F=1400  says 198.51.100.9 at hop 2");
  row = {};
  row.hop = 2;
  CHECK(mtu_row_line(row, 1500, manner) == " 2  *");

  scene here{{"--mtu", "192.0.2.9"}};
  probe::mtu_end end;
  end.why = path_stop::reached;
  end.hops = 4;
  end.path_mtu = 1400;
  CHECK(mtu_verdict_line(end, *here.on) == "path MTU 1400 to 192.0.2.9 at hop 4");
  end.why = path_stop::interrupted;
  CHECK(mtu_verdict_line(end, *here.on) == "interrupted: path MTU at least 1400 up to hop 4");
  CHECK(mtu_verdict_line({.why = path_stop::interrupted}, *here.on) ==
        "no path MTU: interrupted; nothing answers");
  end.why = path_stop::reached;
  end.black_hole_after = 2;
  end.smallest_lost = 1401;
  CHECK(mtu_verdict_line(end, *here.on) ==
        "path MTU 1400 to 192.0.2.9 at hop 4; black hole after hop 2: packets of 1401 octets and more "
        "vanish and nobody says why");
}

TEST_CASE("traceroute text: --mda shows nodes, flows and ways on", "[tools][traceroute]") {
  auto graph = std::make_shared<probe::path_graph>();
  graph->nodes = {{.hop = 0, .address = ip("192.0.2.2"), .flows = 11},
                  {.hop = 1, .address = ip("198.51.100.1"), .flows = 11, .rtt = 300us},
                  {.hop = 2, .address = ip("198.51.100.2"), .flows = 6, .rtt = 1ms},
                  {.hop = 2, .address = ip("198.51.100.3"), .flows = 5, .per_packet = true},
                  {.hop = 3, .address = ip("192.0.2.9"), .flows = 11, .target = true}};
  graph->links = {{0, 1, 11}, {1, 2, 6}, {1, 3, 5}, {2, 4, 6}, {3, 4, 5}};
  probe::multipath what;
  what.why = path_stop::reached;
  what.hops = 3;
  what.flows = 11;
  what.sent = 40;
  what.graph = graph;
  const report::style plain;
  const address_labels labels;
  CHECK(multipath_lines(what, {labels, plain, false}) ==
        " 1  198.51.100.1  0.300 ms  11 flows  -> 198.51.100.2 (6), 198.51.100.3 (5)\n"
        " 2  198.51.100.2  1.000 ms  6 flows\n"
        "    198.51.100.3  5 flows  per packet\n"
        " 3  192.0.2.9  11 flows\n");
  scene here{{"--mda", "192.0.2.9"}};
  CHECK(multipath_verdict_line(what, *here.on) ==
        "reached 192.0.2.9 at hop 3, 2 paths, 11 flows, 40 probes sent");
  what.complete = false;
  CHECK(multipath_verdict_line(what, *here.on).find("there may be more") != std::string::npos);
  what.why = path_stop::interrupted;
  what.hops = 0;
  CHECK(multipath_verdict_line(what, *here.on)
            .starts_with("not reached: interrupted; nothing answers at all, 11 flows, 40 probes sent"));
}

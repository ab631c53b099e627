// Strangers, liars and broken boxes on a path: nothing that does not prove itself makes a row.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/sim/path_forgeries.hpp"
#include "tests/sim/path_stage.hpp"
#include "tests/sim/tcp_packets.hpp"

using namespace diag;
using namespace diag::sim;
using probe::reject_reason;

namespace {

ip_family either() {
  return GENERATE(ip_family::v4, ip_family::v6);
}
path_method any_method() {
  return GENERATE(path_method::udp, path_method::icmp, path_method::tcp_syn, path_method::tcp_ack);
}

path_street_config deaf() {
  path_street_config street;
  street.routers.silent = true;
  street.host.udp = port_manner::silent;
  street.host.tcp = port_manner::silent;
  street.host.echo = false;
  return street;
}

template <class Mangle>
path_street_config hop_mangling(std::size_t where, Mangle&& mangle) {
  path_street_config street;
  street.shape = [where, mangle](std::size_t hop, path_router_config& own) {
    if (hop == where) own.mangle = mangle;
  };
  return street;
}

}  // namespace

TEST_CASE("hostile: 10^5 forgeries make no row", "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  path_stage trial{deaf()};
  trial.config.timeout = 1s;
  seeded_random random{static_cast<std::uint64_t>(method) + (family == ip_family::v4 ? 10 : 20)};
  std::uint64_t forged = 0;
  trial.forge = [&](const packet& asked) {
    std::vector<injector::forgery> out;
    for (int i = 0; i < 320; ++i) {
      out.emplace_back(duration{static_cast<std::int64_t>(random.below(900'000'000))},
                       forge_answer(asked, random));
      ++forged;
    }
    return out;
  };
  trial.ask(question(family, method)).trace();
  INFO("IPv" << (family == ip_family::v4 ? 4 : 6) << ", " << probe::describe(method) << ": " << forged);
  // Eight sections, one for each method and family.
  CHECK(forged >= 100'000 / 8);
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "*+");
  CHECK(trial.end().why == path_stop::silence);
  CHECK(trial.counts.answered == 0);
  CHECK(trial.counts.late == 0);
  CHECK(trial.counts.duplicates == 0);
  CHECK(trial.counts.rejected > 0);
}

TEST_CASE("hostile: true answers are heard among forgeries", "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  path_stage trial;
  seeded_random random{static_cast<std::uint64_t>(method) + 77};
  trial.forge = [&](const packet& asked) {
    std::vector<injector::forgery> out;
    for (int i = 0; i < 20; ++i)
      out.emplace_back(duration{static_cast<std::int64_t>(random.below(6'000'000))},
                       forge_answer(asked, random));
    return out;
  };
  trial.ask(question(family, method)).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r3 r4 r5 T");
  CHECK(trial.remarks() == "");
  CHECK(trial.counts.silent == 0);
  for (const auto& row : trial.rows())
    for (const auto& one : row.probes) CHECK(one.answer.rtt == row.hop * 1ms);
}

TEST_CASE("hostile: right ports and wrong numbers are rejected with their reason", "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  path_stage trial{deaf()};
  trial.config.timeout = 300ms;
  seeded_random random{5};
  trial.forge = [&](const packet& asked) {
    auto quoted = asked;
    const auto at = look(quoted)->header_size;
    if (family == ip_family::v4) store_be16(quoted, 4, static_cast<std::uint16_t>(random()));
    // Everything behind the ports, or behind the identifier.
    const auto from = method == path_method::icmp || method == path_method::udp ? at + 6 : at + 4;
    for (auto i = from; i < quoted.size(); ++i) quoted[i] = static_cast<std::byte>(random() & 0xff);
    if (method == path_method::tcp_syn || method == path_method::tcp_ack) store_u8(quoted, at + 12, 0x50);
    finish_ip(quoted);
    icmp_error_fields fields;
    fields.from = hop_address(family, 2);
    fields.type = family == ip_family::v4 ? 11 : 3;
    fields.code = 0;
    return std::vector<injector::forgery>{{1ms, icmp_error(quoted, fields)}};
  };
  trial.ask(question(family, method)).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "*+");
  const auto rejects = trial.rejects();
  CHECK(rejects.size() == trial.counts.sent);
  for (const auto why : rejects)
    CHECK((why == reject_reason::wrong_token || why == reject_reason::foreign_quote ||
           why == reject_reason::forgotten || why == reject_reason::future_sequence));
}

TEST_CASE("hostile: errors about strangers' packets are nothing of ours", "[sim][path]") {
  const auto family = either();
  path_stage trial;
  trial.forge = [&](const packet& asked) {
    auto quoted = asked;
    quoted[family == ip_family::v4 ? 19 : 39] ^= std::byte{0x10};
    for (auto i = look(quoted)->header_size; i < quoted.size(); ++i) quoted[i] ^= std::byte{0x33};
    finish_ip(quoted);
    icmp_error_fields fields;
    fields.from = hop_address(family, 9);
    fields.type = family == ip_family::v4 ? 11 : 3;
    fields.code = 0;
    return std::vector<injector::forgery>{{100us, icmp_error(quoted, fields)}};
  };
  trial.ask(question(family, any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r3 r4 r5 T");
}

TEST_CASE("hostile: every bit flipped in an error costs that answer and no more", "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  // IP, ICMP, quoted IP, quoted eight octets.
  const std::size_t size = family == ip_family::v4 ? 20 + 8 + 28 : 40 + 8 + 48;
  const std::size_t from = family == ip_family::v4 ? 20 : 40;
  for (std::size_t bit = from * 8; bit < size * 8; ++bit) {
    INFO("bit " << bit << ", " << probe::describe(method));
    path_stage trial{hop_mangling(3, [bit](packet& error) { error[bit / 8] ^= std::byte{1} << bit % 8; })};
    trial.tracing.probes_per_hop = 1;
    trial.ask(question(family, method)).trace();
    CHECK(trial.breach() == "");
    CHECK(trial.path() == "r1 r2 * r4 r5 T");
    // Where the flip makes it another's, nothing is said of it. ICMPv6 is the kernel's to verify.
    const auto rejects = trial.rejects();
    CHECK(rejects.size() <= (family == ip_family::v4 ? 1 : 0));
    for (const auto why : rejects)
      CHECK((why == reject_reason::bad_checksum || why == reject_reason::bad_quote));
  }
}

TEST_CASE("hostile: any octet of the quote changed, and the checksum mended: a hop or a reject",
          "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  const std::size_t quote = family == ip_family::v4 ? 28 : 48;
  for (std::size_t at = quote; at < quote + (family == ip_family::v4 ? 28 : 48); ++at)
    for (const auto flip : {0x01, 0x80, 0xff}) {
      INFO("octet " << at << " ^ " << flip << ", " << probe::describe(method));
      path_stage trial{hop_mangling(3, [&](packet& error) {
        error[at] ^= static_cast<std::byte>(flip);
        finish_icmp(error);
      })};
      trial.tracing.probes_per_hop = 1;
      trial.ask(question(family, method)).trace();
      CHECK(trial.breach() == "");
      const auto path = trial.path();
      CHECK((path == "r1 r2 r3 r4 r5 T" || path == "r1 r2 * r4 r5 T"));
    }
}

TEST_CASE("hostile: a quote of 64 KiB makes a hop", "[sim][path]") {
  path_stage trial{hop_mangling(3, [](packet& error) {
    error.resize(65'000, std::byte{0x41});
    store_be16(error, 2, static_cast<std::uint16_t>(error.size()));
    finish_ip(error);
    finish_icmp(error);
  })};
  trial.ask(question(ip_family::v4, any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r3 r4 r5 T");
}

TEST_CASE("hostile: time exceeded in reassembly is noted, and is no hop of its own", "[sim][path]") {
  const auto family = either();
  path_stage trial{hop_mangling(3, [](packet& error) {
    store_u8(error, icmp_offset(error) + 1, 1);
    finish_icmp(error);
  })};
  trial.ask(question(family, any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.found(path_finding_kind::reassembly));
  CHECK(trial.finding(path_finding_kind::reassembly).hop == 3);
  CHECK(trial.row(3).probes.front().answer.why == probe::reason::reassembly_time_exceeded);
  CHECK(trial.end().why == path_stop::reached);
  CHECK(trial.end().hops == 6);
}

TEST_CASE("hostile: answers with a hop limit of 0 or 255 are heard and prove no way back", "[sim][path]") {
  const auto family = either();
  path_street_config street;
  street.shape = [](std::size_t hop, path_router_config& own) {
    own.speaks_with = hop == 1 ? 0 : hop == 2 ? 255 : 64;
  };
  path_stage trial{street};
  trial.ask(question(family, any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 r3 r4 r5 T");
  CHECK(trial.row(1).probes.front().answer.hop_limit == 0);
  CHECK(trial.row(2).probes.front().answer.hop_limit == 254);
  CHECK(trial.remarks() == "");
}

TEST_CASE("hostile: source quench and redirects end nothing", "[sim][path]") {
  const auto type = GENERATE(std::uint8_t{4}, std::uint8_t{5});
  path_stage trial{hop_mangling(3, [type](packet& error) {
    store_u8(error, 20, type);
    finish_icmp(error);
  })};
  trial.ask(question(ip_family::v4, any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.path() == "r1 r2 * r4 r5 T");
  CHECK(trial.end().hops == 6);
}

TEST_CASE("hostile: the target answers near, then a router farther: both are told", "[sim][path]") {
  const auto family = either();
  // Hop 2 answers in the target's name; what is asked of the hops behind it goes on.
  path_street_config street;
  street.shape = [family](std::size_t hop, path_router_config& own) {
    if (hop == 2) own.speaks_as = [family](ip_family) { return far_end(family); };
  };
  path_stage trial{street};
  trial.ask(question(family, any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.end().why == path_stop::reached);
  CHECK(trial.path().substr(0, 7) == "r1 T r3");
}

TEST_CASE("hostile: what comes back from another network's host is not the target", "[sim][path]") {
  const auto family = either();
  const auto method = GENERATE(path_method::icmp, path_method::tcp_syn, path_method::tcp_ack);
  path_street_config street;
  street.host.answers_from = hop_address(family, 99);
  path_stage trial{street};
  trial.ask(question(family, method)).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.end().why == path_stop::silence);
  CHECK(trial.path() == "r1 r2 r3 r4 r5 *+");
  const auto rejects = trial.rejects();
  CHECK_FALSE(rejects.empty());
  for (const auto why : rejects) CHECK(why == reject_reason::wrong_source);
}

TEST_CASE("hostile: a full receive buffer is ours, and the run ends all the same", "[sim][path]") {
  path_stage trial;
  trial.options.receive_buffer = 4;
  trial.options.read_delay = latency::fixed(2ms);
  trial.ask(question(either(), any_method())).trace();
  CHECK(trial.breach() == "");
  CHECK(trial.counts.receiver_dropped == trial.result.dropped);
  CHECK(trial.counts.receiver_dropped > 0);
}

TEST_CASE("hostile: loss, duplicates, disorder and corruption keep the law", "[sim][path]") {
  const auto family = either();
  const auto method = any_method();
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    INFO("seed " << seed);
    path_street_config street;
    street.hops = 12;
    street.wire.delay = latency::pareto(500us, 1.5);
    street.wire.loss = 0.03;
    street.wire.duplicate = 0.05;
    street.wire.corrupt = 0.02;
    street.wire.reorder = 0.1;
    path_stage trial{street, seed};
    trial.config.timeout = 1s;
    trial.config.probes.flows = static_cast<std::uint16_t>(1 + seed % 3);
    trial.ask(question(family, method)).trace();
    CHECK(trial.breach() == "");
    if (trial.end().why == path_stop::reached) CHECK(trial.end().hops >= 13);
    for (const auto& row : trial.rows())
      for (const auto& one : row.probes)
        if (one.answer.state == hop_state::time_exceeded)
          CHECK(one.answer.from == hop_address(family, one.asked.hop));
  }
}

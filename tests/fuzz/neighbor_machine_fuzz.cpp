// The machines that ask for neighbours under hostile stimuli: the octets choose one and its configuration,
// what happens next, and how frames that answer its questions are mangled. At every step the accounts add up
// and nothing ends twice; woken in time, a machine comes to rest; after an interrupt it has finished, and all
// it was asked for has its summary.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "libdiag/core/checksum.hpp"
#include "libdiag/probe/address_claim.hpp"
#include "libdiag/probe/mac_search.hpp"
#include "libdiag/probe/neighbor_findings.hpp"
#include "libdiag/probe/neighbor_run.hpp"

using namespace diag;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

/// Hands out the fuzzer's octets, then zeros.
class feed_of_octets {
 public:
  explicit feed_of_octets(byte_view octets) : reader_{octets} {}
  [[nodiscard]] bool empty() const { return reader_.remaining() == 0; }
  std::uint8_t u8() { return reader_.u8(); }
  std::uint16_t u16() { return reader_.be16(); }
  bool one_in(std::uint8_t many) { return u8() % many == 0; }
  byte_view take(std::size_t count) { return reader_.take(std::min(count, reader_.remaining())); }

 private:
  byte_reader reader_;
};

mac_address mac(std::uint8_t number) {
  return {{std::byte{0}, std::byte{0}, std::byte{0x5e}, std::byte{0}, std::byte{0x53}, std::byte{number}}};
}

constexpr std::uint8_t our_number = 0xfe;

probe::neighbor_link our_link(std::uint8_t manner) {
  probe::neighbor_link out;
  out.interface = 2;
  out.hardware = out.frames.source = mac(our_number);
  if (manner % 8 == 1) out.frames.tags = {{10, 0, false, {}}};
  if (manner % 8 == 2) out.frames.framing = craft::link_framing::snap;
  out.v4 = *parse_ip(manner % 8 == 3 ? "0.0.0.0" : "192.0.2.1");
  out.v6 = *parse_ip(manner % 8 == 4 ? "::" : "2001:db8::1");
  return out;
}

probe::target_list targets_for(std::uint8_t shape) {
  probe::target_list out;
  if (shape % 3 != 1) out.add(*parse_ip("192.0.2.7"), 1U + shape / 3 % 8);
  if (shape % 3 != 0) out.add(*parse_ip("2001:db8::7"), 1U + shape / 24 % 4);
  out.seal();
  return out;
}

/// What left lately, to be answered.
struct outbox {
  std::vector<std::pair<probe::probe_token, std::vector<std::byte>>> frames;
  std::uint64_t sent = 0;
  mono_time now = mono_time{} + 1s;
  std::size_t message_at = 14;

  [[nodiscard]] const std::pair<probe::probe_token, std::vector<std::byte>>& any(feed_of_octets& from) const {
    static const std::pair<probe::probe_token, std::vector<std::byte>> nothing{1,
                                                                               std::vector<std::byte>(100)};
    return frames.empty() ? nothing : frames[frames.size() - 1 - from.u8() % frames.size()];
  }
};

void put(std::vector<std::byte>& out, std::size_t at, byte_view octets) {
  std::ranges::copy(octets, out.begin() + static_cast<std::ptrdiff_t>(at));
}

void finish_icmpv6(std::vector<std::byte>& frame, std::size_t ip_at) {
  const auto ip = byte_span{frame}.subspan(ip_at);
  const auto size = std::min<std::size_t>(load_be16(ip, 4), ip.size() - 40);
  if (size < 8) return;
  store_be16(ip, 42, 0);
  checksum_sum sum;
  sum.add_pseudo_header(ip_address::from_bytes(ip.subspan(8, 16)), ip_address::from_bytes(ip.subspan(24, 16)),
                        58, static_cast<std::uint32_t>(size));
  store_be16(ip, 42, sum.add(ip.subspan(40, size)).finish());
}

/// The right answer to an ARP question: request, RARP or InARP.
void answer_arp(feed_of_octets& from, std::vector<std::byte>& frame, std::size_t at, const mac_address& who) {
  const std::vector<std::byte> asked{frame.begin() + static_cast<std::ptrdiff_t>(at), frame.end()};
  const byte_view message{asked};
  constexpr std::uint16_t odd[] = {1, 2, 4, 9};
  const auto choice = from.u8();
  const auto operation = static_cast<std::uint16_t>(load_be16(message, 6) + 1);
  store_be16(frame, at + 6, choice < 0xc0 ? operation : odd[choice % 4]);
  put(frame, at + 8, who.octets);
  put(frame, at + 14, message.subspan(24, 4));
  put(frame, at + 18, message.subspan(8, 10));
  // A probe, an announcement.
  if (choice % 16 == 15) std::fill_n(frame.begin() + static_cast<std::ptrdiff_t>(at) + 14, 4, std::byte{0});
  if (choice % 16 >= 14) put(frame, at + 24, message.subspan(24, 4));
}

/// The right answer to a solicitation or an echo request.
void answer_ip(feed_of_octets& from, std::vector<std::byte>& frame, std::size_t at, const mac_address& who) {
  const std::vector<std::byte> asked{frame.begin() + static_cast<std::ptrdiff_t>(at), frame.end()};
  const byte_view ip{asked};
  if (load_u8(ip, 0) >> 4 == 4) {
    put(frame, at + 12, ip.subspan(16, 4));
    put(frame, at + 16, ip.subspan(12, 4));
    store_u8(frame, at + 20, 0);
    store_be16(frame, at + 22, 0);
    store_be16(frame, at + 22, internet_checksum(byte_view{frame}.subspan(at + 20)));
    return;
  }
  const auto echo = load_u8(ip, 40) == 128;
  put(frame, at + 8, echo ? ip.subspan(24, 16) : ip.subspan(48, 16));
  put(frame, at + 24, ip.subspan(8, 16));
  store_u8(frame, at + 40, echo ? 129 : 136);
  if (!echo) {
    const auto flags = from.u8();
    store_u8(frame, at + 44, flags & 0xe0);
    if (load_be16(ip, 4) >= 32) {
      store_u8(frame, at + 64, 2);
      put(frame, at + 66, who.octets);
    }
    // To all nodes, as the answer to who has no address yet.
    if (flags % 4 == 3) put(frame, at + 24, parse_ip("ff02::1")->bytes());
    if (flags % 8 == 4) store_u8(frame, at + 40, 135);
  }
  finish_icmpv6(frame, at);
}

std::vector<std::byte> answer(feed_of_octets& from, const outbox& out) {
  auto frame = out.any(from).second;
  const auto at = out.message_at;
  const auto who = mac(from.u8() % 32);
  if (frame.size() < at + 42) return frame;
  put(frame, 0, from.one_in(8) ? byte_view{probe::broadcast_mac.octets} : byte_view{mac(our_number).octets});
  put(frame, 6, from.one_in(8) ? byte_view{mac(33).octets} : byte_view{who.octets});
  const auto type = load_be16(frame, at - 2);
  if (type == 0x0806 || type == 0x8035)
    answer_arp(from, frame, at, who);
  else if (frame.size() >= at + (type == 0x0800 ? 28U : 64U))
    answer_ip(from, frame, at, who);
  for (auto edits = from.u8() % 8; edits > 4; --edits)
    frame[from.u16() % frame.size()] = static_cast<std::byte>(from.u8());
  if (from.u8() % 16 == 1) frame.resize(from.u8() % (frame.size() + 1));
  return frame;
}

void feed_frame(feed_of_octets& from, probe::machine& machine, const outbox& out, std::uint8_t choice) {
  probe::arrival in;
  std::vector<std::byte> octets;
  if (choice % 8 == 7) {
    const auto raw = from.take(from.u8());
    octets.assign(raw.begin(), raw.end());
    in.form = static_cast<probe::framing>(from.u8() % 7);
  } else {
    octets = answer(from, out);
    in.form = probe::framing::ethernet_frame;
  }
  const std::vector<std::byte> exact{octets.begin(), octets.end()};
  in.bytes = exact;
  in.wire_size = exact.size();
  in.interface = choice % 16 == 6 ? 3 : 2;
  in.checksum = static_cast<probe::checksum_trust>(choice / 16 % 3);
  in.kernel = {out.now - duration{from.u16()}, static_cast<probe::stamp_source>(choice / 64 % 2)};
  in.read_at = out.now;
  machine.feed(out.now, in);
}

void stimulate(feed_of_octets& from, probe::machine& machine, outbox& out) {
  const auto choice = from.u8();
  out.now += duration{std::int64_t{from.u16()} * 20'000};
  switch (choice % 16) {
    case 0:
    case 1:
    case 2:
      return machine.feed(out.now, probe::wakeup{});
    case 3:
      return machine.feed(out.now, probe::send_failed{out.any(from).first, from.u8()});
    case 4: {
      const auto source = static_cast<probe::stamp_source>(from.u8() % 3);
      return machine.feed(out.now,
                          probe::sent{out.any(from).first, {out.now - duration{from.u16()}, source}});
    }
    case 5: {
      const auto state = from.u8();
      return machine.feed(out.now, probe::link_changed{state % 8 == 0 ? 3U : 2U, state % 4 != 1,
                                                       state % 4 != 2, state % 32 == 31});
    }
    case 6:
      return machine.feed(out.now, probe::receiver_dropped{from.u8()});
    default:
      return feed_frame(from, machine, out, choice / 16 ^ from.u8());
  }
}

void drain(probe::machine& machine, outbox& out, std::uint32_t most) {
  for (; most > 0; --most) {
    const auto next = machine.next_effect(out.now);
    if (!next) return;
    const auto& wanted = std::get<probe::transmit>(*next);
    require(wanted.layer == probe::transmit::layer_kind::link && wanted.interface == 2);
    require(wanted.bytes.size() >= craft::least_frame);
    if (out.frames.size() >= 64) out.frames.erase(out.frames.begin());
    out.frames.emplace_back(wanted.token, std::vector<std::byte>{wanted.bytes.begin(), wanted.bytes.end()});
    ++out.sent;
  }
}

/// A host that does all it is asked for is left alone before long.
void come_to_rest(probe::machine& machine, outbox& out) {
  for (int turns = 0; turns < 2000; ++turns) {
    drain(machine, out, 4096);
    const auto due = machine.deadline();
    if (!due || *due > out.now) return;
    machine.feed(out.now, probe::wakeup{});
  }
  require(false);
}

/// Drives one machine to its end. `law` reads its events and holds them against what was before.
template <class Law>
void drive(feed_of_octets& from, probe::machine& machine, outbox& out, Law& law) {
  while (!from.empty()) {
    if (from.one_in(8))
      come_to_rest(machine, out);
    else
      drain(machine, out, 1 + from.u8() % 16U);
    stimulate(from, machine, out);
    law.read(false);
  }
  machine.feed(out.now, probe::interrupt{});
  require(!machine.next_effect(out.now));
  require(!machine.deadline().has_value());
  law.read(true);
}

struct run_law {
  probe::neighbor_run& machine;
  const probe::target_list& targets;
  std::set<std::pair<std::uint32_t, std::uint64_t>> ended{};
  std::vector<std::uint64_t> answered = std::vector<std::uint64_t>(targets.size());
  std::vector<probe::neighbor_summary> summaries{};

  void end(std::uint32_t target, std::uint64_t number) {
    require(number > 0 && ended.emplace(target, number).second);
  }
  void take(const probe::neighbor_reply& reply) {
    using kind = probe::neighbor_reply::kind;
    require(reply.rtt >= 0ns && reply.rtt_most >= reply.rtt);
    require(reply.pair == probe::neighbor_reply::pairing::ambiguous || reply.rtt_most == reply.rtt);
    require(probe::is_valid_owner(reply.said.owner));
    if (reply.what != kind::in_time || answered.at(reply.target) == reply.number) return;
    end(reply.target, reply.number);
    answered[reply.target] = reply.number;
  }
  void read(bool over) {
    while (auto event = machine.next_event()) {
      if (const auto* reply = std::get_if<probe::neighbor_reply>(&*event)) take(*reply);
      if (const auto* lost = std::get_if<probe::neighbor_timeout>(&*event)) end(lost->target, lost->number);
      if (const auto* failed = std::get_if<probe::neighbor_error>(&*event))
        end(failed->target, failed->number);
      if (const auto* summary = std::get_if<probe::neighbor_summary>(&*event)) summaries.push_back(*summary);
    }
    const auto& totals = machine.totals();
    require(totals.sent == totals.received + totals.lost + totals.not_sent + totals.pending);
    require(ended.size() == totals.received + totals.lost + totals.not_sent);
    require(totals.ambiguous <= totals.received && totals.conflicts <= totals.in_use);
    if (over) conclude();
  }
  void conclude() {
    const auto& totals = machine.totals();
    require(summaries.size() == totals.targets);
    std::uint64_t sent = 0;
    probe::neighbor_oddities found{machine.facts()};
    for (const auto& one : summaries) {
      require(one.sent == one.received + one.lost + one.not_sent + one.pending && one.pending <= 1);
      require(one.owners.size() <= 16);
      sent += one.sent;
      found.take({one.target, targets.at(one.target), one.received, one.owners});
    }
    require(sent == totals.sent);
    for (const auto& one : found.finish()) require(!probe::describe(one.what).empty());
  }
};

void fuzz_run(feed_of_octets& from, std::uint8_t shape) {
  const auto targets = targets_for(shape);
  const auto manner = from.u8();
  const auto pace = from.u8();
  probe::neighbor_config config;
  config.links = {our_link(from.u8())};
  config.only_silent = manner % 2 == 0;
  config.rounds = 1 + manner / 2 % 4;
  config.looks = manner / 8 % 2 == 0;
  config.await_looks = manner / 16 % 2 == 0;
  config.watch = manner / 32 % 2 == 0;
  config.how = static_cast<probe::neighbor_config::manner>(manner / 64 % 3);
  config.destination = mac(5);
  config.known = {{*parse_ip("192.0.2.8"), mac(8)}, {*parse_ip("2001:db8::8"), mac(9)}};
  config.impossible = {*parse_ip("192.0.2.200"), *parse_ip("2001:db8::c8")};
  config.interval = pace % 2 == 0 ? 0ms : 100ms;
  config.timeout = pace / 2 % 2 == 0 ? 50ms : 1s;
  config.backoff = pace / 4 % 2 == 0 ? 1.0 : 1.5;
  config.rate = pace / 8 % 2 == 0 ? 0 : 50;
  config.linger = pace / 16 % 2 == 0 ? 10ms : 500ms;
  if (pace / 32 % 2 != 0) config.deadline = 2s;
  config.stop_after = pace / 64 % 4;
  outbox out;
  out.message_at = config.links[0].frames.tags.empty() ? 14 : 18;
  if (config.links[0].frames.framing == craft::link_framing::snap) out.message_at = 22;
  probe::neighbor_run machine{config, targets};
  run_law law{machine, targets};
  drive(from, machine, out, law);
}

struct claim_law {
  probe::address_claim& machine;
  const probe::claim_config& config;
  const probe::target_list& targets;
  std::vector<std::array<std::uint64_t, 4>> steps = std::vector<std::array<std::uint64_t, 4>>(targets.size());
  std::vector<std::uint64_t> objections = std::vector<std::uint64_t>(targets.size());
  std::vector<unsigned> ends = std::vector<unsigned>(targets.size());

  void take(const probe::claim_summary& said) {
    using verdict = probe::claim_verdict;
    require(ends.at(said.target)++ == 0);
    const auto& own = steps[said.target];
    require(said.probes == own[0] && said.announcements == own[1] && said.defences == own[2]);
    require(said.objections == objections[said.target] && said.owners.size() <= 16);
    const auto& timing = targets.at(said.target).is_v6() ? config.v6 : config.v4;
    require(said.probes <= timing.probes);
    if (said.verdict == verdict::free && config.probe) require(said.probes == timing.probes);
    if (said.verdict == verdict::free && !config.defend) require(said.objections == 0);
    if (said.verdict == verdict::in_use || said.verdict == verdict::conflict) require(said.objections > 0);
  }
  void read(bool over) {
    while (auto event = machine.next_event()) {
      if (const auto* step = std::get_if<probe::claim_step>(&*event)) {
        require(ends.at(step->target) == 0);
        require(++steps[step->target].at(static_cast<std::size_t>(step->what)) == step->number);
      }
      if (const auto* one = std::get_if<probe::claim_objection>(&*event)) ++objections.at(one->target);
      if (const auto* said = std::get_if<probe::claim_summary>(&*event)) take(*said);
    }
    if (over)
      for (const auto times : ends) require(times == 1);
  }
};

void fuzz_claim(feed_of_octets& from, std::uint8_t shape) {
  const auto targets = targets_for(shape);
  const auto manner = from.u8();
  probe::claim_config config;
  config.links = {our_link(from.u8())};
  config.probe = manner % 4 != 0;
  config.announce = manner / 4 % 2 == 0;
  config.defend = manner / 8 % 2 == 0;
  config.endless = manner / 16 % 4 == 0;
  config.announce_as = static_cast<probe::claim_config::form>(manner / 64 % 2);
  if (manner >= 0x80) config.deadline = 3s;
  config.seed = manner;
  outbox out;
  out.message_at = config.links[0].frames.tags.empty() ? 14 : 18;
  if (config.links[0].frames.framing == craft::link_framing::snap) out.message_at = 22;
  probe::address_claim machine{config, targets};
  claim_law law{machine, config, targets};
  drive(from, machine, out, law);
}

struct search_law {
  probe::mac_search& machine;
  const outbox& out;
  std::vector<ip_address> found{};
  unsigned ends = 0;

  void read(bool over) {
    while (auto event = machine.next_event()) {
      if (const auto* one = std::get_if<probe::mac_found>(&*event)) {
        require(ends == 0 && one->address && !one->address.is_multicast());
        const auto known = std::ranges::find(found, one->address) != found.end();
        require(known == one->again);
        require(!one->rtt || *one->rtt >= 0ns);
        if (!known) found.push_back(one->address);
      }
      if (const auto* said = std::get_if<probe::mac_search_summary>(&*event)) {
        ++ends;
        require(said->addresses == found && (found.empty() || said->present));
        require(said->sent + said->not_sent <= out.sent);
      }
    }
    require(ends == (over ? 1U : ends) && ends <= 1);
  }
};

void fuzz_search(feed_of_octets& from, std::uint8_t shape) {
  const auto targets = targets_for(shape);
  const auto manner = from.u8();
  probe::mac_search_config config;
  config.wanted = mac(from.u8() % 32);
  config.link = our_link(from.u8());
  if (manner % 2 == 0) config.broadcasts = {*parse_ip("192.0.2.255"), *parse_ip("ff02::1")};
  config.inverse = manner / 2 % 2 == 0;
  config.reverse = manner / 4 % 2 == 0;
  config.retries = manner / 8 % 4;
  config.timeout = manner / 32 % 2 == 0 ? 50ms : 1s;
  config.stop_at_first = manner / 64 % 4 == 3;
  config.unlimited = manner / 64 % 4 == 2;
  config.identifier = 0x4d41;
  config.tag = 7;
  outbox out;
  out.message_at = config.link.frames.tags.empty() ? 14 : 18;
  if (config.link.frames.framing == craft::link_framing::snap) out.message_at = 22;
  probe::mac_search machine{config, targets};
  search_law law{machine, out};
  drive(from, machine, out, law);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  feed_of_octets from{std::as_bytes(std::span{data, size})};
  const auto which = from.u8();
  const auto shape = from.u8();
  if (which % 4 == 1)
    fuzz_claim(from, shape);
  else if (which % 4 == 2)
    fuzz_search(from, shape);
  else
    fuzz_run(from, shape);
  return 0;
}

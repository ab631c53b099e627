// A path run under hostile stimuli, with each of the courses: the octets choose what happens next, and mangle
// true answers to any probe made. At every step: nothing is heard of that was not asked, rows ascend and end
// once, and nobody counts a packet that was not sent. After an interrupt it has finished and every target has
// its end.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "libdiag/core/checksum.hpp"
#include "libdiag/probe/locate.hpp"
#include "libdiag/probe/mda_course.hpp"
#include "libdiag/probe/mtu_course.hpp"
#include "libdiag/probe/path_findings.hpp"
#include "libdiag/probe/path_run.hpp"
#include "libdiag/probe/rounds_course.hpp"
#include "libdiag/probe/trace_course.hpp"

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
  byte_view take(std::size_t count) { return reader_.take(std::min(count, reader_.remaining())); }

 private:
  byte_reader reader_;
};

/// Counts what passes through to another course.
class counting_course final : public probe::path_course {
 public:
  explicit counting_course(std::unique_ptr<probe::path_course> inner) : inner_{std::move(inner)} {}
  std::optional<probe::path_question> next(mono_time now) override {
    auto out = inner_->next(now);
    if (out) {
      ++asked;
      require(out->hop != 0);
    }
    return out;
  }
  [[nodiscard]] std::optional<mono_time> next_at() const override { return inner_->next_at(); }
  void hear(mono_time now, const probe::path_question& what, probe::path_answer&& answer) override {
    ++(answer.late ? late : heard);
    require(heard <= asked && late <= heard);
    require(!answer.rtt || *answer.rtt >= duration{0});
    inner_->hear(now, what, std::move(answer));
  }
  [[nodiscard]] duration patience(std::uint32_t target) const override { return inner_->patience(target); }
  [[nodiscard]] duration patience_for(const probe::path_question& what) const override {
    return inner_->patience_for(what);
  }
  void cut_short(mono_time now) override { inner_->cut_short(now); }
  [[nodiscard]] bool done() const override { return inner_->done(); }
  [[nodiscard]] bool knows_enough() const override { return inner_->knows_enough(); }
  std::optional<probe::path_event> next_event() override { return inner_->next_event(); }

  std::uint64_t asked = 0, heard = 0, late = 0;

 private:
  std::unique_ptr<probe::path_course> inner_;
};

/// A probe as it left, from the IP header on.
struct request {
  std::vector<std::byte> octets;
  probe::probe_token token = 0;
  std::uint8_t protocol = 17;
};

struct ledger {
  std::vector<probe::path_target> targets;
  std::vector<request> requests;
  mono_time now{};
  std::uint64_t transmitted = 0;
  std::vector<std::vector<probe::hop_row>> rows;
  std::vector<unsigned> ends;
  std::vector<std::uint8_t> last_mtu_hop;
  [[nodiscard]] bool v4() const { return targets[0].address.is_v4(); }
  [[nodiscard]] std::size_t header() const { return v4() ? 20 : 40; }
  [[nodiscard]] const request& any(feed_of_octets& from) const {
    static const request nothing{std::vector<std::byte>(80), 1};
    return requests.empty() ? nothing : requests[requests.size() - 1 - from.u8() % requests.size()];
  }
};

std::vector<std::byte> ip_packet(const ip_address& source, const ip_address& destination,
                                 std::uint8_t protocol, byte_view payload) {
  const auto v4 = source.is_v4();
  std::vector<std::byte> out(v4 ? 20 : 40);
  store_u8(out, 0, v4 ? 0x45 : 0x60);
  store_be16(out, v4 ? 2 : 4, static_cast<std::uint16_t>(payload.size() + (v4 ? 20U : 0U)));
  store_u8(out, v4 ? 8 : 7, 57);
  store_u8(out, v4 ? 9 : 6, protocol);
  std::ranges::copy(source.bytes(), out.begin() + (v4 ? 12 : 8));
  std::ranges::copy(destination.bytes(), out.begin() + (v4 ? 16 : 24));
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

ip_address router(bool v4, std::uint8_t number) {
  return parse_ip(v4 ? "203.0.113.0" : "2001:db8:ff::")->plus(number);
}

struct made_answer {
  ip_address from{};
  std::uint8_t protocol = 1;
  std::vector<std::byte> message;
};

/// An ICMP error about the request: type, code, quote and what follows it are the octets' to say.
made_answer refusal(feed_of_octets& from, const request& asked, const ledger& book) {
  const auto v4 = book.v4();
  made_answer out;
  out.protocol = v4 ? 1 : 58;
  const auto choice = from.u8();
  const auto hop_limit = load_u8(asked.octets, v4 ? 8 : 7);
  out.from = choice % 8 == 7
                 ? ip_address::from_bytes(byte_view{asked.octets}.subspan(v4 ? 16 : 24, v4 ? 4 : 16))
                 : router(v4, static_cast<std::uint8_t>(hop_limit + choice % 3 / 2));
  constexpr std::uint8_t types4[] = {11, 11, 3, 12};
  constexpr std::uint8_t types6[] = {3, 3, 1, 2};
  out.message.resize(8);
  store_u8(out.message, 0, v4 ? types4[choice / 8 % 4] : types6[choice / 8 % 4]);
  store_u8(out.message, 1, from.u8() % 17);
  store_be16(out.message, 4, from.u8() % 4 == 0 ? from.u16() : std::uint16_t{0});
  store_be16(out.message, 6, from.u16());
  auto quoted = asked.octets;
  if (choice >= 0xc0) quoted.resize(std::min<std::size_t>(quoted.size(), from.u8()));
  out.message.insert(out.message.end(), quoted.begin(), quoted.end());
  const auto extension = from.take(from.u8() % 64);
  if (!extension.empty()) {
    out.message.resize(8 + 128);
    store_u8(out.message, v4 ? 5 : 4, v4 ? 32 : 16);
    out.message.insert(out.message.end(), extension.begin(), extension.end());
  }
  return out;
}

/// What the target says to the request.
made_answer reply(feed_of_octets& from, const request& asked, const ledger& book) {
  const auto v4 = book.v4();
  const byte_view sent{asked.octets};
  made_answer out;
  out.from = ip_address::from_bytes(sent.subspan(v4 ? 16 : 24, v4 ? 4 : 16));
  out.protocol = asked.protocol;
  const auto transport = sent.subspan(book.header());
  out.message.assign(transport.begin(), transport.end());
  if (out.message.size() < 8) return out;
  if (asked.protocol == 1 || asked.protocol == 58) {
    store_u8(out.message, 0, v4 ? 0 : 129);
    return out;
  }
  store_be16(out.message, 0, load_be16(transport, 2));
  store_be16(out.message, 2, load_be16(transport, 0));
  if (asked.protocol != 6 || transport.size() < 20) return out;
  out.message.resize(20);
  store_be32(out.message, 4, load_be32(transport, 8));
  store_be32(out.message, 8, load_be32(transport, 4) + 1);
  constexpr std::uint8_t flags[] = {0x12, 0x14, 0x04, 0x10};
  store_u8(out.message, 12, 0x50);
  store_u8(out.message, 13, flags[from.u8() % 4]);
  return out;
}

void edit(feed_of_octets& from, std::vector<std::byte>& octets) {
  for (auto edits = from.u8() % 4; edits > 0 && !octets.empty(); --edits)
    octets[from.u16() % octets.size()] = static_cast<std::byte>(from.u8());
  if (from.u8() % 16 == 1) octets.resize(from.u8() % (octets.size() + 1));
}

void feed_packet(feed_of_octets& from, probe::path_run& machine, ledger& book, std::uint8_t choice) {
  const auto& asked = book.any(from);
  probe::arrival in;
  std::vector<std::byte> octets;
  if (choice % 16 == 15) {
    const auto raw = from.take(from.u8());
    octets.assign(raw.begin(), raw.end());
    in.form = static_cast<probe::framing>(from.u8() % 7);
    in.source = book.targets[0].address;
  } else {
    auto made = choice % 4 == 3 ? reply(from, asked, book) : refusal(from, asked, book);
    if (choice % 8 >= 6) edit(from, made.message);
    if (made.protocol == 1 && made.message.size() >= 4) {
      store_be16(made.message, 2, 0);
      store_be16(made.message, 2, internet_checksum(made.message));
    }
    in.source = made.from;
    in.destination = book.targets[0].source;
    in.form = made.protocol == 6    ? probe::framing::tcp_segment
              : made.protocol == 17 ? probe::framing::udp_datagram
                                    : probe::framing::icmpv6_message;
    octets = std::move(made.message);
    if (book.v4()) {
      octets = ip_packet(in.source, in.destination, made.protocol, octets);
      in.form = probe::framing::ipv4_packet;
    }
  }
  in.checksum = from.u8() % 4 == 0 ? probe::checksum_trust::verify : probe::checksum_trust::verified;
  in.bytes = octets;
  in.wire_size = octets.size() + (from.u8() % 16 == 0 ? from.u16() : 0U);
  in.kernel = {book.now - duration{from.u16()}, static_cast<probe::stamp_source>(from.u8() % 3)};
  in.read_at = book.now;
  machine.feed(book.now, in);
}

void feed_notice(feed_of_octets& from, probe::path_run& machine, ledger& book) {
  const auto& asked = book.any(from);
  std::vector<std::byte> quoted{asked.octets.begin() + static_cast<std::ptrdiff_t>(book.header()),
                                asked.octets.end()};
  if (asked.protocol == 17 && quoted.size() > 8) quoted.erase(quoted.begin(), quoted.begin() + 8);
  edit(from, quoted);
  probe::path_notice notice;
  notice.origin = static_cast<probe::path_notice::origin_kind>(from.u8() % 3);
  notice.error = from.u8();
  notice.type = from.u8() % 16;
  notice.code = from.u8() % 16;
  notice.mtu = from.u16();
  notice.offender = router(book.v4(), from.u8());
  notice.destination = book.targets[0].address;
  notice.destination_port = book.targets[0].port;
  notice.protocol = asked.protocol;
  notice.quoted = quoted;
  notice.extension_at = from.u8() % 4 == 0 ? from.u8() : 0U;
  notice.read_at = book.now;
  machine.feed(book.now, notice);
}

void stimulate(feed_of_octets& from, probe::path_run& machine, ledger& book) {
  const auto choice = from.u8();
  book.now += duration{std::int64_t{from.u16()} * 10'000};
  switch (choice % 16) {
    case 0:
    case 1:
      return machine.feed(book.now, probe::wakeup{});
    case 2:
      return machine.feed(book.now, probe::send_failed{book.any(from).token, from.u8()});
    case 3: {
      const auto source = static_cast<probe::stamp_source>(from.u8() % 3);
      return machine.feed(book.now,
                          probe::sent{book.any(from).token, {book.now - duration{from.u16()}, source}});
    }
    case 4:
      return feed_notice(from, machine, book);
    case 5:
      return machine.feed(book.now, probe::receiver_dropped{from.u8()});
    default:
      return feed_packet(from, machine, book, choice / 16);
  }
}

void drain(feed_of_octets& from, probe::path_run& machine, ledger& book) {
  // A host may be slow to send.
  for (auto most = 1 + from.u8() % 32; most > 0; --most) {
    const auto next = machine.next_effect(book.now);
    if (!next) break;
    const auto& wanted = std::get<probe::transmit>(*next);
    request made;
    made.token = wanted.token;
    made.protocol = wanted.protocol;
    const auto& source = book.targets[0].source;
    made.octets.assign(wanted.bytes.begin(), wanted.bytes.end());
    if (wanted.layer == probe::transmit::layer_kind::transport)
      made.octets = ip_packet(source, wanted.destination, wanted.protocol, wanted.bytes);
    require(made.octets.size() >= book.header() + 8);
    made.protocol = load_u8(made.octets, book.v4() ? 9 : 6);
    if (book.requests.size() >= 256) book.requests.erase(book.requests.begin());
    book.requests.push_back(std::move(made));
    ++book.transmitted;
  }
}

/// What is told of a target must also be fit to be judged.
void conclude(const probe::path_end& end, ledger& book) {
  const auto& target = book.targets[end.target];
  const auto& rows = book.rows[end.target];
  for (const auto& one : probe::find_oddities(target, rows, end)) require(!probe::describe(one.what).empty());
  const auto graph = probe::graph_of(target, rows);
  for (const auto& link : graph.links)
    require(link.from < graph.nodes.size() && link.to < graph.nodes.size());
  const probe::traced_path whole{target, rows, end};
  const auto where = probe::locate(whole, std::span{&whole, 1});
  require(where.after_hop <= end.asked_to);
}

void read_events(probe::path_run& machine, ledger& book) {
  while (auto event = machine.next_event()) {
    if (auto* row = std::get_if<probe::hop_row>(&*event)) {
      auto& rows = book.rows.at(row->target);
      require(book.ends[row->target] == 0);
      require(rows.empty() || row->hop == rows.back().hop + 1);
      rows.push_back(std::move(*row));
    } else if (const auto* end = std::get_if<probe::path_end>(&*event)) {
      require(book.ends.at(end->target)++ == 0);
      require(end->answered <= end->sent + end->late);
      conclude(*end, book);
    } else if (const auto* narrow = std::get_if<probe::mtu_row>(&*event)) {
      require(narrow->hop > book.last_mtu_hop.at(narrow->target));
      book.last_mtu_hop[narrow->target] = narrow->hop;
    } else if (const auto* measured = std::get_if<probe::mtu_end>(&*event)) {
      require(book.ends.at(measured->target)++ == 0);
    } else if (const auto* ways = std::get_if<probe::multipath>(&*event)) {
      require(book.ends.at(ways->target)++ == 0);
      require(ways->graph != nullptr);
      for (const auto& link : ways->graph->links)
        require(link.from < ways->graph->nodes.size() && link.to < ways->graph->nodes.size());
    }
  }
}

void check(const probe::path_run& machine, const counting_course& course, const ledger& book, bool over) {
  const auto& counts = machine.counts();
  const auto decided = counts.answered + counts.silent + counts.pending;
  require(over ? decided == counts.sent : decided <= counts.sent);
  require(counts.sent + counts.not_sent == course.asked);
  require(counts.sent + counts.not_sent == book.transmitted);
  require(counts.late <= counts.silent);
  require(course.heard == counts.answered + counts.silent + counts.not_sent);
}

std::unique_ptr<probe::path_course> course_for(std::uint8_t kind, std::uint8_t manner,
                                               std::span<const probe::path_target> targets) {
  const auto window = static_cast<std::uint8_t>(1 + manner % 8);
  const auto last = static_cast<std::uint8_t>(manner % 32 == 31 ? 255 : 4 + manner % 16);
  switch (kind) {
    case 0: {
      probe::rounds_config config;
      config.last_hop = last;
      config.window = window;
      config.rounds = 1 + manner / 64;
      config.flows = static_cast<std::uint16_t>(1 + manner / 32 % 2);
      config.interval = 100ms;
      config.timeout = 200ms;
      return std::make_unique<probe::rounds_course>(config, targets);
    }
    case 1: {
      probe::mda_config config;
      config.last_hop = last;
      config.most_flows = 4;
      config.timeout = 200ms;
      return std::make_unique<probe::mda_course>(config, targets);
    }
    case 2: {
      probe::mtu_config config;
      config.last_hop = last;
      config.window = window;
      config.start.assign(targets.size(), 1500);
      config.timeout = 200ms;
      return std::make_unique<probe::mtu_course>(config, targets);
    }
    default: {
      probe::trace_config config;
      config.first_hop = static_cast<std::uint8_t>(1 + manner / 128);
      config.last_hop = last;
      config.window = window;
      config.probes_per_hop = static_cast<std::uint16_t>(1 + manner / 32 % 3);
      config.flows = static_cast<std::uint16_t>(1 + manner / 64 % 2);
      config.timeout = 200ms;
      config.traces_at_once = 2;
      config.doubletree = kind % 2 == 0;
      return std::make_unique<probe::trace_course>(config, targets);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  feed_of_octets from{std::as_bytes(std::span{data, size})};
  const auto shape = from.u8();
  const auto manner = from.u8();
  const bool v4 = shape % 2 == 0;
  ledger book;
  for (std::uint8_t i = 0; i < 1 + shape / 2 % 4; ++i)
    book.targets.push_back({parse_ip(v4 ? "198.51.100.1" : "2001:db8:1::1")->plus(i),
                            *parse_ip(v4 ? "192.0.2.1" : "2001:db8::1"),
                            static_cast<probe::path_method>(shape / 8 % 4), 33434});
  book.rows.resize(book.targets.size());
  book.ends.resize(book.targets.size());
  book.last_mtu_hop.resize(book.targets.size());
  counting_course course{course_for(shape / 32, manner, book.targets)};
  probe::path_run_config config;
  config.probes.source_port_base = 40000;
  config.probes.identifier_base = 0x4d00;
  config.probes.flows = 4;
  config.probes.profile = manner % 2 == 0 ? craft::linux_profile() : craft::bare_profile();
  config.probes.key = {1, 2};
  config.probes.max_slots = 64;
  config.probes.memory = 1s;
  // Without raw sockets there is one flow, and no TCP.
  config.probes.whole_packets = shape / 8 % 4 >= 2 || manner % 4 != 3;
  config.timeout = 200ms;
  config.unlimited = manner % 3 == 0;
  probe::path_run machine{config, book.targets, course};
  while (!from.empty()) {
    drain(from, machine, book);
    stimulate(from, machine, book);
    read_events(machine, book);
    check(machine, course, book, false);
  }
  machine.feed(book.now, probe::interrupt{});
  require(!machine.next_effect(book.now));
  require(!machine.deadline().has_value());
  read_events(machine, book);
  check(machine, course, book, true);
  // --mda and --mtu walk one target after the other, and say nothing of those they never came to.
  const bool in_turn = shape / 32 == 1 || shape / 32 == 2;
  for (const auto ended : book.ends) require(in_turn || ended == 1);
  return 0;
}

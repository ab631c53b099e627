// The loop. One round: up to 64 effects out, what has come in, a look at the clock and at the signals. It
// sleeps only after a round in which nothing happened.
#include "libdiag/io/driver.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <signal.h>

#include "libdiag/io/event_wait.hpp"
#include "libdiag/io/icmp_filter.hpp"
#include "libdiag/io/link_watch.hpp"
#include "libdiag/io/tap_reader.hpp"

namespace diag::io {
namespace {

/// Going to sleep and waking costs about this: nearer deadlines are waited for by looking for packets.
constexpr duration worth_sleeping = 60us;
/// How long a busy loop may leave signals and error queues unseen.
constexpr duration look_around_every = 1ms;
/// Batches of 64 read from one socket before the next batch is sent.
constexpr int batches_a_round = 8;

probe_protocol way_of(const probe::transmit& packet) {
  if (packet.layer == probe::transmit::layer_kind::network) return probe_protocol::whole;
  if (packet.protocol == IPPROTO_TCP) return probe_protocol::tcp;
  return packet.protocol == IPPROTO_UDP ? probe_protocol::udp : probe_protocol::icmp;
}

}  // namespace

class driver::loop {
 public:
  void attach(probe_socket socket) {
    auto& place = place_of(socket.family(), socket.protocol());
    if (place) events_.forget(place->fd());
    place.emplace(std::move(socket));
    events_.watch(place->fd());
    if (tap_listens_) mute(*place);
  }
  void attach(capture tap, bool listens) {
    if (tap_) events_.forget(tap_->fd());
    tap_.emplace(std::move(tap));
    tap_listens_ = listens;
    events_.watch(tap_->fd());
    if (listens) for_each_socket([this](probe_socket& socket) { mute(socket); });
  }
  result<void> attach(const stream_config& config) {
    auto opened = open_streams(config);
    if (!opened) return opened.error();
    if (streams_) events_.forget(streams_->fd());
    streams_.emplace(std::move(*opened));
    events_.watch(streams_->fd());
    return {};
  }
  void attach(link_socket socket) {
    if (link_) events_.forget(link_->fd());
    link_.emplace(std::move(socket));
    events_.watch(link_->fd());
  }
  std::optional<link_socket> detach_link() {
    if (link_) events_.forget(link_->fd());
    return std::exchange(link_, std::nullopt);
  }
  result<void> watch_links(std::vector<std::uint32_t> interfaces) {
    auto opened = open_link_watch(std::move(interfaces));
    if (!opened) return opened.error();
    if (links_) events_.forget(links_->fd());
    links_.emplace(std::move(*opened));
    events_.watch(links_->fd());
    return {};
  }

  [[nodiscard]] const probe_socket* socket(ip_family family, probe_protocol protocol) const {
    const auto& place = sockets_[index_of(family, protocol)];
    return place ? &*place : nullptr;
  }
  void stop() { stopping_ = true; }
  void interrupt() { ++interrupts_asked_; }
  [[nodiscard]] wall_time wall_of(mono_time at) const { return clocks_.wall_of(at); }

  run_outcome run(probe::machine& what, const driver_hooks& hooks);

 private:
  static constexpr std::size_t index_of(ip_family family, probe_protocol protocol) {
    return (family == ip_family::v6 ? probe_protocol_count : 0) + static_cast<std::size_t>(protocol);
  }
  std::optional<probe_socket>& place_of(ip_family family, probe_protocol protocol) {
    return sockets_[index_of(family, protocol)];
  }
  template <class Visit>
  void for_each_socket(Visit visit) {
    for (auto& place : sockets_)
      if (place) visit(*place);
  }
  void mute(probe_socket& socket) {
    if (auto muted = socket.mute(); !muted && !outcome_.trouble) outcome_.trouble = muted.error();
  }

  void feed(const probe::stimulus& what) {
    if (const auto* lost = std::get_if<probe::receiver_dropped>(&what))
      outcome_.receiver_drops += lost->count;
    machine_->feed(at_, what);
    fed_ = true;
  }
  void feed_all(std::span<const probe::stimulus> batch) {
    if (batch.empty()) return;
    at_ = now();
    for (const auto& one : batch) feed(one);
  }

  bool send_round();
  void hand_over(const probe::transmit& packet);
  void hand_over_stream(const probe::effect& wanted);
  template <class Socket>
  void flush(Socket& socket) {
    if (socket.queued() != 0) feed_all(socket.flush(clocks_));
  }
  bool receive_round(bool look_everywhere);
  template <class Socket>
  bool receive_socket(Socket& socket, bool errors_too);
  bool receive_tap();
  bool receive_streams();
  bool receive_links();
  [[nodiscard]] tap_interest interest() const;
  void count_drops();
  void answer_signals();
  void run_tick();
  void rest();

  clock_bridge clocks_;
  std::array<std::optional<probe_socket>, 2 * probe_protocol_count> sockets_;
  std::optional<stream_set> streams_;
  std::optional<capture> tap_;
  bool tap_listens_ = false;
  std::optional<tap_reader> tap_reader_;
  std::optional<link_socket> link_;
  std::optional<link_watch> links_;
  event_wait events_;  // after what it watches: gone before that is closed

  probe::machine* machine_ = nullptr;
  const driver_hooks* hooks_ = nullptr;
  run_outcome outcome_;
  mono_time at_{};
  mono_time looked_around_{};
  mono_time next_tick_ = mono_time::max();
  bool fed_ = false;
  bool stopping_ = false;
  int interrupts_asked_ = 0;
  int interrupts_seen_ = 0;
};

void driver::loop::hand_over(const probe::transmit& packet) {
  if (packet.layer == probe::transmit::layer_kind::link) {
    if (!link_) return feed(probe::send_failed{packet.token, EOPNOTSUPP});
    link_->queue(packet);
    if (link_->full()) flush(*link_);
    return;
  }
  auto& place = place_of(packet.destination.family(), way_of(packet));
  if (!place) return feed(probe::send_failed{packet.token, EAFNOSUPPORT});
  auto outgoing = packet;
  if (tap_listens_)
    outgoing.want_stamp = false;  // the capture stamps both ends, and the two sources are never mixed
  place->queue(outgoing);
  if (place->full()) flush(*place);
}

void driver::loop::hand_over_stream(const probe::effect& wanted) {
  if (const auto* opening = std::get_if<probe::open_stream>(&wanted)) {
    if (streams_) return feed_all(streams_->open(*opening));
    probe::stream_failed refused;
    refused.token = opening->token;
    refused.error = EOPNOTSUPP;
    refused.at = now();
    return feed(refused);
  }
  if (!streams_) return;
  if (const auto* writing = std::get_if<probe::write_stream>(&wanted)) feed_all(streams_->write(*writing));
  if (const auto* closing = std::get_if<probe::close_stream>(&wanted)) streams_->close(*closing);
}

/// False when the machine had nothing to send.
bool driver::loop::send_round() {
  std::size_t handed = 0;
  for (; handed < probe_socket::batch_size; ++handed) {
    const auto wanted = machine_->next_effect(at_);
    if (!wanted) break;
    if (const auto* packet = std::get_if<probe::transmit>(&*wanted))
      hand_over(*packet);
    else
      hand_over_stream(*wanted);
  }
  for_each_socket([this](probe_socket& socket) { flush(socket); });
  if (link_) flush(*link_);
  return handed != 0;
}

template <class Socket>
bool driver::loop::receive_socket(Socket& socket, bool errors_too) {
  bool any = false;
  for (int i = 0; i < batches_a_round; ++i) {
    const auto packets = socket.receive(clocks_);
    // Transmit stamps first: the machine should know when a probe left before it learns of the answer.
    while (errors_too || socket.awaits_stamps()) {
      const auto errors = socket.receive_errors(clocks_);
      if (errors.empty()) break;
      feed_all(errors);
      any = true;
    }
    errors_too = false;
    feed_all(packets);
    any = any || !packets.empty();
    if (packets.size() < Socket::batch_size) break;
  }
  return any;
}

bool driver::loop::receive_tap() {
  bool any = false;
  for (int i = 0; i < batches_a_round; ++i) {
    const auto frames = tap_->receive(clocks_);
    if (frames.empty()) break;
    any = true;
    at_ = now();
    for (const auto& one : frames) {
      if (hooks_->on_frame) hooks_->on_frame(one);
      if (!tap_listens_) continue;
      if (const auto what = tap_reader_->read(one, at_, tap_->all_interfaces(), hooks_->recognise))
        feed(*what);
    }
  }
  return any;
}

bool driver::loop::receive_streams() {
  bool any = false;
  for (int i = 0; i < batches_a_round; ++i) {
    const auto news = streams_->receive();
    if (news.empty()) break;
    feed_all(news);
    any = true;
  }
  return any;
}

bool driver::loop::receive_links() {
  const auto news = links_->receive();
  if (!news.empty()) at_ = now();
  for (const auto& one : news) feed(one);
  return !news.empty();
}

bool driver::loop::receive_round(bool look_everywhere) {
  bool any = tap_ && receive_tap();
  // What the link does explains what comes, or does not.
  if (links_ && look_everywhere) any = receive_links() || any;
  if (streams_) any = receive_streams() || any;
  for_each_socket([&](probe_socket& socket) { any = receive_socket(socket, look_everywhere) || any; });
  if (link_) any = receive_socket(*link_, look_everywhere) || any;
  return any;
}

void driver::loop::count_drops() {
  std::uint64_t lost = tap_listens_ ? tap_->take_drops() : 0;
  if (!tap_listens_) for_each_socket([&](probe_socket& socket) { lost += socket.take_drops(); });
  if (link_) lost += link_->take_drops();
  if (lost != 0) feed(probe::receiver_dropped{lost});
}

void driver::loop::answer_signals() {
  const auto report = events_.take_signals();
  if (report.interim && hooks_->on_interim) hooks_->on_interim();
  if (report.resized && hooks_->on_resize) hooks_->on_resize();
  for (const auto& input : hooks_->inputs)
    if (input.fd >= 0 && events_.take_readable(input.fd) && input.on_readable) input.on_readable();
  const int asked = report.interrupts + std::exchange(interrupts_asked_, 0);
  if (asked == 0) return;
  if (report.last != 0) outcome_.signal = report.last;
  interrupts_seen_ += asked;
  // The second one: stop now, whatever the machine still waits for.
  if (interrupts_seen_ > 1) stopping_ = true;
  feed(probe::interrupt{});
}

void driver::loop::run_tick() {
  if (at_ < next_tick_) return;
  hooks_->on_tick(at_);
  next_tick_ += hooks_->tick;
  if (next_tick_ <= at_) next_tick_ = at_ + hooks_->tick;  // a late one is not made up for
}

/// Nothing to do: sleeps until the machine's deadline, the next tick, a packet, a signal or a key.
void driver::loop::rest() {
  const auto deadline = machine_->deadline();
  auto until = deadline.value_or(mono_time::max());
  until = std::min(until, next_tick_);
  if (until - at_ < worth_sleeping) return;
  events_.sleep_until(until);
  at_ = now();
  looked_around_ = {};
  if (deadline && at_ >= *deadline) count_drops();
}

/// What the sockets would let in, and what is about the streams.
tap_interest driver::loop::interest() const {
  tap_interest wanted;
  const auto* v4 = socket(ip_family::v4, probe_protocol::icmp);
  const auto* v6 = socket(ip_family::v6, probe_protocol::icmp);
  for (const auto& place : sockets_)
    if (place && place->ports().count != 0) wanted.ports = place->ports();
  wanted.connections = streams_.has_value();
  if (v4) wanted.ours_v4 = v4->identifiers();
  if (v6) wanted.ours_v6 = v6->identifiers();
  wanted.every_error = (v4 && v4->every_error()) || (v6 && v6->every_error());
  wanted.echoes = !wanted.connections && (icmp_interest{wanted.ours_v4, wanted.ports}.echoes() ||
                                          icmp_interest{wanted.ours_v6, wanted.ports}.echoes());
  return wanted;
}

run_outcome driver::loop::run(probe::machine& what, const driver_hooks& hooks) {
  machine_ = &what;
  hooks_ = &hooks;
  stopping_ = false;
  at_ = now();
  const auto steps_before = clocks_.steps();
  if (tap_) tap_reader_.emplace(interest());
  for (const auto& input : hooks.inputs)
    if (input.fd >= 0) events_.watch(input.fd);
  next_tick_ = mono_time::max();
  if (hooks.tick > duration::zero() && hooks.on_tick) next_tick_ = at_ + hooks.tick;
  if (links_) {
    links_->receive();
    for (const auto& one : links_->states()) feed(one);
  }

  while (!stopping_ && !outcome_.trouble) {
    const bool look = at_ - looked_around_ >= look_around_every;
    const bool sending = send_round();
    const bool receiving = receive_round(look);
    at_ = now();
    if (look) {
      looked_around_ = at_;
      events_.poll();
    }
    answer_signals();
    const auto deadline = what.deadline();
    if (deadline && *deadline <= at_) feed(probe::wakeup{});
    const bool fed = std::exchange(fed_, false);
    if (fed && hooks.on_progress) hooks.on_progress(at_);
    run_tick();
    if (fed || sending || receiving) continue;
    if (!what.deadline()) break;
    rest();
    outcome_.trouble = events_.trouble();
  }
  for (const auto& input : hooks.inputs)
    if (input.fd >= 0) events_.forget(input.fd);
  // The sockets may have ended the run with a packet whose frame still waits here.
  if (tap_ && !tap_listens_) receive_tap();
  count_drops();
  if (hooks.on_progress) hooks.on_progress(at_);
  outcome_.stopped = what.deadline().has_value();
  outcome_.clock_steps = clocks_.steps() - steps_before;
  return std::exchange(outcome_, {});
}

driver::driver() : loop_{std::make_unique<loop>()} {}
driver::~driver() = default;
void driver::attach(probe_socket socket) {
  loop_->attach(std::move(socket));
}
void driver::attach(capture tap, bool listens) {
  loop_->attach(std::move(tap), listens);
}
result<void> driver::attach(const stream_config& config) {
  return loop_->attach(config);
}
void driver::attach(link_socket socket) {
  loop_->attach(std::move(socket));
}
std::optional<link_socket> driver::detach_link() {
  return loop_->detach_link();
}
result<void> driver::watch_links(std::vector<std::uint32_t> interfaces) {
  return loop_->watch_links(std::move(interfaces));
}
const probe_socket* driver::socket(ip_family family, probe_protocol protocol) const {
  return loop_->socket(family, protocol);
}
run_outcome driver::run(probe::machine& what, const driver_hooks& hooks) {
  return loop_->run(what, hooks);
}
void driver::stop() {
  loop_->stop();
}
void driver::interrupt() {
  loop_->interrupt();
}
wall_time driver::wall_of(mono_time at) const {
  return loop_->wall_of(at);
}

}  // namespace diag::io

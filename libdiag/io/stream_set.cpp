// connect(2), epoll(7) and TCP_INFO; what one socket is asked for is in stream_socket.cpp.
#include "libdiag/io/stream_set.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unordered_map>
#include <utility>
#include <vector>

#include "libdiag/io/clock.hpp"
#include "libdiag/io/stream_socket.hpp"
#include "libdiag/io/unique_fd.hpp"

namespace diag::io {
namespace {

using probe::probe_token;
using manner = probe::stream_closed::manner;

constexpr std::size_t quote_room = 256;  ///< a SYN with all its options, and then some

/// One connection and what waits to be sent on it.
struct stream {
  unique_fd socket;
  bool open = false;
  bool ended = false;      ///< the peer has sent FIN, and that was said
  bool finishing = false;  ///< FIN is to follow what is unsent
  std::vector<std::byte> unsent{};
};

}  // namespace

struct stream_set::state {
  state(unique_fd waits_on, const stream_config& with) : waiting{std::move(waits_on)}, config{with} {}

  /// False with errno when the kernel will not (ENOSPC: fs.epoll.max_user_watches).
  bool watch(probe_token token, const stream& one, int operation) const;
  void look_at(probe_token token, std::uint32_t ready, std::size_t place);
  bool take_notices(probe_token token, const stream& one, std::size_t place);
  void settle_connect(probe_token token, stream& one);
  void read(probe_token token, stream& one, std::size_t place);
  /// False when it is broken: the stream is gone and that was said.
  bool flush(probe_token token, stream& one);
  void fail(probe_token token, int error, bool started, std::optional<probe::path_notice> notice = {});
  void end(probe_token token, int error);

  unique_fd waiting;
  stream_config config;
  std::unordered_map<probe_token, stream> streams;
  std::vector<probe::stimulus> news;
  /// What `news` borrows: a piece for each stream of a round.
  std::unique_ptr<std::byte[]> pieces = std::make_unique_for_overwrite<std::byte[]>(batch_size * read_limit);
};

bool stream_set::state::watch(probe_token token, const stream& one, int operation) const {
  epoll_event wanted{};
  wanted.data.u64 = token;
  const bool writes = !one.open || !one.unsent.empty();
  if (writes) wanted.events |= EPOLLOUT;
  if (!one.ended) wanted.events |= EPOLLIN | EPOLLRDHUP;
  return ::epoll_ctl(waiting.get(), operation, one.socket.get(), &wanted) == 0;
}

void stream_set::state::fail(probe_token token, int error, bool started,
                             std::optional<probe::path_notice> notice) {
  probe::stream_failed failed;
  failed.token = token;
  failed.error = error;
  failed.started = started;
  failed.at = now();
  failed.notice = notice;
  news.emplace_back(failed);
  streams.erase(token);
}

void stream_set::state::end(probe_token token, int error) {
  probe::stream_closed closed;
  closed.token = token;
  // EPIPE: we wrote after the reset.
  const bool reset = error == ECONNRESET || error == EPIPE;
  closed.how = reset ? manner::reset : manner::failed;
  closed.error = error;
  closed.at = now();
  news.emplace_back(closed);
  streams.erase(token);
}

/// True when an ICMP error ended a connection under way. RFC 1122 §4.2.3.9 would have TCP go on after the
/// soft ones; but who asks for a state is told at once what somebody on the way says, for silence tells no
/// more.
bool stream_set::state::take_notices(probe_token token, const stream& one, std::size_t place) {
  std::optional<probe::path_notice> last;
  const byte_span room{pieces.get() + place * read_limit, quote_room};
  while (auto notice = read_notice(one.socket.get(), room))
    if (notice->origin != probe::path_notice::origin_kind::local && notice->error != EMSGSIZE) last = notice;
  if (one.open || !last) return false;
  fail(token, last->error, true, last);
  return true;
}

void stream_set::state::settle_connect(probe_token token, stream& one) {
  const int fd = one.socket.get();
  if (const int error = take_socket_error(fd)) return fail(token, error, true);
  probe::stream_opened opened;
  opened.token = token;
  opened.at = now();
  opened.facts = read_stream_facts(fd);
  one.open = true;
  news.emplace_back(opened);
  if (flush(token, one)) watch(token, one, EPOLL_CTL_MOD);
}

void stream_set::state::read(probe_token token, stream& one, std::size_t place) {
  auto* const room = pieces.get() + place * read_limit;
  const auto got = ::recv(one.socket.get(), room, read_limit, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got < 0) return end(token, errno);
  if (got > 0) {
    probe::stream_data data;
    data.token = token;
    data.bytes = {room, static_cast<std::size_t>(got)};
    data.at = now();
    news.emplace_back(data);
    return;
  }
  one.ended = true;
  // A hang-up cannot be masked: with nothing left to send, it must not be watched at all.
  watch(token, one, one.unsent.empty() ? EPOLL_CTL_DEL : EPOLL_CTL_MOD);
  probe::stream_closed closed;
  closed.token = token;
  closed.how = manner::finished;
  closed.at = now();
  news.emplace_back(closed);
}

bool stream_set::state::flush(probe_token token, stream& one) {
  const int fd = one.socket.get();
  while (!one.unsent.empty()) {
    const auto count = ::send(fd, one.unsent.data(), one.unsent.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == ENOBUFS)) return true;
    if (count < 0) {
      const int error = errno;
      if (!one.ended) {
        end(token, error);
        return false;
      }
      one.unsent.clear();  // how it ended was said already
      break;
    }
    one.unsent.erase(one.unsent.begin(), one.unsent.begin() + count);
  }
  if (one.finishing) ::shutdown(fd, SHUT_WR);
  one.finishing = false;
  return true;
}

void stream_set::state::look_at(probe_token token, std::uint32_t ready, std::size_t place) {
  const auto found = streams.find(token);
  if (found == streams.end()) return;
  auto& one = found->second;
  if ((ready & EPOLLERR) != 0 && take_notices(token, one, place)) return;
  if (!one.open) {
    if ((ready & ~std::uint32_t{EPOLLERR}) != 0) settle_connect(token, one);
    return;
  }
  if ((ready & EPOLLOUT) != 0 && !one.unsent.empty()) {
    if (!flush(token, one)) return;
    if (one.unsent.empty()) watch(token, one, one.ended ? EPOLL_CTL_DEL : EPOLL_CTL_MOD);
  }
  if (!one.ended) read(token, one, place);
}

stream_set::stream_set(std::unique_ptr<state> made) : state_{std::move(made)} {}
stream_set::stream_set(stream_set&&) noexcept = default;
stream_set& stream_set::operator=(stream_set&&) noexcept = default;
stream_set::~stream_set() = default;

int stream_set::fd() const {
  return state_->waiting.get();
}
std::size_t stream_set::size() const {
  return state_->streams.size();
}

std::span<const probe::stimulus> stream_set::open(const probe::open_stream& wanted) {
  auto& s = *state_;
  s.news.clear();
  s.streams.erase(wanted.token);
  auto made = start_connecting(s.config, wanted);
  if (made.error != 0) {
    s.fail(wanted.token, made.error, false);
    return s.news;
  }
  auto& one = s.streams[wanted.token];
  one.socket = std::move(made.socket);
  if (!s.watch(wanted.token, one, EPOLL_CTL_ADD)) {
    s.fail(wanted.token, errno, false);
    return s.news;
  }
  probe::stream_started started;
  started.token = wanted.token;
  started.source = made.source;
  started.source_port = made.source_port;
  started.at = made.at;
  s.news.emplace_back(started);
  return s.news;
}

std::span<const probe::stimulus> stream_set::write(const probe::write_stream& wanted) {
  auto& s = *state_;
  s.news.clear();
  const auto found = s.streams.find(wanted.token);
  if (found == s.streams.end() || found->second.finishing) return s.news;
  auto& one = found->second;
  if (one.unsent.size() + wanted.bytes.size() > write_limit) {
    if (!one.ended) s.end(wanted.token, ENOBUFS);
    return s.news;
  }
  one.unsent.insert(one.unsent.end(), wanted.bytes.begin(), wanted.bytes.end());
  if (!one.open) return s.news;  // sent when it is
  const bool watched = !one.ended;
  if (s.flush(wanted.token, one) && !one.unsent.empty())
    s.watch(wanted.token, one, watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD);
  return s.news;
}

void stream_set::close(const probe::close_stream& wanted) {
  auto& s = *state_;
  const auto found = s.streams.find(wanted.token);
  if (found == s.streams.end()) return;
  auto& one = found->second;
  using how = probe::close_stream::manner;
  if (wanted.how == how::finish && one.open) {
    if (one.unsent.empty())
      ::shutdown(one.socket.get(), SHUT_WR);
    else
      one.finishing = true;
    return;
  }
  if (wanted.how == how::reset) make_close_reset(one.socket.get());
  s.streams.erase(found);
}

std::span<const probe::stimulus> stream_set::receive() {
  auto& s = *state_;
  s.news.clear();
  std::array<epoll_event, batch_size> ready;
  // What is ready may be nothing to tell (an error queue read empty): look again, but not for ever.
  constexpr int looks = 4;
  for (int look = 0, count = 1; look < looks && count > 0 && s.news.empty(); ++look) {
    count = ::epoll_wait(fd(), ready.data(), static_cast<int>(ready.size()), 0);
    for (int i = 0; i < count; ++i) {
      const auto& one = ready[static_cast<std::size_t>(i)];
      s.look_at(one.data.u64, one.events, static_cast<std::size_t>(i));
    }
  }
  return s.news;
}

result<stream_set> open_streams(const stream_config& config) {
  unique_fd waiting{::epoll_create1(EPOLL_CLOEXEC)};
  if (!waiting) return system_failure(errno, "wait for connections");
  return stream_set{std::make_unique<stream_set::state>(std::move(waiting), config)};
}

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < limit.rlim_max) {
    const rlimit wider{limit.rlim_max, limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &wider) == 0) limit = wider;
  }
  return limit.rlim_cur;
}

}  // namespace diag::io

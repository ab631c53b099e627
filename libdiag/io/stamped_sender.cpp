// sendmmsg(2) until everything is out, or has been refused for good.
#include "libdiag/io/stamped_sender.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "libdiag/io/probe_socket_open.hpp"

namespace diag::io {
namespace {

/// Whether a failed send may have delivered somebody else's news: an ICMP error (raw(7)), or an interface
/// that was down a while ago (packet(7)). The local firewall and a blackhole route never come that way.
bool may_be_pending_error(int error) {
  return error != EPERM && error != EINVAL;
}

void forget_pending_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
}

bool queue_is_full(int error) {
  return error == ENOBUFS || error == EAGAIN || error == ENOMEM;
}

/// Waits a little for room: the socket's buffer can be polled, the interface's queue cannot.
void wait_for_room(int fd, int error, int tries) {
  if (error == EAGAIN) {
    pollfd writable{fd, POLLOUT, 0};
    ::poll(&writable, 1, 5);
    return;
  }
  const timespec pause{0, 100'000L << std::min(tries, 4)};
  ::nanosleep(&pause, nullptr);
}

}  // namespace

void stamped_sender::restart_stamps() {
  set_stamping(fd_, false);
  set_stamping(fd_, true);
  stamps_.restart();
  uncertain_ = false;
}

void stamped_sender::note_sent(std::size_t first, std::size_t count, mono_time began, mono_time ended) {
  const auto each = (ended - began) / static_cast<long>(count);
  for (std::size_t k = 0; k < count; ++k) {
    const auto i = first + k;
    if (outgoing_.stamped(i)) stamps_.remember(outgoing_.token(i), began);
    // One clock reading for the batch, spread evenly: never later than the packet's answer can be read.
    results_.emplace_back(
        probe::sent{outgoing_.token(i), {began + each * static_cast<long>(k), probe::stamp_source::user}});
  }
}

void stamped_sender::doubt_stamps(std::size_t from, const queue_reader& read) {
  if (!outgoing_.stamped(from)) return;
  if (!queue_read_) {
    queue_read_ = true;
    if (read()) return restart_stamps();
  }
  uncertain_ = true;
  for (auto i = from; i < outgoing_.size(); ++i) outgoing_.without_stamp(i);
}

bool stamped_sender::take_stamp(const error_entry& entry, const clock_bridge& clocks) {
  if (entry.error.ee_origin != SO_EE_ORIGIN_TIMESTAMPING) return false;
  const auto at = entry.stamp ? clocks.to_mono(*entry.stamp) : std::nullopt;
  const auto token = stamps_.take(entry.error.ee_data, at.value_or(now()));
  if (token && at) results_.emplace_back(probe::sent{*token, {*at, probe::stamp_source::socket}});
  return true;
}

std::span<const probe::stimulus> stamped_sender::read_queue(const queue_reader& read) {
  for (bool empty = false; !empty;) {
    results_.clear();
    empty = read();
    if (empty && uncertain_) restart_stamps();
    if (!results_.empty()) break;
  }
  return results_;
}

std::span<const probe::stimulus> stamped_sender::flush(bool alone, const queue_reader& read) {
  results_.clear();
  queue_read_ = false;
  results_.insert(results_.end(), refused_.begin(), refused_.end());
  refused_.clear();
  constexpr int tries_allowed = 2;
  constexpr duration patience = 20ms;
  std::optional<mono_time> give_up_at;
  int tries = 0;
  for (std::size_t next = 0; next < outgoing_.size();) {
    const bool single = alone && outgoing_.stamped(next);
    if (single) forget_pending_error(fd_);
    const auto began = now();
    const int count = outgoing_.send(fd_, next, single ? 1 : outgoing_batch::batch_size);
    const int error = errno;
    const auto ended = now();
    if (count > 0) {
      note_sent(next, static_cast<std::size_t>(count), began, ended);
      const bool cut_short = !single && next + static_cast<std::size_t>(count) < outgoing_.size();
      next += static_cast<std::size_t>(count);
      tries = 0;
      if (cut_short) doubt_stamps(next, read);
      continue;
    }
    doubt_stamps(next, read);
    if (queue_is_full(error)) {
      if (!give_up_at) give_up_at = ended + patience;
      if (ended < *give_up_at) {
        wait_for_room(fd_, error, tries++);
        continue;
      }
    } else if (may_be_pending_error(error) && tries++ < tries_allowed) {
      continue;
    }
    results_.emplace_back(probe::send_failed{outgoing_.token(next), error == EAGAIN ? ENOBUFS : error});
    ++next;
    tries = 0;
  }
  outgoing_.clear();
  return results_;
}

}  // namespace diag::io

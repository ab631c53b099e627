// Batches out of one socket, and whose the kernel's transmit stamps are: SO_TIMESTAMPING of the kernel's
// timestamping.rst.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "libdiag/io/clock.hpp"
#include "libdiag/io/error_queue.hpp"
#include "libdiag/io/message_batch.hpp"
#include "libdiag/io/stamp_ring.hpp"
#include "libdiag/probe/machine.hpp"

namespace diag::io {

class stamped_sender {
 public:
  /// Reads the socket's error queue once, gives every entry to take_stamp() or report(); true when that
  /// emptied it.
  using queue_reader = std::function<bool()>;

  /// `fd` is not owned; set_stamping() has said of it whether there are `kernel_stamps`.
  stamped_sender(int fd, ip_family family, bool kernel_stamps)
      : fd_{fd}, kernel_stamps_{kernel_stamps}, outgoing_{family} {}

  outgoing_batch& outgoing() { return outgoing_; }
  /// A stamp may be asked for now: the packet wants one, and the kernel's count of them is known.
  [[nodiscard]] bool may_stamp(const probe::transmit& packet) const {
    return packet.want_stamp && kernel_stamps_ && !uncertain_;
  }
  /// The next flush() says that it failed.
  void refuse(probe::probe_token token, int error) { refused_.push_back({token, error}); }
  [[nodiscard]] std::size_t queued() const { return outgoing_.size() + refused_.size(); }
  [[nodiscard]] bool full() const {
    return outgoing_.full() || refused_.size() >= outgoing_batch::batch_size;
  }
  /// Sends the prepared batch. Says of each packet `sent` or `send_failed`, in order, with what the error
  /// queue held in between; borrowed until the next call of this or read_queue(). `alone`: what is to be
  /// stamped goes out one by one, and the error that pends is taken away first; the error queue keeps it.
  std::span<const probe::stimulus> flush(bool alone, const queue_reader& read);

  [[nodiscard]] bool awaits_stamps() const { return stamps_.outstanding() != 0 || uncertain_; }
  /// Reads on until there is something to report, or the queue is empty.
  std::span<const probe::stimulus> read_queue(const queue_reader& read);
  /// False: the entry is none.
  bool take_stamp(const error_entry& entry, const clock_bridge& clocks);
  void report(const probe::stimulus& what) { results_.push_back(what); }

 private:
  /// Packets [first, first + count) were handed over between `began` and `ended`.
  void note_sent(std::size_t first, std::size_t count, mono_time began, mono_time ended);
  /// The kernel's count of stamped packets is unknown from here on.
  void doubt_stamps(std::size_t from, const queue_reader& read);
  void restart_stamps();

  int fd_;
  bool kernel_stamps_;
  outgoing_batch outgoing_;
  std::vector<probe::send_failed> refused_{};
  std::vector<probe::stimulus> results_{};
  stamp_ring stamps_{};
  bool uncertain_ = false;   ///< a send failed: see stamp_ring
  bool queue_read_ = false;  ///< by this flush(): what results_ borrow must not be overwritten
};

}  // namespace diag::io

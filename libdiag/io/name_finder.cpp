// Detached threads around a queue that they own together with the finder.
#include "libdiag/io/name_finder.hpp"

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <utility>

#include "libdiag/io/resolver.hpp"
#include "libdiag/io/unique_fd.hpp"

namespace diag::io {
namespace {

std::optional<std::string> reverse_name(const ip_address& address) {
  auto found = reverse(address);
  if (!found) return std::nullopt;
  return std::move(*found);
}

/// Threads inherit the mask: signals are for the thread that runs the driver.
class signals_blocked {
 public:
  signals_blocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

struct name_finder::shared_state {
  shared_state(unsigned threads, lookup look)
      : most_threads{threads == 0 ? 1 : threads},
        look_up{std::move(look)},
        event{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}

  void work() {
    std::unique_lock lock{guard};
    for (;;) {
      ++idle;
      changed.wait(lock, [this] { return stopped || !queue.empty(); });
      --idle;
      if (stopped) return;
      const auto address = queue.front();
      queue.pop_front();
      lock.unlock();
      auto name = look_up(address);
      lock.lock();
      if (stopped) return;
      learn(address, std::move(name));
    }
  }

  /// With `guard` held.
  void learn(const ip_address& address, std::optional<std::string> name) {
    known[address] = std::move(name);
    --unknown;
    const std::uint64_t one = 1;
    (void)!::write(event.get(), &one, sizeof one);
  }

  /// pthread_create(3), for std::thread throws where there is no room for another.
  static bool start_thread(std::shared_ptr<shared_state> state) {
    const signals_blocked while_it_starts;
    auto own = std::make_unique<std::shared_ptr<shared_state>>(std::move(state));
    pthread_t thread{};
    if (::pthread_create(&thread, nullptr, &run, own.get()) != 0) return false;
    own.release();
    ::pthread_detach(thread);
    return true;
  }
  static void* run(void* given) {
    const std::unique_ptr<std::shared_ptr<shared_state>> own{
        static_cast<std::shared_ptr<shared_state>*>(given)};
    (*own)->work();
    return nullptr;
  }

  const unsigned most_threads;
  const lookup look_up;
  const unique_fd event;
  std::mutex guard{};
  std::condition_variable changed{};
  std::deque<ip_address> queue{};
  std::map<ip_address, std::optional<std::optional<std::string>>> known{};
  std::size_t unknown = 0;
  unsigned running = 0;  ///< threads
  unsigned idle = 0;     ///< of them, waiting for work
  bool stopped = false;
};

name_finder::name_finder(unsigned threads) : name_finder{threads, reverse_name} {}
name_finder::name_finder(unsigned threads, lookup look_up)
    : state_{std::make_shared<shared_state>(threads, std::move(look_up))} {}

name_finder::~name_finder() {
  const std::lock_guard lock{state_->guard};
  state_->stopped = true;
  state_->changed.notify_all();
}

void name_finder::ask(const ip_address& address) {
  auto& s = *state_;
  const std::lock_guard lock{s.guard};
  if (!s.known.try_emplace(address).second) return;
  ++s.unknown;
  s.queue.push_back(address);
  const bool needed = s.idle < s.queue.size() && s.running < s.most_threads;
  if (needed && shared_state::start_thread(state_)) ++s.running;
  // No thread is to be had (ulimit -u). Those that run will do; without any an address has no name.
  if (s.running == 0) {
    s.queue.pop_back();
    s.learn(address, std::nullopt);
  }
  s.changed.notify_one();
}

std::optional<std::optional<std::string>> name_finder::find(const ip_address& address) const {
  const std::lock_guard lock{state_->guard};
  const auto found = state_->known.find(address);
  return found == state_->known.end() ? std::nullopt : found->second;
}

int name_finder::fd() const {
  return state_->event.get();
}

void name_finder::drain() {
  std::uint64_t count = 0;
  (void)!::read(state_->event.get(), &count, sizeof count);
}

bool name_finder::pending() const {
  const std::lock_guard lock{state_->guard};
  return state_->unknown != 0;
}

}  // namespace diag::io

// Names of addresses, looked up beside the run: getnameinfo(3) blocks, and a name server that does not answer
// may do so for half a minute.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "libdiag/core/address.hpp"

namespace diag::io {

/// A few threads that ask. None is made before the first ask(), which therefore belongs after
/// drop_privileges(). They hear no signals.
class name_finder {
 public:
  /// The name of an address, or none. Called in several threads at once, and perhaps after the finder has
  /// gone: it must own what it uses.
  using lookup = std::function<std::optional<std::string>(const ip_address&)>;

  explicit name_finder(unsigned threads = 8);
  name_finder(unsigned threads, lookup look_up);
  /// Does not wait for lookups under way: they end by themselves, unheard, or with the process.
  ~name_finder();
  name_finder(const name_finder&) = delete;
  name_finder& operator=(const name_finder&) = delete;

  /// Each address is looked up once, however often it is asked for. In the order of asking.
  void ask(const ip_address& address);
  /// nullopt: not known yet, or never asked for; inner nullopt: it has no name. As the name service gives it:
  /// unescaped, and not to be trusted.
  [[nodiscard]] std::optional<std::optional<std::string>> find(const ip_address& address) const;
  /// Readable when something became known since the last drain(): for driver_hooks::inputs, or poll(2). -1:
  /// the system had no descriptor for it.
  [[nodiscard]] int fd() const;
  void drain();
  /// Something asked for is not known yet.
  [[nodiscard]] bool pending() const;

 private:
  struct shared_state;
  std::shared_ptr<shared_state> state_;
};

}  // namespace diag::io

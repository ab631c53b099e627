// Who is there? An echo request to all nodes of a link (ff02::1, RFC 4291 §2.7.1): an IPv6 prefix has too
// many addresses to ask for each.
//
// It finds those who answer: RFC 4443 §4.2 allows hosts to keep silent to a group. A host answers from the
// address that suits ours (RFC 6724), so it is asked from each of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "libdiag/probe/machine.hpp"
#include "libdiag/probe/neighbor_message.hpp"

namespace diag::probe {

struct roll_call_config {
  struct caller {
    neighbor_link link{};
    ip_address source{};  ///< one of our IPv6 addresses on it
  };
  std::vector<caller> callers{};
  std::uint32_t calls = 2;  ///< of each caller
  duration interval = 200ms;
  duration timeout = 500ms;  ///< after the last call
  std::uint16_t identifier = 0;
  std::uint64_t tag = 0;
};

struct roll_call_answer {
  ip_address address{};  ///< link-local: with its zone
  mono_time at{};
};

class roll_call final : public machine {
 public:
  using event = roll_call_answer;
  /// Strangers may answer as often as they like: so many addresses are kept.
  static constexpr std::size_t most_answers = 65'536;

  explicit roll_call(const roll_call_config& config);
  ~roll_call() override;

  void feed(mono_time now, const stimulus& what) override;
  std::optional<effect> next_effect(mono_time now) override;
  [[nodiscard]] std::optional<mono_time> deadline() const override;
  /// Each address once.
  std::optional<roll_call_answer> next_event();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

static_assert(probe_machine<roll_call>);

}  // namespace diag::probe

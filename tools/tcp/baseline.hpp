// --baseline: what was seen, written as a policy that would pass at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libdiag/core/time.hpp"
#include "libdiag/probe/tcp_event.hpp"
#include "libdiag/report/output_file.hpp"
#include "tools/tcp/gather.hpp"
#include "tools/tcp/policy_line.hpp"

namespace diag::tcp {

/// Results by pair, eight octets each. Results of one pair over several flows or rounds are alternatives.
class seen_pairs {
 public:
  struct entry {
    std::uint32_t target = 0;
    std::uint16_t port = 0;
    std::uint8_t states = 0;  ///< a bit for each tcp_state
    std::uint8_t why = 0;     ///< probe::reason of all results; 0: they differ
    friend bool operator==(const entry&, const entry&) = default;
  };
  void take(const probe::tcp_result& result);
  /// By target and port, each pair once.
  [[nodiscard]] const std::vector<entry>& sorted();

 private:
  std::vector<entry> entries_;
  bool sorted_ = true;
};

class baseline {
 public:
  /// Creates the file at once, so that a bad path is known before anything is sent.
  static result<baseline> open(std::string path);

  void take(const probe::tcp_result& result) { seen_.take(result); }
  /// One row for each target and state, ports merged; `asked` names targets. The failure, if anything was
  /// lost.
  std::optional<failure> close(const gathered_plan& asked, wall_time when);

 private:
  explicit baseline(report::output_file file) : file_{std::move(file)} {}

  report::output_file file_;
  seen_pairs seen_;
};

/// What close() writes.
void write_baseline(report::output& out, seen_pairs& seen, const gathered_plan& asked, wall_time when);

}  // namespace diag::tcp

// Interfaces that go up, go down, lose their carrier or disappear: rtnetlink(7), RTNLGRP_LINK.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "libdiag/core/result.hpp"
#include "libdiag/probe/machine.hpp"

namespace diag::io {

class link_watch {
 public:
  link_watch(link_watch&&) noexcept;
  link_watch& operator=(link_watch&&) noexcept;
  ~link_watch();

  [[nodiscard]] int fd() const;
  /// How the watched interfaces are as far as has been read, one each, in the order they were named; one that
  /// does not exist is `gone`. Borrowed until the next receive().
  [[nodiscard]] std::span<const probe::link_changed> states() const;
  /// What has changed since the last call, in order; a message that changes nothing is not told. Borrowed
  /// until the next call. Never blocks.
  std::span<const probe::link_changed> receive();

 private:
  struct state;
  explicit link_watch(std::unique_ptr<state> made);
  friend result<link_watch> open_link_watch(std::vector<std::uint32_t> interfaces);
  std::unique_ptr<state> state_;
};

/// Begins to watch these (indices) and asks how they are. Needs no privilege.
result<link_watch> open_link_watch(std::vector<std::uint32_t> interfaces);

}  // namespace diag::io

// Classic BPF by name: filter.rst of the kernel's documentation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <linux/filter.h>
#include <utility>
#include <vector>

namespace diag::io {

/// Emits BPF with forward jumps to named places, resolved at the end: distances in BPF are counted, not
/// named.
class bpf_assembler {
 public:
  enum place : std::uint8_t {
    next,
    replies,
    errors,
    quote,
    echo,
    stranger,
    types,
    ipv4,
    ipv6,
    first_tag,
    second_tag,
    behind_tags,
    accept,
    drop,
    places
  };

  void op(unsigned code, std::uint32_t k = 0) { put(code, k, next, next); }
  void jump_if_equal(std::uint32_t k, place yes, place no = next) {
    put(BPF_JMP | BPF_JEQ | BPF_K, k, yes, no);
  }
  void jump_if_at_least(std::uint32_t k, place yes, place no) { put(BPF_JMP | BPF_JGE | BPF_K, k, yes, no); }
  void jump_if_at_least_x(place yes, place no) { put(BPF_JMP | BPF_JGE | BPF_X, 0, yes, no); }
  void at(place here) { where_[here] = code_.size(); }

  std::vector<sock_filter> finish() {
    at(accept);
    op(BPF_RET | BPF_K, 0xffffffff);
    at(drop);
    op(BPF_RET | BPF_K, 0);
    for (std::size_t i = 0; i < code_.size(); ++i) {
      if (BPF_CLASS(code_[i].code) != BPF_JMP) continue;
      code_[i].jt = distance(i, code_[i].jt);
      code_[i].jf = distance(i, code_[i].jf);
    }
    return std::move(code_);
  }

 private:
  void put(unsigned code, std::uint32_t k, place yes, place no) {
    code_.push_back({static_cast<std::uint16_t>(code), yes, no, k});
  }
  [[nodiscard]] std::uint8_t distance(std::size_t from, std::uint8_t to) const {
    return to == next ? std::uint8_t{0} : static_cast<std::uint8_t>(where_[to] - from - 1);
  }

  std::vector<sock_filter> code_;
  std::array<std::size_t, places> where_{};
};

}  // namespace diag::io

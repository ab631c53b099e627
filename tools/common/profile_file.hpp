// A SYN as a text file (--profile PATH): how the stack of a system, or of a device under test, greets.
//
//   # a comment
//   window 64240
//   ttl 64
//   options mss 1460, sack, timestamps, nop, wscale 7, eol, fast-open
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libdiag/core/result.hpp"
#include "libdiag/craft/tcp_profile.hpp"

namespace diag::tools {

struct profile_trouble {
  std::uint64_t line = 0;  ///< from 1
  std::string why;
};

struct profile_reading {
  craft::tcp_profile profile{};
  std::vector<profile_trouble> troubles{};  ///< of every bad line; empty: the profile is good
};

/// Lines may come in any order, each once; LF or CRLF, a UTF-8 byte order mark. What is not named is as in
/// craft::bare_profile(). `mss` without a number is what suits the address family.
profile_reading parse_profile(std::string_view text);

/// The whole file, which is at most 64 KiB.
result<profile_reading> read_profile(const std::string& path);

/// "linux", "windows", "macos", "bare"; nullopt: it is the path of a file.
std::optional<craft::tcp_profile> profile_named(std::string_view word);

/// RFC 9293 §3.1: the data offset ends at 60.
inline constexpr std::size_t most_option_octets = 40;
/// What the options take, without the padding behind them.
std::size_t option_octets(const craft::tcp_profile& profile);

/// Gives the option of that kind this value, and adds it at the end where there is none.
void set_option(craft::tcp_profile& profile, craft::syn_option::kind what, std::uint16_t value);

}  // namespace diag::tools

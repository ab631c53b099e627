// Errors of our own part: what we could not do, on what, and why. What the network answered is never an
// error.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <system_error>

#include <boost/assert/source_location.hpp>

namespace diag {

/// Why octets cannot be read as a protocol: only what would make an accessor unsafe.
enum class wire_errc : unsigned char {
  truncated = 1,  ///< fewer octets than the fixed header or a stated length needs
  bad_length,     ///< a length field that contradicts itself (IHL < 5, option length 0, ...)
  bad_version,    ///< not the protocol version this view reads
};

std::string_view describe(wire_errc code);

/// "cannot <operation> <subject>: <why> (<hint>)". `code` may be empty when `why` says it all.
struct failure {
  std::error_code code{};
  std::string operation{};  ///< what was tried: "open raw ICMP socket"
  std::string subject{};    ///< on what: an interface, an address, a file; may be empty
  std::string why{};        ///< overrides code.message() where errno alone would mislead
  std::string hint{};       ///< what the user can do; may be empty
};

/// One line, without a trailing newline. Text from outside is escaped.
std::string describe(const failure& what);

/// A failure from errno.
failure system_failure(int error_number, std::string operation, std::string subject = {},
                       std::string hint = {});

// boost::system::result calls these when value() is taken from an error: a broken contract, so the program
// ends.
[[noreturn]] inline void throw_exception_from_error(const failure&, const boost::source_location&) {
  std::terminate();
}
[[noreturn]] inline void throw_exception_from_error(const wire_errc&, const boost::source_location&) {
  std::terminate();
}

}  // namespace diag

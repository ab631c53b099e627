// What is wrong with a DNS message, and where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include "libdiag/core/result.hpp"

namespace diag::wire {

struct dns_flaw {
  enum class kind : std::uint8_t {
    truncated,        ///< the message ends inside a header, a name or a record
    bad_label,        ///< a length octet with 01 or 10 in its two high bits (RFC 1035 §4.1.4)
    bad_pointer,      ///< it points at its own name, forward or into the header, or is one of too many
    name_too_long,    ///< more than 255 octets when put together
    too_much_naming,  ///< the names of the message expand to more than a message can sensibly hold
    bad_count,        ///< the header states more questions or records than there are
    bad_length,       ///< RDLENGTH goes past the end of the message
    bad_rdata,        ///< the octets do not fit the type
    compressed_name,  ///< in a type where names are to stand whole (RFC 3597 §4)
    bad_option,       ///< an EDNS option that goes past its record, or whose octets do not fit its code
    two_opt,          ///< more than one OPT record (RFC 6891 §6.1.1)
    misplaced_opt,    ///< OPT outside of the additional section, or not owned by the root (§6.1.2)
  };
  kind what = kind::truncated;
  std::size_t at = 0;  ///< octet of the message, from 0: where the part that is wrong begins
  friend bool operator==(const dns_flaw&, const dns_flaw&) = default;
};

/// "a compression pointer that does not point backwards"
std::string_view describe(dns_flaw::kind what);
/// "malformed: a compression pointer that does not point backwards, octet 44"
std::string describe(const dns_flaw& flaw);

[[noreturn]] inline void throw_exception_from_error(const dns_flaw&, const boost::source_location&) {
  std::terminate();
}

}  // namespace diag::wire

// Words for what is wrong with a DNS message.
#include "libdiag/wire/dns_flaw.hpp"

namespace diag::wire {

std::string_view describe(dns_flaw::kind what) {
  switch (what) {
    case dns_flaw::kind::truncated:
      return "the message ends too early";
    case dns_flaw::kind::bad_label:
      return "a label of a kind that does not exist";
    case dns_flaw::kind::bad_pointer:
      return "a compression pointer that does not point backwards";
    case dns_flaw::kind::name_too_long:
      return "a name of more than 255 octets";
    case dns_flaw::kind::too_much_naming:
      return "names that expand beyond measure";
    case dns_flaw::kind::bad_count:
      return "fewer records than the header states";
    case dns_flaw::kind::bad_length:
      return "a record that goes past the end";
    case dns_flaw::kind::bad_rdata:
      return "data that does not fit its type";
    case dns_flaw::kind::compressed_name:
      return "a compressed name where none may be";
    case dns_flaw::kind::bad_option:
      return "a wrong EDNS option";
    case dns_flaw::kind::two_opt:
      return "a second OPT record";
    case dns_flaw::kind::misplaced_opt:
      return "an OPT record in the wrong place";
  }
  return "unknown";
}

std::string describe(const dns_flaw& flaw) {
  return "malformed: " + std::string{describe(flaw.what)} + ", octet " + std::to_string(flaw.at);
}

}  // namespace diag::wire

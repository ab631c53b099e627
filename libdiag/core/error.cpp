// The sentence of a failure, built in one place so that every tool says it alike.
#include "libdiag/core/error.hpp"

#include <utility>

#include "libdiag/core/text.hpp"

namespace diag {

std::string_view describe(wire_errc code) {
  switch (code) {
    case wire_errc::truncated:
      return "truncated";
    case wire_errc::bad_length:
      return "a length field contradicts itself";
    case wire_errc::bad_version:
      return "another protocol version";
  }
  return "unreadable";
}

std::string describe(const failure& what) {
  std::string line = "cannot ";
  line += what.operation.empty() ? std::string{"go on"} : safe_text(what.operation);
  if (!what.subject.empty()) line += ' ' + safe_text(what.subject);
  const auto why = !what.why.empty() ? what.why : what.code ? what.code.message() : std::string{};
  if (!why.empty()) line += ": " + safe_text(why);
  if (!what.hint.empty()) line += " (" + safe_text(what.hint) + ')';
  return line;
}

failure system_failure(int error_number, std::string operation, std::string subject, std::string hint) {
  return {.code = {error_number, std::system_category()},
          .operation = std::move(operation),
          .subject = std::move(subject),
          .why = {},
          .hint = std::move(hint)};
}

}  // namespace diag

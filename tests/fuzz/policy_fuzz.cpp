// Fuzz target: lines of a policy file. What is taken must read back as the same when it is written again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tools/tcp/policy_line.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using namespace diag::tcp;

/// The name service of this test: files of the system would make it slow, and another one elsewhere.
std::optional<std::uint16_t> services(std::string_view name) {
  return name == "http" ? std::optional<std::uint16_t>{80} : std::nullopt;
}

void require(bool truth) {
  if (!truth) std::abort();
}

/// Errors go to a terminal.
void require_printable(std::string_view text) {
  for (const char c : text) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

void check(const policy_entry& row) {
  require(row.ports.size() > 0 && !row.target.empty());
  std::string again = row.target + ' ' + row.ports.text() + ' ' + row.expected.text() + ' ';
  append_quoted(again, row.name);
  if (again.size() > longest_policy_line) return;
  const auto read = parse_policy_line(again, services);
  require(read.has_value());
  const auto* same = std::get_if<policy_entry>(&*read);
  require(same != nullptr && same->target == row.target && same->ports == row.ports &&
          same->name == row.name && same->expected.text() == row.expected.text());
  require(!row.expected.contradicts(same->expected));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Octets as text, without a cast between pointer types.
  const std::string text{data, data + size};
  for (std::string_view rest{text}; !rest.empty();) {
    const auto end = rest.find('\n');
    const auto read = parse_policy_line(rest.substr(0, end), services);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    if (!read) {
      require(!read.error().why.empty());
      require_printable(read.error().why);
      require_printable(read.error().hint);
    } else if (const auto* row = std::get_if<policy_entry>(&*read)) {
      check(*row);
    } else if (const auto* inner = std::get_if<policy_include>(&*read)) {
      require(!inner->file.empty());
    }
  }
  return 0;
}

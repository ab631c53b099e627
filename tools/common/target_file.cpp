// Target files come from people and from other programs: every octet may be wrong.
#include "tools/common/target_file.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include "libdiag/io/unique_fd.hpp"

namespace diag::tools {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::string_view blanks = " \t\v\f\r";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// A `#` begins a comment at the start of a word only: "a#b" is one (bad) word.
std::string_view without_comment(std::string_view line) {
  for (auto at = line.find('#'); at != line.npos; at = line.find('#', at + 1))
    if (at == 0 || blanks.find(line[at - 1]) != blanks.npos) return line.substr(0, at);
  return line;
}

}  // namespace

void line_splitter::end_line(std::string_view line) {
  if (++number_ == 1 && line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
  if (std::exchange(too_long_, false))
    return to_({number_, line.substr(0, 40), "is longer than 1024 octets"});
  // Octets that end a line for nobody else must not hide what stands behind them.
  if (line.find('\0') != line.npos) return to_({number_, line, "holds a NUL octet"});
  const auto word = trimmed(without_comment(line));
  if (word.empty()) return;
  if (word.find_first_of(blanks) != word.npos) return to_({number_, word, "holds more than one word"});
  to_({number_, word, {}});
}

void line_splitter::feed(std::string_view octets) {
  while (!octets.empty()) {
    const auto end = octets.find('\n');
    const auto part = octets.substr(0, end);
    const auto room = longest_line - std::min(pending_.size(), longest_line);
    if (part.size() > room) too_long_ = true;
    if (end == octets.npos) {
      pending_.append(part.substr(0, room));
      return;
    }
    octets.remove_prefix(end + 1);
    if (pending_.empty()) {
      end_line(part);
      continue;
    }
    pending_.append(part.substr(0, room));
    end_line(pending_);
    pending_.clear();
  }
}

void line_splitter::finish() {
  if (!pending_.empty() || too_long_) end_line(pending_);
  pending_.clear();
}

result<void> read_target_file(const std::string& path, const line_splitter::sink& to) {
  const bool standard = path == "-";
  io::unique_fd owned;
  if (!standard) {
    owned.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    // Privileges are gone by now, and with them root's way past file permissions; the shell still has it.
    if (!owned)
      return system_failure(errno, "read target file", path,
                            errno == EACCES && ::geteuid() == 0 ? "let the shell open it: -f - < FILE" : "");
  }
  line_splitter lines{to};
  std::array<char, 65536> buffer;
  while (true) {
    const auto got = ::read(standard ? 0 : owned.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(errno, "read target file", standard ? "standard input" : path);
    if (got == 0) break;
    lines.feed({buffer.data(), static_cast<std::size_t>(got)});
  }
  lines.finish();
  return {};
}

}  // namespace diag::tools

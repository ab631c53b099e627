// pread(2) in pieces: mapped or read whole, the file would be most of a sweep's memory.
#include "tools/arping/vendor_registry.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

#include "libdiag/core/text.hpp"

namespace diag::arping {
namespace {

constexpr std::size_t piece_size = std::size_t{64} << 10;
constexpr unsigned place_bits = 28;
constexpr std::size_t most_readings = 4;
constexpr std::array<std::string_view, 4> registries{"MA-L", "MA-M", "MA-S", "IAB"};
/// What a piece repeats of the one before, so that no row's beginning is cut.
constexpr std::size_t overlap = 32;
constexpr std::size_t longest_name = 64;

std::size_t read_at(int file, std::uint64_t offset, char* to, std::size_t size) {
  std::size_t all = 0;
  while (all < size) {
    const auto got = ::pread(file, to + all, size - all, static_cast<off_t>(offset + all));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    all += static_cast<std::size_t>(got);
  }
  return all;
}

/// memmem(3) is three times as fast here as string_view, which stops at the comma of every field.
std::size_t find_text(std::string_view text, std::string_view what, std::size_t from) {
  const void* const at = ::memmem(text.data() + from, text.size() - from, what.data(), what.size());
  return at != nullptr ? static_cast<std::size_t>(static_cast<const char*>(at) - text.data()) : text.npos;
}

/// Calls `each` with the offset and the text of overlapping pieces until it returns true.
template <class Each>
void for_each_piece(int file, Each&& each) {
  std::array<char, piece_size> piece;
  for (std::uint64_t offset = 0;;) {
    const auto got = read_at(file, offset, piece.data(), piece.size());
    if (got == 0 || each(offset, std::string_view{piece.data(), got}) || got < piece.size()) return;
    offset += got - overlap;
  }
}

/// Upper case, as the registry has them.
std::string hex_of(std::uint64_t assignment, std::size_t digits) {
  std::string out(digits, '0');
  for (auto at = digits; at-- > 0; assignment >>= 4) out[at] = "0123456789ABCDEF"[assignment & 0xf];
  return out;
}

/// The hexadecimal digits before a comma; nullopt: these are not so many digits and a comma.
std::optional<std::uint64_t> assignment_at(std::string_view text, std::size_t digits) {
  if (text.size() <= digits || text[digits] != ',') return std::nullopt;
  std::uint64_t out = 0;
  for (const char one : text.substr(0, digits)) {
    const auto digit = std::string_view{"0123456789ABCDEF"}.find(one);
    if (digit == std::string_view::npos) return std::nullopt;
    out = out << 4 | digit;
  }
  return out;
}

bool is_registry(std::string_view word) {
  return std::find(registries.begin(), registries.end(), word) != registries.end();
}

/// Blanks of all kinds are one, and none stands at either end.
std::string tidy(std::string_view text) {
  std::string out;
  for (const char one : text) {
    const bool blank = one == ' ' || one == '\t' || one == '\r' || one == '\n';
    if (!blank)
      out += one;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// RFC 4180 §2: a field in quotes may hold commas and line ends; a quote within is doubled.
std::string field_of(std::string_view text) {
  if (text.empty() || text.front() != '"') return std::string{text.substr(0, text.find_first_of(",\r\n"))};
  std::string out;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"' && (at + 1 == text.size() || text[++at] != '"')) break;
    out += text[at];
  }
  return out;
}

/// Anybody may have written the file.
std::string printable(std::string_view name) {
  constexpr std::string_view dots = "...";
  auto out = safe_text(tidy(name));
  if (out.size() <= longest_name) return out;
  auto end = longest_name - dots.size();
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0U) == 0x80U) --end;  // within a character
  return out.substr(0, end).append(dots);
}

io::unique_fd open_regular(const std::string& path) {
  // O_NONBLOCK: a named pipe would wait for a writer.
  io::unique_fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
  struct stat what {};
  if (!file || ::fstat(file.get(), &what) != 0 || !S_ISREG(what.st_mode) ||
      what.st_size >= off_t{1} << place_bits)
    file.reset();
  return file;
}

}  // namespace

vendor_registry::vendor_registry(const std::string& path, std::size_t digits)
    : file_{open_regular(path)}, digits_{digits} {}

const std::string* vendor_registry::find(std::uint64_t assignment) {
  if (!file_) return nullptr;
  const auto where = place_of(assignment);
  if (!where) return nullptr;
  const auto [name, fresh] = names_.try_emplace(*where);
  if (fresh) {
    std::array<char, 512> text;
    const auto got = read_at(file_.get(), *where, text.data(), text.size());
    name->second = printable(field_of({text.data(), got}));
  }
  return &name->second;
}

vendor_registry::place vendor_registry::place_of(std::uint64_t assignment) {
  if (!indexed_) {
    for (const auto& [known, where] : found_)
      if (known == assignment) return where;
    if (found_.size() < most_readings)
      return found_.emplace_back(assignment, look_through(assignment)).second;
    build_index();
  }
  const auto at = std::lower_bound(index_.begin(), index_.end(), assignment << place_bits);
  if (at == index_.end() || *at >> place_bits != assignment) return std::nullopt;
  return *at & ((std::uint64_t{1} << place_bits) - 1);
}

vendor_registry::place vendor_registry::look_through(std::uint64_t assignment) const {
  place out;
  const auto wanted = ',' + hex_of(assignment, digits_) + ',';
  for_each_piece(file_.get(), [&](std::uint64_t offset, std::string_view text) {
    for (auto at = find_text(text, wanted, 0); at != text.npos; at = find_text(text, wanted, at + 1)) {
      // An address may hold the same: only a row begins with its registry.
      const auto line = text.substr(0, at).rfind('\n');
      const bool first = line == text.npos && offset == 0;
      const auto begin = line == text.npos ? 0 : line + 1;
      if ((line == text.npos && !first) || !is_registry(text.substr(begin, at - begin))) continue;
      out = offset + at + wanted.size();
      return true;
    }
    return false;
  });
  return out;
}

void vendor_registry::build_index() {
  indexed_ = true;
  found_ = {};
  for_each_piece(file_.get(), [&](std::uint64_t offset, std::string_view text) {
    for (std::size_t begin = 0; begin < text.size();) {
      const auto row = text.substr(begin);
      const auto next = row.find('\n');
      // A piece begins in the middle of a row.
      const auto comma = begin > 0 || offset == 0 ? row.substr(0, overlap).find(',') : row.npos;
      if (comma != row.npos && is_registry(row.substr(0, comma)))
        if (const auto assignment = assignment_at(row.substr(comma + 1), digits_))
          index_.push_back(*assignment << place_bits | (offset + begin + comma + digits_ + 2));
      if (next == row.npos) break;
      begin += next + 1;
    }
    return false;
  });
  // Equal assignments keep the order of the file, and a row in the overlap of two pieces is the same twice.
  std::sort(index_.begin(), index_.end());
}

}  // namespace diag::arping

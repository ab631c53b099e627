// services(5): "ssh  22/tcp  # comment", aliases behind it.
#include "tools/tcp/service_names.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include "libdiag/core/text.hpp"
#include "libdiag/io/unique_fd.hpp"

namespace diag::tcp {
namespace {

constexpr std::size_t largest_file = std::size_t{1} << 20;

std::string read_whole(const std::string& path) {
  const io::unique_fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
  std::string text;
  for (std::size_t size = 0; file && size < largest_file;) {
    text.resize(size + 32768);
    const auto got = ::read(file.get(), text.data() + size, 32768);
    if (got < 0 && errno == EINTR) continue;
    size += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    text.resize(size);
    if (got <= 0) break;
  }
  return text;
}

/// The first word, which is taken away.
std::string_view take_word(std::string_view& line) {
  constexpr std::string_view blanks = " \t\r";
  const auto begin = std::min(line.find_first_not_of(blanks), line.size());
  const auto end = std::min(line.find_first_of(blanks, begin), line.size());
  const auto word = line.substr(begin, end - begin);
  line.remove_prefix(end);
  return word;
}

}  // namespace

void service_names::parse(std::string_view text, std::vector<service>& into) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    line = line.substr(0, line.find('#'));
    const auto name = take_word(line);
    const auto place = take_word(line);
    if (!place.ends_with("/tcp")) continue;
    const auto port = parse_unsigned(place.substr(0, place.size() - 4), 1, 65535);
    if (port) into.push_back({static_cast<std::uint16_t>(*port), std::string{name}});
  }
}

void service_names::load() const {
  auto& known = known_.emplace();
  parse(read_whole(path_), known);
  // Of several names the first one stands.
  std::stable_sort(known.begin(), known.end(), [](auto& a, auto& b) { return a.port < b.port; });
}

std::string_view service_names::name_of(std::uint16_t port) const {
  if (!wanted_) return {};
  if (!known_) load();
  const auto at = std::lower_bound(known_->begin(), known_->end(), port,
                                   [](const service& one, std::uint16_t p) { return one.port < p; });
  return at != known_->end() && at->port == port ? std::string_view{at->name} : std::string_view{};
}

}  // namespace diag::tcp

// read(2) until there is no more.
#include "tools/common/whole_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include "libdiag/io/unique_fd.hpp"

namespace diag::tools {

result<std::string> read_whole_file(const std::string& path, const std::string& what, std::size_t most) {
  constexpr std::size_t piece = std::size_t{1} << 20;
  const bool standard = path == "-";
  const auto shown = standard ? std::string{"standard input"} : path;
  const auto operation = "read " + what;
  io::unique_fd owned;
  if (!standard) {
    owned.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    // Privileges are gone by now, and with them root's way past file permissions; the shell still has it.
    if (!owned)
      return system_failure(errno, operation, path,
                            errno == EACCES && ::geteuid() == 0 ? "let the shell open it: - < FILE" : "");
  }
  std::string text;
  while (true) {
    const auto before = text.size();
    text.resize(before + piece);
    const auto got = ::read(standard ? 0 : owned.get(), text.data() + before, piece);
    text.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(errno, operation, shown);
    if (got == 0) return text;
    if (text.size() > most) return failure{{}, operation, shown, "it is too large", {}};
  }
}

}  // namespace diag::tools

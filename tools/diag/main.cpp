// The front door: `diag ping ARGS...` becomes `diag-ping ARGS...`; all it knows is what is installed.
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unistd.h>

#include <climits>

#include "libdiag/core/error.hpp"
#include "libdiag/core/text.hpp"

namespace {
constexpr std::array<std::array<const char*, 2>, 8> tools{{
    {"ping", "is it alive, how far, how steady?"},
    {"traceroute", "which way, and where does it stop?"},
    {"arping", "who owns this address on this link?"},
    {"dns", "does the name resolve, here and there alike?"},
    {"tcp", "does this port answer, and if not, who says no?"},
    {"pktgen", "what does the path do with this frame?"},
    {"smb", "which SMB dialects and which security does it offer?"},
    {"path", "which layer breaks first between me and this service?"},
}};

/// Beside this very executable first, so that a build tree stays whole; then PATH. Empty: nowhere.
std::string find(std::string_view name) {
  std::array<char, PATH_MAX> self{};
  const auto size = ::readlink("/proc/self/exe", self.data(), self.size());
  const std::string_view own{self.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  const char* const path = std::getenv("PATH");
  auto places = std::string{own.substr(0, own.rfind('/'))} + ":" + (path == nullptr ? "" : path) + ":";
  for (std::size_t from = 0, end = 0; (end = places.find(':', from)) != places.npos; from = end + 1) {
    // An empty entry means the current directory, which is no place to run programs from.
    const auto candidate = places.substr(from, end - from) + "/diag-" + std::string{name};
    if (end != from && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

/// One line a tool, or with `names_only` its name alone.
std::string installed(bool names_only) {
  std::string list;
  for (const auto& [name, asks] : tools) {
    if (find(name).empty()) continue;
    auto word = std::string{"  "} + name;
    list += names_only ? word : (word.resize(14, ' '), word + asks + "\n");
  }
  return list.empty() ? "  none" : list;
}

int print(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0) return 0;
  std::perror("diag: cannot write standard output");
  return 3;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view name = argc > 1 ? argv[1] : "--help";
  if (name == "--version" || name == "-V") return print("diag " DIAG_VERSION "\n");
  if (name == "--help" || name == "-h")
    return print("usage: diag TOOL ARGS...  (same as diag-TOOL ARGS...)\n\ntools:\n" + installed(false));

  constexpr auto letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  const bool plausible = !name.empty() && name.find_first_not_of(letters) == name.npos;
  if (const auto path = plausible ? find(name) : std::string{}; !path.empty()) {
    auto own_name = "diag-" + std::string{name};
    argv[1] = own_name.data();
    ::execv(path.c_str(), argv + 1);
    std::fprintf(stderr, "diag: %s\n", diag::describe(diag::system_failure(errno, "run", path)).c_str());
    return 3;
  }
  const auto text = "diag: no tool '" + diag::safe_text(name) + "' (installed:" + installed(true) + ")\n";
  std::fputs(text.c_str(), stderr);
  return 2;
}

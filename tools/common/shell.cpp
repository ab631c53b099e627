// The frame of a run. Nothing here may throw once the body has returned: what was measured is on its way out.
#include "tools/common/shell.hpp"

#include <algorithm>
#include <csignal>
#include <exception>
#include <new>
#include <unistd.h>

#include "libdiag/core/text.hpp"
#include "libdiag/io/privilege.hpp"
#include "libdiag/report/nagios.hpp"

namespace diag::tools {
namespace {

int status_of(exit_code code) {
  return static_cast<int>(code);
}

/// stderr is written at once and without regard to success: there is nobody left to tell.
void write_all(std::string_view text) {
  for (auto left = text; !left.empty();) {
    const auto written = ::write(2, left.data(), left.size());
    if (written <= 0) return;
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

int guarded(shell& around, const std::function<int(shell&)>& body) {
  try {
    return body(around);
  } catch (const std::bad_alloc&) {
    around.complain("cannot go on: out of memory (fewer targets, or --shard)");
  } catch (const std::exception& thrown) {
    around.complain("cannot go on: " + safe_text(thrown.what()));
  }
  return status_of(exit_code::ours);
}

}  // namespace

void shell::complain(std::string_view sentence) {
  // Both streams on one terminal: results that came before the complaint stand before it.
  if (out_.is_terminal()) out_.flush();
  write_all(program_ + ": " + std::string{sentence} + '\n');
}

void shell::remark(std::string_view text) {
  if (out_.is_terminal()) out_.flush();
  write_all(text);
}

exit_code shell::misused(std::string_view sentence) {
  complain(std::string{sentence} + " (see: " + program_ + " --help)");
  return exit_code::usage;
}

exit_code shell::failed(const failure& what) {
  complain(what);
  return exit_code::ours;
}

int shell::give_up(exit_code code, std::string_view sentence) {
  if (nagios_) {
    // The service is the program without the name of the house: "PING".
    auto service = program_.substr(program_.find('-') + 1);
    std::transform(service.begin(), service.end(), service.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    out_.line(service + " UNKNOWN - " + std::string{sentence});
    return static_cast<int>(report::nagios_status::unknown);
  }
  if (code == exit_code::usage) return status_of(misused(sentence));
  complain(sentence);
  return status_of(code);
}

int shell::give_up_told(exit_code code, std::string_view what) {
  return nagios_ ? give_up(code, std::string{what} + " cannot be used; see stderr") : status_of(code);
}

int run_tool(std::string program, const std::function<int(shell&)>& body) {
  const auto standard = io::sanitize_standard_fds();
  // A reader that leaves shows as EPIPE, which report::output knows how to take.
  ::signal(SIGPIPE, SIG_IGN);
  shell around{std::move(program)};
  if (!standard) return status_of(around.failed(standard.error()));
  const int status = guarded(around, body);
  around.out().flush();
  if (!around.out().lost()) return status;
  around.complain(system_failure(around.out().error(), "write to", "standard output"));
  return std::max(status, status_of(exit_code::ours));
}

}  // namespace diag::tools

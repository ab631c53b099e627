// diag-tcp: parse, open, drop, gather, build, drive, conclude.
#include <cstdlib>

#include "libdiag/io/privilege.hpp"
#include "tools/common/shell.hpp"
#include "tools/tcp/session.hpp"

namespace {

using namespace diag;
using tools::exit_code;

/// Nagios reads one line of stdout and a status of its own; what we could not do is UNKNOWN to it.
int give_up(tools::shell& around, bool nagios, exit_code code, const std::string& sentence) {
  if (nagios) {
    around.out().line("TCP UNKNOWN - " + sentence);
    return static_cast<int>(report::nagios_status::unknown);
  }
  if (code == exit_code::usage) return static_cast<int>(around.misused(sentence));
  around.complain(sentence);
  return static_cast<int>(code);
}

int tcp_main(tools::shell& around, int argc, const char* const* argv) {
  const bool nagios = tools::wants_nagios(argc, argv);
  const auto options = tcp::parse_options(argc, argv);
  if (!options) return give_up(around, nagios, exit_code::usage, options.error().what);
  if (options->help) return around.out().write(tcp::help_text()), EXIT_SUCCESS;
  if (options->version) return around.out().line("diag-tcp " DIAG_VERSION), EXIT_SUCCESS;

  tcp::doors open;
  if (!options->dry_run) {
    auto opened = tcp::open_doors(*options);
    if (!opened) return give_up(around, nagios, exit_code::ours, describe(opened.error()));
    open = std::move(*opened);
  }
  if (const auto dropped = io::drop_privileges(); !dropped)
    return give_up(around, nagios, exit_code::ours, describe(dropped.error()));

  const bool any = options->dry_run;
  auto what = tcp::gather(*options, any || open.have(ip_family::v4), any || open.have(ip_family::v6),
                          [&](const std::string& line) { around.complain(line); });
  if (what.fatal) {
    if (nagios) return give_up(around, nagios, what.worst, "the targets cannot be used; see stderr");
    return static_cast<int>(what.worst);
  }
  if (options->dry_run) {
    around.out().write(tcp::dry_run_text(*options, what));
    return static_cast<int>(what.worst);
  }

  tcp::session session{around, *options, std::move(what)};
  if (const auto built = session.build(std::move(open)); !built)
    return give_up(around, nagios, exit_code::ours, describe(built.error()));
  session.drive();
  return session.conclude();
}

}  // namespace

int main(int argc, char** argv) {
  return diag::tools::run_tool("diag-tcp",
                               [&](tools::shell& around) { return tcp_main(around, argc, argv); });
}

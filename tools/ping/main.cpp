// diag-ping: parse, open, drop, resolve, build, drive, conclude.
#include <cstdlib>
#include <unistd.h>

#include "libdiag/io/privilege.hpp"
#include "tools/common/shell.hpp"
#include "tools/ping/session.hpp"

namespace {

using namespace diag;

int ping_main(tools::shell& around, int argc, const char* const* argv) {
  const bool privileged = ::getuid() == 0;
  around.answer_nagios(tools::wants_nagios(argc, argv));
  const auto options = ping::parse_options(argc, argv, privileged);
  if (!options) return around.give_up(tools::exit_code::usage, options.error().what);
  if (options->help) return around.out().write(ping::help_text()), EXIT_SUCCESS;
  if (options->version) return around.out().line("diag-ping " DIAG_VERSION), EXIT_SUCCESS;

  auto open = ping::open_doors(*options);
  if (!open) return around.give_up(open.error());
  if (const auto dropped = io::drop_privileges(); !dropped) return around.give_up(dropped.error());

  auto request = options->targets;
  request.have_v4 = open->v4.has_value();
  request.have_v6 = open->v6.has_value();
  auto found = tools::gather_targets(request, [&](const std::string& line) { around.complain(line); });
  if (found.fatal) return around.give_up_told(found.worst, "the targets");

  ping::session session{around, *options, std::move(found)};
  if (const auto built = session.build(std::move(*open)); !built) return around.give_up(built.error());
  session.drive(privileged);
  return session.conclude();
}

}  // namespace

int main(int argc, char** argv) {
  return diag::tools::run_tool("diag-ping",
                               [&](tools::shell& around) { return ping_main(around, argc, argv); });
}

// diag-arping: parse, open, drop, resolve, build, drive, conclude.
#include <cstdlib>

#include "libdiag/io/privilege.hpp"
#include "tools/arping/session.hpp"
#include "tools/common/shell.hpp"

namespace {

using namespace diag;

int arping_main(tools::shell& around, int argc, const char* const* argv) {
  around.answer_nagios(tools::wants_nagios(argc, argv));
  const auto options = arping::parse_options(argc, argv);
  if (!options) return around.give_up(tools::exit_code::usage, options.error().what);
  if (options->help) return around.out().write(arping::help_text()), EXIT_SUCCESS;
  if (options->version) return around.out().line("diag-arping " DIAG_VERSION), EXIT_SUCCESS;

  auto open = arping::open_doors(*options);
  if (!open) return around.give_up(open.error());
  if (const auto dropped = io::drop_privileges(); !dropped) return around.give_up(dropped.error());

  const auto complain = [&](const std::string& line) { around.complain(line); };
  auto before = arping::read_baseline(*options, complain);
  if (before.worst != tools::exit_code::positive)
    return around.give_up_told(before.worst, "the file of --compare");
  auto found = tools::gather_targets(options->targets, complain);
  if (found.fatal) return around.give_up_told(found.worst, "the targets");

  arping::session session{around, *options, std::move(found), std::move(before)};
  if (const auto built = session.build(std::move(*open)); !built) return around.give_up(built.error());
  session.drive();
  return session.conclude();
}

}  // namespace

int main(int argc, char** argv) {
  return diag::tools::run_tool("diag-arping",
                               [&](tools::shell& around) { return arping_main(around, argc, argv); });
}

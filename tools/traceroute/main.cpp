// diag-traceroute: parse, open, drop, resolve, build, drive, conclude.
#include <cstdlib>

#include "libdiag/io/privilege.hpp"
#include "tools/common/shell.hpp"
#include "tools/traceroute/session.hpp"

namespace {

using namespace diag;

int traceroute_main(tools::shell& around, int argc, const char* const* argv) {
  around.answer_nagios(tools::wants_nagios(argc, argv));
  const auto options = traceroute::parse_options(argc, argv, std::getenv("DIAG_ASN"));
  if (!options) return around.give_up(tools::exit_code::usage, options.error().what);
  if (options->help) return around.out().write(traceroute::help_text()), EXIT_SUCCESS;
  if (options->version) return around.out().line("diag-traceroute " DIAG_VERSION), EXIT_SUCCESS;

  auto open = traceroute::open_doors(*options);
  if (!open) return around.give_up(open.error());
  if (const auto dropped = io::drop_privileges(); !dropped) return around.give_up(dropped.error());

  const auto complain = [&](const std::string& line) { around.complain(line); };
  auto what = traceroute::gather(*options, complain);
  if (what.worst != tools::exit_code::positive) return around.give_up_told(what.worst, "the command line");
  auto request = options->targets;
  request.have_v4 = open->have(ip_family::v4);
  request.have_v6 = open->have(ip_family::v6);
  auto found = tools::gather_targets(request, complain);
  if (found.fatal) return around.give_up_told(found.worst, "the targets");

  traceroute::session session{around, *options, std::move(what), std::move(found)};
  if (const auto built = session.build(std::move(*open)); !built) return around.give_up(built.error());
  session.drive();
  return session.conclude();
}

}  // namespace

int main(int argc, char** argv) {
  return diag::tools::run_tool("diag-traceroute",
                               [&](tools::shell& around) { return traceroute_main(around, argc, argv); });
}

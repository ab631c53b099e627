// diag-traceroute: parse, open, drop, resolve, build, drive, conclude.
#include <cstdlib>

#include "libdiag/io/privilege.hpp"
#include "tools/common/shell.hpp"
#include "tools/traceroute/session.hpp"

namespace {

using namespace diag;
using tools::exit_code;

/// Nagios reads one line of stdout and a status of its own; what we could not do is UNKNOWN to it.
int give_up(tools::shell& around, bool nagios, exit_code code, const std::string& sentence) {
  if (nagios) {
    around.out().line("TRACEROUTE UNKNOWN - " + sentence);
    return static_cast<int>(report::nagios_status::unknown);
  }
  if (code == exit_code::usage) return static_cast<int>(around.misused(sentence));
  around.complain(sentence);
  return static_cast<int>(code);
}

int traceroute_main(tools::shell& around, int argc, const char* const* argv) {
  const bool nagios = tools::wants_nagios(argc, argv);
  const auto options = traceroute::parse_options(argc, argv, std::getenv("DIAG_ASN"));
  if (!options) return give_up(around, nagios, exit_code::usage, options.error().what);
  if (options->help) return around.out().write(traceroute::help_text()), EXIT_SUCCESS;
  if (options->version) return around.out().line("diag-traceroute " DIAG_VERSION), EXIT_SUCCESS;

  auto open = traceroute::open_doors(*options);
  if (!open) return give_up(around, nagios, exit_code::ours, describe(open.error()));
  if (const auto dropped = io::drop_privileges(); !dropped)
    return give_up(around, nagios, exit_code::ours, describe(dropped.error()));

  const auto complain = [&](const std::string& line) { around.complain(line); };
  auto what = traceroute::gather(*options, complain);
  if (what.worst != exit_code::positive) {
    if (nagios) return give_up(around, nagios, what.worst, "the command line cannot be used; see stderr");
    return static_cast<int>(what.worst);
  }
  auto request = options->targets;
  request.have_v4 = open->have(ip_family::v4);
  request.have_v6 = open->have(ip_family::v6);
  auto found = tools::gather_targets(request, complain);
  if (found.fatal) {
    if (nagios) return give_up(around, nagios, found.worst, "the targets cannot be used; see stderr");
    return static_cast<int>(found.worst);
  }

  traceroute::session session{around, *options, std::move(what), std::move(found)};
  if (const auto built = session.build(std::move(*open)); !built)
    return give_up(around, nagios, exit_code::ours, describe(built.error()));
  session.drive();
  return session.conclude();
}

}  // namespace

int main(int argc, char** argv) {
  return diag::tools::run_tool("diag-traceroute",
                               [&](tools::shell& around) { return traceroute_main(around, argc, argv); });
}

// diag-tcp: parse, open, drop, gather, build, drive, conclude.
#include <cstdlib>

#include "libdiag/io/privilege.hpp"
#include "tools/common/shell.hpp"
#include "tools/tcp/session.hpp"

namespace {

using namespace diag;

int tcp_main(tools::shell& around, int argc, const char* const* argv) {
  around.answer_nagios(tools::wants_nagios(argc, argv));
  const auto options = tcp::parse_options(argc, argv);
  if (!options) return around.give_up(tools::exit_code::usage, options.error().what);
  if (options->help) return around.out().write(tcp::help_text()), EXIT_SUCCESS;
  if (options->version) return around.out().line("diag-tcp " DIAG_VERSION), EXIT_SUCCESS;

  tcp::doors open;
  if (!options->dry_run) {
    auto opened = tcp::open_doors(*options);
    if (!opened) return around.give_up(opened.error());
    open = std::move(*opened);
  }
  if (const auto dropped = io::drop_privileges(); !dropped) return around.give_up(dropped.error());

  const bool any = options->dry_run;
  auto what = tcp::gather(*options, any || open.have(ip_family::v4), any || open.have(ip_family::v6),
                          [&](const std::string& line) { around.complain(line); });
  if (what.fatal) return around.give_up_told(what.worst, "the targets");
  if (options->dry_run) {
    around.out().write(tcp::dry_run_text(*options, what));
    return static_cast<int>(what.worst);
  }

  tcp::session session{around, *options, std::move(what)};
  if (const auto built = session.build(std::move(open)); !built) return around.give_up(built.error());
  session.drive();
  return session.conclude();
}

}  // namespace

int main(int argc, char** argv) {
  return diag::tools::run_tool("diag-tcp",
                               [&](tools::shell& around) { return tcp_main(around, argc, argv); });
}

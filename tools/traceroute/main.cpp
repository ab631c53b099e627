// diag-traceroute: parse, open, drop, resolve, build, drive, conclude.
#include <cstdlib>

#include "tools/common/shell.hpp"
#include "tools/traceroute/options.hpp"

namespace {

using namespace diag;

int traceroute_main(tools::shell& around, int argc, const char* const* argv) {
  const auto options = traceroute::parse_options(argc, argv, std::getenv("DIAG_ASN"));
  if (!options) return static_cast<int>(around.misused(options.error().what));
  if (options->help) return around.out().write(traceroute::help_text()), EXIT_SUCCESS;
  if (options->version) return around.out().line("diag-traceroute " DIAG_VERSION), EXIT_SUCCESS;
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  return diag::tools::run_tool("diag-traceroute",
                               [&](tools::shell& around) { return traceroute_main(around, argc, argv); });
}

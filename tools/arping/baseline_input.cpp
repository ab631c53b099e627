// All errors of the file are told, not the first alone.
#include "tools/arping/baseline_input.hpp"

namespace diag::arping {

baseline_input read_baseline(const arping_options& options,
                             const std::function<void(const std::string&)>& complain) {
  baseline_input input;
  if (options.compare.empty()) return input;
  const auto text = read_neighbor_file(options.compare);
  if (!text) {
    complain(describe(text.error()));
    input.worst = tools::exit_code::ours;
    return input;
  }
  auto read = parse_neighbors(*text, options.compare);
  for (const auto& line : read.errors) complain(line);
  if (read.errors.empty())
    input.known.emplace(std::move(read.known));
  else
    input.worst = tools::exit_code::usage;
  return input;
}

}  // namespace diag::arping

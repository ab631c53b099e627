// What is wrong is told before anything is sent.
#include "tools/traceroute/inquiry.hpp"

#include "libdiag/core/text.hpp"
#include "tools/common/profile_file.hpp"

namespace diag::traceroute {

using tools::exit_code;

namespace {

using refusal = std::function<void(const std::string& sentence, exit_code code)>;

void read_expected(const std::string& path, inquiry& into, const refusal& refuse) {
  const auto text = read_path_file(path);
  if (!text) return refuse(describe(text.error()), exit_code::ours);
  auto read = path_baseline::parse(*text, path);
  if (!read) return refuse(describe(read.error()), exit_code::usage);
  into.expected.emplace(std::move(*read));
}

}  // namespace

inquiry gather(const trace_options& options, const std::function<void(const std::string&)>& complain) {
  inquiry out;
  const auto refuse = [&](const std::string& sentence, exit_code code) {
    complain(sentence);
    out.worst = worse(out.worst, code);
  };
  auto questions = questions_of(options);
  if (questions)
    out.questions = std::move(*questions);
  else
    refuse(questions.error().what, exit_code::usage);
  if (!options.expect.empty()) read_expected(options.expect, out, refuse);
  if (const auto named = tools::profile_named(options.profile)) {
    out.profile = *named;
    return out;
  }
  const auto read = tools::read_profile(options.profile);
  if (!read) {
    refuse(describe(read.error()), exit_code::ours);
    return out;
  }
  for (const auto& [line, why] : read->troubles)
    refuse("line " + std::to_string(line) + " of " + safe_text(options.profile) + ": " + why,
           exit_code::usage);
  out.profile = read->profile;
  return out;
}

}  // namespace diag::traceroute

// Files and names, one after the other; what is wrong with any of them is told before anything is sent.
#include "tools/tcp/inquiry.hpp"

#include <fmt/format.h>

#include "libdiag/core/text.hpp"
#include "libdiag/report/words.hpp"
#include "tools/common/profile_file.hpp"
#include "tools/tcp/resume_token.hpp"

namespace diag::tcp {
namespace {

using tools::exit_code;

class gatherer {
 public:
  using complainer = std::function<void(const std::string&)>;
  gatherer(const tcp_options& options, const complainer& complain) : options_{options}, complain_{complain} {}

  inquiry run(bool have_v4, bool have_v6) {
    take_profile();
    if (options_.is_suite()) take_rules(have_v4, have_v6);
    const bool own_targets = !options_.targets.words.empty() || !options_.targets.file.empty();
    if (own_targets) take_targets(have_v4, have_v6);
    if (options_.resume && !out_.fatal)
      if (const auto why = resume_objection(*options_.resume, out_.asked().plan))
        refuse("option --resume: " + *why);
    return std::move(out_);
  }

 private:
  void refuse(const std::string& sentence, exit_code code = exit_code::usage) {
    complain_(sentence);
    out_.worst = worse(out_.worst, code);
    out_.fatal = true;
  }

  void take_profile() {
    if (const auto named = tools::profile_named(options_.profile)) {
      out_.profile = *named;
    } else {
      const auto read = tools::read_profile(options_.profile);
      if (!read) return refuse(describe(read.error()), exit_code::ours);
      for (const auto& [line, why] : read->troubles)
        refuse(fmt::format("line {} of {}: {}", line, safe_text(options_.profile), why));
      out_.profile = read->profile;
    }
    using kind = craft::syn_option::kind;
    if (options_.mss) tools::set_option(out_.profile, kind::mss, *options_.mss);
    if (options_.window_scale) tools::set_option(out_.profile, kind::window_scale, *options_.window_scale);
    if (tools::option_octets(out_.profile) > tools::most_option_octets)
      refuse("the profile has no room for the options added to it: 40 octets are the most");
  }

  void take_rules(bool have_v4, bool have_v6) {
    policy_request request;
    request.file = options_.policy.empty() ? options_.compare : options_.policy;
    request.family = options_.targets.family;
    request.all_addresses = options_.targets.all_addresses;
    request.flows = options_.targets.flows;
    request.have_v4 = have_v4;
    request.have_v6 = have_v6;
    out_.rules.emplace(gather_policy(request, complain_));
    note(out_.rules->asked);
  }

  void take_targets(bool have_v4, bool have_v6) {
    auto request = options_.targets;
    request.have_v4 = have_v4;
    request.have_v6 = have_v6;
    if (!options_.ports.empty()) {
      auto ports = tools::parse_ports(options_.ports);
      if (!ports)
        return refuse("option -p/--ports: '" + safe_text(options_.ports.substr(0, 80)) + "' " +
                      ports.error().why);
      request.ports = std::move(*ports);
    }
    out_.own.emplace(gather_plan(request, complain_));
    note(*out_.own);
  }

  void note(const gathered_plan& asked) {
    out_.worst = worse(out_.worst, asked.worst);
    out_.fatal = out_.fatal || asked.fatal;
  }

  const tcp_options& options_;
  const complainer& complain_;
  inquiry out_;
};

}  // namespace

inquiry gather(const tcp_options& options, bool have_v4, bool have_v6,
               const std::function<void(const std::string&)>& complain) {
  return gatherer{options, complain}.run(have_v4, have_v6);
}

std::string dry_run_text(const tcp_options& options, const inquiry& what) {
  if (what.rules && !what.own) return policy_dry_run(*what.rules, options.retries, options.rounds);
  const auto& plan = what.asked().plan;
  auto text = fmt::format("{}, {}", report::count_words(plan.target_count(), "target", "targets"),
                          report::count_words(plan.size(), "probe", "probes"));
  if (plan.flows() > 1) text += fmt::format(" over {} flows", plan.flows());
  if (options.rounds != 1)
    text += options.rounds == 0 ? ", again and again" : fmt::format(", {} times", options.rounds);
  text += fmt::format(", method {}", describe(options.method));
  if (options.method == probe_method::automatic) text += " (connect without privileges)";
  text += fmt::format(", up to {} each", report::count_words(options.retries + 1, "attempt", "attempts"));
  return text + "; nothing was sent\n";
}

}  // namespace diag::tcp

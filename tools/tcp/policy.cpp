// A policy file to rows and to the pairs they ask.
#include "tools/tcp/policy.hpp"

#include <algorithm>
#include <iterator>

#include "libdiag/core/text.hpp"
#include "libdiag/report/table.hpp"
#include "libdiag/report/words.hpp"
#include "tools/tcp/policy_file.hpp"

namespace diag::tcp {
namespace {

using complainer = std::function<void(const std::string&)>;

class policy_gatherer {
 public:
  policy_gatherer(const policy_request& request, const complainer& complain)
      : request_{request},
        complain_{complain},
        intake_{{request.family, request.all_addresses, request.have_v4, request.have_v6}, keep_} {}

  gathered_policy run() {
    auto read = read_policy_files(request_.file);
    if (read.unreadable) {
      complain_(describe(*read.unreadable));
      return end(tools::exit_code::ours, true);
    }
    out_.rules = std::move(read.rules);
    errors_ = std::move(read.errors);
    understand();
    find_contradictions();
    if (errors_.empty() && look_up()) find_contradictions();
    if (errors_.empty() && out_.rules.rows.empty())
      errors_.push_back(
          {0, line_complaint(out_.rules.files[0], "no row in it", "write TARGET PORTS EXPECTATION [NAME]")});
    if (!errors_.empty()) return refuse_all();
    plan();
    return end(intake_.worst, intake_.fatal);
  }

 private:
  /// In the order of the files, whoever found them.
  gathered_policy refuse_all() {
    std::stable_sort(errors_.begin(), errors_.end(),
                     [](const policy_error& a, const policy_error& b) { return a.row < b.row; });
    for (const auto& one : errors_) complain_(one.text);
    complain_(safe_text(out_.rules.files[0]) + ": " + report::count_words(errors_.size(), "error", "errors") +
              "; nothing was sent");
    return end(tools::exit_code::usage, true);
  }

  void refuse(std::size_t number, const std::string& why, const std::string& hint) {
    const auto& row = out_.rules.rows[number];
    errors_.push_back({number, line_complaint(out_.rules.place(row),
                                              "target \"" + safe_text(row.target) + "\": " + why, hint)});
  }

  void find_contradictions() {
    auto found = contradictions(out_.rules);
    std::move(found.begin(), found.end(), std::back_inserter(errors_));
  }

  /// Addresses to blocks; names are left for look_up().
  void understand() {
    for (std::size_t number = 0; number < out_.rules.rows.size(); ++number) {
      auto& row = out_.rules.rows[number];
      const auto text = tools::parse_target(row.target);
      if (!text) {
        // "192.0.2.1:443": here ports stand in a word of their own.
        const bool with_port = std::count(row.target.begin(), row.target.end(), ':') == 1 ||
                               row.target.find("]:") != row.target.npos;
        refuse(
            number, text.error().why,
            with_port ? "ports stand in a word of their own: TARGET PORTS EXPECTATION" : text.error().hint);
      } else if (const auto* block = std::get_if<tools::address_block>(&*text)) {
        if (request_.family != ip_family::none && block->first.family() != request_.family)
          refuse(number,
                 request_.family == ip_family::v4 ? "not an IPv4 address, and -4 was given"
                                                  : "not an IPv6 address, and -6 was given",
                 {});
        else
          row.blocks = {*block};
      }
    }
  }

  /// Whether there was a name at all.
  bool look_up() {
    bool any = false;
    for (std::size_t number = 0; number < out_.rules.rows.size(); ++number) {
      auto& row = out_.rules.rows[number];
      if (!row.blocks.empty()) continue;
      any = true;
      const auto before = intake_.lost.size();
      row.blocks =
          intake_.addresses(tools::host_name{row.target}, row.target, safe_text(out_.rules.place(row)));
      if (intake_.lost.size() > before) {
        row.lost = intake_.lost.back().why;
        complain_(said_);
      } else if (row.blocks.empty()) {
        errors_.push_back({number, said_});  // a name that no host can have
      }
    }
    return any;
  }

  void plan() {
    auto& asked = out_.asked;
    for (const auto& row : out_.rules.rows) {
      if (row.blocks.empty()) continue;
      const auto ports = row.ports.ports();
      for (const auto& block : row.blocks) asked.plan.add(block.first, block.count, ports);
    }
    asked.plan.set_flows(request_.flows);
    asked.plan.seal();
    if (asked.plan.target_count() > tools::most_targets) {
      intake_.refuse_all("cannot use " + std::to_string(asked.plan.target_count()) +
                         " targets: at most 4294967295 in one run");
      complain_(said_);
    }
    intake_.names.seal();
    asked.names = std::move(intake_.names);
    asked.lost = std::move(intake_.lost);
  }

  gathered_policy end(tools::exit_code worst, bool fatal) {
    out_.asked.worst = worst;
    out_.asked.fatal = fatal;
    return std::move(out_);
  }

  const policy_request& request_;
  const complainer& complain_;
  std::string said_;  // by the intake, last
  const complainer keep_ = [this](const std::string& line) { said_ = line; };
  tools::target_intake intake_;
  std::vector<policy_error> errors_;
  gathered_policy out_;
};

}  // namespace

std::uint64_t policy_row::pairs() const {
  std::uint64_t addresses = 0;
  for (const auto& block : blocks) addresses += block.count;
  return addresses * ports.size();
}

std::string policy::place(const policy_row& row) const {
  return files[row.file] + ':' + std::to_string(row.line);
}

gathered_policy gather_policy(const policy_request& request, const complainer& complain) {
  return policy_gatherer{request, complain}.run();
}

std::string policy_dry_run(const gathered_policy& what, std::uint32_t retries, std::uint64_t rounds) {
  using align = report::text_table::align;
  report::text_table table{{{"ROW"}, {"TARGET"}, {"PORTS"}, {"EXPECTED"}, {"ASKED", align::right}, {"NAME"}}};
  for (const auto& row : what.rules.rows)
    table.row({safe_text(what.rules.place(row)), safe_text(row.target), row.ports.text(), row.expected.text(),
               row.lost.empty() ? report::count_words(row.pairs(), "pair", "pairs") : safe_text(row.lost),
               safe_text(row.name)});
  const auto pairs = what.asked.plan.size();
  auto text = table.text();
  text += report::count_words(what.rules.rows.size(), "row", "rows") + ", " +
          report::count_words(pairs, "pair", "pairs") + " of " +
          report::count_words(what.asked.plan.target_count(), "address", "addresses") + ": ";
  const auto times = std::max<std::uint64_t>(rounds, 1);
  text += retries == 0
              ? report::count_words(pairs * times, "probe", "probes")
              : report::count_words(pairs * times, "probe", "probes") + " when all answer at once, " +
                    report::count_words(pairs * times * (retries + 1U), "probe", "probes") +
                    " when none does";
  text += rounds == 0 ? " each round; nothing was sent\n" : "; nothing was sent\n";
  return text;
}

}  // namespace diag::tcp

// Words to pairs. Manners as in diag-ping: a bad word of the command line ends the run before it begins, a
// bad line of a file is told and the good ones run.
#include "tools/tcp/gather.hpp"

#include "libdiag/core/text.hpp"
#include "tools/common/target_file.hpp"
#include "tools/tcp/target_ports.hpp"

namespace diag::tcp {
namespace {

using tools::target_intake;

class plan_gatherer {
 public:
  plan_gatherer(const plan_request& request, const target_intake::complainer& complain)
      : request_{request},
        intake_{{request.family, request.all_addresses, request.have_v4, request.have_v6}, complain} {}

  gathered_plan run() {
    for (const auto& word : request_.words) add(word, {});
    if (!request_.file.empty()) add_file();
    finish();
    return std::move(out_);
  }

 private:
  void add(std::string_view word, const std::string& place) {
    const auto read = parse_target_ports(word);
    if (!read) return intake_.refuse(word, place, read.error());
    const auto& ports = read->ports.empty() ? request_.ports : read->ports;
    if (ports.empty())
      return intake_.refuse(word, place, {"it has no ports", "write TARGET:PORTS, or give -p PORTS"});
    for (const auto& block : intake_.addresses(read->target, word, place))
      out_.plan.add(block.first, block.count, ports);
  }

  void add_file() {
    const auto shown = request_.file == "-" ? std::string{"standard input"} : safe_text(request_.file);
    const auto read = tools::read_target_file(request_.file, [&](const tools::target_line& line) {
      const auto place = [&] { return "line " + std::to_string(line.number) + " of " + shown; };
      if (!line.trouble.empty()) return intake_.refuse(line.word, place(), {std::string{line.trouble}});
      // The place costs an allocation, so a plain address does without.
      if (const auto plain = parse_ip(line.word);
          plain && !request_.ports.empty() &&
          (request_.family == ip_family::none || plain->family() == request_.family))
        return out_.plan.add(*plain, 1, request_.ports);
      add(line.word, place());
    });
    if (!read) intake_.unreadable(read.error(), request_.words.empty());
  }

  void finish() {
    out_.plan.set_flows(request_.flows);
    out_.plan.seal();
    if (out_.plan.target_count() > tools::most_targets)
      intake_.refuse_all("cannot use " + std::to_string(out_.plan.target_count()) +
                         " targets: at most 4294967295 in one run");
    else if (request_.shards > 1)
      out_.plan = out_.plan.shard(request_.shard - 1, request_.shards);
    intake_.names.seal();
    out_.names = std::move(intake_.names);
    out_.lost = std::move(intake_.lost);
    out_.worst = intake_.worst;
    out_.fatal = intake_.fatal;
  }

  const plan_request& request_;
  target_intake intake_;
  gathered_plan out_;
};

}  // namespace

gathered_plan gather_plan(const plan_request& request,
                          const std::function<void(const std::string&)>& complain) {
  return plan_gatherer{request, complain}.run();
}

tools::needed_families families_of(const plan_request& request) {
  if (request.family != ip_family::none)
    return {request.family == ip_family::v4, request.family == ip_family::v6};
  if (!request.file.empty()) return {true, true};
  tools::needed_families needed;
  for (const auto& word : request.words) {
    const auto read = parse_target_ports(word);
    if (!read) continue;
    const auto* block = std::get_if<tools::address_block>(&read->target);
    needed.v4 = needed.v4 || block == nullptr || block->first.is_v4();
    needed.v6 = needed.v6 || block == nullptr || block->first.is_v6();
  }
  return needed;
}

}  // namespace diag::tcp

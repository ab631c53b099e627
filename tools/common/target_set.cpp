// Words to numbered addresses. A million lines of a file cost what their ranges cost; names are looked up one
// after another, each once.
#include "tools/common/target_set.hpp"

#include "libdiag/core/text.hpp"
#include "tools/common/target_file.hpp"
#include "tools/common/target_text.hpp"

namespace diag::tools {

/// Collects into a target_set; knows where each word came from.
class target_gatherer {
 public:
  target_gatherer(const target_request& request, const target_intake::complainer& complain)
      : request_{request},
        intake_{{request.family, request.all_addresses, request.have_v4, request.have_v6}, complain} {}

  gathered_targets run() {
    if (request_.generate && request_.words.size() == 2)
      add_ends();
    else
      for (const auto& word : request_.words) add(word, {});
    if (!request_.file.empty()) add_file();
    finish();
    return std::move(out_);
  }

 private:
  /// `place` is "line 3 of FILE" in a file, empty on the command line.
  void add(std::string_view word, const std::string& place) {
    const auto text = parse_target(word);
    if (!text) return intake_.refuse(word, place, text.error());
    for (const auto& block : intake_.addresses(*text, word, place)) list_.add(block.first, block.count);
  }

  /// -g FIRST LAST, as fping has it.
  void add_ends() {
    const auto first = parse_target(request_.words[0]);
    const auto last = parse_target(request_.words[1]);
    const auto* from = first ? std::get_if<address_block>(&*first) : nullptr;
    const auto* to = last ? std::get_if<address_block>(&*last) : nullptr;
    const auto both = request_.words[0] + ' ' + request_.words[1];
    if (from == nullptr || to == nullptr || from->count != 1 || to->count != 1)
      return intake_.refuse(both, {}, {"-g takes the first and the last address of a range, or one prefix"});
    const auto range = make_range(from->first, to->first);
    if (!range) return intake_.refuse(both, {}, range.error());
    for (const auto& block : intake_.addresses(target_text{*range}, both, {}))
      list_.add(block.first, block.count);
  }

  void add_file() {
    const auto shown = request_.file == "-" ? std::string{"standard input"} : safe_text(request_.file);
    const auto read = read_target_file(request_.file, [&](const target_line& line) {
      const auto place = [&] { return "line " + std::to_string(line.number) + " of " + shown; };
      if (!line.trouble.empty()) return intake_.refuse(line.word, place(), {std::string{line.trouble}});
      // The place costs an allocation, so a plain address does without.
      if (const auto plain = parse_ip(line.word);
          plain && (request_.family == ip_family::none || plain->family() == request_.family))
        return list_.add(*plain);
      add(line.word, place());
    });
    if (!read) intake_.unreadable(read.error(), request_.words.empty());
  }

  void finish() {
    list_.seal();
    if (list_.size() > most_targets)
      intake_.refuse_all("cannot use " + std::to_string(list_.size()) +
                         " targets: at most 4294967295 in one run");
    intake_.names.seal();
    out_.targets.list_ =
        request_.shards > 1 ? list_.shard(request_.shard - 1, request_.shards) : std::move(list_);
    out_.targets.names_ = std::move(intake_.names);
    out_.targets.lost_ = std::move(intake_.lost);
    out_.worst = intake_.worst;
    out_.fatal = intake_.fatal;
  }

  const target_request& request_;
  target_intake intake_;
  probe::target_list list_;
  gathered_targets out_;
};

gathered_targets gather_targets(const target_request& request,
                                const std::function<void(const std::string&)>& complain) {
  return target_gatherer{request, complain}.run();
}

needed_families families_of(const target_request& request) {
  if (request.family != ip_family::none)
    return {request.family == ip_family::v4, request.family == ip_family::v6};
  needed_families needed;
  for (const auto& word : request.words) {
    const auto text = parse_target(word);
    if (!text) continue;
    const auto* block = std::get_if<address_block>(&*text);
    needed.v4 = needed.v4 || block == nullptr || block->first.is_v4();
    needed.v6 = needed.v6 || block == nullptr || block->first.is_v6();
  }
  return request.file.empty() ? needed : needed_families{true, true};
}

}  // namespace diag::tools

// Words to numbered addresses. A million lines of a file cost what their ranges cost; names are looked up one
// after another, each once.
#include "tools/common/target_set.hpp"

#include <algorithm>

#include "libdiag/core/text.hpp"
#include "libdiag/io/resolver.hpp"
#include "tools/common/target_file.hpp"
#include "tools/common/target_text.hpp"

namespace diag::tools {
namespace {

std::string_view family_name(ip_family family) {
  return family == ip_family::v4 ? "IPv4" : "IPv6";
}

std::string_view lost_reason(io::resolve_error::kind_type kind) {
  using kind_type = io::resolve_error::kind_type;
  switch (kind) {
    case kind_type::wrong_family:
      return "no-address-of-family";
    case kind_type::temporary:
      return "name-service-failed";
    case kind_type::system:
      return "system-error";
    case kind_type::malformed:
    case kind_type::unknown:
      break;
  }
  return "unknown-host";
}

}  // namespace

std::string_view target_set::name_of(const ip_address& address) const {
  const auto at = std::lower_bound(names_.begin(), names_.end(), address,
                                   [](const named& one, const ip_address& a) { return one.address < a; });
  return at != names_.end() && at->address == address ? std::string_view{at->name} : std::string_view{};
}

std::string target_set::label(std::uint64_t target) const {
  const auto where = address(target);
  const auto name = name_of(where);
  return name.empty() ? to_string(where) : std::string{name};
}

/// Collects into a target_set; knows where each word came from.
class target_gatherer {
 public:
  using complainer = std::function<void(const std::string&)>;
  target_gatherer(const target_request& request, const complainer& complain)
      : request_{request}, complain_{complain} {}

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
    if (!text) return refuse(word, place, text.error());
    if (const auto* block = std::get_if<address_block>(&*text)) return add_block(*block, word, place);
    add_name(std::get<host_name>(*text).text, place);
  }

  void add_block(const address_block& block, std::string_view word, const std::string& place) {
    if (request_.family != ip_family::none && block.first.family() != request_.family)
      return refuse(word, place, {"not an " + std::string{family_name(request_.family)} + " address"});
    list_.add(block.first, block.count);
  }

  void add_name(const std::string& name, const std::string& place) {
    const auto found = io::resolve(name, request_.family);
    if (!found) return lose(name, place, found.error());
    const auto usable = [&](const ip_address& a) { return a.is_v4() ? request_.have_v4 : request_.have_v6; };
    auto chosen = *found;
    if (std::any_of(chosen.begin(), chosen.end(), usable))
      std::erase_if(chosen, [&](const ip_address& a) { return !usable(a); });
    if (!request_.all_addresses) chosen.resize(1);
    for (const auto& address : chosen) {
      list_.add(address);
      out_.targets.names_.push_back({address, name});
    }
  }

  /// -g FIRST LAST, as fping has it.
  void add_ends() {
    const auto first = parse_target(request_.words[0]);
    const auto last = parse_target(request_.words[1]);
    const auto* from = first ? std::get_if<address_block>(&*first) : nullptr;
    const auto* to = last ? std::get_if<address_block>(&*last) : nullptr;
    const auto both = request_.words[0] + ' ' + request_.words[1];
    if (from == nullptr || to == nullptr || from->count != 1 || to->count != 1)
      return refuse(both, {}, {"-g takes the first and the last address of a range, or one prefix"});
    const auto range = make_range(from->first, to->first);
    if (!range) return refuse(both, {}, range.error());
    add_block(*range, both, {});
  }

  void add_file() {
    const auto shown = request_.file == "-" ? std::string{"standard input"} : safe_text(request_.file);
    const auto read = read_target_file(request_.file, [&](const target_line& line) {
      const auto place = [&] { return "line " + std::to_string(line.number) + " of " + shown; };
      if (!line.trouble.empty()) return refuse(line.word, place(), {std::string{line.trouble}});
      // The place costs an allocation, so a plain address does without.
      if (const auto plain = parse_ip(line.word);
          plain && (request_.family == ip_family::none || plain->family() == request_.family))
        return list_.add(*plain);
      add(line.word, place());
    });
    if (read) return;
    complain_(describe(read.error()));
    out_.worst = worse(out_.worst, exit_code::ours);
    out_.fatal = out_.fatal || request_.words.empty();
  }

  void refuse(std::string_view word, const std::string& place, const target_text_error& why) {
    constexpr std::size_t longest = 80;
    failure what;
    what.operation = "use target";
    what.subject = std::string{word.substr(0, longest)} + (word.size() > longest ? "..." : "");
    what.why = why.why;
    what.hint = why.hint;
    complain_(place.empty() ? describe(what) : place + ": " + describe(what));
    out_.worst = worse(out_.worst, exit_code::usage);
    out_.fatal = out_.fatal || place.empty();
  }

  void lose(const std::string& name, const std::string& place, const io::resolve_error& error) {
    if (error.kind == io::resolve_error::kind_type::malformed)
      return refuse(name, place, {error.what.why, error.what.hint});
    complain_(place.empty() ? describe(error.what) : place + ": " + describe(error.what));
    out_.worst = worse(out_.worst, exit_code::ours);
    out_.targets.lost_.push_back({name, std::string{lost_reason(error.kind)}, error.what.why});
  }

  void finish() {
    auto& names = out_.targets.names_;
    const auto before = [](const auto& a, const auto& b) { return a.address < b.address; };
    std::stable_sort(names.begin(), names.end(), before);
    const auto same = [](const auto& a, const auto& b) { return a.address == b.address; };
    names.erase(std::unique(names.begin(), names.end(), same), names.end());
    list_.seal();
    if (list_.size() > most_targets) {
      complain_("cannot use " + std::to_string(list_.size()) + " targets: at most 4294967295 in one run");
      out_.worst = worse(out_.worst, exit_code::usage);
      out_.fatal = true;
    }
    out_.targets.list_ =
        request_.shards > 1 ? list_.shard(request_.shard - 1, request_.shards) : std::move(list_);
  }

  const target_request& request_;
  const complainer& complain_;
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

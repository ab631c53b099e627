// Words to addresses, and what is said when that fails.
#include "tools/common/target_intake.hpp"

#include <algorithm>

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

void target_names::seal() {
  const auto before = [](const named& a, const named& b) { return a.address < b.address; };
  std::stable_sort(names_.begin(), names_.end(), before);
  const auto same = [](const named& a, const named& b) { return a.address == b.address; };
  names_.erase(std::unique(names_.begin(), names_.end(), same), names_.end());
}

std::string_view target_names::name_of(const ip_address& address) const {
  const auto at = std::lower_bound(names_.begin(), names_.end(), address,
                                   [](const named& one, const ip_address& a) { return one.address < a; });
  return at != names_.end() && at->address == address ? std::string_view{at->name} : std::string_view{};
}

std::string target_names::label(const ip_address& address) const {
  const auto name = name_of(address);
  return name.empty() ? to_string(address) : std::string{name};
}

std::vector<address_block> target_intake::addresses(const target_text& text, std::string_view word,
                                                    const std::string& place) {
  const auto* block = std::get_if<address_block>(&text);
  if (block == nullptr) return named(std::get<host_name>(text).text, place);
  if (rules_.family == ip_family::none || block->first.family() == rules_.family) return {*block};
  refuse(word, place, {"not an " + std::string{family_name(rules_.family)} + " address"});
  return {};
}

const target_intake::found& target_intake::look_up(const std::string& name) {
  const auto known = asked_.find(name);
  if (known != asked_.end()) return known->second;
  return asked_.emplace(name, io::resolve(name, rules_.family)).first->second;
}

std::vector<address_block> target_intake::named(const std::string& name, const std::string& place) {
  const auto& answer = look_up(name);
  if (!answer) {
    lose(name, place, answer.error());
    return {};
  }
  const auto usable = [&](const ip_address& a) { return a.is_v4() ? rules_.have_v4 : rules_.have_v6; };
  auto chosen = *answer;
  if (std::any_of(chosen.begin(), chosen.end(), usable))
    std::erase_if(chosen, [&](const ip_address& a) { return !usable(a); });
  if (!rules_.all_addresses) chosen.resize(1);
  std::vector<address_block> blocks;
  for (const auto& address : chosen) {
    blocks.push_back({address, 1});
    names.add(address, name);
  }
  return blocks;
}

void target_intake::refuse(std::string_view word, const std::string& place, const target_text_error& why) {
  constexpr std::size_t longest = 80;
  failure what;
  what.operation = "use target";
  what.subject = std::string{word.substr(0, longest)} + (word.size() > longest ? "..." : "");
  what.why = why.why;
  what.hint = why.hint;
  complain_(place.empty() ? describe(what) : place + ": " + describe(what));
  worst = worse(worst, exit_code::usage);
  fatal = fatal || place.empty();
}

void target_intake::refuse_all(const std::string& sentence) {
  complain_(sentence);
  worst = worse(worst, exit_code::usage);
  fatal = true;
}

void target_intake::unreadable(const failure& what, bool ends_the_run) {
  complain_(describe(what));
  worst = worse(worst, exit_code::ours);
  fatal = fatal || ends_the_run;
}

void target_intake::lose(const std::string& name, const std::string& place, const io::resolve_error& error) {
  if (error.kind == io::resolve_error::kind_type::malformed)
    return refuse(name, place, {error.what.why, error.what.hint});
  complain_(place.empty() ? describe(error.what) : place + ": " + describe(error.what));
  worst = worse(worst, exit_code::ours);
  lost.push_back({name, std::string{lost_reason(error.kind)}, error.what.why});
}

}  // namespace diag::tools

// Where the target ends and its ports begin.
#include "tools/tcp/target_ports.hpp"

namespace diag::tcp {
namespace {

using tools::target_text_error;

target_text_error no_ports_after_colon() {
  return {"no ports follow the colon", "write TARGET:22,80,8000-8100"};
}

result<split_target, target_text_error> split_bracketed(std::string_view word) {
  const auto end = word.find(']');
  if (end == word.npos) return target_text_error{"the bracket is not closed", "write [ADDRESS]:PORTS"};
  split_target out{word.substr(1, end - 1), {}, true};
  const auto rest = word.substr(end + 1);
  if (rest.empty()) return out;
  if (rest.front() == '/')
    return target_text_error{"the prefix length stands outside the brackets", "write [ADDRESS/LENGTH]:PORTS"};
  if (rest.front() != ':')
    return target_text_error{"only `:PORTS` may follow the bracket", "write [ADDRESS]:PORTS"};
  if (rest.size() == 1) return no_ports_after_colon();
  out.ports = rest.substr(1);
  return out;
}

}  // namespace

result<split_target, target_text_error> split_ports(std::string_view word) {
  if (word.starts_with('[')) return split_bracketed(word);
  const auto colon = word.find(':');
  if (colon == word.npos) return split_target{word};
  if (word.substr(colon).starts_with("://"))
    return target_text_error{"it is a URL", "name the host and the port alone: HOST:PORT"};
  // Two colons: an IPv6 address, or nothing that is known; parse_target() tells.
  if (word.find(':', colon + 1) != word.npos) return split_target{word};
  if (colon == 0) return target_text_error{"no target stands before the colon", "write TARGET:PORTS"};
  if (colon + 1 == word.size()) return no_ports_after_colon();
  return split_target{word.substr(0, colon), word.substr(colon + 1)};
}

result<target_ports, target_text_error> parse_target_ports(std::string_view word,
                                                           const service_lookup& services) {
  const auto split = split_ports(word);
  if (!split) return split.error();
  auto target = tools::parse_target(split->target);
  if (!target) {
    auto why = target.error();
    // "192.0.2.1:22:80", "2001:db8::1:443:80"
    if (why.hint.empty() && !split->bracketed && split->target.find(':') != word.npos)
      why.hint = "ports follow one colon; an IPv6 address needs brackets: [ADDRESS]:PORTS";
    return why;
  }
  const auto* block = std::get_if<tools::address_block>(&*target);
  if (split->bracketed && (block == nullptr || !block->first.is_v6()))
    return target_text_error{"brackets are for IPv6 addresses", "leave them out"};
  target_ports out{std::move(*target), {}};
  if (!split->ports) return out;
  auto ports = tools::parse_ports(*split->ports, services);
  if (!ports) return target_text_error{ports.error().why};
  out.ports = std::move(*ports);
  return out;
}

}  // namespace diag::tcp

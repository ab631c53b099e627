// Where on the path our packet was changed, out of what its quotes show.
//
// A change lies between the last hop that still quotes the field as it was and the first that quotes it
// otherwise. A quote too short for the field says nothing. A hop that alone quotes it otherwise, while one
// behind it has it as it was, quotes wrongly: the packet that went on is the same.
#include <algorithm>
#include <array>
#include <set>

#include "libdiag/probe/path_finders.hpp"

namespace diag::probe {
namespace {

using field = header_change::field;
using kind = path_finding_kind;

enum class layer : std::uint8_t { network, start, header };

layer layer_of(field what, path_method method) {
  switch (what) {
    case field::traffic_class:
    case field::source_address:
    case field::destination_address:
    case field::identification:
    case field::dont_fragment:
    case field::flow_label:
    case field::total_length:
      return layer::network;
    case field::source_port:
    case field::destination_port:
    case field::echo_identifier:
    case field::sequence:
      return layer::start;
    case field::checksum:  // within eight octets but for TCP
      return method == path_method::udp || method == path_method::icmp ? layer::start : layer::header;
    default:
      return layer::header;
  }
}

/// Whether this quote would have shown a change.
bool would_show(const path_answer& answer, field what, path_method method) {
  switch (layer_of(what, method)) {
    case layer::network:
      return answer.quoted_hop_limit.has_value();
    case layer::start:
      return answer.quoted != quote_depth::none;
    case layer::header:
      return answer.quoted == quote_depth::header;
  }
  return false;
}

bool translates(field what) {
  return what == field::source_port || what == field::destination_port || what == field::source_address ||
         what == field::destination_address || what == field::echo_identifier;
}

/// Differs from probe to probe as sent, so values of two hops cannot be compared.
bool numbers_probes(field what) {
  return what == field::checksum || what == field::identification || what == field::sequence;
}

bool same_seen(const header_change& a, const header_change& b) {
  return numbers_probes(a.what) || (a.seen == b.seen && a.seen_address == b.seen_address);
}

/// What the quotes of one hop say of a field.
struct statement {
  std::uint8_t hop = 0;
  ip_address from{};
  std::optional<header_change> change{};  ///< none: as sent
};

class change_finder {
 public:
  explicit change_finder(const path_view& path) : path_{path} {}

  std::vector<path_finding> run() {
    std::set<std::uint16_t> flows;
    for (const auto& row : path_.rows)
      for (const auto& probe : row.probes) flows.insert(probe.asked.flow);
    for (std::size_t row = 0; row < header_change_fields; ++row)
      for (const auto flow : flows) walk(static_cast<field>(row), flow);
    drop_consequences();
    return std::move(found_);
  }

 private:
  std::vector<statement> statements(field what, std::uint16_t flow) const {
    std::vector<statement> out;
    for (const auto& row : path_.rows) {
      std::optional<statement> here;
      for (const auto& probe : row.probes) {
        const auto& answer = probe.answer;
        if (probe.asked.flow != flow || !has_answer(answer)) continue;
        const auto change = std::find_if(answer.changes.begin(), answer.changes.end(),
                                         [what](const header_change& one) { return one.what == what; });
        if (change != answer.changes.end())
          here = statement{row.hop, answer.from, *change};
        else if (!here && would_show(answer, what, path_.target.method))
          here = statement{row.hop, answer.from, std::nullopt};
      }
      if (here) out.push_back(std::move(*here));
    }
    return out;
  }

  void walk(field what, std::uint16_t flow) {
    const auto said = statements(what, flow);
    std::uint8_t before = 0;  // the last hop whose word is taken
    std::optional<header_change> now;
    for (std::size_t i = 0; i < said.size(); ++i) {
      const auto& here = said[i];
      const bool alone = here.change && !now && i + 1 < said.size() && !said[i + 1].change;
      if (alone) continue;
      if (here.change && !(now && same_seen(*now, *here.change)))
        note(before, here, between(now, *here.change));
      else if (now && !here.change && !numbers_probes(what))
        note(before, here, {what, now->seen, now->sent, now->seen_address, now->sent_address});
      now = here.change;
      before = here.hop;
    }
  }

  static header_change between(const std::optional<header_change>& before, header_change after) {
    if (before) {
      after.sent = before->seen;
      after.sent_address = before->seen_address;
    }
    return after;
  }

  /// The same change as other flows show it is one finding, as narrow as they make it together.
  void note(std::uint8_t after, const statement& here, const header_change& change) {
    for (auto& known : found_) {
      if (known.change->what != change.what || known.hop <= after || here.hop <= known.other_hop) continue;
      known.other_hop = std::max(known.other_hop, after);
      if (here.hop < known.hop) {
        known.hop = here.hop;
        known.address = here.from;
      }
      return;
    }
    found_.push_back({.what = translates(change.what) ? kind::nat : kind::changed,
                      .hop = here.hop,
                      .other_hop = after,
                      .address = here.from,
                      .change = change});
  }

  /// A transport checksum follows what it covers. Alone it betrays a translator that puts addresses and ports
  /// of the quotes right again on their way back, and forgets the checksum (RFC 5508 §4.2).
  void drop_consequences() {
    const auto covered = [](field what) {
      return what != field::checksum && what != field::traffic_class && what != field::identification &&
             what != field::dont_fragment && what != field::flow_label && what != field::total_length;
    };
    const auto explained = [&](const path_finding& sum) {
      return std::any_of(found_.begin(), found_.end(), [&](const path_finding& one) {
        return covered(one.change->what) && one.other_hop < sum.hop && sum.other_hop < one.hop;
      });
    };
    std::vector<path_finding> kept;
    for (const auto& one : found_) {
      if (one.change->what != field::checksum) {
        kept.push_back(one);
        continue;
      }
      if (explained(one)) continue;
      kept.push_back(one);
      // ICMP's checksum covers no address: alone it says that the payload was changed.
      if (path_.target.method != path_method::icmp) kept.back().what = kind::nat;
    }
    found_ = std::move(kept);
  }

  path_view path_;
  std::vector<path_finding> found_;
};

}  // namespace

void find_changes(const path_view& path, std::vector<path_finding>& into) {
  for (auto& one : change_finder{path}.run()) into.push_back(std::move(one));
}

}  // namespace diag::probe

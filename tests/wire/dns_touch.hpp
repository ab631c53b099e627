// Reads all there is in a DNS message, which mangled input must survive. Shared with tests/fuzz.
#pragma once

#include <cstdint>
#include <variant>

#include "libdiag/core/bytes.hpp"
#include "libdiag/wire/dns_edns.hpp"
#include "libdiag/wire/dns_message.hpp"
#include "libdiag/wire/dns_rdata.hpp"
#include "libdiag/wire/dns_summary.hpp"

namespace diag::wire::test {

/// The sum keeps the reads from being optimised away.
inline std::uint64_t sum_of(byte_view octets) {
  std::uint64_t sum = 0;
  for (const auto octet : octets) sum += std::to_integer<unsigned>(octet);
  return sum;
}

inline std::uint64_t touch_dns(const dns_view& view) {
  auto contents = read_dns(view);
  auto sum = static_cast<std::uint64_t>(contents.rcode()) + dns_flags(view.header()) + contents.trailing;
  sum += describe_flags(contents.header).size() + summarize_dns(view).size();
  for (const auto& question : contents.questions) {
    sum += static_cast<std::uint64_t>(view.match(question)) + question.name.text().size();
    sum += describe(question.type).size() + describe(question.record_class).size();
  }
  auto budget = contents.budget;
  for (const auto& record : contents.records) {
    const auto data = read_rdata(record, contents.budget);
    sum += describe_briefly(data.value).size() + record.name.text().size();
    if (data.flaw) sum += describe(*data.flaw).size();
    if (const auto* nsec = std::get_if<dns_nsec>(&data.value)) sum += nsec->types.types().size();
    if (const auto* nsec3 = std::get_if<dns_nsec3>(&data.value)) {
      sum += nsec3->types.types().size() + sum_of(nsec3->salt) + sum_of(nsec3->next_hashed);
      sum += nsec3->types.contains(dns_type::a) ? 1U : 0U;
    }
    if (const auto* rrsig = std::get_if<dns_rrsig>(&data.value)) sum += sum_of(rrsig->signature);
    if (const auto expanded = expand_rdata(record, budget)) sum += sum_of(*expanded);
    sum += record.name == contents.records.front().name ? 1U : 0U;
    sum += record.name <=> contents.records.front().name == 0 ? 1U : 0U;
  }
  if (contents.opt) {
    dns_options options{*contents.opt};
    while (const auto option = options.next()) sum += describe(*option).size() + sum_of(option->data);
  }
  for (const auto& flaw : contents.flaws) sum += describe(flaw).size();
  return sum;
}

}  // namespace diag::wire::test

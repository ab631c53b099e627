// Fuzz target: a DNS message and all in it; a stream of them; what is read of names is written and read
// again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "libdiag/wire/dns_emit.hpp"
#include "libdiag/wire/dns_reverse.hpp"

#include "tests/wire/dns_touch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using namespace diag;
using namespace diag::wire;

void must(bool so) {
  if (!so) std::abort();
}

/// Text and octets of a name are the same name.
void check_name(const dns_name& name) {
  const auto again = dns_name::from_text(name.text());
  must(again && again->same_case(name));
  const auto octets = dns_name::from_wire(name.bytes());
  must(octets && octets->same_case(name) && *octets <=> name == 0);
  must(name.is_under(name.parent()) && name.labels() <= dns_name::max_labels);
  must(name.with_case(0x5555555555555555) == name);
  if (const auto address = address_of(name)) must(reverse_name(*address) == name);
}

/// Written without compression and read back: the same questions and records.
void check_round_trip(const dns_contents& contents) {
  dns_budget budget;
  std::vector<std::vector<std::byte>> data;
  std::vector<dns_record_fields> records;
  for (const auto& record : contents.records) {
    auto expanded = expand_rdata(record, budget);
    data.push_back(expanded ? *expanded : std::vector<std::byte>{record.rdata.begin(), record.rdata.end()});
  }
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto& record = contents.records[i];
    records.push_back({.section = record.section,
                       .name = record.name,
                       .type = record.type,
                       .record_class = record.record_class,
                       .ttl = record.ttl,
                       .rdata = data[i]});
  }
  std::size_t size = dns_header::size;
  for (const auto& question : contents.questions) size += question.name.bytes().size() + 4;
  for (std::size_t i = 0; i < data.size(); ++i) size += records[i].name.bytes().size() + 10 + data[i].size();
  std::vector<std::byte> buffer(size);
  byte_writer out{buffer};
  if (!emit_dns(out, {.header = contents.header, .questions = contents.questions, .records = records}))
    return;
  const auto again = dns_view::parse(out.written());
  must(again.has_value());
  const auto read = read_dns(*again);
  // Names that stand whole cost less than compressed ones.
  must(read.whole);
  must(read.header == contents.header && read.trailing == 0);
  must(read.questions.size() == contents.questions.size() && read.records.size() == contents.records.size());
  for (std::size_t i = 0; i < read.records.size(); ++i)
    must(read.records[i].name.same_case(contents.records[i].name) &&
         read.records[i].rdata.size() == data[i].size());
}

void message(byte_view octets) {
  const auto view = dns_view::parse(octets);
  if (!view) return;
  test::touch_dns(*view);
  const auto contents = read_dns(*view);
  for (const auto& question : contents.questions) check_name(question.name);
  for (const auto& record : contents.records) check_name(record.name);
  for (const auto& flaw : contents.flaws) must(flaw.at <= octets.size());
  check_round_trip(contents);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const byte_view octets = std::as_bytes(std::span{data, size});
  message(octets);
  auto stream = octets;
  while (const auto next = take_dns_message(stream)) message(*next);
  return 0;
}

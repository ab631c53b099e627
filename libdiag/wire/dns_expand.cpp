// Data of records without compression: RFC 3597 §4 names the types in which names may be compressed.
#include <algorithm>

#include "libdiag/wire/dns_rdata.hpp"

namespace diag::wire {

namespace {

/// What stands in the data, in order: fixed octets, counted strings, names, then anything.
struct name_places {
  dns_type type{};
  std::uint8_t octets_before = 0;
  std::uint8_t strings_before = 0;
  std::uint8_t names = 0;
  /// Fixed octets behind the names; `any` octets otherwise.
  std::uint8_t octets_behind = 0;
};
constexpr std::uint8_t any = 255;

// RFC 1035 §3.3; then RP, AFSDB, RT, SIG, PX, NXT, NAPTR, KX, SRV, DNAME, which their own specifications, or
// senders older than RFC 3597, compress.
constexpr name_places places[] = {
    {dns_type::ns, 0, 0, 1, 0},    {dns_type{3}, 0, 0, 1, 0},    {dns_type{4}, 0, 0, 1, 0},
    {dns_type::cname, 0, 0, 1, 0}, {dns_type::soa, 0, 0, 2, 20}, {dns_type{7}, 0, 0, 1, 0},
    {dns_type{8}, 0, 0, 1, 0},     {dns_type{9}, 0, 0, 1, 0},    {dns_type::ptr, 0, 0, 1, 0},
    {dns_type{14}, 0, 0, 2, 0},    {dns_type::mx, 2, 0, 1, 0},   {dns_type{17}, 0, 0, 2, 0},
    {dns_type{18}, 2, 0, 1, 0},    {dns_type{21}, 2, 0, 1, 0},   {dns_type{24}, 18, 0, 1, any},
    {dns_type{26}, 2, 0, 2, 0},    {dns_type{30}, 0, 0, 1, any}, {dns_type::srv, 6, 0, 1, 0},
    {dns_type{35}, 4, 3, 1, 0},    {dns_type{36}, 2, 0, 1, 0},   {dns_type::dname, 0, 0, 1, 0},
};

class expander {
 public:
  expander(const dns_record& record, dns_budget& budget)
      : message_{record.message.first(record.rdata_offset + record.rdata.size())},
        at_{record.rdata_offset},
        budget_{budget} {}

  std::optional<dns_flaw> run(const name_places& shape) {
    if (!copy(shape.octets_before)) return flaw_;
    for (unsigned i = 0; i < shape.strings_before; ++i)
      if (!copy(at_ < message_.size() ? 1U + load_u8(message_, at_) : 1U)) return flaw_;
    for (unsigned i = 0; i < shape.names; ++i)
      if (!name()) return flaw_;
    if (!copy(shape.octets_behind == any ? message_.size() - at_ : shape.octets_behind)) return flaw_;
    if (at_ != message_.size()) return dns_flaw{.what = dns_flaw::kind::bad_rdata, .at = at_};
    return std::nullopt;
  }
  std::vector<std::byte> take() { return std::move(out_); }

 private:
  void append(byte_view octets) { out_.insert(out_.end(), octets.begin(), octets.end()); }
  bool copy(std::size_t count) {
    if (count > message_.size() - at_) {
      flaw_ = dns_flaw{.what = dns_flaw::kind::bad_rdata, .at = at_};
      return false;
    }
    append(message_.subspan(at_, count));
    at_ += count;
    return true;
  }
  bool name() {
    const auto read = read_dns_name(message_, at_, budget_);
    if (!read) {
      flaw_ = read.error();
      if (flaw_->what == dns_flaw::kind::truncated) flaw_->what = dns_flaw::kind::bad_rdata;
      return false;
    }
    append(read->name.bytes());
    at_ = read->next;
    return true;
  }

  byte_view message_;
  std::size_t at_;
  dns_budget& budget_;
  std::vector<std::byte> out_{};
  std::optional<dns_flaw> flaw_{};
};

}  // namespace

result<std::vector<std::byte>, dns_flaw> expand_rdata(const dns_record& record, dns_budget& budget) {
  const auto* const shape = std::ranges::find(places, record.type, &name_places::type);
  if (shape == std::end(places) || record.rdata.empty())
    return std::vector<std::byte>{record.rdata.begin(), record.rdata.end()};
  expander data{record, budget};
  if (const auto flaw = data.run(*shape)) return *flaw;
  return data.take();
}

}  // namespace diag::wire

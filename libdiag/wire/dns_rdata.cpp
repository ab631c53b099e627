// Data of records: RFC 1035 §3.3, RFC 2782, RFC 3596, RFC 4034, RFC 5155, RFC 8659, RFC 9460.
#include "libdiag/wire/dns_rdata.hpp"

namespace diag::wire {

namespace {

/// Reads one record's data forward. After the first thing that does not fit everything reads as nothing, and
/// the place of it is kept.
class data_reader {
 public:
  data_reader(const dns_record& record, dns_budget& budget)
      : record_{record}, budget_{budget}, at_{record.rdata_offset} {}

  [[nodiscard]] std::size_t left() const { return end() - at_; }
  [[nodiscard]] const std::optional<dns_flaw>& flaw() const { return flaw_; }
  [[nodiscard]] const std::optional<dns_flaw>& remark() const { return remark_; }

  byte_view take(std::size_t count) {
    if (flaw_ || count > left()) {
      fail(dns_flaw::kind::bad_rdata, at_);
      return {};
    }
    const auto taken = record_.rdata.subspan(at_ - record_.rdata_offset, count);
    at_ += count;
    return taken;
  }
  std::uint8_t u8() {
    const auto octets = take(1);
    return octets.empty() ? std::uint8_t{0} : load_u8(octets, 0);
  }
  std::uint16_t be16() {
    const auto octets = take(2);
    return octets.empty() ? std::uint16_t{0} : load_be16(octets, 0);
  }
  std::uint32_t be32() {
    const auto octets = take(4);
    return octets.empty() ? 0 : load_be32(octets, 0);
  }
  /// One octet of length and what it states.
  byte_view counted() { return take(u8()); }
  byte_view rest() { return take(flaw_ ? 0 : left()); }

  enum class compression : std::uint8_t { allowed, forbidden };
  dns_name name(compression rule = compression::allowed) {
    if (flaw_) return {};
    // A name may point anywhere before it, but in place it ends with its record.
    const auto read = read_dns_name(record_.message.first(end()), at_, budget_);
    if (!read) {
      // What ends the data too early is no end of the message.
      const auto what =
          read.error().what == dns_flaw::kind::truncated ? dns_flaw::kind::bad_rdata : read.error().what;
      fail(what, read.error().at);
      return {};
    }
    if (read->compressed && rule == compression::forbidden) remark(dns_flaw::kind::compressed_name, at_);
    at_ = read->next;
    return read->name;
  }
  void remark(dns_flaw::kind what, std::size_t at) {
    if (!remark_) remark_ = dns_flaw{.what = what, .at = at};
  }
  /// `part` is of the data.
  void refuse(byte_view part) {
    fail(dns_flaw::kind::bad_rdata,
         record_.rdata_offset + static_cast<std::size_t>(part.data() - record_.rdata.data()));
  }
  /// The value must have used all octets.
  void finish() {
    if (left() != 0) fail(dns_flaw::kind::bad_rdata, at_);
  }

 private:
  [[nodiscard]] std::size_t end() const { return record_.rdata_offset + record_.rdata.size(); }
  void fail(dns_flaw::kind what, std::size_t at) {
    if (!flaw_) flaw_ = dns_flaw{.what = what, .at = at};
  }

  const dns_record& record_;
  dns_budget& budget_;
  std::size_t at_;
  std::optional<dns_flaw> flaw_, remark_;
};

using compression = data_reader::compression;

// Members are initialised in the order in which they stand, which is the order on the wire.

dns_value read_soa(data_reader& in) {
  return dns_soa{.mname = in.name(),
                 .rname = in.name(),
                 .serial = in.be32(),
                 .refresh = in.be32(),
                 .retry = in.be32(),
                 .expire = in.be32(),
                 .minimum = in.be32()};
}

dns_value read_txt(data_reader& in) {
  const auto octets = in.rest();
  // RFC 1035 §3.3.14: one string or more.
  dns_strings strings{dns_txt{octets}};
  std::size_t count = 0;
  std::size_t good = 0;
  while (const auto string = strings.next()) {
    ++count;
    good += 1 + string->size();
  }
  if (strings.malformed() || count == 0) in.refuse(octets.subspan(good));
  return dns_txt{octets};
}

dns_value read_rrsig(data_reader& in) {
  return dns_rrsig{.covered = dns_type{in.be16()},
                   .algorithm = in.u8(),
                   .labels = in.u8(),
                   .original_ttl = in.be32(),
                   .expiration = in.be32(),
                   .inception = in.be32(),
                   .key_tag = in.be16(),
                   .signer = in.name(compression::forbidden),
                   .signature = in.rest()};
}

dns_type_bitmap read_bitmap(data_reader& in) {
  const auto octets = in.rest();
  const dns_type_bitmap types{octets};
  if (!types.well_formed()) in.refuse(octets);
  return types;
}

dns_value read_nsec3(data_reader& in) {
  return dns_nsec3{.algorithm = in.u8(),
                   .flags = in.u8(),
                   .iterations = in.be16(),
                   .salt = in.counted(),
                   .next_hashed = in.counted(),
                   .types = read_bitmap(in)};
}

dns_value read_caa(data_reader& in) {
  dns_caa caa{.flags = in.u8(), .tag = in.counted(), .value = in.rest()};
  // RFC 8659 §4.1: one octet or more.
  if (caa.tag.empty()) in.refuse(caa.tag);
  return caa;
}

dns_value read_service(data_reader& in) {
  dns_service service{
      .priority = in.be16(), .target = in.name(compression::forbidden), .parameters = in.rest()};
  // RFC 9460 §2.2: keys strictly ascending, lengths that fit.
  byte_reader parameters{service.parameters};
  int last = -1;
  while (parameters.remaining() != 0) {
    const auto begin = parameters.position();
    const int key = parameters.be16();
    parameters.skip(parameters.be16());
    if (!parameters.ok() || key <= last) {
      in.refuse(service.parameters.subspan(begin));
      break;
    }
    last = key;
  }
  return service;
}

dns_value read_address(data_reader& in, std::size_t size) {
  return dns_address{ip_address::from_bytes(in.take(size))};
}

/// What is written alike in every class.
dns_value read_common(dns_type type, data_reader& in) {
  switch (type) {
    case dns_type::ns:
    case dns_type::cname:
    case dns_type::ptr:
      return dns_target{in.name()};
    case dns_type::dname:
      return dns_target{in.name(compression::forbidden)};
    case dns_type::mx:
      return dns_mx{.preference = in.be16(), .exchange = in.name()};
    case dns_type::soa:
      return read_soa(in);
    case dns_type::txt:
    case dns_type::spf:
      return read_txt(in);
    case dns_type::ds:
    case dns_type::cds:
    case dns_type::dlv:
      return dns_ds{.key_tag = in.be16(), .algorithm = in.u8(), .digest_type = in.u8(), .digest = in.rest()};
    case dns_type::dnskey:
    case dns_type::cdnskey:
      return dns_key{.flags = in.be16(), .protocol = in.u8(), .algorithm = in.u8(), .public_key = in.rest()};
    case dns_type::rrsig:
      return read_rrsig(in);
    case dns_type::nsec:
      return dns_nsec{.next = in.name(compression::forbidden), .types = read_bitmap(in)};
    case dns_type::nsec3:
      return read_nsec3(in);
    case dns_type::nsec3param:
      return dns_nsec3param{
          .algorithm = in.u8(), .flags = in.u8(), .iterations = in.be16(), .salt = in.counted()};
    case dns_type::caa:
      return read_caa(in);
    default:
      return dns_opaque{in.rest()};
  }
}

dns_value read_value(const dns_record& record, data_reader& in) {
  // RFC 1035 §3.4: of the Internet class alone. CH has another A.
  if (record.record_class == dns_class::in) switch (record.type) {
      case dns_type::a:
        return read_address(in, 4);
      case dns_type::aaaa:
        return read_address(in, 16);
      case dns_type::srv:
        return dns_srv{.priority = in.be16(),
                       .weight = in.be16(),
                       .port = in.be16(),
                       // RFC 2782: not to be compressed, but RFC 3597 §4 asks to read it so.
                       .target = in.name(compression::forbidden)};
      case dns_type::svcb:
      case dns_type::https:
        return read_service(in);
      default:
        break;
    }
  return read_common(record.type, in);
}

}  // namespace

dns_rdata read_rdata(const dns_record& record, dns_budget& budget) {
  // RFC 2136 §2.4, §2.5: prerequisites and deletions have no data, of whatever type.
  if (record.rdata.empty() &&
      (record.record_class == dns_class::any || record.record_class == dns_class::none))
    return {.value = dns_opaque{record.rdata}};
  data_reader in{record, budget};
  const auto value = read_value(record, in);
  in.finish();
  if (in.flaw()) return {.value = dns_opaque{record.rdata}, .flaw = in.flaw()};
  return {.value = value, .flaw = in.remark()};
}

std::optional<byte_view> dns_strings::next() {
  if (rest_.empty() || malformed_) return std::nullopt;
  const std::size_t size = load_u8(rest_, 0);
  if (size > rest_.size() - 1) {
    malformed_ = true;
    return std::nullopt;
  }
  const auto string = rest_.subspan(1, size);
  rest_ = rest_.subspan(1 + size);
  return string;
}

std::uint16_t dns_key::key_tag() const {
  // RFC 4034 appendix B.1: of the ancient algorithm 1, the two octets before the last of the modulus.
  if (algorithm == 1)
    return public_key.size() < 3 ? std::uint16_t{0} : load_be16(public_key, public_key.size() - 3);
  std::uint32_t sum = flags;
  sum += static_cast<std::uint32_t>(protocol << 8 | algorithm);
  for (std::size_t i = 0; i < public_key.size(); ++i)
    sum += std::uint32_t{load_u8(public_key, i)} << (i % 2 == 0 ? 8 : 0);
  return static_cast<std::uint16_t>(sum + (sum >> 16));
}

}  // namespace diag::wire

// DNS messages out: RFC 1035 §4.1; RFC 6891 §6.1.2; RFC 7830 §3; RFC 7871 §6.
#include "libdiag/wire/dns_emit.hpp"

#include <algorithm>

namespace diag::wire {

namespace {

constexpr std::size_t option_header = 4;
constexpr std::size_t opt_fixed = 11;  // root, TYPE, CLASS, TTL, RDLENGTH

void emit_question(byte_writer& out, const dns_question& question) {
  out.bytes(question.name.bytes());
  out.be16(static_cast<std::uint16_t>(question.type));
  out.be16(static_cast<std::uint16_t>(question.record_class));
}

bool emit_record(byte_writer& out, const dns_record_fields& record) {
  if (record.rdata.size() > 0xffff) return false;
  emit_question(out, {.name = record.name, .type = record.type, .record_class = record.record_class});
  out.be32(record.ttl);
  out.be16(static_cast<std::uint16_t>(record.rdata.size()));
  out.bytes(record.rdata);
  return out.ok();
}

/// Octets of padding that make `size`, with the option's own head, a multiple of `block`.
std::size_t padding_for(std::size_t size, std::size_t block) {
  const auto over = (size + option_header) % block;
  return over == 0 ? 0 : block - over;
}

/// `start`: where the message begins in the writer.
bool emit_opt(byte_writer& out, const dns_edns_fields& edns, std::size_t start) {
  std::size_t size = 0;
  for (const auto& option : edns.options) {
    if (option.data.size() > 0xffff) return false;
    size += option_header + option.data.size();
  }
  const auto padding =
      edns.pad_to == 0 ? 0 : padding_for(out.position() - start + opt_fixed + size, edns.pad_to);
  if (edns.pad_to != 0) size += option_header + padding;
  if (size > 0xffff) return false;

  out.u8(0);
  out.be16(static_cast<std::uint16_t>(dns_type::opt));
  out.be16(edns.udp_size);
  out.u8(edns.extended_rcode);
  out.u8(edns.version);
  out.be16(static_cast<std::uint16_t>((edns.dnssec_ok ? 0x8000U : 0U) | (edns.z & 0x7fffU)));
  out.be16(static_cast<std::uint16_t>(size));
  for (const auto& option : edns.options) {
    out.be16(static_cast<std::uint16_t>(option.code));
    out.be16(static_cast<std::uint16_t>(option.data.size()));
    out.bytes(option.data);
  }
  if (edns.pad_to != 0) {
    out.be16(static_cast<std::uint16_t>(dns_option_code::padding));
    out.be16(static_cast<std::uint16_t>(padding));
    for (std::size_t i = 0; i < padding; ++i) out.u8(0);
  }
  return out.ok();
}

std::array<std::uint16_t, 4> count(const dns_message_fields& fields) {
  std::array<std::uint16_t, 4> counts{};
  counts[0] = static_cast<std::uint16_t>(fields.questions.size());
  for (const auto& record : fields.records) ++counts[static_cast<std::size_t>(record.section) & 3U];
  if (fields.edns) ++counts[static_cast<std::size_t>(dns_section::additional)];
  return counts;
}

}  // namespace

bool emit_dns(byte_writer& out, const dns_message_fields& fields) {
  const auto start = out.position();
  out.be16(fields.header.id);
  out.be16(dns_flags(fields.header));
  for (const auto each : fields.counts ? *fields.counts : count(fields)) out.be16(each);
  for (const auto& question : fields.questions) emit_question(out, question);
  for (const auto section : {dns_section::answer, dns_section::authority, dns_section::additional})
    for (const auto& record : fields.records)
      if (record.section == section && !emit_record(out, record)) return false;
  if (fields.edns && !emit_opt(out, *fields.edns, start)) return false;
  return out.ok() && out.position() - start <= 0xffff;
}

bool emit_dns(byte_writer& out, const dns_query_fields& fields) {
  return emit_dns(out, dns_message_fields{.header = fields.header,
                                          .questions = std::span{&fields.question, 1},
                                          .records = fields.records,
                                          .edns = fields.edns});
}

void emit(byte_writer& out, const dns_client_subnet& subnet) {
  // IANA address family numbers; 0 asks not to be told (RFC 7871 §7.1.2).
  out.be16(subnet.address.is_v4() ? 1 : subnet.address.is_v6() ? 2 : 0);
  out.u8(subnet.source_prefix);
  out.u8(subnet.scope_prefix);
  // §6: as many octets as the prefix needs, zeros behind its bits.
  const auto octets = subnet.address.bytes();
  const auto size = std::min<std::size_t>(octets.size(), (subnet.source_prefix + 7U) / 8);
  for (std::size_t i = 0; i < size; ++i) {
    const auto bits = std::min<std::size_t>(8, subnet.source_prefix - 8 * i);
    out.u8(static_cast<std::uint8_t>(load_u8(octets, i) & 0xff00U >> bits));
  }
}

void emit(byte_writer& out, const dns_cookie& cookie) {
  out.bytes(cookie.client);
  out.bytes(cookie.server);
}

void emit(byte_writer& out, const dns_keepalive& keepalive) {
  // RFC 7828 §3.1: units of 100 milliseconds; a client's option is empty.
  if (keepalive.timeout) out.be16(static_cast<std::uint16_t>(keepalive.timeout->count() / 100));
}

void emit(byte_writer& out, const dns_extended_error_option& error) {
  out.be16(static_cast<std::uint16_t>(error.code));
  out.bytes(error.text);
}

void emit(byte_writer& out, const dns_soa& soa) {
  out.bytes(soa.mname.bytes());
  out.bytes(soa.rname.bytes());
  for (const auto each : {soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum}) out.be32(each);
}

void emit(byte_writer& out, const dns_mx& mx) {
  out.be16(mx.preference);
  out.bytes(mx.exchange.bytes());
}

void emit(byte_writer& out, const dns_srv& srv) {
  out.be16(srv.priority);
  out.be16(srv.weight);
  out.be16(srv.port);
  out.bytes(srv.target.bytes());
}

}  // namespace diag::wire

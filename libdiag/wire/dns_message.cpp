// DNS messages: RFC 1035 §4.1; RFC 6891 §6.1.
#include "libdiag/wire/dns_message.hpp"

#include <algorithm>

namespace diag::wire {

namespace {

constexpr std::size_t question_tail = 4;  // QTYPE, QCLASS
constexpr std::size_t record_tail = 10;   // TYPE, CLASS, TTL, RDLENGTH

struct flag_word {
  bool dns_header::*flag;
  std::uint16_t bit;
  std::string_view word;
};
// RFC 1035 §4.1.1, RFC 4035 §3: in the order of the header.
constexpr std::array<flag_word, 8> flags{{{&dns_header::response, 0x8000, "qr"},
                                          {&dns_header::authoritative, 0x0400, "aa"},
                                          {&dns_header::truncated, 0x0200, "tc"},
                                          {&dns_header::recursion_desired, 0x0100, "rd"},
                                          {&dns_header::recursion_available, 0x0080, "ra"},
                                          {&dns_header::reserved, 0x0040, "z"},
                                          {&dns_header::authentic_data, 0x0020, "ad"},
                                          {&dns_header::checking_disabled, 0x0010, "cd"}}};

}  // namespace

std::uint16_t dns_flags(const dns_header& header) {
  auto word = static_cast<std::uint16_t>((static_cast<unsigned>(header.opcode) & 0x0fU) << 11 |
                                         (header.rcode & 0x0fU));
  for (const auto& each : flags)
    if (header.*each.flag) word |= each.bit;
  return word;
}

std::string describe_flags(const dns_header& header) {
  std::string text;
  for (const auto& each : flags)
    if (header.*each.flag) (text += text.empty() ? "" : " ") += each.word;
  return text;
}

std::string_view describe(dns_section section) {
  constexpr std::array<std::string_view, 4> words{"question", "answer", "authority", "additional"};
  const auto number = static_cast<std::size_t>(section);
  return number < words.size() ? words[number] : "unknown";
}

result<dns_view, wire_errc> dns_view::parse(byte_view message) {
  if (message.size() < dns_header::size) return wire_errc::truncated;
  return dns_view{message};
}

dns_header dns_view::header() const {
  dns_header header;
  header.id = id();
  header.opcode = opcode();
  header.rcode = rcode();
  const auto word = load_be16(bytes_, 2);
  for (const auto& each : flags) header.*each.flag = (word & each.bit) != 0;
  return header;
}

question_match dns_view::match(const dns_question& asked) const {
  if (count(dns_section::question) == 0) return question_match::absent;
  const auto name = asked.name.bytes();
  const auto here = bytes_.subspan(dns_header::size);
  const auto stated = here.first(std::min(here.size(), name.size()));
  // Lengths are among the octets compared, so equal octets are an equal name; it cannot be compressed, since
  // nothing stands before the first question that a pointer could mean.
  const bool same = std::ranges::equal(stated, name);
  if ((!same && !same_dns_octets(stated, name)) || here.size() < name.size() + question_tail) {
    dns_walk walk{*this};
    return walk.next_question() ? question_match::different : question_match::malformed;
  }
  if (load_be16(here, name.size()) != static_cast<std::uint16_t>(asked.type) ||
      load_be16(here, name.size() + 2) != static_cast<std::uint16_t>(asked.record_class))
    return question_match::different;
  return same ? question_match::same : question_match::other_case;
}

std::nullopt_t dns_walk::stop(dns_flaw::kind what, std::size_t at) {
  flaw_ = dns_flaw{.what = what, .at = at};
  return std::nullopt;
}

std::optional<dns_name_at> dns_walk::name() {
  const auto read = read_dns_name(message_.bytes(), at_, budget_);
  if (read) return *read;
  flaw_ = read.error();
  return std::nullopt;
}

std::optional<dns_question> dns_walk::next_question() {
  const auto bytes = message_.bytes();
  auto& done = done_[static_cast<std::size_t>(dns_section::question)];
  if (flaw_ || done == message_.count(dns_section::question)) return std::nullopt;
  if (at_ == bytes.size()) return stop(dns_flaw::kind::bad_count, at_);
  const auto name = this->name();
  if (!name) return std::nullopt;
  if (bytes.size() - name->next < question_tail) return stop(dns_flaw::kind::truncated, name->next);
  ++done;
  at_ = name->next + question_tail;
  return dns_question{.name = name->name,
                      .type = dns_type{load_be16(bytes, name->next)},
                      .record_class = dns_class{load_be16(bytes, name->next + 2)}};
}

std::optional<dns_record> dns_walk::next_record() {
  while (next_question()) continue;
  if (flaw_) return std::nullopt;
  auto section = dns_section::answer;
  while (done_[static_cast<std::size_t>(section)] == message_.count(section)) {
    if (section == dns_section::additional) return std::nullopt;
    section = dns_section{static_cast<std::uint8_t>(static_cast<std::uint8_t>(section) + 1)};
  }
  const auto bytes = message_.bytes();
  if (at_ == bytes.size()) return stop(dns_flaw::kind::bad_count, at_);
  const auto name = this->name();
  if (!name) return std::nullopt;
  const auto at = name->next;
  if (bytes.size() - at < record_tail) return stop(dns_flaw::kind::truncated, at);
  const std::size_t length = load_be16(bytes, at + 8);
  if (bytes.size() - at - record_tail < length) return stop(dns_flaw::kind::bad_length, at + 8);

  dns_record record{.section = section,
                    .name = name->name,
                    .type = dns_type{load_be16(bytes, at)},
                    .record_class = dns_class{load_be16(bytes, at + 2)},
                    .ttl = load_be32(bytes, at + 4),
                    .offset = at_,
                    .rdata_offset = at + record_tail,
                    .rdata = bytes.subspan(at + record_tail, length),
                    .message = bytes};
  ++done_[static_cast<std::size_t>(section)];
  at_ = record.rdata_offset + length;
  if (record.type == dns_type::opt) look_at_opt(record);
  return record;
}

void dns_walk::look_at_opt(const dns_record& record) {
  // RFC 6891 §6.1.1: one, anywhere in the additional section; §6.1.2: owned by the root.
  if (record.section != dns_section::additional || !record.name.is_root()) {
    if (!misplaced_opt_)
      misplaced_opt_ = dns_flaw{.what = dns_flaw::kind::misplaced_opt, .at = record.offset};
  }
  if (opt_seen_ && !second_opt_) second_opt_ = dns_flaw{.what = dns_flaw::kind::two_opt, .at = record.offset};
  opt_seen_ = true;
}

dns_rcode dns_contents::rcode() const {
  const unsigned upper = opt ? opt->extended_rcode : 0U;
  return dns_rcode{static_cast<std::uint16_t>(upper << 4 | header.rcode)};
}

dns_contents read_dns(const dns_view& message) {
  dns_contents contents;
  contents.header = message.header();
  dns_walk walk{message};
  while (auto question = walk.next_question()) contents.questions.push_back(*question);
  while (auto record = walk.next_record()) {
    if (record->type == dns_type::opt && record->section == dns_section::additional && !contents.opt)
      contents.opt = read_opt({.udp_size = static_cast<std::uint16_t>(record->record_class),
                               .ttl = record->ttl,
                               .rdata = record->rdata,
                               .rdata_offset = record->rdata_offset});
    contents.records.push_back(*record);
  }
  contents.whole = !walk.flaw();
  contents.trailing = walk.flaw() ? 0 : walk.rest().size();
  for (const auto& flaw : {walk.flaw(), walk.misplaced_opt(), walk.second_opt()})
    if (flaw) contents.flaws.push_back(*flaw);
  if (contents.opt) {
    dns_options options{*contents.opt};
    while (const auto option = options.next())
      if (is_malformed(read_option(*option)))
        contents.flaws.push_back({.what = dns_flaw::kind::bad_option, .at = option->offset});
    if (options.flaw()) contents.flaws.push_back(*options.flaw());
  }
  contents.budget = walk.budget();
  return contents;
}

std::optional<byte_view> take_dns_message(byte_view& stream) {
  constexpr std::size_t length_size = 2;
  if (stream.size() < length_size) return std::nullopt;
  const std::size_t length = load_be16(stream, 0);
  if (stream.size() - length_size < length) return std::nullopt;
  const auto message = stream.subspan(length_size, length);
  stream = stream.subspan(length_size + length);
  return message;
}

}  // namespace diag::wire

// A DNS message in one line: what was asked, and what was answered to it.
#include "libdiag/wire/dns_summary.hpp"

#include <array>

namespace diag::wire {

namespace {

/// Without the last dot, as people write it.
std::string plain(const dns_name& name) {
  auto text = name.text();
  if (text.size() > 1) text.pop_back();
  return text;
}

std::string shorten(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  text.resize(most - 3);
  return text + "...";
}

std::string hex16(std::uint16_t value) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = 12; shift >= 0; shift -= 4) text += digits[value >> shift & 0xf];
  return text;
}

std::string numbers(std::initializer_list<std::uint32_t> values) {
  std::string text;
  for (const auto value : values) text += std::to_string(value) + " ";
  return text;
}

std::string octet_count(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " octet" : " octets");
}

struct brief_words {
  std::string operator()(const dns_opaque& value) const { return octet_count(value.octets.size()); }
  std::string operator()(const dns_address& value) const { return to_string(value.address); }
  std::string operator()(const dns_target& value) const { return plain(value.name); }
  std::string operator()(const dns_mx& value) const {
    return numbers({value.preference}) + plain(value.exchange);
  }
  std::string operator()(const dns_soa& value) const {
    return plain(value.mname) + " serial " + std::to_string(value.serial);
  }
  std::string operator()(const dns_srv& value) const {
    return numbers({value.priority, value.weight, value.port}) + plain(value.target);
  }
  std::string operator()(const dns_txt& value) const {
    std::string text;
    dns_strings strings{value};
    // Enough of it to fill what is shown.
    while (const auto string = strings.next()) {
      text += text.empty() ? "\"" : " \"";
      append_dns_text(text, *string, "\"\\");
      text += '"';
      if (text.size() > max_brief_value) break;
    }
    return text;
  }
  std::string operator()(const dns_ds& value) const {
    return "key tag " + numbers({value.key_tag}) + "algorithm " + std::to_string(value.algorithm);
  }
  std::string operator()(const dns_key& value) const {
    return "key tag " + numbers({value.key_tag()}) + "algorithm " + std::to_string(value.algorithm);
  }
  std::string operator()(const dns_rrsig& value) const {
    return describe(value.covered) + " key tag " + std::to_string(value.key_tag) + " of " +
           plain(value.signer);
  }
  std::string operator()(const dns_nsec& value) const { return "next " + plain(value.next); }
  std::string operator()(const dns_nsec3& value) const {
    return "iterations " + std::to_string(value.iterations) + (value.opt_out() ? " opt-out" : "");
  }
  std::string operator()(const dns_nsec3param& value) const {
    return "iterations " + std::to_string(value.iterations);
  }
  std::string operator()(const dns_caa& value) const {
    std::string text;
    append_dns_text(text, value.tag, "\"\\");
    text += " \"";
    append_dns_text(text, value.value, "\"\\");
    return text + '"';
  }
  std::string operator()(const dns_service& value) const {
    return numbers({value.priority}) + plain(value.target);
  }
};

/// "A example.org", with the class where it is not IN; nothing for a message without question.
std::string describe_question(const std::optional<dns_question>& question) {
  if (!question) return {};
  const bool internet = question->record_class == dns_class::in;
  return (internet ? "" : describe(question->record_class) + " ") + describe(question->type) + " " +
         shorten(plain(question->name), max_brief_value);
}

/// What is read for a line; all of it is read, since OPT, which completes the rcode, comes last.
struct answer_gist {
  std::optional<dns_record> first;  ///< the one that answers: of the type asked, else the first
  std::size_t answers = 0;
  std::uint8_t extended_rcode = 0;
};

answer_gist read_answers(dns_walk& walk, const std::optional<dns_question>& question) {
  answer_gist gist;
  while (const auto record = walk.next_record()) {
    if (record->section == dns_section::additional && record->type == dns_type::opt)
      gist.extended_rcode = static_cast<std::uint8_t>(record->ttl >> 24);
    if (record->section != dns_section::answer) continue;
    ++gist.answers;
    const bool better =
        gist.first && question && gist.first->type != question->type && record->type == question->type;
    if (!gist.first || better) gist.first = record;
  }
  return gist;
}

}  // namespace

std::string describe_briefly(const dns_value& value) {
  return shorten(std::visit(brief_words{}, value), max_brief_value);
}

std::string summarize_dns(const dns_view& message) {
  const auto header = message.header();
  dns_walk walk{message};
  const auto question = walk.next_question();
  const auto gist = read_answers(walk, question);
  auto flaw = walk.flaw();

  auto text = hex16(header.id);
  if (header.opcode != dns_opcode::query) text += " " + describe(header.opcode);
  if (const auto asked = describe_question(question); !asked.empty()) text += " " + asked;
  if (header.response) {
    const auto rcode = dns_rcode{static_cast<std::uint16_t>(gist.extended_rcode << 4 | header.rcode)};
    text += " -> " + describe(rcode);
    if (gist.first) {
      const auto data = read_rdata(*gist.first, walk.budget());
      if (!flaw) flaw = data.flaw;
      if (!question || gist.first->type != question->type) text += " " + describe(gist.first->type);
      text += " " + describe_briefly(data.value);
      if (gist.answers > 1) text += " (+" + std::to_string(gist.answers - 1) + ")";
    } else if (rcode == dns_rcode::no_error && header.opcode == dns_opcode::query && !flaw) {
      text += " no data";
    }
  }
  if (header.truncated) text += " TC";
  if (flaw) text += " [" + describe(*flaw) + "]";
  return text;
}

}  // namespace diag::wire

// DNS messages for the tests: put together from hexadecimal, or captured.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "libdiag/wire/dns_message.hpp"
#include "libdiag/wire/dns_rdata.hpp"

#include "tests/wire/vectors.hpp"

namespace diag::wire::test {

inline void append(octets& out, byte_view more) {
  out.insert(out.end(), more.begin(), more.end());
}

/// A header with these flags and counts, and `body` behind it.
inline octets dns_message(std::uint16_t flags, std::initializer_list<unsigned> counts,
                          std::string_view body) {
  octets out(dns_header::size);
  store_be16(out, 0, 0x1a2b);
  store_be16(out, 2, flags);
  std::size_t at = 4;
  for (const auto count : counts) {
    store_be16(out, at, static_cast<std::uint16_t>(count));
    at += 2;
  }
  append(out, from_hex(body));
  return out;
}

inline constexpr std::uint16_t response_flags = 0x8180;
/// "a." type A class IN: octets 12 to 18.
inline constexpr std::string_view question_a = "01 61 00 0001 0001 ";

/// A response to question_a with one answer of this type, owned by a pointer to the question: its data begins
/// at octet 31.
inline constexpr std::size_t data_at = 31;
inline octets answer_of(std::uint16_t type, std::string_view data, std::uint16_t record_class = 1) {
  auto out =
      dns_message(response_flags, {1, 1, 0, 0}, std::string{question_a} + "c00c 0000 0000 0000003c 0000");
  store_be16(out, 21, type);
  store_be16(out, 23, record_class);
  const auto rdata = from_hex(data);
  store_be16(out, 29, static_cast<std::uint16_t>(rdata.size()));
  append(out, rdata);
  return out;
}

inline dns_view view_of(byte_view message) {
  const auto view = dns_view::parse(message);
  REQUIRE(view);
  return *view;
}
inline dns_contents read(byte_view message) {
  return read_dns(view_of(message));
}

inline dns_name name(std::string_view text) {
  const auto parsed = dns_name::from_text(text);
  if (!parsed) throw std::runtime_error{"bad name in a test: " + std::string{text}};
  return *parsed;
}

/// "octet 19: bad_rdata" would need a table; the words do.
inline std::string words(const std::optional<dns_flaw>& flaw) {
  return flaw ? describe(*flaw) : "none";
}

}  // namespace diag::wire::test

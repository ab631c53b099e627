// DNS messages out, and read back: RFC 1035 §4.1, RFC 6891, RFC 8467.
#include "libdiag/wire/dns_emit.hpp"

#include <vector>

#include "tests/catch.hpp"
#include "tests/wire/dns_vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::from_hex;
using test::name;
using test::vector_named;

namespace {

template <class Fields>
test::octets emitted(const Fields& fields, std::size_t size = 65535) {
  test::octets buffer(size);
  byte_writer out{buffer};
  REQUIRE(emit_dns(out, fields));
  buffer.resize(out.position());
  return buffer;
}
template <class Value>
test::octets data_of(const Value& value) {
  test::octets buffer(1024);
  byte_writer out{buffer};
  emit(out, value);
  buffer.resize(out.position());
  return buffer;
}
dns_query_fields query(std::string_view text, dns_type type = dns_type::a) {
  return {.header = {.id = 0x1a2b, .recursion_desired = true},
          .question = {.name = name(text), .type = type}};
}

}  // namespace

TEST_CASE("dns emit: a plain query is these octets", "[wire][dns]") {
  CHECK(hex_text(emitted(query("www.example.org", dns_type::aaaa))) ==
        "1a2b01000001000000000000"
        "03777777076578616d706c65036f726700"
        "001c0001");
}

TEST_CASE("dns emit: what dig and kdig send can be sent alike, octet for octet", "[wire][dns]") {
  const auto* const file =
      GENERATE("dns_query_options", "dns_query_notify", "dns_query_kdig", "dns_query_ixfr", "dns_query_case");
  CAPTURE(file);
  const auto octets = vector_named(file);
  const auto contents = test::read(octets);
  REQUIRE(contents.questions.size() == 1);
  dns_query_fields fields{.header = contents.header, .question = contents.questions[0]};
  std::vector<dns_option_fields> options;
  std::vector<dns_record_fields> records;
  std::vector<std::vector<std::byte>> data;
  dns_budget budget;
  if (contents.opt) {
    dns_options walk{*contents.opt};
    while (const auto option = walk.next()) options.push_back({.code = option->code, .data = option->data});
    fields.edns = dns_edns_fields{.udp_size = contents.opt->udp_size,
                                  .extended_rcode = contents.opt->extended_rcode,
                                  .version = contents.opt->version,
                                  .dnssec_ok = contents.opt->dnssec_ok,
                                  .z = contents.opt->z,
                                  .options = options};
  }
  for (const auto& record : contents.records)
    if (record.type != dns_type::opt) {
      data.push_back(expand_rdata(record, budget).value());
      records.push_back({.section = record.section,
                         .name = record.name,
                         .type = record.type,
                         .record_class = record.record_class,
                         .ttl = record.ttl,
                         .rdata = data.back()});
    }
  fields.records = records;
  const auto again = emitted(fields);
  // dig compresses the owner of the SOA in an IXFR query; nothing here is compressed.
  if (std::string_view{file} == "dns_query_ixfr")
    CHECK(test::read(again).records.size() == 2);
  else
    CHECK(hex_text(again) == hex_text(octets));
}

TEST_CASE("dns emit: every field comes back as it was given", "[wire][dns]") {
  const auto cookie = from_hex("0102030405060708");
  const std::vector<dns_option_fields> options{{.code = dns_option_code::cookie, .data = cookie},
                                               {.code = dns_option_code{65001}, .data = {}}};
  auto fields = query("WwW.eXample.org", dns_type{65534});
  fields.header = {.id = 0xffff,
                   .opcode = dns_opcode::update,
                   .truncated = true,
                   .reserved = true,
                   .checking_disabled = true,
                   .rcode = 9};
  fields.question.record_class = dns_class::ch;
  fields.edns = dns_edns_fields{.udp_size = 512,
                                .extended_rcode = 0x12,
                                .version = 1,
                                .dnssec_ok = true,
                                .z = 0x7fff,
                                .options = options};
  const auto octets = emitted(fields);
  const auto contents = test::read(octets);
  CHECK(contents.whole);
  CHECK(contents.trailing == 0);
  CHECK(contents.header == fields.header);
  REQUIRE(contents.questions.size() == 1);
  CHECK(contents.questions[0].name.same_case(fields.question.name));
  CHECK(contents.questions[0].type == dns_type{65534});
  CHECK(contents.questions[0].record_class == dns_class::ch);
  REQUIRE(contents.opt);
  CHECK(contents.opt->udp_size == 512);
  CHECK(contents.opt->version == 1);
  CHECK(contents.opt->dnssec_ok);
  CHECK(contents.opt->z == 0x7fff);
  CHECK(static_cast<unsigned>(contents.rcode()) == 0x129);
  dns_options walk{*contents.opt};
  CHECK(describe(walk.next().value()) == "COOKIE: 0102030405060708");
  CHECK(describe(walk.next().value()) == "OPT65001");
  CHECK_FALSE(walk.next());
}

TEST_CASE("dns emit: padding makes the whole message a multiple of the block", "[wire][dns]") {
  for (std::size_t length = 1; length <= 63; ++length)
    for (const std::uint16_t block : {std::uint16_t{128}, std::uint16_t{468}, std::uint16_t{1}}) {
      auto fields = query(std::string(length, 'x'));
      fields.edns = dns_edns_fields{.pad_to = block};
      // Behind a stream's length, which is not padded.
      test::octets buffer(2048);
      byte_writer out{buffer};
      out.be16(0);
      REQUIRE(emit_dns(out, fields));
      CAPTURE(length, block);
      CHECK((out.position() - 2) % block == 0);
      const auto message = test::cut(out.written().subspan(2), out.position() - 2);
      const auto contents = test::read(message);
      REQUIRE(contents.opt);
      dns_options options{*contents.opt};
      const auto padding = read_option(options.next().value());
      REQUIRE(std::holds_alternative<dns_padding>(padding));
      CHECK(std::get<dns_padding>(padding).zeros);
      CHECK(std::get<dns_padding>(padding).size < block);
    }
}

TEST_CASE("dns emit: records go to their sections, OPT behind them", "[wire][dns]") {
  const auto soa = data_of(dns_soa{.mname = name("ns1.example.org"), .rname = name("h"), .serial = 7});
  const auto glue = from_hex("c0000235");
  const std::vector<dns_record_fields> records{
      {.section = dns_section::additional,
       .name = name("ns1.example.org"),
       .type = dns_type::a,
       .ttl = 60,
       .rdata = glue},
      {.section = dns_section::authority, .name = name("example.org"), .type = dns_type::soa, .rdata = soa}};
  auto fields = query("example.org", dns_type::ixfr);
  fields.records = records;
  fields.edns = dns_edns_fields{};
  const auto octets = emitted(fields);
  auto contents = test::read(octets);
  REQUIRE(contents.records.size() == 3);
  CHECK(contents.records[0].section == dns_section::authority);
  CHECK(contents.records[1].section == dns_section::additional);
  CHECK(contents.records[1].ttl == 60);
  CHECK(contents.records[2].type == dns_type::opt);
  const auto read = read_rdata(contents.records[0], contents.budget);
  REQUIRE(std::holds_alternative<dns_soa>(read.value));
  CHECK(std::get<dns_soa>(read.value).serial == 7);
}

TEST_CASE("dns emit: counts can be forced wrong", "[wire][dns]") {
  const std::vector<dns_question> questions{{.name = name("a"), .type = dns_type::a}};
  const auto octets = emitted(dns_message_fields{.questions = questions, .counts = {{{2, 3, 4, 5}}}});
  const auto view = test::view_of(octets);
  CHECK(view.count(dns_section::question) == 2);
  CHECK(view.count(dns_section::additional) == 5);
  CHECK(hex_text(emitted(dns_message_fields{})) == "000000000000000000000000");
}

TEST_CASE("dns emit: a buffer of every smaller size is refused, not overrun", "[wire][dns][fault]") {
  auto fields = query("www.example.org");
  const auto cookie = from_hex("0102030405060708");
  const std::vector<dns_option_fields> options{{.code = dns_option_code::cookie, .data = cookie}};
  fields.edns = dns_edns_fields{.options = options, .pad_to = 128};
  const auto whole = emitted(fields);
  CHECK(whole.size() == 128);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    test::octets buffer(size);
    byte_writer out{buffer};
    CHECK_FALSE(emit_dns(out, fields));
  }
  CHECK(emitted(fields, whole.size()) == whole);
}

TEST_CASE("dns emit: the longest query fits what is said of it", "[wire][dns]") {
  std::string longest;
  for (int i = 0; i < 127; ++i) longest += "a.";
  auto fields = query(longest);
  const auto cookie = from_hex("0102030405060708");
  const std::vector<dns_option_fields> options{{.code = dns_option_code::cookie, .data = cookie}};
  fields.edns = dns_edns_fields{.options = options};
  CHECK(emitted(fields).size() == max_dns_query(12));
}

TEST_CASE("dns emit: nothing longer than its length field goes out", "[wire][dns][fault]") {
  const test::octets big(65536);
  test::octets buffer(200'000);
  byte_writer out{buffer};
  const std::vector<dns_record_fields> record{{.name = name("a"), .rdata = big}};
  CHECK_FALSE(emit_dns(out, dns_message_fields{.records = record}));
  byte_writer more{buffer};
  const std::vector<dns_option_fields> option{{.data = big}};
  CHECK_FALSE(emit_dns(more, dns_message_fields{.edns = dns_edns_fields{.options = option}}));
  byte_writer rest{buffer};
  const auto half = byte_view{big}.first(33'000);
  const std::vector<dns_record_fields> two{{.name = name("a"), .rdata = half},
                                           {.name = name("b"), .rdata = half}};
  CHECK_FALSE(emit_dns(rest, dns_message_fields{.records = two}));
}

TEST_CASE("dns emit: options and data come back as values", "[wire][dns]") {
  const auto words = [](dns_option_code code, const test::octets& data) {
    return describe(dns_option{.code = code, .data = data});
  };
  const auto subnet = [&](const char* address, std::uint8_t prefix, std::uint8_t scope = 0) {
    return words(dns_option_code::client_subnet,
                 data_of(dns_client_subnet{
                     .address = *parse_ip(address), .source_prefix = prefix, .scope_prefix = scope}));
  };
  CHECK(subnet("198.51.100.255", 24) == "CLIENT-SUBNET: 198.51.100.0/24/0");
  CHECK(subnet("198.51.100.255", 25, 8) == "CLIENT-SUBNET: 198.51.100.128/25/8");
  CHECK(subnet("255.255.255.255", 32) == "CLIENT-SUBNET: 255.255.255.255/32/0");
  CHECK(subnet("255.255.255.255", 0) == "CLIENT-SUBNET: 0.0.0.0/0/0");
  CHECK(subnet("2001:db8:ffff::1", 37) == "CLIENT-SUBNET: 2001:db8:f800::/37/0");
  CHECK(words(dns_option_code::client_subnet, data_of(dns_client_subnet{})) == "CLIENT-SUBNET: 0/0/0");
  const auto server = from_hex("1112131415161718");
  dns_cookie cookie{.server = server};
  cookie.client[7] = std::byte{9};
  CHECK(words(dns_option_code::cookie, data_of(cookie)) == "COOKIE: 0000000000000009 1112131415161718");
  CHECK(words(dns_option_code::keepalive, data_of(dns_keepalive{})) == "KEEPALIVE");
  CHECK(words(dns_option_code::keepalive, data_of(dns_keepalive{std::chrono::milliseconds{1500}})) ==
        "KEEPALIVE: 1.5 s");
  CHECK(words(dns_option_code::extended_error,
              data_of(dns_extended_error_option{.code = dns_extended_error::blocked,
                                                .text = as_bytes("no")})) == "EDE: 15 (Blocked) no");
  CHECK(hex_text(data_of(dns_mx{.preference = 10, .exchange = name("a")})) == "000a016100");
  CHECK(hex_text(data_of(dns_srv{.priority = 1, .weight = 2, .port = 3, .target = name("a")})) ==
        "000100020003016100");
}

// Data of records: RFC 1035 §3.3 and the types' own specifications.
#include "libdiag/wire/dns_rdata.hpp"

#include "libdiag/core/random.hpp"

#include "tests/catch.hpp"
#include "tests/wire/dns_vectors.hpp"

using namespace diag;
using namespace diag::wire;
using test::answer_of;
using test::vector_named;

namespace {

/// The data of one record of a message that lives as long as this.
struct data_of {
  explicit data_of(test::octets message, std::size_t number = 0) : octets{std::move(message)} {
    auto contents = test::read(octets);
    REQUIRE(contents.records.size() > number);
    data = read_rdata(contents.records[number], contents.budget);
  }
  template <class Value>
  [[nodiscard]] const Value& as() const {
    const auto* value = std::get_if<Value>(&data.value);
    REQUIRE(value != nullptr);
    return *value;
  }
  test::octets octets;
  dns_rdata data;
};
/// What is wrong with these octets as data of an answer; the data begins at octet 31.
std::string flaw_of(std::uint16_t type, std::string_view hex) {
  const data_of read{answer_of(type, hex)};
  return test::words(read.data.flaw) + (std::holds_alternative<dns_opaque>(read.data.value) ? "" : " (read)");
}

}  // namespace

TEST_CASE("dns rdata: reads addresses in the Internet class alone", "[wire][dns]") {
  CHECK(to_string(data_of{answer_of(1, "c0000207")}.as<dns_address>().address) == "192.0.2.7");
  CHECK(to_string(data_of{vector_named("dns_answer_plain")}.as<dns_address>().address) == "2001:db8::7");
  CHECK(data_of{answer_of(1, "c0000207", 3)}.as<dns_opaque>().octets.size() == 4);
}

TEST_CASE("dns rdata: reads names behind pointers", "[wire][dns]") {
  CHECK(data_of{vector_named("dns_answer_cname")}.as<dns_target>().name.text() == "www.example.org.");
  CHECK(data_of{vector_named("dns_answer_dname")}.as<dns_target>().name.text() == "example.net.");
  CHECK(data_of{vector_named("dns_delegation")}.as<dns_target>().name.text() == "ns.sub.example.org.");
  const data_of mx{vector_named("dns_answer_mx")};
  CHECK(mx.as<dns_mx>().preference == 10);
  CHECK(mx.as<dns_mx>().exchange.text() == "mail.example.org.");
}

TEST_CASE("dns rdata: reads SOA and SRV", "[wire][dns]") {
  const data_of answer{vector_named("dns_answer_soa")};
  const auto& soa = answer.as<dns_soa>();
  CHECK(soa.mname.text() == "ns1.example.org.");
  CHECK(soa.rname.text() == "hostmaster.example.org.");
  CHECK(soa.refresh == 7200);
  CHECK(soa.retry == 900);
  CHECK(soa.expire == 1209600);
  CHECK(soa.minimum == 300);
  CHECK(soa.serial / 100 == 20261122);
  const data_of srv{vector_named("dns_answer_srv")};
  CHECK(srv.as<dns_srv>().priority == 0);
  CHECK(srv.as<dns_srv>().weight == 100);
  CHECK(srv.as<dns_srv>().port == 389);
  CHECK(srv.as<dns_srv>().target.text() == "dc1.example.org.");
  CHECK_FALSE(srv.data.flaw);
}

TEST_CASE("dns rdata: reads the strings of TXT", "[wire][dns]") {
  const data_of txt{vector_named("dns_answer_txt")};
  dns_strings strings{txt.as<dns_txt>()};
  CHECK(test::text_of(strings.next().value()) == "a \"quoted\" string");
  CHECK(test::text_of(strings.next().value()) == "second; \ttab");
  CHECK_FALSE(strings.next());
  CHECK_FALSE(strings.malformed());
  CHECK(data_of{vector_named("dns_version_bind")}.as<dns_txt>().octets.size() == 4);
  CHECK(flaw_of(16, "00") == "none (read)");
}

TEST_CASE("dns rdata: reads keys and their tags", "[wire][dns]") {
  const data_of zone{vector_named("dns_answer_dnskey"), 0};
  CHECK(zone.as<dns_key>().flags == 256);
  CHECK(zone.as<dns_key>().protocol == 3);
  CHECK(zone.as<dns_key>().algorithm == 13);
  CHECK(zone.as<dns_key>().public_key.size() == 64);
  CHECK(zone.as<dns_key>().is_zone_key());
  CHECK_FALSE(zone.as<dns_key>().is_secure_entry());
  CHECK_FALSE(zone.as<dns_key>().is_revoked());
  // The tags that the signer itself put into its signatures.
  CHECK(zone.as<dns_key>().key_tag() == 24985);
  const data_of entry{vector_named("dns_answer_dnskey"), 1};
  CHECK(entry.as<dns_key>().is_secure_entry());
  CHECK(entry.as<dns_key>().key_tag() == 57438);
  CHECK(data_of{answer_of(48, "0181 03 01 010203aabbcc")}.as<dns_key>().key_tag() == 0xaabb);
  CHECK(data_of{answer_of(48, "0181 03 01 0102")}.as<dns_key>().key_tag() == 0);
  CHECK(data_of{answer_of(48, "0181 03 08 010203")}.as<dns_key>().is_revoked());
}

TEST_CASE("dns rdata: reads signatures and delegation signers", "[wire][dns]") {
  const data_of answer{vector_named("dns_answer_signed"), 3};
  const auto& rrsig = answer.as<dns_rrsig>();
  CHECK(rrsig.covered == dns_type::a);
  CHECK(rrsig.algorithm == 13);
  CHECK(rrsig.labels == 3);
  CHECK(rrsig.original_ttl == 3600);
  CHECK(rrsig.expiration - rrsig.inception == 14 * 86400 + 90 * 60);
  CHECK(rrsig.key_tag == 24985);
  CHECK(rrsig.signer.text() == "example.org.");
  CHECK(rrsig.signature.size() == 64);
  const data_of ds{vector_named("dns_answer_ds")};
  CHECK(ds.as<dns_ds>().key_tag == 12345);
  CHECK(ds.as<dns_ds>().algorithm == 13);
  CHECK(ds.as<dns_ds>().digest_type == 2);
  CHECK(hex_text(ds.as<dns_ds>().digest).starts_with("0102030405060708091011"));
}

TEST_CASE("dns rdata: reads the proofs that something is not there", "[wire][dns]") {
  std::string nsec, nsec3;
  const auto octets = vector_named("dns_nxdomain_nsec");
  auto contents = test::read(octets);
  for (const auto& record : contents.records) {
    const auto data = read_rdata(record, contents.budget);
    CHECK_FALSE(data.flaw);
    const auto* proof = std::get_if<dns_nsec>(&data.value);
    if (proof == nullptr) continue;
    nsec += record.name.text() + " " + proof->next.text();
    for (const auto type : proof->types.types()) nsec += " " + describe(type);
    nsec += "; ";
  }
  CHECK(nsec ==
        "n.example.org. ns1.example.org. NAPTR RRSIG NSEC; example.org. _ldap._tcp.example.org. NS SOA MX "
        "TXT RRSIG "
        "NSEC DNSKEY CDS CDNSKEY CAA; ");

  const auto other = vector_named("dns_nxdomain_nsec3");
  contents = test::read(other);
  for (const auto& record : contents.records) {
    const auto data = read_rdata(record, contents.budget);
    CHECK_FALSE(data.flaw);
    const auto* proof = std::get_if<dns_nsec3>(&data.value);
    if (proof == nullptr) continue;
    CHECK(proof->algorithm == 1);
    CHECK(proof->iterations == 0);
    CHECK_FALSE(proof->opt_out());
    CHECK(hex_text(proof->salt) == "e62661c4");
    CHECK(proof->next_hashed.size() == 20);
    nsec3 += std::to_string(proof->types.types().size()) + " ";
  }
  CHECK(nsec3 == "7 2 ");
  const data_of param{vector_named("dns_answer_nsec3param")};
  CHECK(hex_text(param.as<dns_nsec3param>().salt) == "e62661c4");
  CHECK(param.as<dns_nsec3param>().algorithm == 1);
}

TEST_CASE("dns rdata: reads CAA, HTTPS and SVCB", "[wire][dns]") {
  const data_of caa{vector_named("dns_answer_caa")};
  CHECK(caa.as<dns_caa>().critical());
  CHECK(test::text_of(caa.as<dns_caa>().tag) == "issue");
  CHECK(test::text_of(caa.as<dns_caa>().value) == "ca.example.net");
  const data_of https{vector_named("dns_answer_https")};
  CHECK(https.as<dns_service>().priority == 1);
  CHECK(https.as<dns_service>().target.is_root());
  CHECK(hex_text(https.as<dns_service>().parameters) == "0001000602683202683300040004c0000207");
  const data_of alias{vector_named("dns_answer_svcb")};
  CHECK(alias.as<dns_service>().priority == 0);
  CHECK(alias.as<dns_service>().target.text() == "www.example.org.");
}

TEST_CASE("dns rdata: what is not read further is kept as it is", "[wire][dns]") {
  CHECK(hex_text(data_of{vector_named("dns_answer_type65534")}.as<dns_opaque>().octets) == "01020304");
  CHECK(data_of{vector_named("dns_answer_naptr")}.as<dns_opaque>().octets.size() == 43);
}

TEST_CASE("dns rdata: random octets of every type are a value or a flaw inside of them",
          "[wire][dns][fault]") {
  seeded_random random{0x646e73};
  auto octets = answer_of(0, "");
  octets.resize(test::data_at + 256);
  store_be16(octets, 29, 256);
  for (unsigned type = 0; type <= 0xffff; ++type) {
    store_be16(octets, 21, static_cast<std::uint16_t>(type));
    for (std::size_t i = 0; i < 256; i += 8) store_be64(octets, test::data_at + i, random());
    dns_walk walk{test::view_of(octets)};
    const auto record = walk.next_record();
    if (!record) FAIL(type);
    const auto data = read_rdata(*record, walk.budget());
    const bool opaque = std::holds_alternative<dns_opaque>(data.value);
    const bool compressed = data.flaw && data.flaw->what == dns_flaw::kind::compressed_name;
    if (data.flaw && !compressed && !opaque) FAIL(type);
    // A pointer may lead to what is wrong, in front of the data.
    if (data.flaw && data.flaw->at > octets.size()) FAIL(type);
  }
  SUCCEED();
}

TEST_CASE("dns rdata: data that does not fit its type is kept as octets, with the place",
          "[wire][dns][fault]") {
  const std::string bad = "malformed: data that does not fit its type, octet ";
  const auto [type, data, octet] = GENERATE(table<std::uint16_t, const char*, int>({
      {std::uint16_t{1}, "c00002", 31},
      {std::uint16_t{1}, "c000020708", 35},
      {std::uint16_t{1}, "", 31},
      {std::uint16_t{28}, "c0000207", 31},
      {std::uint16_t{16}, "", 31},
      {std::uint16_t{16}, "05616263", 31},
      {std::uint16_t{16}, "0161 ff62", 33},
      {std::uint16_t{15}, "00", 31},
      {std::uint16_t{15}, "000a", 33},
      {std::uint16_t{15}, "000a 0161", 35},
      {std::uint16_t{2}, "0161", 33},
      {std::uint16_t{2}, "c00c 00", 33},
      {std::uint16_t{6}, "c00c c00c 0000", 35},
      {std::uint16_t{33}, "0000 0064 01", 35},
      {std::uint16_t{43}, "0001 08", 34},
      {std::uint16_t{46}, "0001 08 02 0000", 35},
      {std::uint16_t{47}, "00 0000", 32},
      {std::uint16_t{47}, "00 0101 40 0001 40", 32},
      {std::uint16_t{48}, "0100 03", 34},
      {std::uint16_t{50}, "01 00 0000 04 aabb", 36},
      {std::uint16_t{50}, "01 00 0000 00 14 aa", 37},
      {std::uint16_t{257}, "00 05 69", 33},
      {std::uint16_t{257}, "00 00 69", 33},
      {std::uint16_t{65}, "0001", 33},
      {std::uint16_t{65}, "0001 00 0001 0002 61", 34},
      {std::uint16_t{65}, "0001 00 0003 0000 0001 0000", 38},
      {std::uint16_t{65}, "0001 00 0003 0000 0003 0000", 38},
  }));
  CAPTURE(type, data);
  CHECK(flaw_of(type, data) == bad + std::to_string(octet));
}

TEST_CASE("dns rdata: a wrong name in the data is named with its own octet", "[wire][dns][fault]") {
  CHECK(flaw_of(2, "c01f") == "malformed: a compression pointer that does not point backwards, octet 31");
  CHECK(flaw_of(15, "000a c021") ==
        "malformed: a compression pointer that does not point backwards, octet 33");
  CHECK(flaw_of(5, "0161 80") == "malformed: a label of a kind that does not exist, octet 33");
}

TEST_CASE("dns rdata: a name that may not be compressed is read, and said to be", "[wire][dns][fault]") {
  const std::string compressed = "malformed: a compressed name where none may be, octet ";
  CHECK(flaw_of(39, "c00c") == compressed + "31 (read)");
  CHECK(flaw_of(33, "0000 0064 0185 c00c") == compressed + "37 (read)");
  CHECK(flaw_of(47, "c00c 0001 40") == compressed + "31 (read)");
  CHECK(flaw_of(64, "0001 0162c00c") == compressed + "33 (read)");
  CHECK(flaw_of(46, "0001 08 02 00000e10 00000000 00000000 1234 c00c aa") == compressed + "49 (read)");
}

TEST_CASE("dns rdata: an update's empty data is no flaw", "[wire][dns]") {
  for (const std::uint16_t of : {std::uint16_t{254}, std::uint16_t{255}}) {
    const data_of read{answer_of(1, "", of)};
    CHECK_FALSE(read.data.flaw);
  }
}

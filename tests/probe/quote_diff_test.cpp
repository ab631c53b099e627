// What a quote shows to have been changed.
#include "libdiag/probe/quote_diff.hpp"

#include "libdiag/craft/frame.hpp"
#include "libdiag/craft/segment_template.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::probe;
using field = header_change::field;

namespace {

std::vector<std::byte> sent_segment() {
  craft::segment_template made{ip_family::v4, 0x0c2, craft::linux_profile()};  // SYN, ECE, CWR
  const auto octets = made.stamp({.source_port = 61000, .destination_port = 80, .sequence = 9});
  return {octets.begin(), octets.end()};
}

tcp_result compared(byte_view seen, std::uint8_t tos = 0) {
  wire::quoted_packet quote;
  quote.family = ip_family::v4;
  quote.protocol = 6;
  quote.ttl = 3;
  quote.tos = tos;
  quote.transport = seen;
  tcp_result out;
  const auto sent = sent_segment();
  compare_quote(quote, sent, 0, out);
  return out;
}

bool changed(const tcp_result& in, field what) {
  for (std::size_t i = 0; i < in.rewritten_count; ++i)
    if (in.rewritten[i].what == what) return true;
  return false;
}

}  // namespace

TEST_CASE("quote diff: an untouched probe shows nothing", "[probe][tcp]") {
  const auto out = compared(sent_segment());
  CHECK(out.rewritten_count == 0);
  CHECK(out.quoted_hop_limit == std::uint8_t{3});
}

TEST_CASE("quote diff: eight octets tell of the traffic class alone", "[probe][tcp]") {
  const auto sent = sent_segment();
  const auto out = compared(byte_view{sent}.first(8), 0x20);
  REQUIRE(out.rewritten_count == 1);
  CHECK(out.rewritten[0].what == field::traffic_class);
  CHECK(out.rewritten[0].seen == 0x20U);
}

TEST_CASE("quote diff: a clamped MSS, a stripped option, bleached ECN", "[probe][tcp]") {
  auto profile = craft::linux_profile();
  profile.options = {{craft::syn_option::kind::mss, 1380}, {craft::syn_option::kind::sack_permitted}};
  craft::segment_template made{ip_family::v4, 0x002, profile};
  const auto out = compared(made.stamp({.source_port = 61000, .destination_port = 80, .sequence = 9}));
  CHECK(changed(out, field::maximum_segment_size));
  CHECK(changed(out, field::window_scale));
  CHECK(changed(out, field::timestamps));
  CHECK(changed(out, field::flags));
  CHECK_FALSE(changed(out, field::sack_permitted));
  for (std::size_t i = 0; i < out.rewritten_count; ++i) {
    if (out.rewritten[i].what == field::maximum_segment_size) {
      CHECK(out.rewritten[i].sent == 1460U);
      CHECK(out.rewritten[i].seen == 1380U);
    }
    if (out.rewritten[i].what == field::timestamps) CHECK_FALSE(out.rewritten[i].seen.has_value());
  }
}

TEST_CASE("quote diff: options that cannot be read say nothing", "[probe][tcp]") {
  auto seen = sent_segment();
  seen[21] = std::byte{0};  // the MSS option's length
  const auto out = compared(seen);
  CHECK(out.rewritten_count == 0);
}

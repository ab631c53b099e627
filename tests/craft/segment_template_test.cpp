// The patched segment beside the one that is built whole, and the profiles' options.
#include "libdiag/craft/segment_template.hpp"

#include <algorithm>

#include "libdiag/core/hex.hpp"
#include "libdiag/craft/frame.hpp"

#include "tests/catch.hpp"

using namespace diag;
using namespace diag::craft;

namespace {
std::string options_of(const tcp_profile& profile, ip_family family) {
  return hex_text(build_syn_options(profile, family, 0x01020304).bytes());
}
}  // namespace

TEST_CASE("segment template: is byte for byte the segment that a whole build gives", "[craft][tcp]") {
  for (const auto& profile : {linux_profile(), windows_profile(), macos_profile(), bare_profile()}) {
    segment_template made{ip_family::v6, 0x002, profile};
    const auto patched = made.stamp({1, 65535, 0xfffffffe, 7, 0xdeadbeef});
    const auto options = build_syn_options(profile, ip_family::v6, 0xdeadbeef);
    const auto whole = build_frame({tcp_fields{.source_port = 1,
                                               .destination_port = 65535,
                                               .sequence = 0xfffffffe,
                                               .acknowledgment = 7,
                                               .flags = 2,
                                               .window = profile.window,
                                               .options = options.bytes(),
                                               .checksum = std::uint16_t{0}}});
    REQUIRE(whole.has_value());
    CHECK(std::ranges::equal(patched, *whole));
  }
}

TEST_CASE("segment template: options go with SYN alone", "[craft][tcp]") {
  segment_template made{ip_family::v4, 0x010, linux_profile()};
  CHECK(made.stamp({}).size() == 20);
}

TEST_CASE("tcp profile: the options of each system, in its order", "[craft][tcp]") {
  CHECK(options_of(linux_profile(), ip_family::v4) == "020405b40402080a010203040000000001030307");
  CHECK(options_of(linux_profile(), ip_family::v6) == "020405a00402080a010203040000000001030307");
  CHECK(options_of(windows_profile(), ip_family::v4) == "020405b40103030801010402");
  CHECK(options_of(macos_profile(), ip_family::v4) == "020405b4010303060101080a0102030400000000040200");
  CHECK(options_of(bare_profile(), ip_family::v4).empty());
}

TEST_CASE("tcp profile: an option is found by its kind", "[craft][tcp]") {
  auto profile = windows_profile();
  REQUIRE(profile.find(syn_option::kind::window_scale) != nullptr);
  CHECK(profile.find(syn_option::kind::window_scale)->value == 8);
  CHECK(profile.find(syn_option::kind::timestamps) == nullptr);
  profile.options = {{syn_option::kind::mss, 536}, {syn_option::kind::fast_open}};
  CHECK(options_of(profile, ip_family::v4) == "020402182202");
}

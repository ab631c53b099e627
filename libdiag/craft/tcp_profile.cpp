// The SYNs of four stacks. What they send was read from captures of those systems and from their
// documentation.
#include "libdiag/craft/tcp_profile.hpp"

#include <algorithm>
#include <array>

namespace diag::craft {
namespace {

using kind = syn_option::kind;

// MSS for a 1,500-octet link: less IP and TCP headers (RFC 6691).
constexpr std::uint16_t mss_v4 = 1460;
constexpr std::uint16_t mss_v6 = 1440;

void add(tcp_options& to, const syn_option& option, ip_family family, std::uint32_t timestamp) {
  switch (option.what) {
    case kind::mss:
      to.mss(option.value != 0 ? option.value : family == ip_family::v6 ? mss_v6 : mss_v4);
      return;
    case kind::window_scale:
      to.window_scale(static_cast<std::uint8_t>(option.value));
      return;
    case kind::sack_permitted:
      to.sack_permitted();
      return;
    case kind::timestamps:
      to.timestamps(timestamp, 0);
      return;
    case kind::no_operation:
      to.no_operation();
      return;
    case kind::end:
      to.raw(std::array{std::byte{0}});
      return;
    case kind::fast_open:  // RFC 7413 §4.1.1: no cookie is the request for one
      to.raw(std::array{std::byte{34}, std::byte{2}});
      return;
  }
}

}  // namespace

const syn_option* tcp_profile::find(kind wanted) const {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const syn_option& option) { return option.what == wanted; });
  return found == options.end() ? nullptr : &*found;
}

tcp_profile linux_profile() {
  return {64240,
          std::nullopt,
          {{kind::mss},
           {kind::sack_permitted},
           {kind::timestamps},
           {kind::no_operation},
           {kind::window_scale, 7}}};
}

tcp_profile windows_profile() {
  return {64240,
          128,
          {{kind::mss},
           {kind::no_operation},
           {kind::window_scale, 8},
           {kind::no_operation},
           {kind::no_operation},
           {kind::sack_permitted}}};
}

tcp_profile macos_profile() {
  return {65535,
          64,
          {{kind::mss},
           {kind::no_operation},
           {kind::window_scale, 6},
           {kind::no_operation},
           {kind::no_operation},
           {kind::timestamps},
           {kind::sack_permitted},
           {kind::end}}};
}

tcp_profile bare_profile() {
  return {1024, std::nullopt, {}};
}

tcp_options build_syn_options(const tcp_profile& profile, ip_family family, std::uint32_t timestamp) {
  tcp_options options;
  for (const auto& option : profile.options) add(options, option, family, timestamp);
  return options;
}

}  // namespace diag::craft

// Segments without payload, patched in place.
#include "libdiag/craft/segment_template.hpp"

#include <exception>

#include "libdiag/craft/frame.hpp"

namespace diag::craft {
namespace {

constexpr std::uint16_t syn_flag = 0x002;
constexpr std::size_t header_size = 20;

/// Where TSval stands among the options; 0: nowhere.
std::size_t find_timestamp(byte_view options) {
  for (std::size_t at = 0; at < options.size();) {
    const auto kind = load_u8(options, at);
    if (kind == 0) return 0;
    if (kind == 1) {
      ++at;
      continue;
    }
    if (kind == 8) return at + 2;
    at += load_u8(options, at + 1);
  }
  return 0;
}

}  // namespace

segment_template::segment_template(ip_family family, std::uint16_t flags, const tcp_profile& profile) {
  const bool syn = (flags & syn_flag) != 0;
  const auto options = syn ? build_syn_options(profile, family, 0) : tcp_options{};
  auto built = build_frame({tcp_fields{
      .flags = flags, .window = profile.window, .options = options.bytes(), .checksum = std::uint16_t{0}}});
  // A lone TCP header breaks no rule of the builder, so this is memory that ran out.
  if (!built) std::terminate();
  segment_ = std::move(*built);
  if (const auto at = find_timestamp(options.bytes()); at != 0) timestamp_at_ = header_size + at;
}

byte_view segment_template::stamp(const fields& values) {
  const byte_span out{segment_};
  store_be16(out, 0, values.source_port);
  store_be16(out, 2, values.destination_port);
  store_be32(out, 4, values.sequence);
  store_be32(out, 8, values.acknowledgment);
  if (timestamp_at_ != 0) store_be32(out, timestamp_at_, values.timestamp);
  return segment_;
}

}  // namespace diag::craft

// Echo and timestamp requests.
#include "libdiag/craft/echo_template.hpp"

#include <algorithm>
#include <exception>

#include "libdiag/core/checksum.hpp"
#include "libdiag/craft/frame.hpp"

namespace diag::craft {
namespace {

constexpr std::uint8_t echo_request_v4 = 8;
constexpr std::uint8_t echo_request_v6 = 128;
constexpr std::uint8_t timestamp_request_v4 = 13;
constexpr std::uint8_t protocol_icmpv6 = 58;
constexpr std::size_t checksum_at = 2;

std::vector<std::byte> make_payload(std::size_t size, byte_view pattern) {
  std::vector<std::byte> payload(size);
  for (std::size_t i = 0; i < size; ++i)
    payload[i] = pattern.empty() ? static_cast<std::byte>(i & 0xff) : pattern[i % pattern.size()];
  return payload;
}

std::vector<std::byte> build_or_end(std::initializer_list<layer> layers) {
  auto message = build_frame(layers);
  // A lone ICMP message breaks no rule of the builder, so this is memory that ran out.
  if (!message) std::terminate();
  return std::move(*message);
}

std::uint32_t words_of(std::uint64_t value) {
  return static_cast<std::uint32_t>((value >> 48) + (value >> 32 & 0xffff) + (value >> 16 & 0xffff) +
                                    (value & 0xffff));
}

}  // namespace

echo_template::echo_template(ip_family family, std::size_t payload_size, byte_view pattern)
    : family_{family} {
  const auto payload = make_payload(payload_size, pattern);
  if (family == ip_family::v6)
    message_ = build_or_end({icmpv6_fields{.type = echo_request_v6}, payload_fields{payload}});
  else
    message_ = build_or_end({icmpv4_fields{.type = echo_request_v4}, payload_fields{payload}});

  const auto carried = std::min(tag_size, payload_size);
  tag_mask_ = carried == 0 ? 0 : ~std::uint64_t{0} << 8 * (tag_size - carried);
  auto constant = message_;
  store_be16(constant, checksum_at, 0);
  std::fill_n(constant.begin() + header_size, carried, std::byte{0});
  fixed_sum_ = checksum_sum{}.add(constant).folded();
}

std::uint32_t echo_template::write_fields(std::uint16_t identifier, std::uint16_t sequence,
                                          std::uint64_t tag) {
  const byte_span out{message_};
  store_be16(out, 4, identifier);
  store_be16(out, 6, sequence);
  tag &= tag_mask_;
  if (out.size() >= header_size + tag_size) {
    store_be64(out, header_size, tag);
  } else {
    for (std::size_t i = header_size; i < out.size(); ++i)
      store_u8(out, i, static_cast<std::uint8_t>(tag >> (56 - 8 * (i - header_size)) & 0xff));
  }
  return fixed_sum_ + identifier + sequence + words_of(tag);
}

byte_view echo_template::stamp(std::uint16_t identifier, std::uint16_t sequence, std::uint64_t tag) {
  const auto sum = write_fields(identifier, sequence, tag);
  if (family_ == ip_family::v6) {
    store_be16(message_, checksum_at, 0);
    return message_;
  }
  // RFC 1624 eqn. 3 with every changing word zero before (m = 0): HC' = ~(~HC + m').
  const auto once = (sum & 0xffff) + (sum >> 16);
  store_be16(message_, checksum_at, static_cast<std::uint16_t>(~((once & 0xffff) + (once >> 16))));
  return message_;
}

byte_view echo_template::stamp(std::uint16_t identifier, std::uint16_t sequence, std::uint64_t tag,
                               const ip_address& source, const ip_address& destination) {
  if (family_ != ip_family::v6) return stamp(identifier, sequence, tag);
  const auto sum = write_fields(identifier, sequence, tag);
  const auto checksum = checksum_sum{}
                            .add_pseudo_header(source, destination, protocol_icmpv6,
                                               static_cast<std::uint32_t>(message_.size()))
                            .add32(sum)
                            .finish();
  store_be16(message_, checksum_at, checksum);
  return message_;
}

std::array<std::byte, 20> timestamp_request(std::uint16_t identifier, std::uint16_t sequence,
                                            std::uint32_t originate_ms) {
  const auto message = build_or_end({icmpv4_fields{.type = timestamp_request_v4,
                                                   .identifier = identifier,
                                                   .sequence = sequence,
                                                   .originate = originate_ms}});
  std::array<std::byte, 20> out{};
  std::copy_n(message.begin(), std::min(out.size(), message.size()), out.begin());
  return out;
}

}  // namespace diag::craft

// Field by field, as far as the quote goes.
#include "libdiag/probe/quote_diff.hpp"

#include <algorithm>

#include "libdiag/wire/ip_protocol.hpp"
#include "libdiag/wire/tcp.hpp"
#include "libdiag/wire/tcp_options.hpp"

namespace diag::probe {

namespace {

using field = header_change::field;
using number = std::optional<std::uint32_t>;
using changes = std::vector<header_change>;

void note(changes& into, field what, number sent, number seen) {
  if (sent != seen) into.push_back({what, sent, seen, {}, {}});
}

void note(changes& into, field what, const ip_address& sent, const ip_address& seen) {
  if (!(sent == seen)) into.push_back({what, {}, {}, sent, seen});
}

number present(bool is_there) {
  return is_there ? number{1} : std::nullopt;
}

void compare_options(byte_view sent, byte_view seen, changes& into) {
  const auto ours = wire::summarize_tcp_options(sent);
  const auto theirs = wire::summarize_tcp_options(seen);
  if (theirs.malformed) return;  // what cannot be read says nothing
  note(into, field::maximum_segment_size, ours.maximum_segment_size, theirs.maximum_segment_size);
  note(into, field::window_scale, ours.window_scale, theirs.window_scale);
  note(into, field::sack_permitted, present(ours.sack_permitted), present(theirs.sack_permitted));
  note(into, field::timestamps, present(ours.timestamps.has_value()), present(theirs.timestamps.has_value()));
  note(into, field::fast_open, present(ours.fast_open_cookie.has_value()),
       present(theirs.fast_open_cookie.has_value()));
}

/// What follows the ports and the sequence number.
void compare_segments(byte_view sent, byte_view seen, changes& into) {
  if (seen.size() < wire::tcp_view::min_header_size || sent.size() < wire::tcp_view::min_header_size) return;
  const auto ours = wire::tcp_view::parse(sent);
  const auto theirs = wire::tcp_view::parse(seen);
  note(into, field::flags, load_be16(sent, 12) & 0x1ff, load_be16(seen, 12) & 0x1ff);
  note(into, field::window, load_be16(sent, 14), load_be16(seen, 14));
  if (ours && theirs) compare_options(ours->options(), theirs->options(), into);
}

/// Some stacks quote the total length in their own octet order, or without the header, as they hold it while
/// they look at it.
bool same_length(const wire::quoted_packet& sent, const wire::quoted_packet& seen) {
  const auto was = sent.total_length;
  const auto is = seen.total_length;
  const auto swapped = (is & 0xff) << 8 | (is >> 8 & 0xff);
  return was == is || was == swapped || was == is + sent.header.size();
}

void compare_headers(const wire::quoted_packet& sent, const wire::quoted_packet& seen, changes& into) {
  note(into, field::source_address, sent.source, seen.source);
  note(into, field::destination_address, sent.destination, seen.destination);
  note(into, field::traffic_class, sent.tos, seen.tos);
  if (!same_length(sent, seen)) note(into, field::total_length, sent.total_length, seen.total_length);
  if (sent.family == ip_family::v6) return note(into, field::flow_label, sent.flow_label, seen.flow_label);
  note(into, field::identification, sent.identification, seen.identification);
  note(into, field::dont_fragment, sent.dont_fragment ? 1U : 0U, seen.dont_fragment ? 1U : 0U);
}

/// Addresses and ports are summed: with them the checksum has to change.
bool covered_changed(const changes& found) {
  return std::ranges::any_of(found, [](const header_change& one) {
    return one.what == field::source_address || one.what == field::destination_address ||
           one.what == field::source_port || one.what == field::destination_port;
  });
}

}  // namespace

void compare_quote(const wire::quoted_packet& quote, byte_view sent, std::uint8_t traffic_class,
                   tcp_result& into) {
  into.quoted_hop_limit = quote.ttl;
  changes found;
  note(found, field::traffic_class, traffic_class, quote.tos);
  compare_segments(sent, quote.transport, found);
  for (auto& one : found)
    if (into.rewritten_count < into.rewritten.size()) into.rewritten[into.rewritten_count++] = one;
}

std::vector<header_change> compare_packets(const wire::quoted_packet& sent, const wire::quoted_packet& seen) {
  changes found;
  compare_headers(sent, seen, found);
  // A later fragment, or half a chain of extension headers: no transport header to look at.
  if (seen.fragment_offset != 0 || seen.malformed || seen.protocol != sent.protocol) return found;
  const auto ours = sent.transport;
  const auto theirs = seen.transport;
  if (theirs.size() < 8 || ours.size() < 8) return found;
  using namespace wire::ip_protocol;
  switch (sent.protocol) {
    case udp:
      note(found, field::source_port, load_be16(ours, 0), load_be16(theirs, 0));
      note(found, field::destination_port, load_be16(ours, 2), load_be16(theirs, 2));
      if (!covered_changed(found)) note(found, field::checksum, load_be16(ours, 6), load_be16(theirs, 6));
      break;
    case tcp:
      note(found, field::source_port, load_be16(ours, 0), load_be16(theirs, 0));
      note(found, field::destination_port, load_be16(ours, 2), load_be16(theirs, 2));
      note(found, field::sequence, load_be32(ours, 4), load_be32(theirs, 4));
      compare_segments(ours, theirs, found);
      break;
    case icmp:
    case icmpv6:
      note(found, field::echo_identifier, load_be16(ours, 4), load_be16(theirs, 4));
      note(found, field::sequence, load_be16(ours, 6), load_be16(theirs, 6));
      break;
    default:
      break;
  }
  return found;
}

}  // namespace diag::probe

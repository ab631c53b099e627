// Field by field, as far as the quote goes.
#include "libdiag/probe/quote_diff.hpp"

#include "libdiag/wire/tcp.hpp"
#include "libdiag/wire/tcp_options.hpp"

namespace diag::probe {

namespace {

using field = header_change::field;
using number = std::optional<std::uint32_t>;

void note(tcp_result& into, field what, number sent, number seen) {
  if (sent == seen || into.rewritten_count == into.rewritten.size()) return;
  into.rewritten[into.rewritten_count++] = {what, sent, seen};
}

number present(bool is_there) {
  return is_there ? number{1} : std::nullopt;
}

void compare_options(byte_view sent, byte_view seen, tcp_result& into) {
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

}  // namespace

void compare_quote(const wire::quoted_packet& quote, byte_view sent, std::uint8_t traffic_class,
                   tcp_result& into) {
  into.quoted_hop_limit = quote.ttl;
  note(into, field::traffic_class, traffic_class, quote.tos);
  const auto seen = quote.transport;
  if (seen.size() < wire::tcp_view::min_header_size || sent.size() < wire::tcp_view::min_header_size) return;
  const auto ours = wire::tcp_view::parse(sent);
  const auto theirs = wire::tcp_view::parse(seen);
  note(into, field::flags, load_be16(sent, 12) & 0x1ff, load_be16(seen, 12) & 0x1ff);
  note(into, field::window, load_be16(sent, 14), load_be16(seen, 14));
  if (ours && theirs) compare_options(ours->options(), theirs->options(), into);
}

}  // namespace diag::probe

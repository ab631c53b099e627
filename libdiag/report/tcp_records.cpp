// What each key of a TCP record means.
#include "libdiag/report/tcp_records.hpp"

namespace diag::report {
namespace {

namespace key = tcp_key;
using enum field_type;
using kind = metric_kind;

constexpr field target{key::target, text, "", "the target as the user named it", kind::label};
constexpr field address{key::address, text, "", "the address that was probed", kind::label};
constexpr field port{key::port, integer, "", "the port that was probed"};
constexpr field from{key::from, text, "", "who answered; absent when nobody did"};
constexpr field ttl{key::ttl, integer, "hops", "hop limit the answer had left on arrival"};
constexpr field icmp_type{key::icmp_type, integer, "", "type of the ICMP message"};
constexpr field icmp_code{key::icmp_code, integer, "", "code of the ICMP message"};
constexpr field rtt{key::rtt_ms, elapsed, "ms", "round-trip time of the attempt that was answered"};
constexpr field source_port{key::source_port, integer, "", "our own port"};
constexpr field device_hops{key::device_hops, integer, "hops",
                            "how far away the device is that answers in the host's name", kind::gauge};
constexpr field host_hops{key::host_hops, integer, "hops", "how far away the host itself is", kind::gauge};

constexpr field offer_members[] = {
    {key::window, integer, "octets", "receive window as sent, not yet scaled"},
    {key::mss, integer, "octets", "maximum segment size"},
    {key::wscale, integer, "", "window scale: the window counts units of 2 to this power"},
    {key::sack, boolean, "", "selective acknowledgments permitted"},
    {key::timestamps, boolean, "", "timestamps option"},
    {key::ecn, boolean, "", "explicit congestion notification accepted"},
    {key::fast_open, integer, "octets", "length of the Fast Open cookie"},
};

constexpr field change_members[] = {
    {key::sent, integer, "", "as it left this host; absent: not there"},
    {key::seen, integer, "", "as the quote shows it; absent: taken out"},
};
constexpr field rewritten_members[] = {
    {key::source_port, object, "", "our port", kind::none, change_members},
    {key::destination_port, object, "", "the port probed", kind::none, change_members},
    {key::flags, object, "", "flags", kind::none, change_members},
    {key::window, object, "", "window", kind::none, change_members},
    {key::traffic_class, object, "", "TOS octet or traffic class", kind::none, change_members},
    {key::mss, object, "", "maximum segment size option", kind::none, change_members},
    {key::wscale, object, "", "window scale option", kind::none, change_members},
    {key::sack, object, "", "SACK permitted option", kind::none, change_members},
    {key::timestamps, object, "", "timestamps option", kind::none, change_members},
    {key::fast_open, object, "", "Fast Open option", kind::none, change_members},
};

constexpr field result_fields[] = {
    target,
    address,
    port,
    {key::service, text, "", "what the services file calls the port"},
    {key::method, text, "", "how it was asked: syn, ack, fin, null, flags, connect"},
    {key::state, text, "", "open, closed, filtered, rejected, unreachable or error"},
    {key::reason, text, "", "why that state"},
    from,
    icmp_type,
    icmp_code,
    ttl,
    {key::ip_id, integer, "", "IPv4 identification of the answer"},
    rtt,
    {key::rtt_source, text, "",
     "whose clock readings the round-trip time is made of: socket (kernel), capture (kernel, on the frame), "
     "tcp-info (the kernel's own measure) or user (this process)"},
    {key::attempts, integer, "", "segments sent, those of the kernel included"},
    {key::answered_attempt, integer, "", "which of them was answered, counted from 1"},
    source_port,
    {key::flow, integer, "", "number of the flow, counted from 1"},
    {key::round, integer, "", "number of the round, counted from 1"},
    {key::errno_name, text, "", "name of the system's error when this host could not send"},
    {key::syn_ack, object, "", "what the SYN-ACK says of its sender", kind::none, offer_members},
    {key::anomalies, text_list, "", "what is odd about an answer that is believed all the same"},
    device_hops,
    host_hops,
    {key::rewritten, object, "",
     "fields of our segment that somebody changed on the way, as an ICMP quote shows", kind::none,
     rewritten_members},
    {key::quoted_ttl, integer, "hops", "what was left of our hop limit at the node that refused"},
    {key::banner, text, "", "what the peer said first, escaped"},
    {key::banner_hex, text, "", "the same, in hexadecimal"},
    {key::first_octet_ms, elapsed, "ms", "from the open connection to the peer's first octet"},
    {key::close, text, "", "how the connection ended: fin, reset, timeout (it did not), enough (we closed)"},
    {key::close_ms, elapsed, "ms", "from the open connection to its end"},
    {key::not_seen, text_list, "", "what the method could not see: ttl, ip_id, syn_ack"},
};

constexpr field anomaly_fields[] = {
    target,
    address,
    port,
    {key::from, text, "", "who sent the packet"},
    {key::reason, text, "", "why the packet decided nothing"},
    {key::flags, text, "", "flags of the segment"},
    ttl,
    icmp_type,
    icmp_code,
    source_port,
    {key::rtt_ms, elapsed, "ms", "since the attempt that it answers"},
};

constexpr field state_members[] = {
    {key::open, integer, "", "answered with SYN-ACK", kind::gauge},
    {key::closed, integer, "", "answered with RST", kind::gauge},
    {key::filtered, integer, "", "silent", kind::gauge},
    {key::rejected, integer, "", "refused by an ICMP unreachable", kind::gauge},
    {key::unreachable, integer, "", "never reached, and a node said so", kind::gauge},
    {key::error, integer, "", "not sent by this host", kind::gauge},
};

constexpr field rtt_members[] = {
    {key::min, elapsed, "ms", "shortest", kind::gauge},
    {key::avg, elapsed, "ms", "arithmetic mean", kind::gauge},
    {key::max, elapsed, "ms", "longest", kind::gauge},
    {key::stddev, elapsed, "ms", "standard deviation", kind::gauge},
    {key::p50, elapsed, "ms", "median", kind::quantile},
    {key::p90, elapsed, "ms", "90th percentile", kind::quantile},
    {key::p95, elapsed, "ms", "95th percentile", kind::quantile},
    {key::p99, elapsed, "ms", "99th percentile", kind::quantile},
};

constexpr field summary_fields[] = {
    target,
    address,
    {key::reason, text, "", "why nothing was asked: the name gave no address"},
    {key::states, object, "", "probes by the state they ended in", kind::none, state_members},
    {key::answered, integer, "", "probes that somebody answered", kind::total},
    {key::sent, integer, "packets", "segments sent, retries included", kind::gauge},
    {key::anomalies, integer, "packets", "packets that decided nothing: not believed, late, twice",
     kind::gauge},
    {key::duplicates, integer, "packets", "of these: the same answer again", kind::gauge},
    {key::late, integer, "packets", "of these: answers to probes that had ended", kind::gauge},
    {key::pending, integer, "", "probes not decided when the run was cut short", kind::gauge},
    {key::loss_percent, real, "percent", "filtered probes, of those decided", kind::gauge},
    {key::findings, text_list, "", "what the results say together: reset-by-device, loss, ..."},
    device_hops,
    host_hops,
    {key::example_port, integer, "", "a port where the device answered"},
    {key::rtt_ms, object, "ms", "round-trip times of the answers", kind::none, rtt_members},
    {key::elapsed_ms, elapsed, "ms", "from the start of the run to the end of this target", kind::gauge},
    {key::rate_pps, integer, "", "segments sent a second in that time", kind::gauge},
    {key::receiver_dropped, integer, "packets",
     "packets this host lost for want of buffer space; not the network's loss", kind::gauge},
    {key::resume, text, "", "cut short: the token for --resume"},
};

}  // namespace

const schema tcp_result{"tcp", "result", "the fate of one probe of one port", result_fields};
const schema tcp_anomaly{"tcp", "anomaly", "a packet that decided nothing", anomaly_fields};
const schema tcp_summary{"tcp", "summary", "one target when all its ports are decided; or the whole run",
                         summary_fields};

const std::array<const schema*, 3> tcp_events{&tcp_result, &tcp_anomaly, &tcp_summary};

const std::span<const field> tcp_offer_fields{offer_members};
const std::span<const field> tcp_rewritten_fields{rewritten_members};
const std::span<const field> tcp_change_fields{change_members};
const std::span<const field> tcp_state_fields{state_members};
const std::span<const field> tcp_rtt_fields{rtt_members};

}  // namespace diag::report

// What each key of a traceroute record means.
#include "libdiag/report/traceroute_records.hpp"

namespace diag::report {
namespace {

namespace key = traceroute_key;
using enum field_type;
using kind = metric_kind;
// The key of that name hides the type.
using field_entry = diag::report::field;

constexpr field_entry target{key::target, text, "", "the target as the user named it", kind::label};
constexpr field_entry address{key::address, text, "", "the address the path leads to", kind::label};
constexpr field_entry hop{key::hop, integer, "hops", "number of the hop, counted from 1"};
constexpr field_entry icmp_type{key::icmp_type, integer, "", "type of the ICMP message"};
constexpr field_entry icmp_code{key::icmp_code, integer, "", "code of the ICMP message"};
constexpr field_entry who{key::address, text, "", "who answered"};
constexpr field_entry name{key::name, text, "", "the reverse name of that address"};
constexpr field_entry asn{key::asn, integer, "", "the AS that announces it"};
constexpr field_entry rtt{key::rtt_ms, elapsed, "ms", "round-trip time"};

constexpr field_entry change_members[] = {
    {key::sent, integer, "", "as it left this host; absent: not there, or an address"},
    {key::seen, integer, "", "as the quote shows it; absent: taken out, or an address"},
    {key::sent_address, text, "", "an address as it left this host"},
    {key::seen_address, text, "", "an address as the quote shows it"},
};
constexpr field_entry rewritten(std::string_view of, std::string_view what) {
  return {of, object, "", what, kind::none, change_members};
}
constexpr field_entry rewritten_members[] = {
    rewritten(key::source_port, "our port"),
    rewritten(key::destination_port, "the port probed"),
    rewritten(key::flags, "TCP flags"),
    rewritten(key::window, "TCP window"),
    rewritten(key::traffic_class, "TOS octet or traffic class"),
    rewritten(key::mss, "maximum segment size option"),
    rewritten(key::wscale, "window scale option"),
    rewritten(key::sack, "SACK permitted option"),
    rewritten(key::timestamps, "timestamps option"),
    rewritten(key::fast_open, "Fast Open option"),
    rewritten(key::source, "our address"),
    rewritten(key::destination, "the address probed"),
    rewritten(key::identification, "IPv4 identification"),
    rewritten(key::dont_fragment, "IPv4 Don't Fragment, 0 or 1"),
    rewritten(key::flow_label, "IPv6 flow label"),
    rewritten(key::total_length, "length of the packet"),
    rewritten(key::checksum, "transport checksum"),
    rewritten(key::identifier, "identifier of the echo request"),
    rewritten(key::sequence, "sequence number"),
};

constexpr field_entry mpls_members[] = {
    {key::label, integer, "", "label"},
    {key::tc, integer, "", "traffic class"},
    {key::s, integer, "", "bottom of the stack"},
    {key::ttl, integer, "hops", "hop limit of the label"},
};
constexpr field_entry interface_members[] = {
    {key::role, text, "", "which interface of the router: incoming, sub-ip, outgoing, next-hop"},
    {key::index, integer, "", "its ifIndex there"},
    {key::address, text, "", "its address"},
    {key::name, text, "", "its name there"},
    {key::mtu, integer, "octets", "its MTU"},
};
constexpr field_entry probe_members[] = {
    {key::state, text, "", "time-exceeded, reached, unreachable, silent or error"},
    {key::reason, text, "", "why that state"},
    who,
    name,
    asn,
    {key::prefix, text, "", "the prefix of that announcement"},
    rtt,
    {key::rtt_source, text, "",
     "whose clock readings the round-trip time is made of: socket (kernel), capture (kernel, on the frame) "
     "or "
     "user (this process)"},
    {key::flow, integer, "", "number of the flow, counted from 1"},
    icmp_type,
    icmp_code,
    {key::tcp_flags, text, "", "flags of the segment that answered"},
    {key::ttl, integer, "hops", "hop limit the answer had left on arrival"},
    {key::quoted_ttl, integer, "hops", "hop limit of our probe where it ended; 1 is usual"},
    {key::mtu, integer, "octets", "the MTU that the answer names"},
    {key::late, boolean, "", "it came after its wait was over"},
    {key::errno_name, text, "", "name of the system's error when this host could not send"},
    {key::mpls, object_list, "", "MPLS label stack (RFC 4950)", kind::none, mpls_members},
    {key::interface_key, object_list, "", "interfaces of the router (RFC 5837)", kind::none,
     interface_members},
    {key::objects, text_list, "", "other extension objects, as CLASS/TYPE:octets"},
    {key::bad_extension, boolean, "", "the extension lies about itself"},
    {key::rewritten, object, "", "fields of our packet that somebody changed on the way there", kind::none,
     rewritten_members},
};

constexpr field_entry node_members[] = {
    {key::address, text, "", "its address; absent: silent"},
    name,
    asn,
    {key::flows, integer, "", "flows that went through it"},
    {key::answers, integer, "", "probes that it answered"},
    {key::per_packet, boolean, "", "the same flow took several ways out of it"},
    {key::rtt_ms, elapsed, "ms", "least round-trip time"},
    {key::next, text_list, "", "where its flows went on"},
};
constexpr field_entry address_members[] = {
    who,
    name,
    asn,
    {key::answers, integer, "", "answers from it"},
    {key::first, time, "", "the first of them"},
    {key::last, time, "", "the latest"},
};
constexpr field_entry hop_rtt_members[] = {
    {key::last, elapsed, "ms", "of the latest answer"}, {key::min, elapsed, "ms", "shortest"},
    {key::avg, elapsed, "ms", "arithmetic mean"},       {key::max, elapsed, "ms", "longest"},
    {key::stddev, elapsed, "ms", "standard deviation"}, {key::p50, elapsed, "ms", "median"},
    {key::p95, elapsed, "ms", "95th percentile"},
};

constexpr field_entry hop_fields[] = {
    target,
    address,
    hop,
    {key::probes, object_list, "", "the probes of this hop, by flow", kind::none, probe_members},
    {key::known, boolean, "", "not asked: taken from another target's path"},
    {key::mtu, integer, "octets", "--mtu: the largest packet known to get here"},
    {key::limited_by, text, "", "--mtu: the router that named this MTU; absent: found by trying"},
    {key::limited_at, integer, "hops", "--mtu: its hop"},
    {key::nodes, object_list, "", "--mda: the nodes of this hop", kind::none, node_members},
    {key::sent, integer, "packets", "--report: probes sent"},
    {key::received, integer, "packets", "--report: answers in time"},
    {key::errors, integer, "packets", "--report: probes this host could not send"},
    {key::late, integer, "packets", "--report: answers that came too late"},
    {key::loss_percent, real, "percent", "--report: probes without an answer"},
    {key::loss, text, "",
     "--report: what that means: none, rate-limited, forwarding-loss, unclear, silent, beyond"},
    {key::forwarding_loss_percent, real, "percent", "--report: loss on the way up to here"},
    {key::rtt_ms, object, "ms", "--report: round-trip times", kind::none, hop_rtt_members},
    {key::jitter_ms, elapsed, "ms", "--report: interarrival jitter of the round-trip times (RFC 3550)"},
    {key::addresses, object_list, "", "--report: who answered", kind::none, address_members},
};

constexpr field_entry control_members[] = {
    {key::protocol, text, "", "tcp, udp or icmp"},
    {key::port, integer, "", "its port"},
    {key::hop, integer, "hops", "the hop where it reached the target"},
};
constexpr field_entry locate_fields[] = {
    target,
    {key::target_address, text, "", "the address that was probed"},
    {key::protocol, text, "", "tcp or udp"},
    {key::port, integer, "", "the port that was probed"},
    {key::verdict, text, "", "passes, dropped or rejected"},
    {key::after_hop, integer, "hops", "dropped: the last hop that answered the probe"},
    {key::at_hop, integer, "hops", "rejected: the hop of who refused it; passes: the target's"},
    {key::address, text, "", "who refused it; dropped: the last hop's address"},
    {key::next_address, text, "", "who stands behind that hop on the way of the control"},
    {key::reason, text, "", "how it was refused"},
    {key::control, object, "", "the probe that passes, with which it was compared", kind::none,
     control_members},
    {key::sentence, text, "", "the same for people"},
};

constexpr field_entry change_fields[] = {
    target,
    address,
    hop,
    {key::expected, text_list, "", "addresses of the hop in the file"},
    {key::seen, text_list, "", "addresses that answered now"},
};

constexpr field_entry rejected_fields[] = {
    target,
    hop,
    {key::from, text, "", "who sent the packet"},
    {key::reason, text, "", "why it is not believed, or changes nothing"},
    icmp_type,
    icmp_code,
};

constexpr field_entry finding_members[] = {
    {key::finding, text, "", "what was found: loop, changed, rate-limited, ..."},
    {key::hop, integer, "hops", "where"},
    {key::other_hop, integer, "hops", "the other hop it takes"},
    {key::count, integer, "", "how many: hops, answers"},
    {key::total, integer, "", "of how many"},
    {key::address, text, "", "whose"},
    {key::field, text, "", "which field of our packet"},
    {key::sent, integer, "", "its value as it left this host"},
    {key::seen, integer, "", "its value there"},
    {key::sent_address, text, "", "the same, of an address"},
    {key::seen_address, text, "", "the same, of an address"},
    {key::sentence, text, "", "the same for people"},
};
constexpr field_entry rtt_members[] = {
    {key::min, elapsed, "ms", "shortest", kind::gauge},
    {key::avg, elapsed, "ms", "arithmetic mean", kind::gauge},
    {key::max, elapsed, "ms", "longest", kind::gauge},
};

constexpr field_entry summary_fields[] = {
    target,
    address,
    {key::reached, boolean, "", "the target answered", kind::gauge},
    {key::hops, integer, "hops", "hop of the target; not reached: the last that anything came from",
     kind::gauge},
    {key::stopped_after, integer, "hops", "the last hop that was asked", kind::gauge},
    {key::why, text, "",
     "why no further hop was asked: reached, unreachable, silence, last-hop, error, "
     "interrupted"},
    {key::reason, text, "", "how it was refused, or why nothing was asked"},
    {key::sent, integer, "packets", "probes sent", kind::gauge},
    {key::answered, integer, "packets", "probes that were answered", kind::gauge},
    {key::late, integer, "packets", "of these: after their wait was over", kind::gauge},
    {key::duplicates, integer, "packets", "the same answers again", kind::gauge},
    {key::rejected, counts, "packets", "packets that are not believed, by reason", kind::gauge},
    {key::loss_percent, real, "percent", "probes to the target's hop without an answer", kind::gauge},
    {key::findings, object_list, "", "what the hops mean together", kind::none, finding_members},
    {key::rtt_ms, object, "ms", "round-trip times of the target", kind::none, rtt_members},
    {key::path_mtu, integer, "octets", "--mtu: what fits through the path", kind::gauge},
    {key::black_hole_after, integer, "hops", "--mtu: larger packets vanish after this hop", kind::gauge},
    {key::smallest_lost, integer, "octets", "--mtu: the smallest size that vanished", kind::gauge},
    {key::flows, integer, "", "--mda: flows that were tried", kind::gauge},
    {key::complete, boolean, "", "--mda: the stopping rule was met everywhere", kind::gauge},
    {key::rounds, integer, "", "--report: rounds", kind::gauge},
    {key::expected, boolean, "", "--expect: the path is that of the file", kind::gauge},
    {key::elapsed_ms, elapsed, "ms", "from the first probe of this target to its end", kind::gauge},
    {key::receiver_dropped, integer, "packets",
     "packets this host lost for want of buffer space; not the network's loss", kind::gauge},
    {key::method_note, text, "", "what could not be seen for want of privilege"},
};

}  // namespace

const schema traceroute_hop{"traceroute", "hop", "all that is known of one hop", hop_fields};
const schema traceroute_locate{"traceroute", "locate", "where one port is refused", locate_fields};
const schema traceroute_change{"traceroute", "change", "a hop that is not as expected", change_fields};
const schema traceroute_rejected{"traceroute", "rejected", "a packet that decided nothing", rejected_fields};
const schema traceroute_summary{"traceroute", "summary", "the path of one target", summary_fields};

const std::array<const schema*, 5> traceroute_events{&traceroute_hop, &traceroute_locate, &traceroute_change,
                                                     &traceroute_rejected, &traceroute_summary};

const std::span<const field_entry> traceroute_probe_fields{probe_members};
const std::span<const field_entry> traceroute_mpls_fields{mpls_members};
const std::span<const field_entry> traceroute_interface_fields{interface_members};
const std::span<const field_entry> traceroute_rewritten_fields{rewritten_members};
const std::span<const field_entry> traceroute_change_fields{change_members};
const std::span<const field_entry> traceroute_node_fields{node_members};
const std::span<const field_entry> traceroute_address_fields{address_members};
const std::span<const field_entry> traceroute_hop_rtt_fields{hop_rtt_members};
const std::span<const field_entry> traceroute_control_fields{control_members};
const std::span<const field_entry> traceroute_finding_fields{finding_members};
const std::span<const field_entry> traceroute_rtt_fields{rtt_members};

}  // namespace diag::report

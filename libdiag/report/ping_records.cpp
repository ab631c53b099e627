// What each key of a ping record means.
#include "libdiag/report/ping_records.hpp"

namespace diag::report {
namespace {

namespace key = ping_key;
using enum field_type;
using kind = metric_kind;

constexpr field target{key::target, text, "", "the target as the user named it", kind::label};
constexpr field address{key::address, text, "", "the address that was probed", kind::label};
constexpr field seq{key::seq, integer, "", "number of the probe, counted from 1 and never wrapping"};
constexpr field ttl{key::ttl, integer, "hops", "hop limit the packet had left on arrival"};
constexpr field tos{key::tos, integer, "", "traffic class (TOS octet) of the packet on arrival"};
constexpr field size{key::size, integer, "octets", "ICMP header and data as received"};
constexpr field rtt{key::rtt_ms, elapsed, "ms", "round-trip time"};
constexpr field rtt_source{key::rtt_source, text, "",
                           "whose clock readings the round-trip time is made of: socket (kernel), capture "
                           "(kernel, on the frame) or user (this process)"};
constexpr field anomalies{key::anomalies, text_list, "",
                          "what is wrong with a reply that is ours all the same: truncated, corrupt, ..."};
constexpr field from{key::from, text, "", "who sent the packet, when that is not the address probed"};
constexpr field clock_offset{key::clock_offset_ms, elapsed, "ms",
                             "clock of the target minus ours (ICMP timestamp), positive: it is ahead",
                             kind::gauge};

constexpr field reply_fields[] = {target, address, from,       seq,       ttl,         tos,
                                  size,   rtt,     rtt_source, anomalies, clock_offset};

constexpr field timeout_fields[] = {
    target, address, seq, {key::timeout_ms, elapsed, "ms", "how long the probe was waited for"}};

constexpr field error_fields[] = {
    target,
    address,
    {key::from, text, "", "the node that said so; absent when our own host did"},
    seq,
    {key::reason, text, "", "why, in the words of the RFC or of the system"},
    {key::icmp_type, integer, "", "type of the ICMP error"},
    {key::icmp_code, integer, "", "code of the ICMP error"},
    {key::next_hop_mtu, integer, "octets", "MTU named by a fragmentation-needed or packet-too-big error"},
    {key::gateway, text, "", "redirect: the better first hop"},
    {key::errno_name, text, "",
     "name of the system's error (EHOSTUNREACH, ...) when the probe was not sent"}};

constexpr field rejected_fields[] = {
    target,
    address,
    {key::from, text, "", "who sent the packet"},
    seq,
    {key::reason, text, "", "why the packet is not believed to be an answer"},
    {key::icmp_type, integer, "", "ICMP type of the packet"},
    {key::icmp_code, integer, "", "ICMP code of the packet"},
    size};

constexpr field rtt_members[] = {
    {key::min, elapsed, "ms", "shortest", kind::gauge},
    {key::avg, elapsed, "ms", "arithmetic mean", kind::average},
    {key::max, elapsed, "ms", "longest", kind::gauge},
    {key::stddev, elapsed, "ms", "standard deviation", kind::gauge},
    {key::p50, elapsed, "ms", "median", kind::quantile},
    {key::p90, elapsed, "ms", "90th percentile", kind::quantile},
    {key::p95, elapsed, "ms", "95th percentile", kind::quantile},
    {key::p99, elapsed, "ms", "99th percentile", kind::quantile},
};

constexpr field burst_members[] = {
    {key::longest, integer, "packets", "longest run of lost probes", kind::gauge},
    {key::count, integer, "", "number of runs of lost probes"},
};

constexpr field outage_members[] = {
    {key::start, time, "", "when the first lost probe was sent"},
    {key::end, time, "", "when the first answered probe after it was sent; absent while it lasts"},
    {key::seconds, elapsed, "s", "length so far"},
    {key::lost, integer, "packets", "probes lost in it"},
};

constexpr field summary_fields[] = {
    target,
    address,
    {key::state, text, "",
     "alive (answered in time; in a sweep also late), unreachable (a node said so), silent (nothing came), "
     "error (our own part failed)",
     kind::state},
    {key::reason, text, "", "why the state is not alive"},
    {key::sent, integer, "packets", "probes sent, retries included", kind::gauge},
    {key::received, integer, "packets", "probes answered in time", kind::total},
    {key::late, integer, "packets", "answers after the timeout; their probes stay lost", kind::gauge},
    {key::duplicates, integer, "packets", "further answers to a probe answered already", kind::gauge},
    {key::errors, integer, "packets", "probes answered by an ICMP error", kind::gauge},
    {key::not_sent, integer, "packets", "probes that never left this host; not loss", kind::gauge},
    {key::lost, integer, "packets", "probes without an answer in time", kind::gauge},
    {key::pending, integer, "packets", "probes whose fate was open when the run ended", kind::gauge},
    {key::corrupt, integer, "packets", "answers whose data differs from what was sent", kind::gauge},
    {key::rejected, counts, "packets", "packets not believed to be answers, by reason", kind::gauge},
    {key::loss_percent, real, "percent", "probes not answered in time, of those whose fate is known",
     kind::gauge},
    {key::rtt_ms, object, "ms", "round-trip times of the answers in time", kind::none, rtt_members},
    {key::jitter_ms, elapsed, "ms", "interarrival jitter, RFC 3550 section 6.4.1", kind::gauge},
    {key::reordered, integer, "packets", "answers that a later probe's answer overtook", kind::gauge},
    {key::loss_bursts, object, "", "runs of consecutive lost probes", kind::none, burst_members},
    {key::outages, object_list, "", "runs of lost probes with their times", kind::none, outage_members},
    {key::path_mtu, integer, "octets", "largest packet that reaches the target unfragmented", kind::gauge},
    {key::black_hole, boolean, "", "larger packets vanish and no node says so", kind::gauge},
    clock_offset,
    rtt_source,
    {key::receiver_dropped, integer, "packets",
     "packets this host lost for want of buffer space; not the network's loss", kind::gauge},
    {key::elapsed_ms, elapsed, "ms", "from the first probe to the end", kind::gauge},
};

}  // namespace

const schema ping_reply{"ping", "reply", "the target answered in time", reply_fields};
const schema ping_timeout{"ping", "timeout", "no answer came in time", timeout_fields};
const schema ping_error{"ping", "error", "a node refused the probe, or it could not be sent", error_fields};
const schema ping_duplicate{"ping", "duplicate", "one more answer to a probe answered already", reply_fields};
const schema ping_late{"ping", "late", "an answer after the timeout", reply_fields};
const schema ping_rejected{"ping", "rejected", "a packet that is not believed to be an answer",
                           rejected_fields};
const schema ping_summary{"ping", "summary", "one target at the end of the run", summary_fields};

const std::array<const schema*, 7> ping_events{&ping_reply, &ping_timeout,  &ping_error,  &ping_duplicate,
                                               &ping_late,  &ping_rejected, &ping_summary};

const std::span<const field> ping_rtt_fields{rtt_members};
const std::span<const field> ping_loss_burst_fields{burst_members};
const std::span<const field> ping_outage_fields{outage_members};

}  // namespace diag::report

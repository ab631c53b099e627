// What each key of an arping record means.
#include "libdiag/report/neighbor_records.hpp"

namespace diag::report {
namespace {

namespace key = neighbor_key;
using enum field_type;
using kind = metric_kind;

constexpr field target{key::target, text, "", "the target as the user named it", kind::label};
constexpr field address{key::address, text, "", "the address that was asked for", kind::label};
constexpr field mac{key::mac, text, "", "hardware address of the owner"};
constexpr field vendor{key::vendor, text, "", "who made it, by the first octets of its hardware address"};
constexpr field interface { key::interface, text, "", "interface of this host" };
constexpr field seq{key::seq, integer, "", "number of the probe, counted from 1 and never wrapping"};
constexpr field rtt{key::rtt_ms, elapsed, "ms",
                    "round-trip time; of an ambiguous answer the least it can be"};
constexpr field rtt_source{key::rtt_source, text, "",
                           "whose clock readings the round-trip time is made of: socket (kernel), capture "
                           "(kernel, on the frame) or user (this process)"};
constexpr field frame_source{key::frame_source, text, "",
                             "hardware address the frame came from, where the message names another"};
constexpr field vlan{key::vlan, integer, "", "VLAN of the frame's outermost tag"};
constexpr field router{key::router, boolean, "", "IPv6: the owner says that it is a router"};
constexpr field solicited{key::solicited, boolean, "", "IPv6: sent as an answer"};
constexpr field override_entry{key::override_flag, boolean, "",
                               "IPv6: meant to replace what caches hold; proxies and anycast leave it out"};
constexpr field message_kind{key::kind, text, "",
                             "what the frame was: reply, advertisement, announcement, request, probe, ..."};

constexpr field reply_fields[] = {
    target,
    address,
    mac,
    vendor,
    interface,
    seq,
    rtt,
    {key::rtt_most_ms, elapsed, "ms", "of an ambiguous answer: the most it can be"},
    rtt_source,
    {key::via, text, "", "how the probe had gone out: broadcast (IPv6: multicast) or unicast"},
    message_kind,
    {key::pairing, text, "",
     "certain: one probe alone can have been meant; ambiguous: an earlier one without an answer, too"},
    {key::new_owner, boolean, "", "the first answer of this owner for this target"},
    {key::second_look, boolean, "",
     "true: to a frame that asked this owner alone, or whom this host remembered; does not count"},
    {key::late, boolean, "", "true: after the timeout; does not count"},
    {key::duplicate, boolean, "", "true: this owner had answered the probe already; does not count"},
    frame_source,
    vlan,
    router,
    solicited,
    override_entry};

constexpr field timeout_fields[] = {
    target, address, seq, {key::waited_ms, elapsed, "ms", "how long the probe was waited for"}};

constexpr field error_fields[] = {
    target,
    address,
    seq,
    {key::reason, text, "", "why the probe was not sent, one word"},
    {key::errno_name, text, "", "name of the system's error (ENETDOWN, ...)"}};

constexpr field rejected_fields[] = {target,
                                     address,
                                     {key::from, text, "", "the address that the sender gives as its own"},
                                     mac,
                                     vendor,
                                     interface,
                                     {key::reason, text, "", "why the frame is not believed to be an answer"},
                                     message_kind,
                                     frame_source,
                                     vlan};

constexpr field sighting_fields[] = {
    target,        {key::address, text, "", "the address that the sender claims", kind::label},
    mac,           vendor,
    interface,     message_kind,
    frame_source,  {key::asked, text, "", "the address that was asked for"},
    vlan,          router,
    override_entry};

constexpr field change_fields[] = {
    target,
    address,
    {key::before, text, "", "hardware address of the owner until now; absent: it had none"},
    {key::after, text, "", "of the new one; absent: nobody answers any more"},
    vendor,
    {key::announced, boolean, "", "learned from an announcement, not from an answer"}};

constexpr field link_fields[] = {interface,
                                 {key::up, boolean, "", "administratively"},
                                 {key::running, boolean, "", "has carrier"},
                                 {key::gone, boolean, "", "it was deleted"}};

constexpr field claim_fields[] = {target,
                                  address,
                                  {key::step, text, "", "probed, announced, defended or gave-up"},
                                  {key::number, integer, "", "of its kind, counted from 1"}};

constexpr field objection_fields[] = {
    target,
    address,
    mac,
    vendor,
    interface,
    message_kind,
    {key::since_probe_ms, elapsed, "ms", "since the last probe left; absent: none had"},
    frame_source,
    vlan};

constexpr field found_fields[] = {
    target,    {key::address, text, "", "an address that the hardware address has", kind::label},
    mac,       vendor,
    interface, {key::evidence, text, "", "how it became known: echo, inarp, rarp, asked or seen"},
    rtt,       rtt_source};

constexpr field difference_fields[] = {
    address,
    {key::what, text, "", "appeared, vanished or changed"},
    {key::before, text_list, "", "hardware addresses of the owners in the saved file"},
    {key::after, text_list, "", "those of today"}};

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

constexpr field detail_members[] = {
    {key::finding, text, "", "the word that is in findings"},
    {key::address, text, "", "the address it is about"},
    {key::mac, text, "", "the hardware address it is about"},
    {key::other, text, "", "the second hardware address"},
    {key::count, integer, "", "addresses, frames or answers, as the finding has it"},
    {key::vlan, integer, "", "VLAN of the frames it is about"},
    {key::sentence, text, "", "the same for a person"},
};

constexpr field summary_fields[] = {
    target,
    address,
    {key::verdict, text, "",
     "in-use (one owner answered), conflict (several did), no-answer, free (--dad: nobody objected), "
     "cannot-tell (our own part failed)",
     kind::state},
    {key::expected, boolean, "", "whether --expect-mac or --expect-free holds", kind::gauge},
    {key::reason, text, "", "why it cannot be told, or is not as expected"},
    {key::owners, text_list, "", "hardware addresses that answered, in that order"},
    {key::vendors, text_list, "", "who made them, in the same order; - where that is not known"},
    {key::addresses, text_list, "", "search for a hardware address: the addresses it has"},
    {key::findings, text_list, "", "what the answers mean together: conflict, proxy-arp, flux, ..."},
    {key::details, object_list, "", "each finding with its particulars", kind::none, detail_members},
    {key::sent, integer, "frames", "probes sent, retries included", kind::gauge},
    {key::received, integer, "frames", "probes answered in time", kind::gauge},
    {key::lost, integer, "frames", "probes without an answer in time", kind::gauge},
    {key::not_sent, integer, "frames", "probes that never left this host", kind::gauge},
    {key::pending, integer, "frames", "probes whose fate was open when the run ended", kind::gauge},
    {key::late, integer, "frames", "answers after the timeout; their probes stay lost", kind::gauge},
    {key::duplicates, integer, "frames", "further answers of an owner to a probe", kind::gauge},
    {key::ambiguous, integer, "frames", "answers that could have been to an earlier probe", kind::gauge},
    {key::measured, integer, "frames", "answers whose time is certain", kind::total},
    {key::loss_percent, real, "percent", "probes not answered in time, of those whose fate is known",
     kind::gauge},
    {key::rtt_ms, object, "ms", "round-trip times of the measured answers", kind::none, rtt_members},
    rtt_source,
    {key::announcements, integer, "frames", "--dad, -U, -A: announcements sent", kind::gauge},
    {key::defences, integer, "frames", "--defend: announcements against somebody else's", kind::gauge},
    {key::objections, integer, "frames", "--dad, --defend: frames of others about the address", kind::gauge},
    {key::looped, boolean, "", "--dad: our own probe came back, so the link has a loop"},
    {key::complete, boolean, "", "search: every question was asked and waited for"},
    interface,
    {key::source, text, "", "our own address in the probes"},
    {key::receiver_dropped, integer, "frames",
     "frames this host lost for want of buffer space; not the network's loss", kind::gauge},
    {key::elapsed_ms, elapsed, "ms", "from the first probe to the end", kind::gauge},
};

}  // namespace

const schema neighbor_reply{"arping", "reply", "an owner answered", reply_fields};
const schema neighbor_timeout{"arping", "timeout", "no answer came in time", timeout_fields};
const schema neighbor_error{"arping", "error", "a probe could not be sent", error_fields};
const schema neighbor_rejected{"arping", "rejected", "a frame that is not believed to be an answer",
                               rejected_fields};
const schema neighbor_sighting{"arping", "sighting", "a frame that nobody here had asked for",
                               sighting_fields};
const schema neighbor_change{"arping", "change", "an address has another owner than before", change_fields};
const schema neighbor_link{"arping", "link", "the interface went up, down or away", link_fields};
const schema neighbor_claim{"arping", "claim", "a step of claiming an address", claim_fields};
const schema neighbor_objection{"arping", "objection", "somebody else has the address, or wants it",
                                objection_fields};
const schema neighbor_found{"arping", "found", "an address of the hardware address searched for",
                            found_fields};
const schema neighbor_difference{"arping", "difference", "an address whose owners are not those saved",
                                 difference_fields};
const schema neighbor_summary{"arping", "summary", "one target at the end of the run", summary_fields};

const std::array<const schema*, 12> neighbor_events{
    &neighbor_reply,     &neighbor_timeout, &neighbor_error,      &neighbor_rejected,
    &neighbor_sighting,  &neighbor_change,  &neighbor_link,       &neighbor_claim,
    &neighbor_objection, &neighbor_found,   &neighbor_difference, &neighbor_summary};

const std::span<const field> neighbor_rtt_fields{rtt_members};
const std::span<const field> neighbor_detail_fields{detail_members};

}  // namespace diag::report

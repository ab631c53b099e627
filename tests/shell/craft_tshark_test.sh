#!/usr/bin/env bash
# Every kind of frame that craft builds, read by tshark: nothing malformed, every checksum good.
set -u
tests="${DIAG_BIN_DIR:?}/craft_tests"
command -v tshark >/dev/null || exit 77
[[ -x $tests ]] || { echo "craft_tests is not built"; exit 77; }

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
capture="$work/frames.pcap"
DIAG_CRAFT_PCAP="$capture" "$tests" "[.pcap]" >"$work/log" || { cat "$work/log"; exit 1; }

# Fragments stay apart: reassembled they would be datagrams with a hole.
read_frames() {
  tshark -r "$capture" -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE -o tcp.check_checksum:TRUE \
    -o ip.defragment:FALSE -o ipv6.defragment:FALSE "$@" 2>"$work/errors"
}

failed=0
expect_none() {
  local what=$1 filter=$2 found
  found=$(read_frames -Y "$filter") || { echo "tshark failed:"; cat "$work/errors"; exit 1; }
  [[ -z $found ]] || { printf '%s:\n%s\n' "$what" "$found"; failed=1; }
}
expect_at_least() {
  local what=$1 filter=$2 least=$3 found
  found=$(read_frames -Y "$filter" | wc -l)
  ((found >= least)) || { echo "$what: $found frames, expected $least or more"; failed=1; }
}

expect_none "malformed" '_ws.malformed || _ws.short'
expect_none "errors by tshark's own judgement" '_ws.expert.severity >= error'
for protocol in ip udp tcp icmp icmpv6; do
  expect_none "bad $protocol checksum" "$protocol.checksum.status == \"Bad\""
done
expect_none "bad ICMP extension checksum" 'icmp.ext.checksum.status == "Bad"'

# The filters above must be able to find something.
expect_at_least "good IPv4 checksums" 'ip.checksum.status == "Good"' 16
expect_at_least "good UDP checksums" 'udp.checksum.status == "Good"' 5
expect_at_least "good TCP checksums" 'tcp.checksum.status == "Good"' 3
expect_at_least "good ICMP checksums" 'icmp.checksum.status == "Good"' 6
expect_at_least "good ICMPv6 checksums" 'icmpv6.checksum.status == "Good"' 10
expect_at_least "ICMP extensions" 'icmp.mpls.label == 100' 2
expect_at_least "neighbor options" 'icmpv6.opt.linkaddr' 5
expect_at_least "stacked tags" 'ieee8021ad.id == 7 && vlan.id == 4094 && udp' 1
expect_at_least "SNAP" 'llc.dsap == 0xaa && udp' 1
expect_at_least "extension headers" 'ipv6.hopopts && ipv6.dstopts && ipv6.fraghdr && udp' 1
expect_at_least "TCP options" 'tcp.options.mss_val == 1460 && tcp.options.wscale.shift == 7' 2
exit "$failed"

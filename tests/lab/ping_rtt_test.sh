#!/usr/bin/env bash
# The round-trip times of diag-ping against tcpdump's, packet by packet. Loose bounds; tests/bench has the sharp ones.
# shellcheck disable=SC2317  # functions called by name, through check
. "$(dirname "$0")/ping_lib.sh"
lab_up pair

# off_by OPTIONS...: diag-ping's times against the frames on eth0; the median and worst difference in nanoseconds.
off_by() {
  lab_capture a eth0 "$LAB_TMP/truth.pcap" 'icmp or icmp6'
  local capture=$lab_pid
  ping_run a -c 100 -i0.005 "$@"
  lab_stop "$capture"
  read -r matched median worst < <(python3 - "$out" "$LAB_TMP/truth.pcap" <<'END'
import json, struct, sys
data = open(sys.argv[2], "rb").read()
tick = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}[struct.unpack("<I", data[:4])[0]]
at, sent, truth = 24, {}, {}
while at + 16 <= len(data):
    seconds, part, kept, _ = struct.unpack("<IIII", data[at:at + 16])
    frame, at = data[at + 16:at + 16 + kept], at + 16 + kept
    message = frame[34:] if frame[12:14] == b"\x08\x00" else frame[54:]
    when, key = seconds * 10**9 + part * tick, message[4:8]
    if message[0] in (8, 128):
        sent[key] = when
    elif message[0] in (0, 129) and key in sent:
        truth[struct.unpack("!H", key[2:])[0]] = when - sent[key]
replies = [json.loads(line) for line in open(sys.argv[1])]
off = sorted(abs(round(reply["rtt_ms"] * 1e6) - truth[reply["seq"]]) for reply in replies
             if reply["event"] == "reply" and reply["seq"] in truth)
print(len(off), off[len(off) // 2], off[-1])
END
  )
}

for target in 192.0.2.2 2001:db8::2; do
  lab_case "sockets: $target"
  off_by "$target"
  check "all packets matched: $matched" [ "$matched" -ge 98 ]
  check "the median is $median ns off" [ "$median" -lt 20000 ]
  printf '%s, sockets: median %d ns, worst %d ns\n' "$target" "$median" "$worst"
  check_records 'all(events("reply")[]; .rtt_source == "socket")'

  lab_case "the capture: $target"
  off_by --pcap "$LAB_TMP/own-$target.pcap" "$target"
  check "all packets matched: $matched" [ "$matched" -ge 98 ]
  check "the median is $median ns off" [ "$median" -lt 1000 ]
  printf '%s, capture: median %d ns, worst %d ns\n' "$target" "$median" "$worst"
  check_records 'all(events("reply")[]; .rtt_source == "capture")'
done

check_ping_law
lab_done

#!/usr/bin/env bash
# The probes of diag-traceroute as another reads them: tshark, over what --pcap wrote and what the first router received.
# shellcheck disable=SC2016,SC2317
. "$(dirname "$0")/traceroute_lib.sh"
command -v tshark >/dev/null || lab_skip "tshark is not installed"
lab_up chain10
lab_start b "$LAB_DIR/tcp_server.py" 443=open

# fields FILE FILTER FIELD...: one line a frame, parted by bars; only the outermost header of each kind
fields() {
  local words=() field
  for field in "${@:3}"; do words+=(-e "$field"); done
  tshark -r "$1" -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE -o ip.check_checksum:TRUE -o tcp.relative_sequence_numbers:FALSE \
    -Y "$2" -T fields -E separator='|' -E occurrence=f "${words[@]}" 2>/dev/null
}
ours() { if [ "$1" = 4 ]; then echo "ip.src == 192.0.2.2"; else echo "ipv6.src == 2001:db8:0:1::2"; fi; }
# probes FILE FAMILY METHOD FIELD...: what we sent to ask with
probes() {
  local what
  case $3 in
    -I) what=$([ "$2" = 4 ] && echo 'icmp.type == 8 && !(icmp.type == 3 || icmp.type == 11)' || echo 'icmpv6.type == 128 && !(icmpv6.type == 1 || icmpv6.type == 3)') ;;
    -T*) what='tcp.flags == 0x002 && !icmp && !icmpv6' ;;
    *) what='udp && !icmp && !icmpv6' ;;
  esac
  fields "$1" "$(ours "$2") && $what" "${@:4}"
}
one_value() { [ "$(cut -d'|' -f"$1" "$out" | sort -u | wc -l)" -eq 1 ]; }
all_differ() { [ "$(cut -d'|' -f"$1" "$out" | sort | uniq -d | wc -l)" -eq 0 ]; }
always() { [ "$(cut -d'|' -f"$1" "$out" | sort -u)" = "$2" ]; }

for family in 4 6; do
  where=$(target "$family" 1)
  limit=$([ "$family" = 4 ] && echo ip.ttl || echo ipv6.hlim)
  label=$([ "$family" = 4 ] && echo ip.proto || echo ipv6.flow)
  for method in udp -I '-T -p443'; do
    lab_case "what hashing routers look at stays the same, IPv$family $method"
    pcap=$LAB_TMP/flow.pcap
    lab_capture r1 eth0 "$LAB_TMP/far.pcap"
    capture=$lab_pid
    # shellcheck disable=SC2086
    tool_run a -n --pcap "$pcap" ${method#udp} "$where"
    sent=$(jq -s 'map(select(.event == "summary"))[0].sent' "$out")
    lab_stop "$capture"
    check_status 0
    for file in "$pcap" "$LAB_TMP/far.pcap"; do
      case $method in
        udp) probes "$file" "$family" udp udp.srcport udp.dstport "$label" udp.checksum udp.checksum.status "$limit" >"$out" ;;
        -I)
          kind=$([ "$family" = 4 ] && echo icmp || echo icmpv6)
          probes "$file" "$family" -I "$([ "$family" = 4 ] && echo icmp.ident || echo icmpv6.echo.identifier)" "$kind.checksum" "$label" \
            "$([ "$family" = 4 ] && echo icmp.seq || echo icmpv6.echo.sequence_number)" "$kind.checksum.status" "$limit" >"$out"
          ;;
        *) probes "$file" "$family" -T tcp.srcport tcp.dstport "$label" tcp.seq tcp.checksum.status "$limit" >"$out" ;;
      esac
      check "as many probes as the summary says: $(wc -l <"$out"), $sent in ${file##*/}" [ "$(wc -l <"$out")" -eq "$sent" ]
      check "ports, or identifier and checksum" one_value 1
      check "ports, or identifier and checksum" one_value 2
      check "protocol, or flow label" one_value 3
      check "each has a number of its own" all_differ 4
      check "every checksum is right" always 5 1
      check "hop limits from 1 to 11 and beyond: $(cut -d'|' -f6 "$out" | sort -nu | tr '\n' ' ')" \
        [ "$(cut -d'|' -f6 "$out" | sort -nu | head -n 11 | tr '\n' ' ')" = "1 2 3 4 5 6 7 8 9 10 11 " ]
    done
    if [ "$family" = 4 ]; then
      fields "$LAB_TMP/far.pcap" "$(ours 4) && !(tcp.flags.reset == 1)" ip.id ip.checksum.status >"$out"
      check "no identification is zero: the kernel would choose another" [ "$(grep -c '^0x0*|' "$out")" -eq 0 ]
      check "header checksums" [ "$(grep -vc '|1$' "$out")" -eq 0 ]
    fi
  done

  lab_case "--flows: each flow has ports of its own, and keeps them, IPv$family"
  tool_run a -n -q2 --flows 4 --pcap "$LAB_TMP/flows.pcap" "$where"
  probes "$LAB_TMP/flows.pcap" "$family" udp udp.srcport udp.dstport "$limit" >"$out"
  check "four source ports" [ "$(cut -d'|' -f1 "$out" | sort -u | wc -l)" -eq 4 ]
  check "one destination port" one_value 2
  check "each asks every hop twice" [ "$(awk -F'|' '$3 <= 11' "$out" | sort | uniq -c | awk '$1 == 2' | wc -l)" -ge 40 ]
done

lab_case "the times of the records are those of the file"
times() { # times METHOD...: hop, number and time in ms of each probe, of the records and of the file
  tool_run a -n -q1 --pcap "$LAB_TMP/times.pcap" "$@"
  check_status 0
  jq -r 'select(.event == "hop") | "\(.hop) \(.probes[0].rtt_ms)"' "$out" >"$LAB_TMP/said"
  python3 - "$LAB_TMP/times.pcap" "$LAB_TMP/said" <<'END'
import struct, sys
data = open(sys.argv[1], "rb").read()
nano = struct.unpack("<I", data[:4])[0] == 0xA1B23C4D
link = struct.unpack("<I", data[20:24])[0]
at, began, seen = 24, {}, {}
while at < len(data):
    seconds, part, size, _ = struct.unpack("<IIII", data[at:at + 16])
    frame, at = data[at + 16:at + 16 + size], at + 16 + size
    when = seconds * 10**9 + part * (1 if nano else 1000)
    packet = frame[20 if link == 276 else 14:]  # LINKTYPE_LINUX_SLL2, LINKTYPE_ETHERNET
    if packet[0] >> 4 != 4 or packet[9] not in (1, 17):
        continue
    if packet[9] == 17:
        began[packet[4:6]] = (packet[8], when)
    elif packet[20] in (3, 11) and packet[32:34] in began:
        hop, sent = began[packet[32:34]]
        seen.setdefault(hop, (when - sent) / 1e6)
said = dict(line.split() for line in open(sys.argv[2]))
wrong = [f"hop {hop}: {rtt} ms in the record, {seen.get(int(hop))} in the file" for hop, rtt in said.items()
         if abs(seen.get(int(hop), 1e9) - float(rtt)) > 0.002]
print(*wrong, sep="\n")
sys.exit(1 if wrong or len(said) != 11 else 0)
END
}
check "within two microseconds" times "$(target 4 1)"

lab_case "what is asked for is on the wire"
seen() { # seen OPTIONS...: the first probe as the first router gets it, in $out
  lab_capture r1 eth0 "$LAB_TMP/far.pcap" 'udp or icmp or tcp or icmp6'
  lab_run a "$TOOL" -n "$@"
  lab_stop "$lab_pid"
}
seen -q1 --dscp 46 --size 200 -F --source-port 40404 -p 40000 "$(target 4 1)"
probes "$LAB_TMP/far.pcap" 4 udp ip.dsfield.dscp ip.len ip.flags.df udp.srcport udp.dstport | sort -u >"$out"
check_out '^46\|200\|(1|True)\|40404\|40000$'
check "all alike" [ "$(wc -l <"$out")" -eq 1 ]
seen -q1 --tos 7 -l 74565 --size 300 --source-port 40405 "$(target 6 1)"
probes "$LAB_TMP/far.pcap" 6 udp ipv6.tclass ipv6.flow ipv6.plen udp.srcport | sort -u >"$out"
check_out '^0x0*7\|0x0*12345\|260\|40405$'
seen -q1 -I --tos 184 "$(target 4 1)"
probes "$LAB_TMP/far.pcap" 4 -I ip.dsfield.dscp ip.len | sort -u >"$out"
check_out '^46\|60$'
seen -q1 -T -p443 --profile windows "$(target 4 1)"
probes "$LAB_TMP/far.pcap" 4 -T tcp.option_kind tcp.options.mss_val tcp.window_size_value | sort -u >"$out"
check_out '\|1460\|64240$'
seen -q1 --ack -p443 "$(target 4 1)"
fields "$LAB_TMP/far.pcap" "$(ours 4) && tcp && !icmp" tcp.flags tcp.dstport tcp.checksum.status | sort -u >"$out"
check_out '^0x0*10\|443\|1$'
seen -q1 -U "$(target 4 1)"
probes "$LAB_TMP/far.pcap" 4 udp udp.dstport | sort -u >"$out"
check "port 53 and no other" [ "$(cat "$out")" = 53 ]

lab_case "-z: the least time between two probes"
gaps() { probes "$LAB_TMP/far.pcap" 4 udp frame.time_epoch | awk 'NR > 1 && $1 - last < least { short++ } { last = $1 } END { exit !(NR >= 5 && short == 0) }' least="$1"; }
seen -q1 -m8 -z 0.02 "$(target 4 1)"
check "twenty milliseconds apart" gaps 0.019
seen -q1 -m8 -z 20 "$(target 4 1)"
check "over ten it means milliseconds" gaps 0.019
seen -q1 -m8 --rate 50 "$(target 4 1)"
check "--rate 50" gaps 0.019

lab_case "the half-open connection is reset, and nothing is left behind"
seen -q1 -T -p443 "$(target 4 1)"
acks=$(fields "$LAB_TMP/far.pcap" 'tcp.flags == 0x012 && !icmp' tcp.ack | sort -u | wc -l)
resets=$(fields "$LAB_TMP/far.pcap" "$(ours 4) && tcp.flags.reset == 1" tcp.seq | sort -u | wc -l)
check "a RST for each SYN-ACK: $resets, $acks" [ "$resets" -ge 1 ]
check "none in SYN-RECV" [ -z "$(lab_in b ss -Hnt state syn-recv)" ]
check "no socket of ours" [ -z "$(lab_in a ss -Hntuap | grep -F diag-tracer)" ]

lab_case "--mtu sends no fragments"
seen --mtu "$(target 4 1)"
fields "$LAB_TMP/far.pcap" "$(ours 4) && udp && !icmp" ip.flags.mf ip.frag_offset ip.flags.df | sort -u >"$out"
check_out '^(0|False)\|0\|(1|True)$'
check "all alike" [ "$(wc -l <"$out")" -eq 1 ]

check_traceroute_law
lab_done

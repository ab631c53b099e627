#!/usr/bin/env bash
# The segments of diag-tcp as another reads them: tshark, over what --pcap wrote and what arrived at the far side.
# shellcheck disable=SC2016,SC2317
. "$(dirname "$0")/tcp_lib.sh"
command -v tshark >/dev/null || lab_skip "tshark is not installed"
lab_up pair
lab_start b "$LAB_DIR/tcp_server.py" 80=open

# fields FILE FILTER FIELD...: one line a frame, parted by bars; bad checksums and malformed packets are seen
fields() {
  local words=() field
  for field in "${@:3}"; do words+=(-e "$field"); done
  tshark -r "$1" -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE -o tcp.relative_sequence_numbers:FALSE -Y "$2" \
    -T fields -E separator='|' "${words[@]}" 2>/dev/null
}

profile() { # profile NAME WINDOW HOP-LIMIT OPTIONS MSS4 MSS6 SCALE: one SYN in all, whole and as written here
  local family target mss
  for family in 4 6; do
    lab_case "the SYN of profile $1, IPv$family"
    target=192.0.2.2 mss=$5
    [ "$family" = 4 ] || { target='[2001:db8::2]' mss=$6; }
    lab_run a "$TOOL" --profile "$1" --pcap "$LAB_TMP/$1-$family.pcap" "$target:80"
    check_status 0
    fields "$LAB_TMP/$1-$family.pcap" 'tcp.dstport == 80 && tcp.flags.syn == 1' tcp.checksum.status tcp.flags \
      tcp.window_size_value tcp.option_kind tcp.options.mss_val tcp.options.wscale.shift ip.ttl ipv6.hlim ip.checksum.status \
      _ws.malformed >"$out"
    check_out "^1\|0x0*2\|$2\|$4\|$mss\|$7\|$([ "$family" = 4 ] && echo "$3\|\|1" || echo "\|$3\|")\|\$"
    check "one SYN" [ "$(wc -l <"$out")" -eq 1 ]
  done
}
profile linux 64240 64 2,4,8,1,3 1460 1440 7
profile windows 64240 128 2,1,3,1,1,4 1460 1440 8
profile macos 65535 64 2,1,3,1,1,8,4,0,0 1460 1440 6
profile bare '[0-9]+' 64 '' '' '' ''

lab_case "what is asked for is on the wire, as the far side sees it"
lab_capture b eth0 "$LAB_TMP/far.pcap" tcp
capture=$lab_pid
lab_run a "$TOOL" --mss 1200 --wscale 3 --ttl 9 --dscp 46 --source-port 40404 192.0.2.2:80
check_status 0
lab_run a "$TOOL" --ack --source-port 40405 192.0.2.2:80
lab_run a "$TOOL" --fin --source-port 40406 192.0.2.2:81
lab_run a "$TOOL" --null --source-port 40407 192.0.2.2:81
lab_run a "$TOOL" --flags SYN,ECE,CWR --source-port 40408 192.0.2.2:80
lab_run a "$TOOL" --mss 1200 --wscale 3 --ttl 9 --dscp 46 --source-port 40409 '[2001:db8::2]:80'
lab_stop "$capture"
seen() { fields "$LAB_TMP/far.pcap" "tcp.srcport == $1" "${@:2}" >"$out"; }
seen 40404 tcp.options.mss_val tcp.options.wscale.shift ip.ttl ip.dsfield.dscp tcp.checksum.status
check_out '^1200\|3\|9\|46\|1$'
seen 40405 tcp.flags tcp.checksum.status && check_out '^0x0*10\|1$'
seen 40406 tcp.flags tcp.checksum.status && check_out '^0x0*1\|1$'
seen 40407 tcp.flags tcp.checksum.status && check_out '^0x0*\|1$'
seen 40408 tcp.flags tcp.checksum.status && check_out '^0x0*c2\|1$'
seen 40409 tcp.options.mss_val tcp.options.wscale.shift ipv6.hlim ipv6.tclass.dscp tcp.checksum.status
check_out '^1200\|3\|9\|46\|1$'

lab_case "the half-open connection is reset politely: a RST of the right number, and no other"
for port in 40404 40408 40409; do
  isn=$(fields "$LAB_TMP/far.pcap" "tcp.srcport == $port && tcp.flags.syn == 1" tcp.seq)
  fields "$LAB_TMP/far.pcap" "tcp.srcport == $port && tcp.flags.reset == 1" tcp.seq >"$out"
  check "one RST, its number one above the SYN's: $isn" [ "$(cat "$out")" = "$(((isn + 1) % 4294967296))" ]
done

lab_case "sequence numbers and ports do not repeat"
lab_run a "$TOOL" --pcap "$LAB_TMP/many.pcap" -r0 192.0.2.2:1-2000
fields "$LAB_TMP/many.pcap" 'tcp.flags.syn == 1 && tcp.flags.ack == 0' tcp.seq >"$out"
check "2,000 sequence numbers: $(sort -u "$out" | wc -l)" [ "$(sort -u "$out" | wc -l)" -ge 1999 ]
lab_done

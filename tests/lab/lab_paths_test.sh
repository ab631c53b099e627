#!/usr/bin/env bash
# The paths of the lab, as somebody else's traceroute sees them: the topologies are what they say, the path responder lives.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"
command -v traceroute >/dev/null || lab_skip "traceroute is not installed"

seen() { lab_run a traceroute -n -q1 -w 0.5 "$@"; }
rows() { sed -n 's/^ *[0-9]*  \([^ ]*\).*/\1/p' "$out" | tr '\n' ' '; }
chain4() { for ((hop = 1; hop <= $1; hop++)); do printf '192.0.2.%d ' "$((4 * hop - 3))"; done; printf '%s ' "$2"; }
chain6() { for ((hop = 1; hop <= $1; hop++)); do printf '2001:db8:0:%d::1 ' "$hop"; done; printf '%s ' "$2"; }
check_rows() { check "rows $(rows)" [ "$(rows)" = "$1" ]; }

lab_case "ten routers"
lab_up chain10
for where in 198.51.100.0 198.51.100.255; do seen "$where" && check_rows "$(chain4 10 "$where")"; done
seen -I 2001:db8:f::200 && check_rows "$(chain6 10 2001:db8:f::200)"
seen 2001:db8:f::8 && check_rows "$(chain6 10 2001:db8:f::8)"

lab_case "diamonds"
lab_up diamond
for want in '1 192.0.2.5' '2 192.0.2.13 192.0.2.5' '3 192.0.2.29 192.0.2.5' '4 192.0.2.13 192.0.2.21 192.0.2.29 192.0.2.5'; do
  # Eighty ports: one of four ways stays unseen in one run of 10^9.
  got=$(for _ in 1 2 3 4 5 6 7 8; do lab_in a traceroute -n -q10 -f2 -m5 "198.51.100.${want%% *}" | sed -n 2p; done |
    grep -oE '192\.0\.2\.[0-9]+' | sort -u | tr '\n' ' ')
  check "to .${want%% *} over $got" [ "${got% }" = "${want#* }" ]
done

lab_case "middleboxes"
lab_up middleboxes
seen 198.51.100.1 && check_rows "$(chain4 5 198.51.100.1)"
seen 2001:db8:f::1 && check_rows "$(chain6 5 2001:db8:f::1)"
seen -m5 198.51.100.11 && check_rows '192.0.2.1 192.0.2.5 * * * '
seen -m6 198.51.100.50 && check_rows '192.0.2.1 192.0.2.5 192.0.2.9 192.0.2.13 192.0.2.9 192.0.2.13 '
seen -m5 -T -p445 198.51.100.1 && check_rows '192.0.2.1 192.0.2.5 192.0.2.9 * * '
seen -m5 -T -p446 2001:db8:f::1 && check_rows "$(chain6 4 '*')"
seen -m5 -T -p139 198.51.100.1 && check_rows "$(chain4 4 198.51.100.1)"
seen -m5 -T -p3389 198.51.100.1 && check_out '^ 5  192\.0\.2\.13 .* !X'
seen --mtu 198.51.100.40 && check_out '^ 4  .* F=1400'
seen --mtu -m4 198.51.100.41 && check_out '^ 4  \*'
seen --back -s 203.0.113.1 198.51.100.1 && check_out "^ 3  192\\.0\\.2\\.9 '-6'"

lab_case "a made-up path"
lab_up - <<<'host a'
lab_start a "$LAB_DIR/path_responder.py" "--owner=$LAB_OWNER" --ready-fd=1 198.51.100.0/24 2001:db8:f::/64 from=192.0.2.1 from=2001:db8::1 \
  198.51.100.2=6,2:ext=mpls,3:ext=interface,4:no-quote,5:silent 2001:db8:f::2=4,2:ext=mpls 198.51.100.3=5,3:honest/silent
made() { if [ "$1" = 4 ]; then seq -f '203.0.113.%g' 1 "$2"; else seq -f '2001:db8:c::%g' 1 "$2"; fi | tr '\n' ' '; }
for method in -U -I -T; do
  seen "$method" 198.51.100.9 && check_rows "$(made 4 4)198.51.100.9 "
  seen "$method" 2001:db8:f::9 && check_rows "$(made 6 4)2001:db8:f::9 "
done
seen -e 198.51.100.2 && check_out '^ 2  203\.0\.113\.2 <MPLS:L=16001,E=5,S=1,T=1>'
check_out '^ 3  203\.0\.113\.3 <2/15:00000011,00010000,cb00714d'
check_rows '203.0.113.1 203.0.113.2 203.0.113.3 * * 198.51.100.2 '
seen -e 2001:db8:f::2 && check_out '^ 2  2001:db8:c::2 <MPLS:L=16001'
lab_run a traceroute -n -q2 -w 0.5 198.51.100.3
check_out '^ 3  203\.0\.113\.3  [0-9.]+ ms \*$'
"$LAB_DIR/path_responder.py" 198.51.100.0/24 198.51.100.1=5,2:no-such >"$out" 2>"$err"
status=$?
check_status 2
check_err '^path_responder: no such fault: no-such'
lab_done

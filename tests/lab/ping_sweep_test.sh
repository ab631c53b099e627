#!/usr/bin/env bash
# Many targets: all found, none twice, the right verdict for each, flat memory, and target files that are wrong.
# shellcheck disable=SC2016,SC2317  # jq's dollars; functions called by name, through check
. "$(dirname "$0")/ping_lib.sh"
most_kib=16384

# sweep NODE OPTIONS...: as lab_run, with the peak of the resident memory in $peak.
sweep() {
  lab_run "$1" /usr/bin/time -o "$LAB_TMP/peak" -f %M "$PING" "${@:2}"
  peak=$(tail -n1 "$LAB_TMP/peak")
}
all_of_198_18() { python3 -c '
for high in range(256):
    for low in range('"$1"', 256, '"$2"'):
        print(f"198.18.{high}.{low}")'; }

lab_case "65,536 addresses that answer, with what is the default"
lab_up pair
sweep a --alive 198.18.0.0/16
check_status 0
check "less than 16 MiB: $peak KiB" [ "$peak" -lt "$most_kib" ]
all_of_198_18 0 1 >"$LAB_TMP/all"
check "each of them once: $(sort -u "$out" | wc -l) of $(wc -l <"$out") lines" cmp -s <(sort "$LAB_TMP/all") <(sort "$out")
check "nothing on stderr" [ ! -s "$err" ]

lab_case "P22: the sequence number wraps three times"
sweep a --json -q -i 0 -c 200000 -W 5 192.0.2.2
check_status 0
check_records 'summary | .received == 200000 and .duplicates == 0 and (.rejected | not)'
cp "$out" "$ping_kept/wraps.quiet.json"

lab_case "the same as records: one summary each"
sweep a --json -q 198.18.0.0/16
check_status 0
check "65,536 of them alive" [ "$(grep -c '"event":"summary".*"state":"alive"' "$out")" -eq 65536 ]
check "one per address" [ "$(grep -o '"address":"[^"]*"' "$out" | sort -u | wc -l)" -eq 65536 ]
cp "$out" "$ping_kept/all.quiet.json"

lab_case "IPv6, and what is named twice is asked once"
sweep a --alive 2001:db8:a::/112 2001:db8:a::1:5 198.18.0.1-198.18.0.20 198.18.0.5-9 198.18.0.7
check_status 0
check "65,536 and 1 and 20 lines" [ "$(wc -l <"$out")" -eq $((65536 + 1 + 20)) ]
check "none twice" [ "$(sort -u "$out" | wc -l)" -eq $((65536 + 1 + 20)) ]

lab_case "the table is sorted as asked"
lab_run a "$PING" --sort address 198.18.0.40-198.18.0.60 198.18.0.7
check_status 0
grep -oE '198\.18\.0\.[0-9]+' "$out" >"$LAB_TMP/order"
check "by address" sort -c -t. -k4n "$LAB_TMP/order"
check "all of them" [ "$(sort -u "$LAB_TMP/order" | wc -l)" -eq 22 ]

lab_case "shards part the targets exactly"
for shard in 1 2 3; do
  lab_run a "$PING" --alive --shard "$shard/3" 198.18.0.0/24 198.18.0.250-198.18.1.20
  cat "$out" >>"$LAB_TMP/shards"
done
lab_run a "$PING" --alive 198.18.0.0/24 198.18.0.250-198.18.1.20
check "together they are the whole, no address in two" cmp -s <(sort "$LAB_TMP/shards") <(sort "$out")
check "277 of them" [ "$(wc -l <"$out")" -eq 277 ]

lab_case "-g, as fping has it"
lab_run a "$PING" -g --alive 198.18.0.10 198.18.0.19
check "ten addresses" [ "$(wc -l <"$out")" -eq 10 ]

lab_case "a file of a million lines, three of them bad"
# Twenty addresses, each named fifty thousand times: asked once.
awk 'BEGIN { for (i = 1; i <= 1000000; i++)
  if (i == 77777) print "198.18.0.300"; else if (i == 500000) print "198.18.0.1 198.18.0.2"
  else if (i == 999999) print "not/a/prefix"; else print "198.18.0." (i % 20) }' >"$LAB_TMP/targets"
sweep a --alive -f "$LAB_TMP/targets" --rate 0
check_status 2
check "the good ones ran" [ "$(sort -u "$out" | wc -l)" -eq 20 ]
check "none twice" [ "$(wc -l <"$out")" -eq 20 ]
for line in 77777 500000 999999; do check_err "^diag-ping: .*[: ]${line}[: ]"; done
check "a line for each bad one" [ "$(wc -l <"$err")" -eq 3 ]

lab_case "a target file with CRLF, a byte order mark, comments, from standard input"
printf '\xef\xbb\xbf198.18.0.1\r\n# nothing\r\n\r\n  198.18.0.2 # a host\r\n198.18.0.4/31' >"$LAB_TMP/odd"
lab_in a sh -c '"$0" --alive -f - <"$1" >"$2" 2>"$3"' "$PING" "$LAB_TMP/odd" "$out" "$err"
status=$?
check_status 0
check "four addresses" [ "$(sort "$out" | tr '\n' ' ')" = "198.18.0.1 198.18.0.2 198.18.0.4 198.18.0.5 " ]

lab_case "half of 65,536 are silent"
lab_up sweep-half
sweep a --json -q -W 0.3 198.18.0.0/16
check_status 1
check "less than 16 MiB: $peak KiB" [ "$peak" -lt "$most_kib" ]
cp "$out" "$ping_kept/half.quiet.json"
# 32,768 records are much for jq; the shape of a line is known.
sed -nE 's/.*"address":"([0-9.]+)".*"state":"([a-z]+)".*/\1 \2/p' "$out" >"$LAB_TMP/verdicts"
wrong=$(awk '{ split($1, octet, "."); if (($2 == "alive") != (octet[4] % 2 == 0) || ($2 == "silent") != (octet[4] % 2 == 1)) print }' "$LAB_TMP/verdicts" | wc -l)
check "the right verdict for each, wrong for $wrong" [ "$wrong" -eq 0 ]
check "65,536 verdicts" [ "$(wc -l <"$LAB_TMP/verdicts")" -eq 65536 ]

lab_case "the silent ones by name"
lab_run a "$PING" --unreachable -W 0.3 -r 0 198.18.7.0/24
check_status 1
check "every odd one" cmp -s <(all_of_198_18 1 2 | grep '^198\.18\.7\.' | sort) <(sort "$out")
lab_run a "$PING" --json -W 0.2 -r 2 198.18.7.0/28
cp "$out" "$ping_kept/retries.json"
check_records 'all(events("summary")[]; .sent == (if .state == "alive" then 1 else 3 end))'

check_ping_law
lab_done

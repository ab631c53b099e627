#!/bin/bash
# Bad arguments to diag-traceroute: one clean line each, whatever their octets, status 2, nothing sent.
# CVE-2023-46316 began with a wrapper that passed such words on.
here=$(dirname "$0")
source "$here/lib.sh"
source "$here/traceroute_lib.sh"

# refused WORDS...: a usage error, one line of printable text without the octets that were given.
refused() {
  run "$traceroute" "$@"
  expect_status 2
  expect_out ""
  expect_err_lines 1
  expect_err_has "diag-traceroute: "
  if LC_ALL=C grep -q '[^[:print:]]' <<<"$err"; then complain "expected printable stderr"; fi
  [ "${#err}" -lt 400 ] || complain "expected a short line"
}

long=$(head -c 5000 /dev/zero | tr '\0' 9)
numbers=('' ' ' 0x10 -1 +1 1e3 1.5.1 nan inf ' 1' '1 ' 99999999999999999999 "$long" $'1\n2' $'\e[31m' $'\xff\xfe' '%s%n' '`id`' '$(id)'
  "'" '"' $'1\t' 'abc' 1a)
for option in -q -f -m -N -p -t -l --size --source-port --mark --flows --report; do
  for value in "${numbers[@]}"; do
    refused "$option" "$value" 127.0.0.1
  done
done
for option in -z -W -w --rate --interval; do
  for value in '' ' ' -1 nan inf 1e3 1,5 "$long.1x" $'1\n' $'\e[2J' '0x1' 5parsecs; do
    refused "$option" "$value" 127.0.0.1
  done
done
for value in '' , 22,,80 0 65536 90-80 all -5 $'22\n80' "$long"; do
  refused --locate "$value" 127.0.0.1
  refused --locate 445 --control "$value" 127.0.0.1
done

# Option values that are missing, options that are not there, twice the same letter cut off.
for word in -q -m -z --locate --report --asn --expect --save --plot --dot --file; do refused "$word"; done
refused
refused --bogus 127.0.0.1
refused -Z 127.0.0.1
refused --max-hops= 127.0.0.1
refused --max-hops=0 127.0.0.1
refused --live=yes 127.0.0.1

# Targets: no octet of theirs reaches the terminal as it is, and no old notation of addresses is guessed at.
for target in '' ' ' $'a\nb' $'\e[31mred' $'127.0.0.1\r' 0x7f000001 2130706433 127.1 010.0.0.1 127.0.0.1.1 127.0.0.256 ::g ::1:: \
  192.0.2.0/33 192.0.2.9-192.0.2.1 "$long" '../../etc/passwd' '127.0.0.1 60'; do
  refused "$target"
done
# What could be a name is looked up as it stands, by no shell and no format string.
for target in '%n%n%n' '127.0.0.1;id'; do
  run "$traceroute" "$target"
  expect_status 3
  expect_err_lines 1
  expect_err_has "cannot resolve $target: "
done
# A packet length behind the host, as other programs take it, is no target.
refused 127.0.0.1 60
expect_err "diag-traceroute: '60' is no target; the length of the packet is --size 60 (see: diag-traceroute --help)"

# What may not stand together is named.
run "$traceroute" -I -T 127.0.0.1
expect_status 2
expect_err "diag-traceroute: options -I/--icmp and -T/--tcp exclude each other (see: diag-traceroute --help)"
run "$traceroute" -f 5 -m 4 127.0.0.1
expect_status 2
expect_err "diag-traceroute: option -f/--first: 5 is beyond -m/--max-hops, 4 (see: diag-traceroute --help)"
run "$traceroute" -A 127.0.0.1
expect_status 2
expect_err "diag-traceroute: option -A/--as needs a table: give --asn FILE, or set DIAG_ASN (see: diag-traceroute --help)"
run "$traceroute" --crit 'colour>1' 127.0.0.1
expect_status 2
expect_err_has "no metric 'colour'"
run "$traceroute" --crit 'findings>0' --mtu 127.0.0.1
expect_status 2
expect_err "diag-traceroute: option --crit: 'findings' needs a plain trace (see: diag-traceroute --help)"
run "$traceroute" --format nagios -q 0 127.0.0.1
expect_status 3
expect_out "TRACEROUTE UNKNOWN - option -q/--queries: '0' must be 1..100"

# A file with an octet that ends a line in its middle, a name that is none: told with the line's number.
need_trace
printf '127.0.0.1\n\033[31mred\n192.0.2.999\n' >"$scratch/list"
run "$traceroute" -n --file "$scratch/list"
expect_status 2
expect_err_lines 2
expect_err_has "line 2 of $scratch/list: cannot use target \\x1b[31mred"
expect_err_has "line 3 of $scratch/list: "
expect_out_has "reached 127.0.0.1 at hop 1"

finish_tests

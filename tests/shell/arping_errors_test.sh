#!/bin/bash
# What diag-arping says without a network: usage, interfaces that cannot be asked on, missing privileges. One line
# each, status 2 or 3, nothing sent.
here=$(dirname "$0")
source "$here/lib.sh"
arping=$bin/diag-arping
[ -x "$arping" ] || exit 77

refused() {
  run "$arping" "$@"
  expect_status 2
  expect_out ""
  expect_err_lines 1
  expect_err_has "diag-arping: "
  if LC_ALL=C grep -q '[^[:print:]]' <<<"$err"; then complain "expected printable stderr"; fi
  [ "${#err}" -lt 400 ] || complain "expected a short line"
}

long=$(head -c 5000 /dev/zero | tr '\0' 9)
for option in -c -r -C --ethertype; do
  for value in '' ' ' -1 +1 1e3 nan ' 1' 99999999999999999999 "$long" $'1\n2' $'\e[31m' $'\xff\xfe' '%s%n' '$(id)' abc 1a; do
    refused "$option" "$value" 192.0.2.1
  done
done
for option in -i -W -w --rate --linger; do
  for value in '' ' ' -1 nan inf 1,5 $'1\n' $'\e[2J' 0x1 5parsecs; do refused "$option" "$value" 192.0.2.1; done
done
for option in --source-mac --dest-mac --expect-mac --rarp --inarp; do
  for value in '' 00:11:22:33:44 00:11:22:33:44:55:66 00:11:22:33:44:5g 001122334455 $'00:11:22:33:44:55\n' "$long"; do
    refused "$option" "$value" 192.0.2.1
  done
done
refused --source-mac ff:ff:ff:ff:ff:ff 192.0.2.1
for value in '' 4095 -1 1.8 1. .1 1.1.1 "$long" $'1\n'; do refused --vlan "$value" 192.0.2.1; done
refused 2001:db8::/64
for word in -I -S --vlan --save --compare --expect-mac --announce; do refused "$word"; done
refused
refused --bogus 192.0.2.1
refused -Z 192.0.2.1
refused --framing token-ring 192.0.2.1

run "$arping"
expect_err "diag-arping: no target given (see: diag-arping --help)"
run "$arping" -U -A 192.0.2.1
expect_err "diag-arping: options -U and -A exclude each other (see: diag-arping --help)"
run "$arping" 2001:db8::/64
expect_err "diag-arping: 2001:db8::/64 cannot be asked for address by address (at most a /108): --local -6 finds who answers there (see: diag-arping --help)"
run "$arping" --crit 'colour>1' 192.0.2.1
expect_status 2
expect_err_lines 1
expect_err_has "no metric 'colour'"
run "$arping" --format nagios -c 0 192.0.2.1
expect_status 3
expect_out "ARPING UNKNOWN - option -c/--count: '0' must be 1..9223372036854775808"

# Without the capability: what is missing, and where to read of it.
if am_root && command -v setpriv >/dev/null; then
  run setpriv --reuid 65534 --clear-groups --inh-caps=-all "$arping" -c 1 192.0.2.1
  if [ "$status" -ne 126 ]; then  # the programs may lie where that user cannot go
    expect_status 3
    expect_out ""
    expect_err_lines 1
    expect_err_has "CAP_NET_RAW"
    expect_err_has "diag(7)"
  fi
fi

# From here on a packet socket is needed.
run "$arping" -c 1 -I lo 127.0.0.1
case $err in
  *CAP_NET_RAW*)
    [ "$failures" -eq 0 ] || finish_tests
    echo "skipped: $err"
    exit 77
    ;;
esac
expect_status 3
expect_out ""
expect_err "diag-arping: cannot ask on lo: it is the loopback interface, where nobody else is (name another with -I)"
for words in "127.0.0.1" "-D -I lo 192.0.2.1" "--local -I lo" "-I lo 00:00:5e:00:53:01" "-U -I lo 127.0.0.1"; do
  # shellcheck disable=SC2086
  run "$arping" -c 1 $words
  expect_status 3
  expect_err_has "it is the loopback interface"
  expect_err_lines 1
done
run "$arping" -c 1 -I nosuch0 192.0.2.1
expect_status 3
expect_err "diag-arping: cannot ask on nosuch0: no such interface (see: ip link)"
run "$arping" --dad --json -I nosuch0 192.0.2.1 192.0.2.3
expect_status 3
expect_err "diag-arping: cannot ask on nosuch0: no such interface (see: ip link)"
expect_out_has '"target":"192.0.2.3","address":"192.0.2.3","verdict":"cannot-tell"'
run "$arping" -c 1 -I averyveryverylongname 192.0.2.1
expect_status 2
run "$arping" -c 1 224.0.0.1
expect_status 3
expect_err "diag-arping: cannot ask for 224.0.0.1: it is a group, which nobody owns"
run "$arping" -c 1 fe80::1
expect_status 3
expect_err_has "every link may have one of this address"
run "$arping" -c 1 --json 127.0.0.1
expect_status 3
expect_out_has '"event":"summary"'
expect_out_has '"verdict":"cannot-tell"'
run "$arping" -c 1 --format nagios 127.0.0.1
expect_status 3
expect_out_has "ARPING UNKNOWN - "

for target in '' ' ' $'a\nb' $'\e[31mred' 0x7f000001 010.0.0.1 ::g 192.0.2.0/33 192.0.2.9-192.0.2.1 "$long" \
  00:11:22:33:44:5g:; do
  refused "$target"
done

# Files: bad lines are told with their numbers; a baseline that cannot be read sends nothing.
printf '127.0.0.1\n\033[31mred\n' >"$scratch/list"
run "$arping" -f "$scratch/list"
expect_status 3
expect_err_has "line 2 of $scratch/list: cannot use target \\x1b[31mred"
run "$arping" --compare "$scratch/missing" 127.0.0.1
expect_status 3
expect_err_has "missing"
printf 'not a baseline\n' >"$scratch/bad"
run "$arping" --compare "$scratch/bad" 127.0.0.1
expect_status 2
expect_out ""
expect_err_has "$scratch/bad"
ln -s /dev/null "$scratch/link"
run "$arping" --save "$scratch/link" 127.0.0.1
expect_status 3

finish_tests

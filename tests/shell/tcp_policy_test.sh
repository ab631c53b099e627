# A policy from file to exit status: reports read by others, baselines, comparisons, and every way to get it wrong.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tcp_lib.sh"

[ -x "$tcp" ] || exit 77
listen silent
open_port=$port
find_shut_port
cd "$scratch" || exit 99

cat >good.policy <<EOF
# Two rows, the second out of another file.
127.0.0.1 $open_port open "the listener"
include more.policy
EOF
printf '127.0.0.1 %s-%s closed|open\r\n' "$shut_port" $((shut_port + 1)) >more.policy
cat >bad.policy <<EOF
127.0.0.1 $open_port closed "<i>&'x' # SKIP"
127.0.0.1 $open_port,$shut_port open
127.0.0.1 $shut_port closed
EOF

# All as expected, with raw sockets (where there are any) and without.
for who in "" user; do
  prefix=()
  [ "$who" = user ] && prefix=("${as_user[@]}") && chmod 755 "$scratch" && chmod 644 ./*.policy
  run "${prefix[@]}" "$tcp" --policy good.policy
  expect_status 0
  expect_out_has "pass  good.policy:2  \"the listener\" 127.0.0.1 $open_port open: open (syn-ack) from 127.0.0.1"
  expect_out_has "pass  more.policy:1  127.0.0.1 $shut_port-$((shut_port + 1)) closed|open: 2 closed"
  expect_out_has "2 rows: 2 passed in "
  expect_err ""
done

# Rows that overlap ask a pair once, and each judges it. The contradiction is found before: rows 1 and 2.
run "$tcp" --policy bad.policy
expect_status 2
expect_out ""
expect_err "diag-tcp: bad.policy:2: port $open_port of 127.0.0.1 is to be open here and closed in bad.policy:1 (make one of the rows narrower)
diag-tcp: bad.policy:3: port $shut_port of 127.0.0.1 is to be closed here and open in bad.policy:2 (make one of the rows narrower)
diag-tcp: bad.policy: 2 errors; nothing was sent"
sed -i 2d bad.policy

# Reports, read by those they are for.
run "$tcp" --policy bad.policy --report text
expect_status 1
expect_out_has "FAIL  bad.policy:1  \"<i>&'x' # SKIP\" 127.0.0.1 $open_port closed: open (syn-ack)"
run "$tcp" -q --policy bad.policy
expect_status 1
expect_out_lacks "bad.policy:2"

if command -v prove >/dev/null; then
  "$tcp" --policy good.policy --report tap >good.tap
  run prove -e cat good.tap
  expect_status 0
  expect_out_has "Files=1, Tests=2,"
  "$tcp" --policy bad.policy --report tap >bad.tap
  run prove -v -e cat bad.tap
  expect_status 1
  expect_out_has "Failed 1/2 subtests"
  expect_out_lacks "skipped"
else
  echo "no prove: TAP is not read by its reader"
fi

if command -v xmllint >/dev/null; then
  for policy in good bad; do
    "$tcp" --policy $policy.policy --report junit >$policy.xml
    run xmllint --noout --schema "${DIAG_SOURCE_DIR:?}/tests/data/junit.xsd" $policy.xml
    expect_status 0
    "$tcp" --policy $policy.policy --report html >$policy.html
    run xmllint --noout $policy.html
    expect_status 0
  done
  run xmllint --xpath 'string(//failure/../@name)' bad.xml
  expect_out "<i>&'x' # SKIP"
  # The schema can say no.
  sed 's/<failure /<failing /; s#</failure>#</failing>#' bad.xml >worse.xml
  run xmllint --noout --schema "$DIAG_SOURCE_DIR/tests/data/junit.xsd" worse.xml
  [ "$status" -ne 0 ] || complain "the schema takes anything"
else
  echo "no xmllint: JUnit is not held against its schema"
fi

if command -v jq >/dev/null; then
  "$tcp" --policy bad.policy --report json >bad.json
  run jq -r 'select(.event=="test") | [.file,.line,.name,.target,.ports,.expectation,.passed,.shown[0].reason] | @tsv' bad.json
  expect_out "bad.policy	1	<i>&'x' # SKIP	127.0.0.1	$open_port	closed	false	syn-ack
bad.policy	2		127.0.0.1	$shut_port	closed	true	reset"
  run jq -r -s 'last | [.event,.tests,.passed,.failed,.errors,.skipped] | @tsv' bad.json
  expect_out "summary	2	1	1	0	0"
fi

# A baseline reads back and passes at once; what changes is told.
run "$tcp" -q --baseline base "127.0.0.1:$open_port,$shut_port" --expect 'open|closed'
expect_status 0
expect_err ""
if [ "$open_port" -lt "$shut_port" ]; then
  want="127.0.0.1 $open_port open
127.0.0.1 $shut_port closed"
else
  want="127.0.0.1 $shut_port closed
127.0.0.1 $open_port open"
fi
[ "$(grep -v '^#' base)" = "$want" ] || { out=$(cat base); complain "expected rows: $want"; }
[ "$(stat -c %a base)" = 600 ] || complain "a baseline is private"
run "$tcp" --policy base
expect_status 0
run "$tcp" --compare base
expect_status 0
expect_out "nothing changed: 2 results are as before"
sed -i "s/$shut_port closed/$shut_port open/" base
run "$tcp" --compare base
expect_status 1
expect_out_has "127.0.0.1:$shut_port: was open, now closed (reset)  [base:"
expect_out_has "1 changed"
run "$tcp" --compare base "127.0.0.1:$open_port,$((shut_port + 1))"
expect_status 1
expect_out_has "127.0.0.1:$((shut_port + 1)): new: closed (reset)"
expect_out_has "127.0.0.1:$shut_port: gone: was open"
expect_out_has "1 new, 1 gone"
if command -v prove >/dev/null; then
  "$tcp" --compare base --report tap "127.0.0.1:$open_port,$((shut_port + 1))" >changed.tap
  run prove -e cat changed.tap
  expect_status 1
  expect_out_lacks "Parse errors"
  [[ $err != *"Parse errors"* ]] || complain "TAP that prove reads"
fi
run "$tcp" --compare base --report tap
expect_status 1
expect_out_has "not ok "
# A policy may be measured and kept at once.
run "$tcp" -q --policy good.policy --baseline again
expect_status 0
run "$tcp" -q --policy again
expect_status 0
# Never through somebody's link, and known before anything is sent.
ln -s elsewhere link
run "$tcp" --baseline link "127.0.0.1:$open_port"
expect_status 3
expect_out ""
[ -e elsewhere ] && complain "followed the link"

# Nothing is sent by a dry run, nor by a policy with errors.
run "$tcp" --policy good.policy --dry-run
expect_status 0
expect_out_has "2 rows, 3 pairs of 1 address: 3 probes when all answer at once, 9 probes when none does; nothing was sent"
printf 'include wrong.policy\n127.0.0.1 0 open\n127.0.0.1 22 opne\n[::1]:80 80 open\n127.0.0.1\n127.0.0.1 1 open "a\n' >wrong.policy
run "$tcp" --policy wrong.policy
expect_status 2
expect_out ""
expect_err 'diag-tcp: wrong.policy:1: it includes wrong.policy, which is being read already: wrong.policy (take one of the includes out)
diag-tcp: wrong.policy:2: ports "0": port 0: must be 1..65535
diag-tcp: wrong.policy:3: unknown expectation "opne" (one of open, closed, filtered, rejected, unreachable, error)
diag-tcp: wrong.policy:4: target "[::1]:80": not an IPv6 address (ports stand in a word of their own: TARGET PORTS EXPECTATION)
diag-tcp: wrong.policy:5: PORTS is missing (write TARGET PORTS EXPECTATION [NAME])
diag-tcp: wrong.policy:6: the quote is not closed (end it with ")
diag-tcp: wrong.policy: 6 errors; nothing was sent'
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
  strace -f -e trace=connect,sendto,sendmsg,sendmmsg -o calls "$tcp" --policy wrong.policy 2>/dev/null
  grep -qE '^[0-9]+ +(connect|send[a-z]*)\(.*(AF_INET|sin)' calls && complain "something was sent: $(cat calls)"
fi
head -c 1025 /dev/zero | tr '\0' x >long.policy
run "$tcp" --policy long.policy
expect_status 2
expect_err_has 'long.policy:1: the line is longer than 1024 octets'
head -c 3000 /dev/urandom >noise.policy
run "$tcp" --policy noise.policy
expect_status 2
expect_out ""
run "$tcp" --policy /nonexistent/policy
expect_status 3
expect_err "diag-tcp: cannot read policy file /nonexistent/policy: No such file or directory"

# Standard input, and a name that leads nowhere: its row is an error, the others run.
"$tcp" --policy - --report tap <good.policy >stdin.tap 2>stdin.err
[ "$(grep -c '^ok' stdin.tap)" = 2 ] || { out=$(cat stdin.tap stdin.err); complain "a policy on standard input"; }
printf '127.0.0.1 %s open\nno-such-host.invalid 80 open\n' "$open_port" >name.policy
run "$tcp" --policy name.policy
expect_status 3
expect_out_has "pass  name.policy:1"
expect_out_has "ERR   name.policy:2  no-such-host.invalid 80 open: no address: "
expect_err_has "diag-tcp: name.policy:2: cannot resolve no-such-host.invalid: "

finish_tests

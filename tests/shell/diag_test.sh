# The front door: it lists, it hands over, it refuses.
. "$(dirname "$0")/lib.sh"

run "$bin/diag" --version
expect_status 0
expect_out "diag $("$bin/diag-ping" --version | sed 's/diag-ping //')"

run "$bin/diag" --help
expect_status 0
expect_out_has "  ping        is it alive, how far, how steady?"
expect_out_has "  traceroute  which way, and where does it stop?"
expect_out_has "  arping      who owns this address on this link?"
expect_out_lacks "pktgen"
listed=$out
run "$bin/diag"
expect_status 0
expect_out "$listed"

# Found beside itself although PATH knows nothing of it; arguments and status are the tool's.
run env PATH=/nonexistent "$bin/diag" ping --version
expect_status 0
expect_out_has "diag-ping "
run "$bin/diag" ping -c 0 127.0.0.1
expect_status 2
expect_err_has "diag-ping: option -c/--count"

for word in nothing ../ping '' -x 'a b'; do
  run "$bin/diag" "$word"
  expect_status 2
  expect_out ""
  expect_err_lines 1
  expect_err_has "diag: no tool '$word' (installed:"
  expect_err_has "ping"
done

command_line="diag --version >/dev/full"
"$bin/diag" --version >/dev/full 2>"$scratch/err"
status=$? out='' err=$(cat "$scratch/err")
expect_status 3
expect_err_has "cannot write standard output"

finish_tests

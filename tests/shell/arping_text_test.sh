#!/bin/bash
# --help and --version of diag-arping, and a stdout that cannot be written.
here=$(dirname "$0")
source "$here/lib.sh"
arping=$bin/diag-arping
[ -x "$arping" ] || exit 77

run "$arping" --version
expect_status 0
expect_err ""
case $out in "diag-arping "[0-9]*.[0-9]*.[0-9]*) ;; *) complain "expected a version" ;; esac
version=$out
run "$arping" -V
expect_out "$version"
run "$bin/diag" arping -V
expect_out "$version"

run "$arping" --help
expect_status 0
expect_err ""
help=$out
[ "$(grep -c '' <<<"$help")" -le 50 ] || complain "expected help on one screen"
expect_out_has "usage: diag-arping [options] TARGET..."
[ "$(sed -n '/^Examples/,$p' <<<"$help" | grep -c '^  diag-arping ')" -eq 3 ] || complain "expected three examples"
# Help is asked for: what else stands there does not matter.
run "$arping" -c nonsense -h
expect_status 0
expect_out "$help"

run "$bin/diag" --help
expect_out_has "arping      who owns this address on this link?"

"$arping" --help >/dev/full 2>"$scratch/err"
status=$? out="" err=$(cat "$scratch/err") command_line="diag-arping --help >/dev/full"
expect_status 3
expect_err_has "cannot write to standard output"

finish_tests

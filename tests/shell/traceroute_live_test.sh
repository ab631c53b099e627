# --live of diag-traceroute on a pseudo-terminal: refused where it cannot work, and the table stays behind where it can.
. "$(dirname "$0")/lib.sh"
run "$bin/diag-traceroute" -n -q 1 127.0.0.1
[ "$status" -eq 0 ] || { echo "skipped: $err"; exit 77; }
command -v script >/dev/null || { echo "skipped: no script(1)"; exit 77; }

run "$bin/diag-traceroute" --live 127.0.0.1
expect_status 3
expect_out ""
expect_err_lines 1
expect_err_has "cannot show the live view: "

on_terminal() { # on_terminal COMMAND: a shell command on a terminal of 24 by 80
  run script -qec "stty rows 24 cols 80; $1" /dev/null
}
on_terminal "TERM=dumb $bin/diag-traceroute --live 127.0.0.1"
expect_status 3
expect_out_has "(TERM=dumb) (run without --live)"

on_terminal "TERM=xterm LC_ALL=C.UTF-8 $bin/diag-traceroute -n --live --color never --interval 0.1 -w 1 127.0.0.1"
if [ "$status" -eq 3 ] && [ "${out#*libncursesw}" != "$out" ]; then
  echo "skipped: $out"
  exit 77
fi
expect_status 0
expect_out_has "$(printf '\033[?1049h')"
expect_out_has "Loss%"
# What comes after the screen was given back is what stays.
command_line="$command_line (after the screen)"
out=${out##*$(printf '\033[?1049l')}
expect_out_has "HOST "
expect_out_has "  1.|-- 127.0.0.1           0.0% "
expect_out_has "reached 127.0.0.1 at hop 1"

finish_tests

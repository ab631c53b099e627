# What the shell tests of diag-traceroute share: source it after lib.sh.
traceroute=$bin/diag-traceroute
[ -x "$traceroute" ] || exit 77
unset DIAG_ASN

# Whether this process may send whole packets: -T is refused without.
am_privileged() {
  timeout 10 "$traceroute" -n -T -m 1 -W 0.2 127.0.0.1 >/dev/null 2>&1
  [ $? -ne 3 ]
}

# Ends the script as skipped where this user may not even trace through datagram sockets.
need_trace() {
  run "$traceroute" -n 127.0.0.1
  [ "$status" -eq 0 ] && return
  echo "skipped: $err"
  exit 77
}

# What diag-ping prints for Prometheus passes promtool's parser and linter.
set -u
command -v promtool >/dev/null || exit 77
text=$("$DIAG_BIN_DIR/diag-ping" --format openmetrics -c 2 -i 0.01 127.0.0.1 127.0.0.2)
status=$?
# 3: this user may open no ICMP socket here at all.
[ "$status" -eq 3 ] && exit 77
[ "$status" -eq 0 ] || { echo "diag-ping ended with $status"; exit 1; }
complaints=$(promtool check metrics <<<"$text" 2>&1) || { echo "$complaints"; echo "$text"; exit 1; }
[ -z "$complaints" ] || { echo "$complaints"; exit 1; }
grep -q '^diag_ping_rtt_seconds{target="127.0.0.2",address="127.0.0.2",quantile="0.5"} 0\.0' <<<"$text" ||
  { echo "no median for the second target"; echo "$text"; exit 1; }
[ "$(tail -n 1 <<<"$text")" = "# EOF" ] || { echo "no end mark"; exit 1; }

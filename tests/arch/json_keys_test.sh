# Every key of a record is in its tool's section of diag-json(5), and every key defined there exists.
. "$(dirname "$0")/lib.sh"

page=man/diag-json.5
common='event time tool'

# keys_hold SECTION LEAST HEADER...: the keys of these headers, at least so many, are those of the section.
keys_hold() {
  local section=$1 least=$2 in_code in_page key
  shift 2
  in_code=$(sed 's|//.*||' "$@" | tr '\n' ' ' | grep -oE '[a-z0-9_]+ = "[a-z0-9_]+"' | sed 's/.*"\(.*\)"/\1/' | sort -u)
  in_page=$(awk -v section="$section" '/^\.Sh / { inside = $2 == section } inside && /^\.It Va / { print $3 }' "$page" | sort -u)
  [ "$(printf '%s\n' "$in_code" | wc -l)" -ge "$least" ] || fail "found suspiciously few keys in $*: $in_code"
  for key in $(comm -23 <(printf '%s\n' "$in_code") <(printf '%s\n' "$in_page")); do
    fail "$key is in $* and not in section $section of $page"
  done
  for key in $(comm -13 <(printf '%s\n' "$in_code") <(printf '%s\n' "$in_page")); do
    fail "$key is in section $section of $page and not in $*"
  done
}

for key in $common; do
  grep -q "^\.It Va $key " "$page" || fail "$key, which every record has, is not in $page"
done
keys_hold ARPING 60 libdiag/report/neighbor_records.hpp
keys_hold PING 40 libdiag/report/ping_records.hpp
keys_hold TCP 80 libdiag/report/tcp_records.hpp libdiag/report/policy_records.hpp
keys_hold TRACEROUTE 90 libdiag/report/traceroute_records.hpp

finish

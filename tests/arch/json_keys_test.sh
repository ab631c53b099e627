# Every key of a record is in diag-json(5), and every key that page defines exists.
. "$(dirname "$0")/lib.sh"

page=man/diag-json.5
in_code=$(sed 's|//.*||' libdiag/report/ping_records.hpp | tr '\n' ' ' | grep -oE '[a-z0-9_]+ = "[a-z0-9_]+"' | sed 's/.*"\(.*\)"/\1/' | sort -u)
in_page=$(grep -E '^\.It Va ' "$page" | awk '{ print $3 }' | sort -u)
common='event
time
tool'

[ "$(printf '%s\n' "$in_code" | wc -l)" -ge 40 ] || fail "found suspiciously few keys in the code: $in_code"
for key in $(comm -23 <(printf '%s\n' "$in_code") <(printf '%s\n' "$in_page")); do
  fail "$key is in libdiag/report/ping_records.hpp and not in $page"
done
for key in $(comm -13 <(printf '%s\n%s\n' "$in_code" "$common" | sort -u) <(printf '%s\n' "$in_page")); do
  fail "$key is in $page and not in libdiag/report/ping_records.hpp"
done

finish

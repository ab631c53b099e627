# The manual pages are clean mdoc.
. "$(dirname "$0")/lib.sh"

command -v mandoc >/dev/null || exit 77
pages=$(find man -name '*.[0-9]')
[ -n "$pages" ] || fail "no manual pages"
for page in $pages; do
  # Not findings: a cross reference to a page of another package, and the date's age.
  found=$(mandoc -T lint -W style "$page" 2>&1 | grep -vE 'referenced manual not found|missing date|outdated mandoc')
  [ -z "$found" ] || fail "$found"
done

finish

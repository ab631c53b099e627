# Shared by the tests of the house's own rules: what to say, and code without its comments.
set -u
cd "${DIAG_SOURCE_DIR:?names the source tree}" || exit 99
failures=0

fail() {
  printf '%s\n' "$*"
  failures=$((failures + 1))
}

finish() {
  [ "$failures" -eq 0 ] && exit 0
  printf '%s rule(s) broken\n' "$failures"
  exit 1
}

# code FILE...: "file:line:text" without comments and without what stands in quotes (but for includes).
code() {
  awk '{ if ($0 !~ /^#include/) gsub(/"([^"\\]|\\.)*"/, "\"\""); sub(/\/\/.*/, ""); print FILENAME ":" FNR ":" $0 }' "$@"
}

# sources DIR...: every C++ file below.
sources() {
  find "$@" -name '*.[ch]pp' | sort
}

# forbid WHY PATTERN FILE...: no line of code may match the extended regular expression.
forbid() {
  local why=$1 pattern=$2 found
  shift 2
  [ $# -eq 0 ] && return
  found=$(code "$@" | grep -E "^[^:]*:[0-9]+:.*($pattern)")
  [ -n "$found" ] && fail "$why:
$found"
}

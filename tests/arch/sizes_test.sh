# A file can be read at one sitting.
. "$(dirname "$0")/lib.sh"

limit() { # limit LINES FILE...
  local most=$1 found
  shift
  found=$(awk -v most="$most" 'FNR == most + 1 { print FILENAME " has more than " most " lines: split it by idea" }' "$@" 2>&1)
  [ -n "$found" ] && fail "$found"
}
limit 200 $(find libdiag tools -name '*.hpp')
limit 450 $(find libdiag tools -name '*.cpp')
limit 79 $(find tools -name main.cpp)
limit 700 $(find tests -name '*.[ch]pp' -o -name '*.sh' -o -name '*.py')
limit 200 ARCHITECTURE.md

# The first line of every file says what it is.
found=$(awk 'FNR == 1 && !/^\/\/ ...../ { print FILENAME " does not begin with a line that says what it is" }' \
  $(sources libdiag tools tests))
[ -n "$found" ] && fail "$found"

finish

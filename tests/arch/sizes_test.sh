# A file can be read at one sitting.
. "$(dirname "$0")/lib.sh"

limit() { # limit LINES FILE...
  local most=$1 file lines
  shift
  for file in "$@"; do
    [ -e "$file" ] || { fail "$file is missing" && continue; }
    lines=$(wc -l <"$file")
    [ "$lines" -le "$most" ] || fail "$file has $lines lines, $most is the limit: split it by idea"
  done
}
limit 200 $(find libdiag tools -name '*.hpp')
limit 450 $(find libdiag tools -name '*.cpp')
limit 79 $(find tools -name main.cpp)
limit 700 $(find tests -name '*.[ch]pp' -o -name '*.sh' -o -name '*.py')
limit 200 ARCHITECTURE.md

# The first line of every file says what it is.
for file in $(sources libdiag tools tests); do
  head -n 1 "$file" | grep -qE '^// .{5,}' || fail "$file does not begin with a line that says what it is"
done

finish

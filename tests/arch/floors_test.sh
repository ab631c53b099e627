# Includes run down only, never up, never sideways; each outside library has its floor.
. "$(dirname "$0")/lib.sh"

declare -A below=(
  [core]="core"
  [wire]="core|wire"
  [craft]="core|craft"
  [probe]="core|wire|craft|probe"
  [io]="core|wire|craft|probe|io"
  [report]="core|wire|craft|probe|report"
)

for floor in "${!below[@]}"; do
  files=$(sources "libdiag/$floor")
  [ -n "$files" ] || fail "libdiag/$floor holds no source"
  # shellcheck disable=SC2086
  found=$(code $files | grep -E '#include "' | grep -vE "#include \"libdiag/(${below[$floor]})/")
  [ -n "$found" ] && fail "libdiag/$floor may include libdiag/(${below[$floor]}) alone, by path from the root:
$found"
done

# The io floor hosts machines; it knows the contract, and no machine.
found=$(code $(sources libdiag/io) | grep -E '#include "libdiag/probe/' | grep -v 'probe/machine\.hpp"')
[ -n "$found" ] && fail "libdiag/io may know of probe/ only machine.hpp:
$found"

elsewhere() { # elsewhere KEPT-PATTERN: every source of the tree but those
  sources libdiag tools | grep -vE "$1"
}
forbid "libnet belongs in craft/" '#include <libnet' $(elsewhere '^libdiag/craft/')
forbid "libpcap belongs in io/" '#include <pcap' $(elsewhere '^libdiag/io/')
forbid "Asio belongs in io/" '#include <boost/asio' $(elsewhere '^libdiag/io/')
forbid "libmnl belongs in io/" '#include <libmnl' $(elsewhere '^libdiag/io/')
forbid "CLI11 belongs in tools/" '#include <CLI' $(elsewhere '^tools/')
forbid "fmt belongs in report/ and tools/" '#include <fmt' $(elsewhere '^libdiag/report/|^tools/')
forbid "ncurses belongs in tools/" '#include <(n?curses|term)' $(elsewhere '^tools/')
forbid "below io nothing knows of descriptors, streams or clocks" \
  '#include <(unistd\.h|fcntl\.h|poll\.h|sys/|netinet/|arpa/|linux/|net/|time\.h|ctime|iostream|fstream|print)' \
  $(sources libdiag/core libdiag/wire libdiag/probe)
forbid "a machine writes no text" '#include <(cstdio|fmt|format|sstream)' $(sources libdiag/probe)

finish

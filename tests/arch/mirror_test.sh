# A source has a test: of its own name (tests/<floor>/<source>_test.cpp), or one that includes its header, or a
# reason here why not.
. "$(dirname "$0")/lib.sh"

declare -A reason=(
  [libdiag/craft/finish.cpp]="checksums and lengths of a frame: frame_test"
  [libdiag/craft/plan.cpp]="the order in which libnet is called: frame_test"
  [libdiag/io/message_batch.cpp]="sendmmsg and recvmmsg: icmp_socket_test and the lab"
  [tools/ping/curses.cpp]="needs a terminal; what it shows is live_screen's, which live_test reads"
)

missing=0
for source in $(find libdiag tools -name '*.cpp' ! -name main.cpp | sort); do
  floor=$(basename "$(dirname "$source")")
  case $source in tools/*) floor=tools ;; esac
  stem=$(basename "$source" .cpp)
  test_file=tests/$floor/${stem}_test.cpp
  shell_file=tests/shell/${stem}_test.sh
  header=${source%.cpp}.hpp
  if [ -e "$test_file" ] || [ -e "$shell_file" ] || grep -rqF --include='*_test.cpp' "#include \"$header\"" tests; then
    [ -n "${reason[$source]:-}" ] && fail "$source has a test by now: take it off the list"
  elif [ -z "${reason[$source]:-}" ]; then
    echo "warning: $source has neither $test_file nor a reason"
    missing=$((missing + 1))
  fi
done
for source in "${!reason[@]}"; do
  [ -e "$source" ] || fail "$source is on the list and not in the tree"
done
[ "$missing" -le "${DIAG_UNTESTED_LIMIT:-12}" ] || fail "$missing sources have no test of their own"

finish

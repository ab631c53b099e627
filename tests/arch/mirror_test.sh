# A source has a test: of its own name (tests/<floor>/<source>_test.cpp), or one that includes its header, or a
# reason here why not.
. "$(dirname "$0")/lib.sh"

declare -A reason=(
  [libdiag/craft/finish.cpp]="checksums and lengths of a frame: frame_test"
  [libdiag/craft/plan.cpp]="the order in which libnet is called: frame_test"
  [libdiag/io/capture.cpp]="needs a packet socket: tests/lab, and tap_reader_test for what it reads"
  [libdiag/io/entropy.cpp]="one system call"
  [libdiag/io/error_queue.cpp]="what the kernel puts there: driver_test, stream_set_test"
  [libdiag/io/event_wait.cpp]="epoll and signals: driver_test"
  [libdiag/io/message_batch.cpp]="sendmmsg and recvmmsg: driver_test and tests/lab"
  [libdiag/io/pcap_library.cpp]="dlopen: tests/lab"
  [libdiag/io/probe_socket_receive.cpp]="what the kernel hands over: the driver tests"
  [libdiag/io/stamped_sender.cpp]="sends for the sockets: link_socket_test and the driver tests"
  [libdiag/io/system_call_filter.cpp]="installed by drop_privileges: privilege_test"
  [libdiag/probe/address_claim_frames.cpp]="the frames of a claim: address_claim_test"
  [libdiag/probe/address_claim_one.cpp]="one target of an address_claim: address_claim_test, address_claim_hold_test"
  [libdiag/probe/mac_search_questions.cpp]="mac_search_test"
  [libdiag/probe/mda_graph.cpp]="mda_course_test"
  [libdiag/probe/mda_walk.cpp]="one target of an mda_course: mda_course_test"
  [libdiag/probe/mtu_sizes.cpp]="mtu_course_test"
  [libdiag/probe/mtu_walk.cpp]="one target of an mtu_course: mtu_course_test"
  [libdiag/probe/neighbor_hearing.cpp]="the half of neighbor_run that hears: neighbor_run_test"
  [libdiag/probe/neighbor_watch.cpp]="neighbor_run_test, from new owners to silence"
  [libdiag/probe/neighbor_event.cpp]="two words: tests/tools/arping_records_test"
  [libdiag/probe/path_quotes.cpp]="the half of path_exchange that reads quotes: path_exchange_test"
  [libdiag/probe/path_verdict.cpp]="path_exchange_test"
  [libdiag/report/policy_records.cpp]="a table; tests/tools/policy_report_test reads what it gives"
  [tools/arping/baseline_input.cpp]="--compare: tests/shell/arping_errors_test"
  [tools/arping/doors.cpp]="opens sockets: tests/shell and tests/lab"
  [tools/arping/help.cpp]="man_options_test and arping_options_test"
  [tools/arping/machine_config.cpp]="the other half of plan.hpp: arping_plan_test"
  [tools/arping/record_view.cpp]="--format: tests/shell and tests/lab"
  [tools/arping/records_claim.cpp]="the other half of records.hpp: arping_records_test"
  [tools/arping/session.cpp]="the run as a whole: tests/shell and tests/lab"
  [tools/arping/text_claim.cpp]="the other half of text_lines.hpp: arping_text_test"
  [tools/common/record_sink.cpp]="--format: tests/shell"
  [tools/common/curses.cpp]="needs a terminal; what it shows is a live_grid, which ping_live_test reads"
  [tools/common/frame_log.cpp]="--packets and --pcap: tests/lab"
  [tools/common/shell.cpp]="exit statuses and lost output: tests/shell"
  [tools/ping/doors.cpp]="opens sockets: tests/shell and tests/lab"
  [tools/ping/help.cpp]="man_options_test and tests/shell"
  [tools/ping/live.cpp]="needs a terminal: tests/shell/ping_live_test"
  [tools/ping/plot_log.cpp]="--plot: svg_plot_test and tests/shell"
  [tools/ping/record_view.cpp]="--format: tests/shell"
  [tools/ping/session.cpp]="the run as a whole: tests/shell and tests/lab"
  [tools/ping/session_mtu.cpp]="--mtu as a whole: tests/lab"
  [tools/tcp/doors.cpp]="opens sockets: tests/shell and tests/lab; lease_size: tcp_resume_test"
  [tools/tcp/help.cpp]="man_options_test and tcp_options_test"
  [tools/tcp/report_html.cpp]="policy_report_test, to the letter"
  [tools/tcp/report_json.cpp]="policy_report_test, to the letter"
  [tools/tcp/report_junit.cpp]="policy_report_test, to the letter"
  [tools/tcp/report_tap.cpp]="policy_report_test, to the letter"
  [tools/tcp/report_text.cpp]="policy_report_test, to the letter"
  [tools/tcp/session.cpp]="the run as a whole: tests/shell and tests/lab"
  [tools/traceroute/doors.cpp]="opens sockets: tests/shell and tests/lab"
  [tools/traceroute/help.cpp]="man_options_test and traceroute_options_test"
  [tools/traceroute/session.cpp]="the run as a whole: tests/shell and tests/lab"
  [tools/traceroute/session_build.cpp]="the run as a whole: tests/shell and tests/lab"
  [tools/tcp/suite_view.cpp]="--policy and --compare as a whole: tests/shell"
  [tools/traceroute/live_view.cpp]="needs a terminal: tests/shell/traceroute_live_test"
)

missing=0
for source in $(find libdiag tools -name '*.cpp' ! -name main.cpp | sort); do
  floor=$(basename "$(dirname "$source")")
  case $source in tools/*) floor=tools ;; esac
  stem=$(basename "$source" .cpp)
  test_file=tests/$floor/${stem}_test.cpp
  shell_file=tests/shell/${stem}_test.sh
  header=${source%.cpp}.hpp
  if [ -e "$test_file" ] || [ -e "$shell_file" ] || grep -rqF --include='*.[ch]pp' "#include \"$header\"" tests; then
    [ -n "${reason[$source]:-}" ] && echo "warning: $source has a test by now: take it off the list"
  elif [ -z "${reason[$source]:-}" ]; then
    echo "warning: $source has neither $test_file nor a reason"
    missing=$((missing + 1))
  fi
done
for source in "${!reason[@]}"; do
  [ -e "$source" ] || fail "$source is on the list and not in the tree"
done
[ "$missing" -le "${DIAG_UNTESTED_LIMIT:-5}" ] || fail "$missing sources have no test of their own"

finish

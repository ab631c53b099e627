# bash completion for diag-tcp(8); options are held against --help by tests/arch/man_options_test.sh.
_diag_tcp_hosts() {
  COMPREPLY+=($(compgen -A hostname -- "$1"))
}

_diag_tcp() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  # readline splits an option and its value at the '='.
  if [[ $word == '=' ]]; then
    word=
  elif [[ $before == '=' ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case $before in
    --format) COMPREPLY=($(compgen -W 'text json csv nagios openmetrics' -- "$word")) ;;
    --report) COMPREPLY=($(compgen -W 'tap junit json text html' -- "$word")) ;;
    --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")) ;;
    --flags) COMPREPLY=($(compgen -W 'SYN SYN,ECE,CWR ACK FIN RST FIN,PSH,URG none' -- "$word")) ;;
    --expect) COMPREPLY=($(compgen -W 'open closed filtered rejected unreachable error' -- "$word")) ;;
    -p | --ports) COMPREPLY=($(compgen -W 'all' -A service -- "$word")) ;;
    --profile) COMPREPLY=($(compgen -W 'linux windows macos bare' -- "$word") $(compgen -f -- "$word")) ;;
    --dscp)
      COMPREPLY=($(compgen -W 'ef va le df cs0 cs1 cs2 cs3 cs4 cs5 cs6 cs7 af11 af12 af13 af21 af22 af23
        af31 af32 af33 af41 af42 af43' -- "$word"))
      ;;
    -I | --interface) COMPREPLY=($(compgen -W "$(command ls /sys/class/net 2>/dev/null)" -- "$word")) ;;
    -f | --file | --pcap | --policy | --baseline | --compare) COMPREPLY=($(compgen -f -- "$word")) ;;
    -S | --source | -m | --mark | -t | --ttl | -c | --count | -i | --interval | -W | --timeout | -w | --deadline) ;;
    -r | --retries | --rate | --linger | --shard | --resume | --data | --mss | --wscale | --source-port | --flows) ;;
    --warn | --crit) ;;
    *)
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '--interface --source --mark --ttl --dscp --ports --count --interval --timeout
          --deadline --rate --retries --linger --file --shard --all-addresses --in-order --resume --connect --ack
          --fin --null --flags --data --banner --profile --mss --wscale --source-port --flows --policy --report
          --baseline --compare --dry-run --expect --open --numeric --quiet --verbose --color --format --json
          --packets --pcap --warn --crit --help --version' -- "$word"))
      else
        _diag_tcp_hosts "$word"
      fi
      ;;
  esac
}

complete -F _diag_tcp diag-tcp

# bash completion for diag-traceroute(8); options are held against --help by tests/arch/man_options_test.sh.
_diag_traceroute_hosts() {
  COMPREPLY+=($(compgen -A hostname -- "$1"))
}

_diag_traceroute() {
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
    --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")) ;;
    -p | --port | --locate | --control) COMPREPLY=($(compgen -A service -- "$word")) ;;
    --profile) COMPREPLY=($(compgen -W 'linux windows macos bare' -- "$word") $(compgen -f -- "$word")) ;;
    --dscp)
      COMPREPLY=($(compgen -W 'ef va le df cs0 cs1 cs2 cs3 cs4 cs5 cs6 cs7 af11 af12 af13 af21 af22 af23
        af31 af32 af33 af41 af42 af43' -- "$word"))
      ;;
    -i | --interface) COMPREPLY=($(compgen -W "$(command ls /sys/class/net 2>/dev/null)" -- "$word")) ;;
    --file | --pcap | --asn | --plot | --dot | --expect | --save) COMPREPLY=($(compgen -f -- "$word")) ;;
    -q | --queries | -f | --first | -m | --max-hops | -N | --window | -z | --sendwait | --size | -t | --tos) ;;
    -l | --flow-label | --source-port | -s | --source | --mark | -W | --timeout | -w | --deadline | --rate) ;;
    --report | --flows | --interval | --shard | --warn | --crit) ;;
    *)
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W ' --icmp --tcp --ack --udp --port --queries --first --max-hops --window --sendwait
          --dont-fragment --size --tos --dscp --flow-label --source-port --profile --interface --source --mark
          --timeout --deadline --rate --mtu --mda --locate --control --report --live --flows --interval --file
          --shard --all-addresses --doubletree --numeric --extensions --as --asn --quiet --verbose --color --format
          --json --packets --pcap --plot --dot --expect --save --warn --crit --help --version' -- "$word"))
      else
        _diag_traceroute_hosts "$word"
      fi
      ;;
  esac
}

complete -F _diag_traceroute diag-traceroute

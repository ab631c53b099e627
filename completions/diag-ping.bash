# bash completion for diag-ping(8); options are held against --help by tests/arch/man_options_test.sh.
_diag_ping_hosts() {
  COMPREPLY+=($(compgen -A hostname -- "$1"))
}

_diag_ping() {
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
    --sort) COMPREPLY=($(compgen -W 'address rtt loss target' -- "$word")) ;;
    --socket) COMPREPLY=($(compgen -W 'best raw datagram' -- "$word")) ;;
    --until) COMPREPLY=($(compgen -W 'up down' -- "$word")) ;;
    -M | --pmtudisc) COMPREPLY=($(compgen -W 'do dont want probe' -- "$word")) ;;
    --dscp)
      COMPREPLY=($(compgen -W 'ef va le df cs0 cs1 cs2 cs3 cs4 cs5 cs6 cs7 af11 af12 af13 af21 af22 af23
        af31 af32 af33 af41 af42 af43' -- "$word"))
      ;;
    -I | --interface) COMPREPLY=($(compgen -W "$(command ls /sys/class/net 2>/dev/null)" -- "$word")) ;;
    -f | --file | --pcap | --plot) COMPREPLY=($(compgen -f -- "$word")) ;;
    -S | --source | -m | --mark | -t | --ttl | -Q | --tos | -s | --size | -p | --pattern | -c | --count | -i | --interval) ;;
    -W | --timeout | -w | --deadline | --rate | -r | --retries | --shard | --warn | --crit | --max-loss) ;;
    *)
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '-4 -6 --interface --source --mark --ttl --dscp --tos --size --pattern --pmtudisc
          --no-loopback --broadcast --socket --count --interval --timeout --deadline --adaptive --flood --rate --until
          --file --generate --retries --alive --unreachable --sort --shard --all-addresses --mtu --timestamp
          --numeric --quiet --verbose --audible --timestamps --outstanding --format --json --packets --pcap --live
          --plot --color --warn --crit --max-loss --strict --help --version' -- "$word"))
      else
        _diag_ping_hosts "$word"
      fi
      ;;
  esac
}

complete -F _diag_ping diag-ping

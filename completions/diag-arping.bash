# bash completion for diag-arping(8); options are held against --help by tests/arch/man_options_test.sh.
_diag_arping() {
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
    --framing) COMPREPLY=($(compgen -W 'ethernet snap llc' -- "$word")) ;;
    --announce) COMPREPLY=($(compgen -W 'request reply' -- "$word")) ;;
    -I | --interface) COMPREPLY=($(compgen -W "$(command ls /sys/class/net 2>/dev/null)" -- "$word")) ;;
    -f | --file | --pcap | --save | --baseline | --compare) COMPREPLY=($(compgen -f -- "$word")) ;;
    -S | --source | --source-mac | --dest-mac | --vlan | --ethertype | -c | --count | -C | --replies) ;;
    -i | --interval | -W | --timeout | -w | --deadline | --rate | -r | --retries | --linger | --shard) ;;
    --rarp | --inarp | --expect-mac | --expect-count | --warn | --crit) ;;
    *)
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W ' --interface --source --source-mac --dest-mac --vlan --ethertype --framing
          --broadcast --unicast --count --replies --interval --timeout --deadline --rate --retries --linger
          --check --no-check --local --file --shard --all-addresses --dad --announce --defend --rarp --inarp
          --watch --numeric --quiet --verbose --audible --format --json --packets --pcap --color --help
          --version --expect-mac --expect-free --expect-count --save --baseline --compare --warn --crit' -- "$word"))
      else
        # Whom this host has met lately is a likely target.
        COMPREPLY=($(compgen -W "$(ip neigh 2>/dev/null | awk '{ print $1 }')" -- "$word"))
        COMPREPLY+=($(compgen -A hostname -- "$word"))
      fi
      ;;
  esac
}

complete -F _diag_arping diag-arping

# Help, manual and completion name the same options: those that the program knows.
. "$(dirname "$0")/lib.sh"

compare() { # compare WHAT LEFT RIGHT
  local only
  only=$(comm -23 <(printf '%s\n' "$2") <(printf '%s\n' "$3"))
  [ -n "$only" ] && fail "$1: $(echo $only)"
}

options_agree() { # options_agree TOOL: at least 60 of them
  local name=diag-$1 tool=${DIAG_BIN_DIR:?}/diag-$1 page=man/diag-$1.8 completion=completions/diag-$1.bash
  local in_help in_page in_completion long option
  [ -x "$tool" ] || exit 77
  in_help=$("$tool" --help | grep -oE '(^|[ ,])-{1,2}[A-Za-z0-9][-A-Za-z0-9]*' | grep -oE '\-{1,2}[A-Za-z0-9].*' | sort -u)
  # mdoc writes an option as "Fl c" or "Fl -count"; only the list entries (.It) and their alternatives define one.
  in_page=$(grep -E '^\.It Fl' "$page" | grep -oE 'Fl [-A-Za-z0-9]+' | sed 's/^Fl /-/' | sort -u)
  [ "$(printf '%s\n' "$in_help" | wc -l)" -ge 60 ] || fail "$name --help names suspiciously few options: $in_help"
  compare "in $name --help and not in $page" "$in_help" "$in_page"
  compare "in $page and not in --help" "$in_page" "$in_help"

  in_completion=$(grep -oE '(^|[ "=(])--[a-z][-a-z0-9]*' "$completion" | grep -oE -- '--[a-z].*' | sort -u)
  long=$(printf '%s\n' "$in_help" | grep '^--')
  compare "long options that $completion lacks" "$long" "$in_completion"
  compare "in $completion and not in --help" "$in_completion" "$long"

  # Every option of --help is accepted: an unknown one is answered by name.
  for option in $in_help; do
    case $option in -h | --help | -V | --version) continue ;; esac
    "$tool" "$option" 2>&1 </dev/null | grep -qiE 'not expected|unknown option|not recognized' && fail "$option is in $name --help and refused"
  done
}

options_agree arping
options_agree ping
options_agree tcp
options_agree traceroute

finish

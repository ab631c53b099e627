# bash completion for the front door diag(8): the tools that are installed, then what the tool itself completes.
_diag() {
  local word=${COMP_WORDS[COMP_CWORD]}
  if ((COMP_CWORD == 1)); then
    local tools
    tools=$("${COMP_WORDS[0]}" --help 2>/dev/null | awk '/^  [a-z]/ { print $1 }')
    COMPREPLY=($(compgen -W "$tools --help --version" -- "$word"))
    return
  fi
  local tool=diag-${COMP_WORDS[1]} handler=_diag_${COMP_WORDS[1]}
  if ! declare -F "$handler" >/dev/null; then
    local file
    for file in "${BASH_SOURCE[0]%/*}/$tool" "${BASH_SOURCE[0]%/*}/$tool.bash"; do
      [[ -r $file ]] && . "$file" && break
    done
  fi
  declare -F "$handler" >/dev/null || return
  COMP_WORDS=("$tool" "${COMP_WORDS[@]:2}")
  COMP_CWORD=$((COMP_CWORD - 1))
  "$handler"
}

complete -F _diag diag

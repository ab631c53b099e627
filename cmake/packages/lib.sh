# shellcheck shell=bash
# Steps with progress and a log, and the packages a step needs. Sourced by quickstart and tests/run.
#
#   steps_begin PROGRAM LOG
#   step "configuring" cmake --preset release      or exits, saying which step failed and why
#   packages_install required|wanted LIST...       a step of its own; nothing is done when nothing is missing

packages_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

steps_begin() {
  steps_program=$1
  steps_log=$2
  mkdir -p "$(dirname "$steps_log")" && : >"$steps_log" || exit 3
}

# Shows the last line of what runs: over and over in one place on a terminal, else one line every ten seconds.
steps_show() {
  local title=$1 line last=$SECONDS width
  width=$(tput cols 2>/dev/null || echo 80)
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$steps_log"
    line=${line##*$'\r'}
    if [ -t 2 ]; then
      printf '\r\033[K%.*s' "$((width - 1))" "$title: $line" >&2
    elif [ $((SECONDS - last)) -ge 10 ]; then
      last=$SECONDS
      printf '      %.100s\n' "$line" >&2
    fi
  done
}

# step TITLE CMD...: one line when it begins (on a terminal: while it runs) and the time it took.
step() {
  local began=$SECONDS status title mark
  title="$steps_program: $1"
  shift
  [ -t 2 ] || printf '%s\n' "$title" >&2
  printf '== %s: %s\n' "$title" "$*" >>"$steps_log"
  mark=$(wc -l <"$steps_log")
  "$@" </dev/null 2>&1 | steps_show "$title"
  status=${PIPESTATUS[0]}
  if [ "$status" -eq 0 ]; then
    [ -t 2 ] && printf '\r\033[K%s: done in %d s\n' "$title" "$((SECONDS - began))" >&2
    return 0
  fi
  [ -t 2 ] && printf '\r\033[K' >&2
  {
    printf '%s: failed with status %d%s\n' "$title" "$status" "$(steps_why "$mark")"
    tail -n "+$((mark + 1))" "$steps_log" | tail -n 15 | sed 's/^/  | /'
    printf 'The whole log: %s\n' "$steps_log"
  } >&2
  return "$status"
}

# What the log since line $1 says about the reason, in the user's words.
steps_why() {
  local said
  said=$(tail -n "+$(($1 + 1))" "$steps_log")
  case $said in
    *"Temporary failure resolving"* | *"Could not resolve"* | *"Failed to fetch"*) printf ': no way to the package servers' ;;
    *"Could not get lock"* | *"Unable to acquire"*) printf ': another package manager is running' ;;
    *"Packages need to be removed"*) printf ': installed packages stand in the way, and nothing is removed without asking' ;;
    *"Unable to locate package"*) printf ': this release does not have a package' ;;
    *"No space left"*) printf ': the disk is full' ;;
    *"internal compiler error: Killed"* | *"Killed signal"*) printf ': out of memory' ;;
    *"Permission denied"*) printf ': not allowed' ;;
    *" error: "* | *"FAILED: "*) printf ': it does not compile' ;;
    *"CMake Error"*) sed -n '/CMake Error/{s/^/: /;p;q}' <<<"$said" ;;
  esac
}

# The lines of package lists, without comments.
packages_of() {
  local list
  for list in "$@"; do sed 's/#.*//; s/[[:space:]]*$//; /^$/d' "$packages_dir/$list.txt"; done
}

# package_fits "NAME [>= VERSION]" VERSION: is a package of that version what the list asks for?
package_fits() {
  local wanted=${1#*>=}
  [ -n "$2" ] && [ "$2" != "(none)" ] || return 1
  [ "$wanted" = "$1" ] || dpkg --compare-versions "$2" ge "${wanted// /}"
}

package_installed() {  # prints the version
  dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1" 2>/dev/null | awk '$1 == "installed" { print $2; exit }'
}

package_candidate() { apt-cache policy "$1" 2>/dev/null | awk '$1 == "Candidate:" { print $2 }'; }

# packages_missing LIST...: the name to install for every line nothing installed fits; `?LINE` where this release has none.
packages_missing() {
  local line one name choice alternatives
  while IFS= read -r line; do
    choice="?$line"
    IFS='|' read -ra alternatives <<<"$line"
    for one in "${alternatives[@]}"; do
      one=$(sed 's/^ *//; s/ *$//' <<<"$one")
      name=${one%% *}
      package_fits "$one" "$(package_installed "$name")" && continue 2
      [ "${choice:0:1}" = "?" ] && package_fits "$one" "$(package_candidate "$name")" && choice=$name
    done
    printf '%s\n' "$choice"
  done < <(packages_of "$@")
}

# A package that is a service (prometheus) is installed for its tools: it must not start.
packages_apt_install() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends --no-remove \
    -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@"
)

# `required`: exits when something cannot be had; `wanted`: says so and goes on.
packages_install() {
  local need=$1 missing=() absent=()
  shift
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    printf '%s: not Debian or Ubuntu: the packages in cmake/packages are yours to install\n' "$steps_program" >&2
    return 0
  fi
  mapfile -t missing < <(packages_missing "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    printf '%s: missing packages: %s\n  as root: apt-get install %s\n' "$steps_program" "${missing[*]#\?}" "${missing[*]#\?}" >&2
    [ "$need" = wanted ]
    return
  fi
  # A stale list is no reason to give up: what it still names may be there.
  step "refreshing the package lists" apt-get update -o DPkg::Lock::Timeout=120 || true
  mapfile -t missing < <(packages_missing "$@")
  mapfile -t absent < <(printf '%s\n' "${missing[@]}" | sed -n 's/^?//p')
  mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sed '/^?/d')
  if [ "${#absent[@]}" -gt 0 ]; then
    printf '%s: this release has no package for: %s\n' "$steps_program" "$(printf '%s; ' "${absent[@]}")" >&2
    [ "$need" = wanted ] || return 1
  fi
  [ "${#missing[@]}" -eq 0 ] && return 0
  step "installing ${#missing[@]} packages (${missing[*]})" packages_apt_install "${missing[@]}" || [ "$need" = wanted ]
}

# Steps of the gate: run, timed, counted. Sourced by `run`.

begin() { # FOLDER [GLOB…]: logs go to the folder; only steps that match a glob are run
  logs=$1; shift
  wanted=("$@")
  declare -gA pending=()
  passed=0 failed=0 failures=() began_all=$SECONDS
  mkdir -p "$logs"
  trap 'kill $(jobs -p) 2>/dev/null' EXIT # what runs beside the steps ends with them
}

step() { # NAME SECONDS COMMAND…
  local name=$1; shift
  is_wanted "$name" || return 0
  perform "$name" "$@"
  report "$name"
}

tests() { # a step whose output says `N passed, N failed`, perhaps many times; none passed is a failure
  local name=$1 log; shift
  is_wanted "$name" || return 0
  log=$(log_of "$name")
  perform "$name" "$@"
  local sums
  sums=$(sed -nE 's/.*\b([0-9]+) passed[;,] ([0-9]+) failed.*/\1 \2/p' "$log" | awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }')
  passed=$((passed + ${sums% *})) failed=$((failed + ${sums#* }))
  [ "${sums% *}" -gt 0 ] || { echo "no test passed" >>"$log"; echo "1 $(cut -d' ' -f2 "$log.end")" >"$log.end"; }
  report "$name" " (${sums% *} passed, ${sums#* } failed)"
}

background() { # like a step, beside the others; `finish NAME` waits for it and reports it
  is_wanted "$1" || return 0
  perform "$@" &
  pending[$1]=$!
}

finish() { # NAME
  is_wanted "$1" || return 0
  wait "${pending[$1]}"
  report "$1"
}

end() {
  local failure
  echo "whole gate: $((SECONDS - began_all)) s"
  for failure in "${failures[@]}"; do echo "failed: $failure"; done
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

is_wanted() {
  local glob
  [ ${#wanted[@]} -gt 0 ] || return 0
  # shellcheck disable=SC2053 # a glob it is
  for glob in "${wanted[@]}"; do [[ $1 == $glob ]] && return 0; done
  return 1
}

log_of() { echo "$logs/$(tr -cs '[:alnum:]\n' '-' <<<"$1").log"; }

perform() { # NAME SECONDS COMMAND…: leaves the status and the duration beside the log
  local log began=$SECONDS
  log=$(log_of "$1")
  timeout --kill-after=10 "$2" bash -c '"$@"' step "${@:3}" >"$log" 2>&1
  echo "$? $((SECONDS - began))" >"$log.end"
}

report() { # NAME [MORE]
  local log status seconds
  log=$(log_of "$1")
  read -r status seconds <"$log.end"
  if [ "$status" -eq 0 ]; then
    passed=$((passed + 1))
    echo "ok    $1: $seconds s${2:-}"
  else
    failed=$((failed + 1))
    failures+=("$1")
    { grep -E '^(FAIL|test .* FAILED$|error)' "$log"; tail -n 100 "$log"; } | sed 's/^/      /'
    [ "$status" -eq 124 ] && echo "      no end after $seconds s"
    echo "FAIL  $1: $seconds s${2:-}"
  fi
}

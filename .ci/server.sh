# The example server, fresh for one command. Sourced by `run`.

with_server() { # SERVER'S OPTION… -- COMMAND…: `--data TEMPORARY` is a new folder; URL in the command is the server's
  local options=() command=() data server url word status=1
  data=$(mktemp -d) || return
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    options+=("${1/#TEMPORARY/$data/chat}"); shift
  done
  shift
  "$target/debug/examples/chat_server" --listen 127.0.0.1:0 "${options[@]}" >"$data/out" 2>&1 &
  server=$!
  # shellcheck disable=SC2064 # the values of now
  trap "kill $server 2>/dev/null; rm -rf '$data'" EXIT
  for _ in $(seq 100); do
    url=$(sed -nE 's/.*listening on (http:[^ ]*).*/\1/p' "$data/out" | head -n 1)
    [ -n "$url" ] || ! kill -0 "$server" 2>/dev/null && break
    sleep 0.1
  done
  if [ -n "$url" ]; then
    for word in "$@"; do command+=("${word/#URL/$url}"); done
    "${command[@]}"
    status=$?
  fi
  if [ -z "$url" ] || ! kill -0 "$server" 2>/dev/null; then
    tail -n 20 "$data/out"
    echo "the server did not last"
    status=1
  fi
  kill "$server" 2>/dev/null
  wait "$server" 2>/dev/null
  rm -rf "$data"
  return "$status"
}

export -f with_server

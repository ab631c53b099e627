# What the shell tests of diag-tcp share: listeners on the loopback interface, and ports that nobody has.
#
# Usage: source lib.sh, then this; `listen KIND` sets $port. Listeners end with the script.

tcp=$bin/diag-tcp
listeners=()
end_listeners() {
  local one
  for one in "${listeners[@]}"; do kill "$one" 2>/dev/null; done
  rm -rf "$scratch"
}
trap end_listeners EXIT

# listen KIND [ADDRESS]: `silent` accepts and says nothing, `greeter` says "220 hello" and closes, `echo` sends back
# the first line, `shut` resets at once.
listen() {
  local told=$scratch/port.${#listeners[@]}
  python3 -c '
import socket, struct, sys, threading, time
kind, address = sys.argv[1], sys.argv[2]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
listener = socket.socket(family, socket.SOCK_STREAM)
listener.bind((address, 0))
listener.listen(64)
print(listener.getsockname()[1], flush=True)
def serve(peer):
    try:
        if kind == "greeter":
            peer.sendall(b"220 hello\r\n")
        elif kind == "echo":
            peer.sendall(peer.recv(100))
        elif kind == "shut":
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            peer.recv(1)
    except OSError:
        pass
    peer.close()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
' "$1" "${2:-127.0.0.1}" >"$told" 2>/dev/null &
  listeners+=($!)
  port=
  for _ in $(seq 200); do
    port=$(cat "$told" 2>/dev/null)
    [ -n "$port" ] && return
    sleep 0.02
  done
  echo "no listener"
  exit 1
}

# Some ports that nobody listens on: sets $shut_port, and the one after it is shut too.
find_shut_port() {
  shut_port=$(python3 -c '
import socket
while True:
    first, second = socket.socket(), socket.socket()
    first.bind(("127.0.0.1", 0))
    port = first.getsockname()[1]
    try:
        second.bind(("127.0.0.1", port + 1))
    except (OSError, OverflowError):
        continue
    print(port)
    break')
}

command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
as_user=()
if am_root && command -v setpriv >/dev/null; then
  as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all --)
  "${as_user[@]}" test -x "$tcp" || as_user=()
fi

# Stdout with every time as N.
masked_tcp() {
  printf '%s\n' "$out" | sed -E 's#rtt ([0-9.]+/)+[0-9.]+ ms#rtt N ms#; s/[0-9]+(\.[0-9]+)? ms/N ms/g; s/ +/ /g; s/ in [0-9.]+ (ms|s|us),/ in N,/; s/, [0-9]+ packets a second/, N packets a second/'
}
expect_masked_tcp() {
  local got
  got=$(masked_tcp)
  [ "$got" = "$1" ] || { out=$got; complain "expected (masked): $1"; }
}

#!/bin/sh
# Walks the README's questions on this machine: see the receive path and what is wrong with it, change
# it and undo that, measure it. Takes the path of the rxtune binary. Changes only devices that it makes
# itself.
set -eu
PATH=$(dirname "$(realpath "$1")"):$PATH
work=$(mktemp -d)
here=rxtune-demo-$$
there=$here-peer
cleanup() {
  ip netns del "$here" 2>/dev/null || true
  ip netns del "$there" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT INT TERM
cd "$work"

step() { printf '\n== %s\n' "$1"; }
# Runs a command below the line that says it; PREFIX stands before it, unsaid.
run() {
  printf '\n$ %s\n' "$*"
  ${prefix:-} "$@"
}

step "See it: how packets reach this machine's CPUs"
run rxtune show

step "Why is it slow: what grows or is set wrong, in three seconds"
# 2 says that there are findings.
run rxtune doctor --for 3s || [ $? = 2 ]

step "Change it, and undo that: a veth with 4 queues in a network namespace of its own"
if [ "$(id -u)" = 0 ]; then
  ip netns add "$here"
  ip netns add "$there"
  ip -n "$here" link add web0 numrxqueues 4 numtxqueues 4 type veth \
    peer name load0 numrxqueues 4 numtxqueues 4 netns "$there"
  ip -n "$here" addr add 192.0.2.1/24 dev web0
  ip -n "$there" addr add 192.0.2.2/24 dev load0
  ip -n "$here" link set web0 up
  ip -n "$there" link set load0 up
  prefix="ip netns exec $here"
  run rxtune set features.rx-gro=on queue.rps-cpus=0 web0 --state-dir state
  ip netns exec "$there" ping -q -i 0.01 -c 100 192.0.2.1 > /dev/null
  run rxtune show web0 --stage ring napi gro rps
  run rxtune verify --state-dir state
  run rxtune rollback --state-dir state
  prefix=
else
  echo "Skipped: namespaces need root. Run \"sudo make demo\" to see it."
fi

step "Measure it: three ways to share a listening port, ten seconds"
[ "$(id -u)" = 0 ] || echo "Over loopback: a veth between namespaces needs root."
run rxtune bench reuseport --modes shared-epoll,reuseport,uring --workers 2 --duration 500ms \
  --warm-up 100ms --repeat 5 --max-repeat 5 --no-locks

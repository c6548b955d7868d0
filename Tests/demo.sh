#!/bin/sh
# Shows this machine, then a throwaway network namespace with a 4-queue veth under a little
# traffic. Takes the path of the rxtune binary.
set -eu
rxtune=$1
echo "== rxtune show: this machine"
"$rxtune" show

if [ "$(id -u)" != 0 ]; then
  echo "== the second half makes a network namespace: run 'sudo make demo' to see it"
  exit 0
fi
here=rxtune-demo-$$
there=$here-peer
state=$(mktemp -d)
cleanup() {
  rm -rf "$state"
  ip netns pids "$there" 2>/dev/null | xargs -r kill 2>/dev/null || true
  ip netns del "$here" 2>/dev/null || true
  ip netns del "$there" 2>/dev/null || true
}
trap cleanup EXIT INT TERM
ip netns add "$here"
ip netns add "$there"
ip -n "$here" link add web0 numrxqueues 4 numtxqueues 4 type veth \
  peer name load0 numrxqueues 4 numtxqueues 4 netns "$there"
ip -n "$here" addr add 192.0.2.1/24 dev web0
ip -n "$there" addr add 192.0.2.2/24 dev load0
ip -n "$here" link set web0 up
ip -n "$there" link set load0 up
echo
echo "== rxtune set: GRO on, which gives each queue of a veth its NAPI instance"
ip netns exec "$here" "$rxtune" set features.rx-gro=on web0 --state-dir "$state"
ip netns exec "$there" ping -q -i 0.01 -c 100 192.0.2.1
echo
echo "== rxtune show web0: a 4-queue veth in a namespace of its own, after 100 pings"
ip netns exec "$here" "$rxtune" show web0
echo
echo "== rxtune rollback: as it was"
ip netns exec "$here" "$rxtune" rollback --state-dir "$state"

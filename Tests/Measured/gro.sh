#!/bin/sh
# Measures what GRO is worth to whom segments reach as a wire carries them: a host that loads a server over a
# veth, both in network namespaces of their own. The server's end neither has TSO nor GSO, so 64 kB of a
# response come in 45 packets. As root; the machine should do nothing else meanwhile.
#
#   Tests/Measured/gro.sh PROGRAM [OPTION of rxtune bench compare...]
set -eu
program=$(realpath "$1")
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
cat >"$work/gro.yaml" <<'PROFILE'
name: gro
summary: GRO on a veth
settings:
  features.rx-gro: on
PROFILE

# shellcheck disable=SC2016 # the inner shell's
unshare --net --mount --pid --fork --kill-child sh -euc '
  program=$1 work=$2
  shift 2
  mount -t sysfs sysfs /sys
  mount -t tmpfs tmpfs /run/netns 2>/dev/null || { mkdir -p /run/netns; mount -t tmpfs tmpfs /run/netns; }
  ip netns add far
  ip link set lo up
  ip link add near type veth peer name far netns far
  ip address add 10.88.0.1/24 dev near
  ip -n far address add 10.88.0.2/24 dev far
  ip link set near up
  ip -n far link set far up; ip -n far link set lo up
  ip netns exec far ethtool -K far tso off gso off
  ip netns exec far "$program" bench serve --workload rr --response-bytes 64k --host 10.88.0.2 --port 9000 --cpus 0 &
  sleep 1
  cd "$work"
  "$program" bench compare --profile none --profile ./gro.yaml near --target 10.88.0.2:9000 --state-dir "$work/state" \
    --workload rr --response-bytes 64k --connections 8 --cpus server=0 client=1 --duration 1s --repeat 12 "$@"
' sh "$program" "$work" "$@"

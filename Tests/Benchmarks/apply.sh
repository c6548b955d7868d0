#!/bin/sh
# How long a whole profile takes on a device of 64 queues, against the shell script that says the
# same by ethtool and sysfs; in a namespace of its own, as root. Runs of both are interleaved.
#
#   Tests/Benchmarks/apply.sh PROGRAM [ROUNDS]
set -eu
program=$(realpath "$1")
rounds=${2:-5}
ns=rxtune-bench-$$
work=$(mktemp -d)
trap 'ip netns del $ns 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM

ip netns add $ns
ip -n $ns link add rxt0 numrxqueues 64 numtxqueues 64 type veth \
  peer name rxt1 numrxqueues 64 numtxqueues 64
ip -n $ns link set rxt0 up
ip -n $ns link set rxt1 up
ip netns exec $ns ethtool -K rxt0 gro on

cat > "$work/wide.yaml" <<'END'
name: wide
settings:
  channels.rx: 64
  channels.tx: 64
  queue.rps-cpus: same-node
  queue.rps-flow-cnt: 256
  queue.xps-cpus: 0-1
  device.napi-defer-hard-irqs: 10
  device.gro-flush-timeout: 20000
  napi.irq-suspend-timeout: 20000000
  net.core.somaxconn: 8192
END
# irq-suspend-timeout has no file: the script leaves it out, and is spared that much.
cat > "$work/wide.sh" <<'END'
d=/sys/class/net/rxt0
ethtool -L rxt0 rx 64 tx 64
for q in $(seq 0 63); do
  echo 3 > $d/queues/rx-$q/rps_cpus
  echo 256 > $d/queues/rx-$q/rps_flow_cnt
  echo 3 > $d/queues/tx-$q/xps_cpus
done
echo 10 > $d/napi_defer_hard_irqs
echo 20000 > $d/gro_flush_timeout
echo 8192 > /proc/sys/net/core/somaxconn
END

reset() {
  ip netns exec $ns sh -c 'ethtool -L rxt0 rx 2 tx 2
    echo 0 > /sys/class/net/rxt0/napi_defer_hard_irqs
    echo 0 > /sys/class/net/rxt0/gro_flush_timeout
    echo 0 > /sys/class/net/rxt0/queues/rx-0/rps_cpus
    echo 4096 > /proc/sys/net/core/somaxconn'
  rm -rf "$work/state"
}
now() { date +%s%N; }

for round in $(seq "$rounds"); do
  reset
  start=$(now)
  ip netns exec $ns "$program" apply "$work/wide.yaml" rxt0 --state-dir "$work/state" --json \
    > "$work/report"
  end=$(now)
  writes=$(sed -n 's/^  "writes": \([0-9]*\),*$/\1/p' "$work/report")
  ms=$(((end - start) / 1000000))
  reset
  start=$(now)
  ip netns exec $ns sh -e "$work/wide.sh"
  end=$(now)
  echo "round $round: rxtune $ms ms ($writes values read back and journaled," \
    "$((writes * 1000 / (ms > 0 ? ms : 1))) a second); script $(((end - start) / 1000000)) ms"
done

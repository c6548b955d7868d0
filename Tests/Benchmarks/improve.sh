#!/bin/sh
# What `rxtune improve` says where the truth is known: searches over loopback in a namespace of their own, as root.
#
#   Tests/Benchmarks/improve.sh PROGRAM [SEARCHES]
#
# 1. Eight candidates that change nothing: something is found in at most 5 % of searches.
# 2. A gain of 5 % among eight, planted by a server that spins: found, and the interval holds the truth.
# 3. A loss of 5 %, planted likewise: told from the base.
# 4. RPS over loopback, server and load on CPUs of their own: as large as `bench compare` finds it.
# 5. A receiver of datagrams on veth: GRO with threaded NAPI.
set -eu
program=$(realpath "$1")
searches=${2:-20}
here=$(dirname "$(realpath "$0")")
ns=rxtune-improve-$$
work=$(mktemp -d)
trap 'ip netns del $ns 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM
ip netns add $ns
ip -n $ns link set lo up
cc -O2 -Wall -Wextra -Werror -o "$work/planted" "$here/planted.c"

in_ns() { ip netns exec $ns "$@"; }
improve() { in_ns "$program" improve "$@" --state-dir "$work/state" --json 2>"$work/errors"; }
# The first line of JSON that names it: "verdict": "helps",
value() { sed -n "s/^ *\"$2\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" "$1" | head -n 1; }

length=/sys/class/net/lo/tx_queue_len
base=$("$work/planted" 1)
spin=$(awk "BEGIN { printf \"%d\", 0.05 * 1e9 / $base }")

# A loopback device has no queue: its length changes nothing.
null=0
for seed in $(seq "$searches"); do
  improve lo --command "'$work/planted' 0.2" --among link.tx-queue-len=901,902,903,904,905,906,907,908 \
    --budget 2m --seed "$seed" >"$work/report"
  case $(value "$work/report" verdict) in helps | trade) null=$((null + 1)) ;; esac
done
echo "8 candidates that change nothing: something found in $null of $searches searches"

# truth CANDIDATE-LENGTH: by turns, without any search.
truth() {
  awk "BEGIN { srand(1); for (i = 0; i < 20; i++) print i }" | while read -r _; do
    in_ns ip link set lo txqueuelen 1000 && a=$(in_ns sh -c "$1")
    in_ns ip link set lo txqueuelen 903 && b=$(in_ns sh -c "$1")
    echo "$a $b"
  done | awk '{ sum += log($2 / $1) } END { printf "%.4f\n", exp(sum / NR) }'
  in_ns ip link set lo txqueuelen 1000
}

gain="'$work/planted' 0.2 $spin $length 903 else"
true_gain=$(truth "$gain")
found=0 inside=0 spent=0
for seed in $(seq "$searches"); do
  improve lo --command "$gain" --among link.tx-queue-len=901,902,903,904,905,906,907,908 \
    --budget 20m --seed "$seed" >"$work/report"
  spent=$(awk "BEGIN { print $spent + $(value "$work/report" spent) }")
  grep -A 3 '"winner": \[' "$work/report" | grep -q '"link.tx-queue-len=903"' || continue
  [ "$(value "$work/report" verdict)" = helps ] || continue
  found=$((found + 1))
  low=$(sed -n '/"duel"/,$p' "$work/report" | sed -n 's/^ *"low": \([0-9.]*\),*$/\1/p' | head -n 1)
  high=$(sed -n '/"duel"/,$p' "$work/report" | sed -n 's/^ *"high": \([0-9.]*\),*$/\1/p' | head -n 1)
  awk "BEGIN { exit !($low <= $true_gain && $true_gain <= $high) }" && inside=$((inside + 1))
done
awk "BEGIN { printf \"planted gain of %.1f %%: found in $found of $searches searches, \" \
  \"inside its interval in $inside, %.0f s each\n\", ($true_gain - 1) * 100, $spent / $searches }"

loss="'$work/planted' 0.2 $spin $length 903"
true_loss=$(truth "$loss")
told=0
for seed in $(seq "$searches"); do
  improve lo --command "$loss" --among link.tx-queue-len=901,903,905,907 --budget 5m --seed "$seed" \
    >"$work/report"
  grep -A 2 '"name": "link.tx-queue-len=903"' "$work/report" | grep -q '"loses"' && told=$((told + 1))
done
awk "BEGIN { printf \"planted loss of %.1f %%: told in $told of $searches searches\n\", \
  (1 - $true_loss) * 100 }"

# The duel's interval, as percent.
duel() {
  sed -n '/"duel"/,$p' "$work/report" | awk -F '[:,]' '
    /"estimate"/ && !e { e = $2 } /"low"/ && !l { l = $2 } /"high"/ && !h { h = $2 }
    END { printf "%+.1f %% [%+.1f to %+.1f %%]", (e - 1) * 100, (l - 1) * 100, (h - 1) * 100 }'
}
improve lo --for rate --among queue.rps-cpus=0,1 --duration 1s --budget 5m >"$work/report"
echo "RPS over loopback: $(value "$work/report" verdict) $(duel), with" \
  "$(sed -n '/"winner"/,/\]/s/^ *"\(queue[^"]*\)".*/\1/p' "$work/report")"
winner=$(sed -n '/"winner"/,/\]/s/^ *"queue.rps-cpus=\([^"]*\)".*/\1/p' "$work/report")
printf 'name: rps\nsummary: RPS over loopback\nsettings:\n  queue.rps-cpus: "%s"\n' "${winner:-0}" \
  >"$work/rps.yaml"
in_ns "$program" bench compare lo --no-netns --profile none --profile "$work/rps.yaml" \
  --modes reuseport --duration 1s --repeat 15 --out "$work/compare" --state-dir "$work/state" 2>&1 \
  | grep -i 'rps' | head -n 3

"$program" improve --for rate --workload receive --mode reuseport --duration 1s --budget 5m --json \
  --among 'features.rx-gro=on + device.threaded=1' --among features.rx-gro=on --among device.threaded=1 \
  --state-dir "$work/state2" >"$work/report" 2>"$work/errors" || cat "$work/errors"
echo "A receiver on veth: $(value "$work/report" verdict) $(duel), with" \
  "$(sed -n '/"winner"/,/\]/s/^ *"\([a-z][^"]*\)".*/\1/p' "$work/report")"

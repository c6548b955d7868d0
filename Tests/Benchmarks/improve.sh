#!/bin/sh
# What `rxtune improve` says where the truth is known: searches over loopback in a namespace of their own, as root.
#
#   Tests/Benchmarks/improve.sh PROGRAM [SEARCHES [PART…]]
#
# null  Eight candidates that change nothing: something is found in at most 5 % of searches.
# gain  A gain of 5 % among eight, planted by a server that spins: found, and the interval holds the truth.
# loss  A loss of 5 %, planted likewise: told from the base.
# rps   RPS over loopback, server and load on CPUs of their own: as large as `bench compare` finds it.
# gro   A receiver of datagrams on veth: GRO with threaded NAPI.
set -eu
program=$(realpath "$1")
searches=${2:-20}
[ $# -lt 2 ] || shift
shift
parts=${*:-null gain loss rps gro}
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
for part in $parts; do
  case $part in null | gain | loss | rps | gro) ;; *) echo "$part is no part" >&2; exit 64 ;; esac
done
is_wanted() { case " $parts " in *" $1 "*) ;; *) return 1 ;; esac; }

# Nanoseconds of a spin that makes a transaction 5 % longer: reading the clock takes time of its own.
spin=0
while is_wanted gain || is_wanted loss; do
  base=$("$work/planted" 1)
  spun=$("$work/planted" 1 $spin $length "$(cat $length)")
  awk "BEGIN { exit !($base / $spun >= 1.05) }" && break
  spin=$((spin + 20))
done

# A loopback device has no queue: its length changes nothing.
if is_wanted null; then
  null=0
  for seed in $(seq "$searches"); do
    improve lo --command "'$work/planted' 0.1" --among link.tx-queue-len=901,902,903,904,905,906,907,908 \
      --least 2 --budget 2m --seed "$seed" >"$work/report"
    case $(value "$work/report" verdict) in helps | trade) null=$((null + 1)) ;; esac
  done
  echo "8 candidates that change nothing: something found in $null of $searches searches"
fi

# truth JUDGE: by turns, without any search.
truth() {
  for _ in $(seq 20); do
    in_ns ip link set lo txqueuelen 1000 && a=$(in_ns sh -c "$1")
    in_ns ip link set lo txqueuelen 903 && b=$(in_ns sh -c "$1")
    echo "$a $b"
  done | awk '{ sum += log($2 / $1) } END { printf "%.4f\n", exp(sum / NR) }'
  in_ns ip link set lo txqueuelen 1000
}

if is_wanted gain; then
  gain="'$work/planted' 0.1 $spin $length 903 else"
  true_gain=$(truth "$gain")
  found=0 inside=0 spent=0
  for seed in $(seq "$searches"); do
    improve lo --command "$gain" --among link.tx-queue-len=901,902,903,904,905,906,907,908 \
      --least 2 --budget 20m --seed "$seed" >"$work/report"
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
fi

if is_wanted loss; then
  loss="'$work/planted' 0.1 $spin $length 903"
  true_loss=$(truth "$loss")
  told=0
  for seed in $(seq "$searches"); do
    improve lo --command "$loss" --among link.tx-queue-len=901,903,905,907 --least 2 --budget 5m --seed "$seed" \
      >"$work/report"
    grep -A 2 '"name": "link.tx-queue-len=903"' "$work/report" | grep -q '"loses"' && told=$((told + 1))
  done
  awk "BEGIN { printf \"planted loss of %.1f %%: told in $told of $searches searches\n\", \
    (1 - $true_loss) * 100 }"
fi

# The duel's interval, as percent.
duel() {
  sed -n '/"duel"/,$p' "$work/report" | awk -F '[:,]' '
    /"estimate"/ && !e { e = $2 } /"low"/ && !l { l = $2 } /"high"/ && !h { h = $2 }
    END { if (e) printf "%+.1f %% [%+.1f to %+.1f %%]", (e - 1) * 100, (l - 1) * 100, (h - 1) * 100 }'
}
if is_wanted rps; then
  # On a virtual machine its interrupts to the other CPU cost more than they spread: the gain is to end it.
  in_ns sh -c 'echo 1 >/sys/class/net/lo/queues/rx-0/rps_cpus'
  improve lo --for rate --cpus server=0 client=1 --duration 1s --budget 5m \
    --among queue.rps-cpus=none --among queue.rps-cpus=1 >"$work/report"
  echo "No RPS over loopback: $(value "$work/report" verdict) $(duel), with" \
    "$(sed -n '/"winner"/,/\]/s/^ *"\(queue[^"]*\)".*/\1/p' "$work/report")"
  printf 'name: none\nsummary: No RPS\nsettings:\n  queue.rps-cpus: none\n' >"$work/no-rps.yaml"
  in_ns "$program" bench compare lo --no-netns --profile none --profile "$work/no-rps.yaml" \
    --cpus server=0 client=1 --workers 1 --duration 1s --repeat 15 --out "$work/compare" \
    --state-dir "$work/state" 2>&1 | grep 'than none'
fi

if is_wanted gro; then
  "$program" improve --for rate --workload receive --cpus server=0 client=1 --duration 1s --budget 5m --json \
    --among 'features.rx-gro=on + device.threaded=1' --among features.rx-gro=on --among device.threaded=1 \
    --state-dir "$work/state2" >"$work/report" 2>"$work/errors" || cat "$work/errors"
  echo "A receiver on veth: $(value "$work/report" verdict) $(duel), with" \
    "$(sed -n '/"winner"/,/\]/s/^ *"\([a-z][^"]*\)".*/\1/p' "$work/report")"
fi

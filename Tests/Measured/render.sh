#!/bin/sh
# Writes the pages and the README.md of a folder of results. Run it again after the words of reports
# change.
#
#   Tests/Measured/render.sh PROGRAM FOLDER
set -eu
program=$(realpath "$1")
cd "$2"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

# Of a folder that is not complete yet those that are there.
workloads=
for workload in crr rr udp-rr receive; do [ ! -e $workload.jsonl ] || workloads="$workloads $workload"; done
first=$(set -- $workloads; echo $1)
for workload in $workloads; do
  "$program" bench report $workload.jsonl --html $workload.html
  "$program" bench report $workload.jsonl > "$work/$workload"
done

# The report's paragraphs are tables and charts, then what the runs say, then warnings.
tables() { awk -v RS= -v ORS='\n\n' '{ part[NR] = $0 } END {
  last = NR - (part[NR] ~ /^warning: /) - 1
  for (i = 2; i <= last; i++) print part[i] }' "$work/$1" | sed '$d'; }
sentences() { awk -v RS= '{ part[NR] = $0 } END {
  print part[NR - (part[NR] ~ /^warning: /)] }' "$work/$1" | sed 's/^/- /'; }
warnings() { sed -n 's/^warning: /- /p' "$work/$1"; }

is_bypass() { grep -q '^{"session".*"bypass":{' $first.jsonl; }

{
  if is_bypass; then echo "# Kernel bypass, measured"; else echo "# Listen sockets, measured"; fi
  echo
  sed -n 1p "$work/$first"
  grep -o '[0-9-]* [0-9:]* UTC, rxtune [0-9.]*' $first.html | head -1
  # On emulated CPUs something else is measured.
  if is_bypass; then
    cat << 'END'

`make sweep-bypass` measures the kernel's sockets and what bypasses them under four workloads, one server
thread and one load thread on a CPU each. Each run has a fresh pair of network namespaces with a veth
between them and RPS at both ends; each round runs every server once, in random order. The load is always
on the kernel's stack. The results files hold the exact command and the machine's settings.

Trust ratios within one workload, which are paired round by round, unless a warning reports other load;
and CPU time of both ends. Do not trust ratios as those of a NIC: a veth has no wire and no DMA, and RPS
hands packets over by an interrupt to the other CPU, which leaves a virtual machine. Without RPS, when
each CPU does all for the packets that it sends, servers with a stack of their own gain more
([make bench-bypass](../README.md#kernel-bypass)).
END
  elif grep -q emulated-cpus $first.jsonl; then
    cat << 'END'

`make sweep-lab` measures all listener modes under three workloads, with up to 32 workers, over loopback
in a guest of the lab with 64 CPUs, which QEMU emulates on the few of its host. Each round runs every
mode once, in random order. The results files hold the exact command and the guest's settings; the times
of single CPUs and counters that did not move are left out of them.

CPU time per transaction is the work that a mode makes: under emulation it follows the instructions
executed, of which woken herds, empty wake-ups and walks of lists take more as workers are added. Trust
how it grows from few workers to many, and its ratio between modes. Do not trust throughput or latency,
because 64 CPUs share those of the host. Nothing here tells of cache lines that move between CPUs, which
cost nothing under emulation, or of waits for locks, which such a guest does not trace.
END
  else
    cat << 'END'

`make sweep` measures all listener modes under three workloads. Each run has a fresh pair of network
namespaces with a veth between them and RPS at both ends; each round runs every mode once, in random
order. The results files hold the exact command and the machine's settings.

Trust ratios within one workload, which are paired round by round, unless a warning reports other load;
and latency, CPU time and balance of modes side by side. Do not trust absolute rates where server and
load generator share CPUs, because they are the rates of both halves together; anything about queues,
interrupts and RSS, which a veth lacks; or anything about more CPUs than this machine has.
END
  fi
  for workload in $workloads; do
    case $workload in
      crr) title="Connect, request, response, close" ;;
      rr) title="Request and response on connections that stay open" ;;
      udp-rr) title="Request and response in datagrams" ;;
      receive) title="Datagrams that nobody answers" ;;
    esac
    printf '\n## %s\n\n' "$title"
    sed -n 2p "$work/$workload"
    printf '([page](%s.html), [results](%s.jsonl))\n\n' $workload $workload
    sentences $workload
    printf '\n```\n'
    tables $workload
    printf '```\n'
    if grep -q '^warning: ' "$work/$workload"; then
      printf '\nWarnings:\n\n'
      warnings $workload
    fi
  done
} > README.md

#!/bin/sh
# Measures the kernel's sockets and what bypasses them on this machine, and writes the results (JSON
# Lines), a file for each workload, and the pages that render.sh makes of them into a folder. As root, in
# network namespaces of its own; the machine should do nothing else meanwhile.
#
#   Tests/Measured/bypass.sh PROGRAM FOLDER [ROUNDS [SECONDS]]
set -eu
program=$(realpath "$1")
mkdir -p "$2"
folder=$(realpath "$2")
rounds=${3:-7}
seconds=${4:-1}
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

# By name, so that the command in the results is one that anybody can type; what it starts lies beside it.
mkdir "$work/bin"
for file in "$program" "${program%/*}"/rxtune-lwip "${program%/*}"/rxtune-dpdk; do
  [ ! -e "$file" ] || ln -s "$file" "$work/bin"
done
cd "$work"
for workload in crr rr udp-rr receive; do
  RXTUNE_LIBEXEC=$work/bin PATH=$work/bin:$PATH rxtune bench bypass --workload $workload \
    --duration "$seconds" --warm-up 0.25 --repeat "$rounds" --max-repeat "$rounds" \
    --out $workload > /dev/null
  mv $workload/results.jsonl "$folder/$workload.jsonl"
done
"$here/render.sh" "$program" "$folder"

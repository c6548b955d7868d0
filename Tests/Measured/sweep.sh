#!/bin/sh
# Measures every listener mode on this machine and writes the results (JSON Lines), a file for each
# workload, and the pages that render.sh makes of them into a folder. As root, in network namespaces
# of its own; the machine should do nothing else meanwhile.
#
#   Tests/Measured/sweep.sh PROGRAM FOLDER [ROUNDS [SECONDS [WORKERS]]]
set -eu
program=$(realpath "$1")
mkdir -p "$2"
folder=$(realpath "$2")
rounds=${3:-7}
seconds=${4:-1.4}
workers=${5:-1,2}
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

# By name, so that the command in the results is one that anybody can type.
mkdir "$work/bin"
ln -s "$program" "$work/bin/rxtune"
cd "$work"
for workload in crr rr udp-rr; do
  PATH=$work/bin:$PATH rxtune bench reuseport --workload $workload --workers "$workers" \
    --duration "$seconds" --warm-up 0.25 --repeat "$rounds" --max-repeat "$rounds" --netns --locks \
    --out $workload > /dev/null
done
for workload in crr rr udp-rr; do mv $workload/results.jsonl "$folder/$workload.jsonl"; done
"$here/render.sh" "$program" "$folder"

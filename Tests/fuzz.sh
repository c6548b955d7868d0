#!/bin/sh
# Fuzzes each target for so many seconds and prints how many inputs it ran.
# Usage: fuzz.sh SECONDS [TARGET…]
set -eu
seconds=$1
shift
build=.build-fuzz
# The crash handler of Swift's own would fight the sanitizer's.
export RXTUNE_FUZZ=1 SWIFT_BACKTRACE=enable=no

swift build -c release --scratch-path $build --product rxtune-fuzz >&2
fuzz=$PWD/$build/release/rxtune-fuzz
[ $# -gt 0 ] || set -- $($fuzz list)

failed=0
printf '%-10s %12s %10s  %s\n' target runs edges result
for target in "$@"; do
  corpus=$build/corpus/$target
  log=$build/$target.log
  mkdir -p "$corpus" $build/crashes
  "$fuzz" seeds "$target" "$corpus"
  result=ok
  "$fuzz" run "$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 \
    -print_final_stats=1 -artifact_prefix="$build/crashes/$target-" "$corpus" >"$log" 2>&1 || {
    result="FAILED: $log"
    failed=1
  }
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
  printf '%-10s %12s %10s  %s\n' "$target" "${runs:--}" "${edges:--}" "$result"
done
exit $failed

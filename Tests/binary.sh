#!/bin/sh
# binary.sh RXTUNE: what holds for the release binary alone, which is linked otherwise than the one
# that is tested: its size, its libraries and the oldest that they may be, and that nothing asks for
# what Sources/CStandIns leave out.
set -eu
export LC_ALL=C
binary=$1
limit=19000000
# The README says it.
oldest_glibc=2.34

fail() { echo "$binary: $*" >&2; exit 1; }

stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
strip -o "$stripped" "$binary"
size=$(stat -c %s "$stripped")
[ "$size" -le $limit ] || fail "$size bytes stripped, more than $limit: what does it link?"

needed=$(objdump -p "$binary" | awk '$1 == "NEEDED" { print $2 }' |
  grep -vE '^(libnl-3|libmnl|libc|libm|ld-linux.*)\.so' || true)
[ -z "$needed" ] || fail "needs $needed"

newer=$(objdump -T "$binary" | sed -n 's/.*(GLIBC_\([0-9.]*\)) *\(.*\)/\1 \2/p' | sort -V |
  awk -v oldest=$oldest_glibc '{ split($1, have, "."); split(oldest, may, ".") }
    have[1] > may[1] || have[1] == may[1] && have[2] + 0 > may[2] + 0')
[ -z "$newer" ] || fail "needs a glibc newer than $oldest_glibc, for $newer"
readelf -d "$binary" | grep -q BIND_NOW || fail "is not linked with -z now"

"$binary" show lo >/dev/null
"$binary" --help >/dev/null
error=$("$binary" show nosuch 2>&1) && fail "found a device nosuch"
case $error in "rxtune: error: no device 'nosuch'"*) ;; *) fail "$error" ;; esac

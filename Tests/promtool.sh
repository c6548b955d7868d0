#!/bin/sh
# promtool.sh FOLDER: puts promtool, of Debian's package prometheus, into FOLDER, and no more of it: the
# package brings a server, and is 96 MB with what it depends on.
set -eu
folder=$1
[ ! -x "$folder/promtool" ] || exit 0
mkdir -p "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq prometheus >/dev/null 2>&1 ||
  { $(command -v sudo || true) apt-get update -qq && apt-get download -qq prometheus >/dev/null; }
dpkg-deb --fsys-tarfile prometheus_*.deb | tar -xf - ./usr/bin/promtool
cd "$OLDPWD"
mv "$work/usr/bin/promtool" "$folder/promtool"

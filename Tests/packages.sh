#!/bin/sh
# packages.sh FOLDER CHECK...: what holds for the Debian packages that `make deb` left in FOLDER.
#   units        are those that `rxtune persist` writes where none are installed
#   lintian      no error of policy
#   autopkgtest  their own tests (packaging/debian/tests), in a copy of this system that is thrown away
#   piuparts     installed, removed and purged in a bare Debian, they leave nothing
set -eu
here=$(dirname "$0")
folder=$1
shift
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo

units_() {
  tree=$(cd "$folder/rxtune/debian/tree" && pwd)
  root=$(mktemp -d)
  "$tree/usr/bin/rxtune" persist spread lo --root "$root" >/dev/null
  for unit in systemd/system/rxtune@.service systemd/system/rxtune-watch.service \
    udev/rules.d/90-rxtune.rules; do
    # But for the first line, which says who wrote them.
    sed -e 1d -e "s|$tree/|/|" "$root/etc/$unit" | diff "$tree/usr/lib/$unit" -
  done
  rm -rf "$root"
}

lintian_() { lintian --allow-root --fail-on error "$folder"/*.changes; }

# All of autopkgtest's `null` happens on this machine: packages stay installed. So it gets an overlay.
autopkgtest_() {
  tree=$(mktemp -d)
  mkdir "$tree/rxtune"
  cp -r "$here/../packaging/debian" "$tree/rxtune"
  cp "$folder"/*.deb "$tree"
  rm "$tree"/*-dbgsym_*.deb
  $sudo unshare --mount --propagation private sh -euc '
    upper=$(mktemp -d)
    mount -t tmpfs tmpfs "$upper"
    mkdir "$upper/changes" "$upper/work" "$upper/root"
    mount -t overlay -o "lowerdir=/,upperdir=$upper/changes,workdir=$upper/work" overlay "$upper/root"
    for mounted in proc sys dev; do mount --rbind "/$mounted" "$upper/root/$mounted"; done
    for empty in run tmp; do mount -t tmpfs tmpfs "$upper/root/$empty"; done
    # Where a machine has it from outside its own disk.
    cat /etc/resolv.conf >"$upper/root/etc/resolv.conf" 2>/dev/null || true
    mkdir "$upper/root/tmp/packages"
    mount --bind "$1" "$upper/root/tmp/packages"
    exec chroot "$upper/root" sh -c "cd /tmp/packages && exec autopkgtest *.deb ./rxtune/ -- null"
  ' sh "$tree" || { status=$?; rm -rf "$tree"; return $status; }
  rm -rf "$tree"
}

# Its base system is made once.
piuparts_() {
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/rxtune-packages
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
  mkdir -p "$cache"
  if [ ! -e "$cache/$release.tar.gz" ]; then
    $sudo mmdebstrap --variant=minbase "$release" - "$mirror" | gzip -1 >"$cache/$release.new"
    mv "$cache/$release.new" "$cache/$release.tar.gz"
  fi
  $sudo piuparts --distribution "$release" --mirror "$mirror main" --basetgz "$cache/$release.tar.gz" \
    --no-eatmydata --no-upgrade-test --warn-on-leftovers-after-purge --log-level info \
    $(ls "$folder"/*.deb | grep -v dbgsym)
}

for check; do
  echo "packages: $check"
  "${check}_"
done

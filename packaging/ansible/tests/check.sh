#!/bin/sh
# check.sh lint                              lints the collection
# check.sh hosts RXTUNE [PYTEST ARGUMENT...]  runs it against three hosts of this machine, over SSH, as root
# What they need of PyPI and Debian is kept in the cache. Nothing is installed, no service starts, and all that is made
# ends with them, as it is in namespaces of its own.
set -eu
check=$1
shift
here=$(dirname "$(realpath "$0")")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/rxtune-fleet
packages=$cache/packages
python=$cache/python
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

mkdir -p "$packages"
if ! cmp -s "$here/requirements.txt" "$python/requirements.txt"; then
  python3 -m venv --clear "$python"
  "$python/bin/pip" install --quiet --requirement "$here/requirements.txt"
  cp "$here/requirements.txt" "$python"
fi
if [ ! -x /usr/sbin/sshd ] && [ -z "$(find "$packages" -name 'openssh-server_*')" ]; then
  (cd "$packages" && apt-get -qq -o APT::Sandbox::User=root download openssh-server libwrap0)
fi
export PATH="$python/bin:$PATH" PYTHONDONTWRITEBYTECODE=1

# ansible-test has environments of its own; its home is the cache. They begin with a pip from a host that
# not everybody reaches: here with that of Python.
sanity="validate-modules ansible-doc action-plugin-docs runtime-metadata import compile pep8 yamllint shebang ignores
  no-assert no-get-exception no-illegal-filenames no-smart-quotes line-endings empty-init replace-urlopen symlinks
  use-argspec-type-path use-compat-six"
lint() {
  collection=$work/ansible_collections/rxtune/rxtune
  mkdir -p "$collection" "$cache/home/.ansible/test/cache"
  cp -a "$here/.." "$collection"
  cd "$collection"
  git init --quiet .
  git add --all
  printf 'import ensurepip\nensurepip.bootstrap()\n' > "$cache/home/.ansible/test/cache/get_pip_24_2.py"
  export HOME="$cache/home" ANSIBLE_COLLECTIONS_PATH="$work" ANSIBLE_HOME="$work/home"
  # Where its status is asked for, `set -e` does not hold.
  ansible-lint --offline --profile production --nocolor -q || return 1
  # shellcheck disable=SC2046 # a list of names
  ansible-test sanity --color no --python "$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')" \
    $(printf -- '--test %s ' $sanity)
}

# The first process of their PID namespace: whatever the tests leave behind ends with them.
inside='
mount -t tmpfs -o mode=755 tmpfs /run
export TMPDIR=$1 && shift
exec "$@"'
hosts() {
  rxtune=$(realpath "$1")
  shift
  FLEET_RXTUNE=$rxtune FLEET_PACKAGES=$packages \
    unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private \
    sh -c "$inside" sh "$work" python -m pytest -p no:cacheprovider -q "$@" "$here"
}

case $check in
  lint) (lint) > "$work/lint.log" 2>&1 || { cat "$work/lint.log"; exit 1; } ;;
  hosts) hosts "$@" ;;
esac

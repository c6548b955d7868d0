#!/bin/bash
# prepare.sh [RXTUNE]: fetch what the lab boots and build its initramfs images, in a cache
# outside the repository. RXTUNE is the statically linked binary that the guests shall hold, with the
# programs of libexec that lie beside it.
#
# Nothing is installed: packages are unpacked under the cache, one folder a package version, and
# folders that the newest versions no longer need are removed. A run that finds everything there
# asks the network for nothing. `REFRESH=1` looks for newer packages.
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/rxtune-lab
binary=${1:-}

# Loaded by modalias, by `ip link add type …`, or by a test; those they need come along.
modules="virtio_pci virtio_net virtio_blk virtio_console igb vmxnet3 e1000 e1000e veth tun bonding
  8021q ifb dummy macvlan sch_ingress sch_mqprio act_mirred cls_matchall tcp_diag udp_diag
  uio_pci_generic vfio_pci vfio_iommu_type1"
# Debian's release after this system's: its backports have the newest kernel.
next_release=trixie
# The parts of a kernel package that hold those modules.
folders="net lib drivers/net drivers/virtio drivers/char drivers/ptp drivers/pps drivers/dca
  drivers/i2c drivers/block drivers/uio drivers/vfio virt/lib"

die() { echo "lab: $*" >&2; exit 1; }
note() { echo "lab: $*" >&2; }

need() { # COMMAND PACKAGE...
  local missing=()
  while [ $# -gt 0 ]; do
    command -v "$1" >/dev/null || missing+=("$2")
    shift 2
  done
  [ ${#missing[@]} -eq 0 ] || die "missing tools: apt-get install ${missing[*]}"
}

# apt, against the system's lists or against a private list of one suite.
apt_options=()
system_suites() { apt_options=(); }
private_suite() { # SUITE
  local folder=$cache/apt/$1
  apt_options=(-o "Dir::Etc::sourcelist=$folder/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$folder/lists" -o "Dir::Cache=$folder/cache")
  [ -z "${REFRESH:-}" ] && [ -e "$folder/sources.list" ] && return
  mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
  local mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(LABEL)' | awk '$2 == "Debian" { print $1; exit }')
  [ -n "$mirror" ] || die "apt has no Debian mirror among its sources: run apt-get update"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main" \
    >"$folder/sources.list.new"
  mv "$folder/sources.list.new" "$folder/sources.list"
  if ! apt-get "${apt_options[@]}" -qq -o APT::Update::Error-Mode=any update >/dev/null 2>&1; then
    rm -f "$folder/sources.list"
    die "cannot fetch the package lists of $1 from $mirror: check the network"
  fi
}

version() { # PACKAGE: the candidate's version, empty when apt knows none
  apt-cache "${apt_options[@]}" policy "$1" 2>/dev/null | awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'
}

depends() { # PACKAGE PATTERN: the first package that it depends on whose name matches
  apt-cache "${apt_options[@]}" depends "$1" 2>/dev/null | awk -v p="$2" '/Depends:/ && $2 ~ p { print $2; exit }'
}

# A short name of some words, for what is made from them.
mark() { printf '%s\n' "$@" | cksum | cut -d' ' -f1; }

used=()
# Unpacks a package (all of it, or the members that match) and sets $unpacked to its folder.
unpack() { # PACKAGE [MEMBER...]
  local package=$1 release
  shift
  release=$(version "$package")
  [ -n "$release" ] || return 1
  unpacked=$cache/packages/${package}_$release
  [ $# -eq 0 ] || unpacked+=-$(mark "$@")
  used+=("${unpacked##*/}")
  [ -d "$unpacked" ] && return
  note "fetching $package $release"
  mkdir -p "$cache/packages"
  local work
  work=$(mktemp -d "$cache/packages/.new.XXXXXX")
  mkdir "$work/root"
  (cd "$work" && apt-get "${apt_options[@]}" -qq download "$package=$release" 2>apt.log) \
    || { sed -n 's/^E: //p' "$work/apt.log" >&2; rm -rf "$work"; return 1; }
  dpkg --fsys-tarfile "$work/"*.deb | tar -x -C "$work/root" --wildcards "$@" || { rm -rf "$work"; return 1; }
  mv "$work/root" "$unpacked"
  rm -rf "$work"
}

# A QEMU that has igb (8.0 and later): the installed one, or the backport unpacked beside it.
prepare_qemu() {
  if qemu-system-x86_64 -device help 2>/dev/null | grep -q '"igb"'; then
    printf '#!/bin/sh\nexec qemu-system-x86_64 "$@"\n' >"$new/qemu"
  else
    local suite prefix package
    suite=$(. /etc/os-release && echo "$VERSION_CODENAME")-backports
    private_suite "$suite"
    prefix=$cache/packages/qemu-$(version qemu-system-x86)
    used+=("${prefix##*/}")
    if [ ! -d "$prefix" ]; then
      mkdir -p "$prefix.new"
      for package in qemu-system-x86 qemu-system-common qemu-system-data seabios; do
        unpack "$package" || die "no $package in $suite: install a QEMU of 8.0 or later, or check the network and apt's sources"
        cp -a "$unpacked/." "$prefix.new/"
      done
      mv "$prefix.new" "$prefix"
    fi
    cat >"$new/qemu" <<END
#!/bin/sh
QEMU_MODULE_DIR=$prefix/usr/lib/x86_64-linux-gnu/qemu exec $prefix/usr/bin/qemu-system-x86_64 \\
  -L $prefix/usr/share/qemu -L $prefix/usr/share/seabios "\$@"
END
    system_suites
  fi
  chmod +x "$new/qemu"
}

prepare_kernel() { # NAME META-PACKAGE
  local name=$1 image tree release
  image=$(depends "$2" '^linux-image-')
  [ -n "$image" ] || { note "apt offers no $2: topologies with kernel $name are skipped"; return 0; }
  unpack_kernel "$image" || die "cannot fetch $image: run apt-get update, or check the network"
  release=$(basename "$tree"/lib/modules/*)
  [ -e "$tree/lib/modules/$release/modules.dep" ] || depmod -b "$tree" "$release"
  bare_kernel "$tree/boot/vmlinuz-$release" "$cache/packages/vmlinux-${tree##*/}"
  ln -s "$kernel" "$new/kernel-$name"
  build_driver "$image" "$release"
  build_initramfs "$name" "$tree" "$release"
}

# Unpacks a kernel with the modules that matter, and sets $tree to the folder, laid out as Debian had
# it before 7.0, when an image package held it all.
unpack_kernel() { # IMAGE
  local modules part folder root=./lib wanted=()
  modules=$(depends "$1" '^linux-modules-')
  [ -z "$modules" ] || root=./usr/lib
  for folder in $folders; do wanted+=("$root/modules/*/kernel/$folder/*"); done
  if [ -z "$modules" ]; then
    unpack "$1" './boot/vmlinuz-*' './lib/modules/*/modules.*' "${wanted[@]}" || return 1
    tree=$unpacked
    return
  fi
  tree=$cache/packages/${1}_$(version "$1")-$(mark $folders)
  used+=("${tree##*/}")
  [ ! -d "$tree" ] || return 0
  rm -rf "$tree.new"
  mkdir -p "$tree.new/boot"
  ln -s usr/lib "$tree.new/lib"
  for part in "$modules" "$(depends "$1" '^linux-binary-')" "$(depends "$1" '^linux-base-.*[0-9]')"; do
    if [ "$part" = "$modules" ]; then unpack "$part" "${wanted[@]}"; else unpack "$part"; fi || return 1
    cp -a "$unpacked/." "$tree.new/"
    rm -rf "$unpacked"
  done
  for part in "$tree.new"/lib/modules/*/vmlinuz; do
    mv "$part" "$tree.new/boot/vmlinuz-$(basename "${part%/vmlinuz}")"
  done
  mv "$tree.new" "$tree"
}

# The newest kernel that Debian has for a release.
prepare_newest_kernel() {
  private_suite "$next_release-backports"
  [ -n "$(depends linux-image-amd64 '^linux-image-')" ] \
    || die "$next_release-backports offers no linux-image-amd64: REFRESH=1 looks for it again"
  prepare_kernel newest linux-image-amd64
  system_suites
}

# The kernel out of its compressed image: an emulated CPU unpacks it as long as it boots it. Sets
# $kernel to it, or to the image where that is packed otherwise. Documentation/arch/x86/boot.rst:
# setup_sects is at 0x1f1, payload_offset and payload_length at 0x248; the payload's last four bytes
# are its length. QEMU starts it at its PVH entry.
bare_kernel() { # IMAGE FILE
  local sectors offset length unpack
  kernel=$2
  used+=("${2##*/}")
  [ ! -e "$2" ] || return 0
  sectors=$(od -An -tu1 -j 497 -N 1 "$1")
  read -r offset length < <(od -An -tu4 -j 584 -N 8 "$1")
  for unpack in xz zstd; do
    head -c $(((sectors + 1) * 512 + offset + length - 4)) "$1" | tail -c $((length - 4)) \
      | "$unpack" -dc >"$2.new" 2>/dev/null && mv "$2.new" "$2" && return
  done
  rm -f "$2.new"
  kernel=$1
}

# The lab's own test driver, against the kernel's headers. Sets $driver to the module.
build_driver() { # IMAGE RELEASE
  local headers=${1/linux-image/linux-headers} key tree work package
  driver=
  tree=$cache/packages/headers-$2
  key=$(cat "$here"/driver/* | sha256sum | cut -c1-12)
  used+=("${tree##*/}" "driver-$2-$key.ko")
  if [ ! -d "$tree" ]; then
    rm -rf "$tree.new"
    mkdir -p "$tree.new"
    for package in "$headers" "$(depends "$headers" '-common$')" "$(depends "$headers" '^linux-kbuild-')"; do
      unpack "$package" || die "no headers for $image: run apt-get update, or check the network"
      cp -a "$unpacked/." "$tree.new/"
      rm -rf "$unpacked"
    done
    # The packages name each other by absolute path.
    sed -i "s#/usr/src#$tree/usr/src#" "$tree.new/usr/src/$headers/Makefile"
    lend_library "$tree.new" "$tree"
    mv "$tree.new" "$tree"
  fi
  driver=$cache/packages/driver-$2-$key.ko
  [ ! -e "$driver" ] || return 0
  work=$(mktemp -d "$cache/packages/.driver.XXXXXX")
  cp "$here"/driver/* "$work/"
  # This system's compiler, which may lack an option of the one that built the kernel.
  make -s -C "$tree/usr/src/$headers" M="$work" CC=gcc CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT= \
    CONFIG_DEBUG_INFO_BTF_MODULES= modules >"$cache/driver.log" 2>&1 \
    || { rm -rf "$work"; die "the test driver does not build for $2: see $cache/driver.log"; }
  mv "$work/rxlab.ko" "$driver"
  rm -rf "$work"
}

# Kernel headers of a newer release bring programs that want its C library: they get it beside them.
lend_library() { # FOLDER ITS-FINAL-NAME
  local program newer=()
  while read -r program; do
    ! ldd "$program" 2>&1 | grep -q 'GLIBC_.*not found' || newer+=("$program")
  done < <(find "$1" -type f -perm -u+x)
  [ ${#newer[@]} -gt 0 ] || return 0
  local options=("${apt_options[@]}")
  private_suite "$next_release"
  unpack libc6 || die "cannot fetch libc6 for ${2##*/}: check the network"
  mkdir "$1/libc"
  cp -a "$unpacked"/usr/lib/x86_64-linux-gnu/*.so* "$1/libc/"
  rm -rf "$unpacked"
  apt_options=("${options[@]}")
  for program in "${newer[@]}"; do
    mv "$program" "$program.elf"
    printf '#!/bin/sh\nexec %s --library-path %s %s "$@"\n' "$2/libc/ld-linux-x86-64.so.2" "$2/libc" \
      "$2${program#"$1"}.elf" >"$program"
    chmod +x "$program"
  done
}

copy_program() { # ROOT PROGRAM...: with the libraries that it is linked to
  local root=$1 program library
  shift
  for program in "$@"; do
    install -D "$program" "$root/bin/${program##*/}"
    for library in $(ldd "$program" 2>/dev/null | grep -o '/[^ ]*'); do
      [ -e "$root$library" ] || install -D "$library" "$root$library"
    done
  done
}

# As it is: an emulated CPU would unpack it for a second at each boot.
pack() { (cd "$1" && find . -print0 | cpio --null -o -H newc --quiet -R 0:0); } # ROOT

build_initramfs() { # NAME TREE RELEASE
  local key image root module path
  key=$(cat "$here"/prepare.sh "$here"/guest/* "$here"/topologies/* <(ls -l /bin/busybox "$(command -v ethtool)" "$(command -v ip)" ${driver:+"$driver"}) | sha256sum | cut -c1-12)
  image=$cache/packages/initramfs-$3-$key
  used+=("${image##*/}")
  if [ ! -e "$image" ]; then
    root=$(mktemp -d "$cache/packages/.initramfs.XXXXXX")
    mkdir -p "$root"/{bin,sbin,dev,proc,sys,run,tmp,etc,root,var} "$root/lib/modules/$3/kernel" "$root/lab"
    cp "$(command -v busybox)" "$root/bin/busybox"
    for path in $(busybox --list | grep -vx busybox); do ln -s busybox "$root/bin/$path"; done
    rm "$root/bin/"{ip,sh}
    ln -s ../run "$root/var/run"
    ln -s ../bin/busybox "$root/sbin/modprobe" # the kernel calls it for `ip link add type …`
    copy_program "$root" "$(command -v ethtool)" "$(command -v ip)" "$(command -v tc)" /bin/dash
    ln -s dash "$root/bin/sh" # busybox's shell would run its own `ip`
    cp "$here"/guest/init "$root/init"
    cp "$here"/guest/{agent,own-nic} "$here"/topologies/* "$root/lab/"
    chmod +x "$root/init"
    cp "$2/lib/modules/$3/"modules.{builtin,builtin.modinfo,order} "$root/lib/modules/$3/"
    for module in $modules; do
      modprobe -d "$2" -S "$3" --show-depends "$module" 2>/dev/null || note "kernel $3 has no $module"
    done | awk '$1 == "insmod" { print $2 }' | sort -u | while read -r path; do
      case $path in
      *.xz) xz -dc "$path" >"$root/lib/modules/$3/kernel/$(basename "$path" .xz)" ;;
      *.zst) zstd -dqc "$path" >"$root/lib/modules/$3/kernel/$(basename "$path" .zst)" ;;
      *) cp "$path" "$root/lib/modules/$3/kernel/" ;;
      esac
    done
    [ -z "$driver" ] || cp "$driver" "$root/lib/modules/$3/kernel/rxlab.ko"
    depmod -b "$root" "$3"
    pack "$root" >"$image.new"
    mv "$image.new" "$image"
    rm -rf "$root"
  fi
  cat "$image" ${payload:+"$payload"} >"$new/initramfs-$1"
}

build_payload() {
  [ -n "$binary" ] || { note "no rxtune in the guests yet"; return; }
  [ -x "$binary" ] || die "$binary is not there: swift build -c release --static-swift-stdlib --product rxtune"
  case $(ldd "$binary") in */libswift*) die "$binary is linked to Swift's shared libraries: build it with --static-swift-stdlib" ;; esac
  local root program
  root=$(mktemp -d "$cache/.payload.XXXXXX")
  copy_program "$root" "$binary"
  for program in "${binary%/*}"/rxtune-{lwip,dpdk}; do
    [ ! -x "$program" ] || copy_program "$root" "$program"
  done
  [ ! -e "$root/bin/rxtune-dpdk" ] || copy_drivers "$root" "$root/bin/rxtune-dpdk"
  strip "$root"/bin/*
  cp "$root"/bin/* "$new/"
  payload=$cache/payload
  pack "$root" >"$payload"
  rm -rf "$root"
}

# DPDK's drivers of the NICs that the lab has, in the folder where DPDK loads all that is called .so. What
# is a library of others, too, must be the same file, or it is loaded twice.
copy_drivers() { # ROOT PROGRAM
  local release folder name library
  release=$(ldd "$2" | sed -n 's/.*librte_eal\.so\.\([0-9]*\) .*/\1/p')
  for folder in /usr/lib/*/dpdk/pmds-"$release".*; do
    for name in bus_pci bus_vdev mempool_ring net_e1000 net_virtio; do
      install -D -t "$1$folder" "$folder/librte_$name.so"
    done
    for library in $(ldd "$1$folder"/* | sed -n 's/.* => \(.*\) (.*/\1/p' | sort -u); do
      [ ! -e "$1$library" ] || continue
      name=$folder/$(basename "$library" ".$release")
      if [ -e "$1$name" ]; then ln -s "$name" "$1$library"; else install -D "$library" "$1$library"; fi
    done
  done
}

# KVM only where a kernel really boots with it: nested hosts offer a /dev/kvm that hangs.
kvm_boots() {
  timeout -k 1 5 "$new/qemu" -accel kvm -cpu max -m 256 -nodefaults -display none -machine q35 -no-reboot \
    -kernel "$new/kernel-6.1" -append panic=-1
}

choose_accelerator() {
  local boot_id choice=tcg
  boot_id=$(cat /proc/sys/kernel/random/boot_id)
  if ! grep -qs "$boot_id" "$cache/accelerator"; then
    [ ! -w /dev/kvm ] || ! kvm_boots >/dev/null 2>&1 || choice=kvm
    echo "$choice $boot_id" >"$cache/accelerator"
  fi
  cp "$cache/accelerator" "$new/"
}

remove_unused() {
  local path
  for path in "$cache/packages/"*; do
    case " ${used[*]} " in *" ${path##*/} "*) ;; *) rm -rf "$path" ;; esac
  done
}

need apt-get apt dpkg dpkg busybox busybox-static ethtool ethtool ip iproute2 cpio cpio modprobe kmod xz xz-utils \
  zstd zstd gcc gcc make make strip binutils qemu-system-x86_64 qemu-system-x86
mkdir -p "$cache"
exec 9>"$cache/.lock"
flock 9
new=$(mktemp -d "$cache/.current.XXXXXX")
trap 'rm -rf "$new"' EXIT

if [ -n "${REFRESH:-}" ] || [ -z "$(version linux-image-amd64)" ]; then
  apt-get -qq update >/dev/null 2>&1 || note "apt-get update failed: going on with the lists that are there"
fi
driver= payload=
prepare_qemu
build_payload
prepare_kernel 6.1 linux-image-amd64
prepare_kernel 6.12 linux-image-6.12-amd64
prepare_newest_kernel
[ -e "$new/kernel-6.1" ] || die "apt knows no Linux 6.1 (linux-image-amd64): the lab needs Debian 12's package sources"
choose_accelerator
remove_unused
rm -rf "$cache/current"
chmod 755 "$new"
mv "$new" "$cache/current"
trap - EXIT
note "prepared in $cache (kernels: $(cd "$cache/current" && echo kernel-*), $(cut -d' ' -f1 "$cache/current/accelerator"))"

#!/bin/bash
# boot.sh TOPOLOGY FOLDER: boots one guest and serves it until standard input closes.
# boot.sh TOPOLOGY:        boots one guest with a shell on this terminal.
#
# FOLDER receives agent.sock, qmp.sock, console and qemu.log, and is removed at the end. Taps, QEMU and everything else live
# in a network and a process namespace of their own that end with this process, however it ends:
# there is nothing to clean up. SECONDS_TO_LIVE (default 1800) bounds the guest's life.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/rxtune-lab/current
die() { echo "lab: $*" >&2; exit 1; }

if [ "${1:-}" != --inside ]; then
  [ $# -ge 1 ] || die "usage: boot.sh TOPOLOGY [FOLDER]; topologies: $(cd "$here/topologies" && echo *)"
  [ -r "$here/topologies/$1" ] || die "no topology $1: choose from $(cd "$here/topologies" && echo *)"
  [ "$(id -u)" = 0 ] || die "taps and namespaces need root: sudo make lab"
  [ -c /dev/net/tun ] || die "no /dev/net/tun: modprobe tun"
  [ -x "$cache/qemu" ] || die "nothing prepared in $cache: run make lab"
  exec unshare --net --pid --fork --kill-child "$0" --inside "$@"
fi
shift
topology=$1 folder=${2:-}

kernel=6.1 cpus=4 memory=512 ports=0 append= arguments=()
nic() { # DEVICE queues=N bus=BUS: a tap and the device behind a PCIe port of its own
  local device=$1 queues=1 bus=pcie.0 option number=$ports multi=
  shift
  for option; do
    case $option in queues=*) queues=${option#*=} ;; bus=*) bus=${option#*=} ;; *) die "$topology: unknown option $option" ;; esac
  done
  [ "$queues" = 1 ] || multi=multi_queue
  ip tuntap add dev "tap$number" mode tap $multi
  # The host says nothing on its own: every frame in the guest's counters is a test's.
  echo 1 >"/proc/sys/net/ipv6/conf/tap$number/disable_ipv6"
  ip link set "tap$number" txqueuelen 4096 up
  arguments+=(
    -netdev "tap,id=net$number,ifname=tap$number,script=no,downscript=no,vhost=off$([ "$queues" = 1 ] || echo ",queues=$queues")"
    -device "pcie-root-port,id=port$number,bus=$bus,chassis=$((number + 1)),slot=$((number + 1))"
    -device "$device,id=nic$number,netdev=net$number,bus=port$number,mac=52:54:00:77:00:0$number"
  )
  ports=$((ports + 1))
}

while read -r word value options; do
  case $word in
  '' | '#'* | setup) ;;
  kernel | cpus | memory) declare "$word=$value" ;;
  append) append+=" $value $options" ;;
  qemu) arguments+=("$value" ${options:+"$options"}) ;;
  nic) nic "$value" $options ;;
  *) die "$topology: unknown word $word" ;;
  esac
done <"$here/topologies/$topology"

image=$cache/kernel-$kernel
[ -e "$image" ] || die "kernel $kernel is not prepared: apt offers it only on some releases; see what make lab said"
[ -r "$image" ] || die "cannot read $(readlink -f "$image"): remove it and run make lab"

mode=agent
if [ -n "$folder" ]; then
  arguments+=(
    -serial "file:$folder/console"
    -qmp "unix:$folder/qmp.sock,server=on,wait=off"
    -device virtio-serial-pci,bus=pcie.0,max_ports=2
    -chardev "socket,id=agent,path=$folder/agent.sock,server=on,wait=off"
    -device virtserialport,chardev=agent,name=lab.agent
  )
else
  mode=shell
  arguments+=(-serial mon:stdio)
fi
accelerator=$(cut -d' ' -f1 "$cache/accelerator")
# KVM's own interrupt controller cannot remap interrupts as an emulated IOMMU does.
machine=q35
case $accelerator in tcg) accelerator=tcg,thread=multi ;; kvm) machine+=,kernel-irqchip=split ;; esac
# The clock parameters spare a guest under emulation its calibration loops and false alarms, those
# after them its tests of ciphers and its hardening.
command=("$cache/qemu" -nodefaults -display none -no-reboot -machine $machine -accel "$accelerator" -cpu max
  -smp "$cpus" -m "$memory" -kernel "$image" -initrd "$cache/initramfs-$kernel" -append
  "console=ttyS0 quiet panic=-1 tsc=reliable lpj=4000000 nowatchdog mitigations=off cryptomgr.notests \
apparmor=0 audit=0 init_on_alloc=0 hardened_usercopy=off randomize_kstack_offset=off \
lab_topology=$topology lab_mode=$mode$append"
  "${arguments[@]}")
if [ "$mode" = shell ]; then
  "${command[@]}" || die "QEMU ended with status $?"
  exit
fi
trap 'tail -n 20 "$folder/qemu.log" "$folder/console" >&2 || true; rm -rf "$folder"' EXIT
# Whichever ends first: the caller (standard input is its life line), the guest, or its time. The
# end of this process, the first of its namespace, then kills the others; signals would not do, as
# a test runner's threads start us with all of them blocked.
"${command[@]}" </dev/null >"$folder/qemu.log" 2>&1 &
cat <&0 >/dev/null 2>&1 &
sleep "${SECONDS_TO_LIVE:-1800}" >/dev/null 2>&1 &
wait -n

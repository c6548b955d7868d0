import Foundation

extension Guest {
  /// Puts the scripts `state` and `try-knobs` into the guest.
  ///
  /// `state DEVICE…` prints all that is set, a line each, by ethtool, sysfs and /proc: rxtune has a part
  /// in it only where they are too old, and nothing that counts or moves by itself is in it.
  func prepareStates() throws {
    try put(Data(Self.stateScript.utf8), at: "/tmp/lab/state")
    try put(Data(Self.knobScript.utf8), at: "/tmp/lab/try-knobs")
  }

  /// All that is set on `devices` and on the host.
  func state(_ devices: String...) throws -> State {
    State(text: try shell("sh /tmp/lab/state \(devices.joined(separator: " "))"))
  }

  struct State: Equatable, Sendable {
    let text: String

    /// The lines in which `other` differs: what is here after `<`, what is there after `>`.
    func differences(from other: State) -> String {
      let here = text.split(separator: "\n")
      return other.text.split(separator: "\n").difference(from: here).map { change in
        switch change {
        case .remove(_, let line, _): "< \(line)"
        case .insert(_, let line, _): "> \(line)"
        }
      }.joined(separator: "\n")
    }
  }

  private static let stateScript = """
    for device; do
      {
        for option in -k -g -l -c -a -x --show-priv-flags; do
          echo "ethtool $option"
          ethtool $option $device
        done
        for flow in tcp4 udp4 tcp6 udp6; do
          echo $flow $(ethtool -n $device rx-flow-hash $flow)
        done
        /bin/ip -d link show $device | grep -o "gro_max_size [0-9]*"
        cd /sys/class/net/$device
        grep -s "" mtu tx_queue_len gro_flush_timeout napi_defer_hard_irqs threaded \\
          queues/*/[rx]ps_* queues/*/tx_maxrate queues/*/byte_queue_limits/hold_time \\
          queues/*/byte_queue_limits/limit_m* \\
          queues/*/byte_queue_limits/stall_thrs
        # What these kernels tell by netlink alone, and no other program in the guest reads.
        case $(uname -r) in
        6.*) ;;
        *) rxtune get 'napi.*' rss.input-xfrm 'coalesce.rx-cqe-*' link.gro-ipv4-max-size \\
          $device --json | grep -E '"(id|value)":' ;;
        esac
      } 2>/dev/null | sed "s/^/$device /"
    done
    for action in /proc/irq/*/*/; do
      irq=${action#/proc/irq/} irq=${irq%%/*} action=${action%/}
      read cpus </proc/irq/$irq/smp_affinity_list && echo "irq ${action##*/} $cpus"
    done | sort
    cd /proc
    grep -s "" irq/default_smp_affinity sys/net/core/* sys/net/ipv4/tcp_* sys/net/ipv4/udp_*
    true

    """

  /// Reads lines of KNOB|VALUE|SHOWN from /tmp/lab/knobs and, for each on the device $1: sets it,
  /// looks for the value in the state, rolls back; every few knobs it compares the state with that
  /// before. Prints lines that begin with `changed`, `restored`, `refused`, or what went wrong.
  private static let knobScript = """
    device=$1
    state() { sh /tmp/lab/state $device; }
    # All that was rolled back since the last look is as it was. A look takes most of a second.
    settle() {
      state >/tmp/lab/after
      diff /tmp/lab/before /tmp/lab/after | sed -n "/^[-+][^-+]/p" >/tmp/lab/changed
      while read -r what; do
        if [ -s /tmp/lab/changed ]; then
          echo "unrestored $what or a neighbour: $(tr '\\n' ' ' </tmp/lab/changed)"
        else
          echo "restored $what"
        fi
      done </tmp/lab/pending
      cp /tmp/lab/after /tmp/lab/before
      >/tmp/lab/pending
      count=0
    }
    >/tmp/lab/pending
    count=0
    state >/tmp/lab/before
    while IFS='|' read -r knob value shown; do
      what="$knob=$value"
      rxtune set "$what" $device >/tmp/lab/out 2>&1 </dev/null
      status=$?
      state >/tmp/lab/during
      diff /tmp/lab/before /tmp/lab/during | sed -n "/^[-+][^-+]/p" >/tmp/lab/changed
      if [ $status != 0 ]; then
        if [ -s /tmp/lab/changed ]; then
          echo "left $what: $(tr '\\n' ' ' </tmp/lab/out; tr '\\n' ' ' </tmp/lab/changed)"
          cp /tmp/lab/during /tmp/lab/before
        else
          echo "refused $what: $(tr '\\n' ' ' </tmp/lab/out)"
        fi
        continue
      fi
      if [ ! -s /tmp/lab/changed ]; then
        echo "invisible $what: $(tr '\\n' ' ' </tmp/lab/out)"
      elif [ -n "$shown" ] && ! grep "^+" /tmp/lab/changed | grep -Eqw -- "$shown"; then
        echo "otherwise $what: $(tr '\\n' ' ' </tmp/lab/changed)"
      else
        echo "changed $what"
      fi
      if rxtune rollback >/tmp/lab/out 2>&1 </dev/null; then
        echo "$what" >>/tmp/lab/pending
        count=$((count + 1))
      else
        echo "unrestored $what: $(tr '\\n' ' ' </tmp/lab/out)"
      fi
      [ $count = 5 ] && settle
    done </tmp/lab/knobs
    settle
    true

    """
}

import Foundation

extension Guest {
  /// Puts the scripts `state` and `try-knobs` into the guest.
  ///
  /// `state DEVICE…` prints all that is set, a line each, by ethtool, sysfs and /proc: rxtune has a part
  /// in it only where they are too old, and nothing that counts or moves by itself is in it.
  func prepareStates() throws {
    try put(Data(Self.stateScript.utf8), at: "/tmp/lab/state")
    try put(Data(Self.knobScript.utf8), at: "/tmp/lab/try-knobs")
    try put(Data(Self.ownLinesScript.utf8), at: "/tmp/lab/own-lines")
  }

  /// All that is set on `devices` and on the host.
  func state(_ devices: String...) throws -> State {
    State(text: try shell("sh /tmp/lab/state \(devices.joined(separator: " "))"))
  }

  /// What one test may leave behind for the next, as far as a glance tells it. The lab's own NIC is renewed
  /// by whoever takes it.
  func settings() throws -> State {
    State(
      text: try shell(
        """
        cd /sys/class/net
        for device in *; do
          [ $device = rxlab0 ] || grep -s "" $device/mtu $device/gro_flush_timeout \
            $device/napi_defer_hard_irqs $device/threaded $device/queues/*/[rx]ps_*
        done
        grep -s "" /proc/irq/*/smp_affinity_list /proc/sys/net/core/*_* /proc/sys/net/ipv4/tcp_*
        true
        """))
  }

  /// What the files of a shell pattern hold, for `restore`.
  func contents(of files: String) throws -> String {
    try shell("grep -s '' \(files) /dev/null; true")
  }

  func restore(_ contents: String) throws {
    try shell(
      """
      echo '\(contents)' | while IFS=: read -r file text; do
        [ ! -e "$file" ] || echo $text >$file
      done 2>/dev/null
      true
      """)
  }

  /// What is set otherwise than it was.
  func changes(since before: State?) throws -> String {
    try before.map { $0.differences(from: try settings()) } ?? ""
  }

  /// Takes back the two changes, at most, that are in force, and forgets them.
  func forgetChanges() throws {
    try shell("rxtune rollback && rxtune rollback && rm -rf /run/rxtune")
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

  /// Reads groups of lines KNOB|VALUE|SHOWN from /tmp/lab/knobs, a blank line after each, and tries
  /// them on the device $1: a group is set in one change, which must show every one of its knobs in
  /// lines of its own, and rolled back. Where that fails, each is tried by itself. Prints lines that
  /// begin with `changed`, `restored`, `refused`, `singly`, or what went wrong.
  private static let knobScript = """
    device=$1
    # What the state has become, in lines that begin with + or -.
    look() {
      sh /tmp/lab/state $device >/tmp/lab/now
      diff /tmp/lab/before /tmp/lab/now | sed -n "/^[-+][^-+]/p" >/tmp/lab/changed
    }
    changes() { tr '\\n' ' ' </tmp/lab/changed; }
    words() { tr '\\n' ' ' </tmp/lab/out; }
    # Takes back the change of the knobs "$@".
    take_back() {
      if ! rxtune rollback >/tmp/lab/out 2>&1 </dev/null; then
        for what; do echo "unrestored $what: $(words)"; done
        return
      fi
      look
      for what; do
        if [ -s /tmp/lab/changed ]; then
          echo "unrestored $what or a neighbour: $(changes)"
        else
          echo "restored $what"
        fi
      done
      cp /tmp/lab/now /tmp/lab/before
    }
    singly() {
      while IFS='|' read -r knob value shown; do
        what="$knob=$value"
        if ! rxtune set "$what" $device >/tmp/lab/out 2>&1 </dev/null; then
          echo "refused $what: $(words)"
          continue
        fi
        look
        if [ ! -s /tmp/lab/changed ]; then
          echo "invisible $what: $(words)"
        elif [ -n "$shown" ] && ! grep "^+" /tmp/lab/changed | grep -Eqw -- "$shown"; then
          echo "otherwise $what: $(changes)"
        else
          echo "changed $what"
        fi
        take_back "$what"
      done </tmp/lab/group
    }
    # Writes the lines of /tmp/lab/group as one change; those that its refusal names are left for
    # later, one after the other.
    set_group() {
      while :; do
        set --
        while IFS='|' read -r knob value shown; do set -- "$@" "$knob=$value"; done </tmp/lab/group
        [ $# -gt 1 ] || return
        rxtune set "$@" $device >/tmp/lab/out 2>&1 </dev/null && return
        named=
        while IFS='|' read -r knob value; do
          grep "error: " /tmp/lab/out | grep -Eq "(^|[^a-z.-])$knob([^a-z.-]|$)" && named=$knob && break
        done </tmp/lab/group
        [ "$named" ] || return
        grep "^$named|" /tmp/lab/group >>/tmp/lab/later
        grep -v "^$named|" /tmp/lab/group >/tmp/lab/rest
        mv /tmp/lab/rest /tmp/lab/group
      done
    }
    together() {
      >/tmp/lab/later
      if set_group; then
        set --
        while IFS='|' read -r knob value shown; do set -- "$@" "$knob=$value"; done </tmp/lab/group
        look
        if sed -n "s/^+//p" /tmp/lab/changed | awk -f /tmp/lab/own-lines /tmp/lab/group - >/tmp/lab/out; then
          for what; do echo "changed $what"; done
          take_back "$@"
          >/tmp/lab/group
        else
          echo "singly $*: $(words)"
          rxtune rollback >/dev/null 2>&1 </dev/null || echo "unrestored $*"
        fi
      fi
      cat /tmp/lab/later >>/tmp/lab/group
      singly
    }
    sh /tmp/lab/state $device >/tmp/lab/before
    >/tmp/lab/group
    while IFS= read -r line; do
      if [ -n "$line" ]; then
        echo "$line" >>/tmp/lab/group
      else
        together
        >/tmp/lab/group
      fi
    done </tmp/lab/knobs
    # What a refusal leaves is seen by the looks that follow it: this one is after the last.
    look
    [ ! -s /tmp/lab/changed ] || echo "left by a refusal: $(changes)"

    """

  /// Whether every knob of the group in the first file has a line of its own among those in the
  /// second, with the value as it is SHOWN. Lines with a knob's name are that knob's; one whose name
  /// is in none, because its value is told under another, takes any that is left.
  private static let ownLinesScript = """
    function has(text, word, letters) {
      return text ~ ("(^|[^" letters "])(" word ")([^" letters "]|$)")
    }
    NR == FNR {
      split($0, part, "|")
      id[++knobs] = part[1]
      shown[knobs] = substr($0, length(part[1] part[2]) + 3)
      name[knobs] = part[1]
      sub(/^.*\\./, "", name[knobs])
      gsub(/[-_]/, "[-_]", name[knobs])
      next
    }
    { line[++lines] = $0 }
    END {
      for (k = 1; k <= knobs; k++)
        for (l = 1; l <= lines; l++)
          if (has(line[l], name[k], "A-Za-z0-9_-")) {
            named[k] = taken[l] = 1
            if (shown[k] == "" || has(line[l], shown[k], "A-Za-z0-9_")) found[k] = 1
          }
      # Those that may take any line come last.
      for (turn = 0; turn < 2; turn++)
        for (k = 1; k <= knobs; k++)
          for (l = 1; !named[k] && !found[k] && (turn || shown[k] != "") && l <= lines; l++)
            if (!taken[l] && (shown[k] == "" || has(line[l], shown[k], "A-Za-z0-9_")))
              found[k] = taken[l] = 1
      for (k = 1; k <= knobs; k++)
        if (!found[k]) {
          print "nothing shows " id[k]
          missing = 1
        }
      exit missing
    }

    """
}

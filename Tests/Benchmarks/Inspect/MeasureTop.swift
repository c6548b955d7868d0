import Glibc
import TestSupport

/// What watching costs: `rxtune top` once a second on a veth of 64 queues, on a terminal and as JSON
/// Lines, beside `rxtune show` once a second, and irqtop(1) of Debian, which shows interrupts and
/// softirqs by CPU.
func measureTop(_ rxtune: String) throws {
  let seconds = 20
  try NetworkNamespace.run { namespace in
    try namespace.shell(
      """
      ip link add v0 numrxqueues 64 numtxqueues 64 type veth peer name v1 numrxqueues 64 \
      numtxqueues 64 && ip link set v0 up && ip link set v1 up && ethtool -K v0 gro on && \
      ethtool -L v0 rx 64 tx 64
      """)
    let top = [rxtune, "top", "v0", "--count", "\(seconds)"]
    // Of a terminal, script(1) makes one; its own work is in the figure.
    let screen = ["/usr/bin/script", "-qec", top.joined(separator: " "), "/dev/null"]
    let show = (0..<seconds).map { _ in Child.run([rxtune, "show", "v0", "--json"]) }
    let lines = Child.run(top + ["--json"])
    let drawn = Child.run(screen)
    guard lines.status == 0, drawn.status == 0, show.allSatisfy({ $0.status == 0 }) else {
      throw Broken("rxtune failed")
    }
    let start = Child.run(top.dropLast() + ["1", "--interval", "50ms", "--json"]).processor
    let irqtop = ["/usr/bin/irqtop", "-b", "-d", "1"]
    let peer = Child.run(irqtop + ["\(seconds)"])
    let peerStart = Child.run(irqtop + ["1"]).processor
    let shown = show.reduce(0) { $0 + $1.processor } / Double(seconds)
    print("")
    print("rxtune top v0, veth 64+64 queues, once a second for \(seconds) s, of one CPU:")
    // What starting costs is no part of each second.
    func share(_ child: Child, _ start: Double) -> Double {
      max(0, child.processor - start) / Double(seconds)
    }
    func report(_ name: String, _ child: Child, start: Double) {
      let each = share(child, start)
      print(
        "  \(name) \(percent(each)), start \(percent(start / Double(seconds))) besides, peak "
          + "\(child.peakKiB >> 10) MiB; \(percent(each / shown)) of rxtune show")
    }
    report("on a terminal  ", drawn, start: start)
    report("as JSON Lines  ", lines, start: start)
    if peer.status == 0 {
      report("irqtop -b      ", peer, start: peerStart)
      let ratio = share(drawn, start) / max(share(peer, peerStart), 1e-6)
      print("  top on a terminal takes \(percent(ratio)) of irqtop's time")
    } else {
      print("  irqtop          is not that of Debian here")
    }
    print("  rxtune show     \(percent(shown)), once a second  (goal: top at most 0.50%)")
  }
}

private func percent(_ share: Double) -> String {
  let hundredths = Int((share * 10_000).rounded())
  return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)%"
}

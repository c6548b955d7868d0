import KernelIO
import Knobs
import ReceivePath
import TestSupport
import TestTraits
import Testing

@testable import Tuning

/// What took settings from their values, on the running kernel: a veth pair of four queues that
/// has NAPI instances.
@Suite(
  .ownThread, .enabled(if: NetworkNamespace.isAvailable, "needs root for a network namespace"))
struct CulpritTests {
  private static func byPlace(_ rows: [Verification.Row]) -> [String: Culprit?] {
    Dictionary(rows.map { ($0.setting.description, $0.culprit) }) { first, _ in first }
  }

  private static func culprits(_ bench: VethBench) throws -> [String: Culprit?] {
    byPlace(try bench.verification().failures)
  }

  private static let masks = (0..<4).map { "rxt0 rx-\($0) queue.rps-cpus" }

  @Test func namesALaterChangeOfOurs() throws {
    try VethBench.run { bench in
      try bench.set("queue.rps-cpus", "0-1")
      let fewer = try bench.set("channels.rx", "2")
      try bench.set("channels.rx", "4")
      let ours = Culprit.ownChange(id: fewer, command: "channels.rx=2")
      #expect(try Self.culprits(bench) == [Self.masks[2]: ours, Self.masks[3]: ours])
    }
  }

  /// What others did before our change is not ours, and neither is what they did after it.
  @Test func tellsTheChannelChangesOfOthersFromOurs() throws {
    try VethBench.run { bench in
      try bench.set("queue.rps-cpus", "0-1")
      try bench.namespace.shell("ethtool -L rxt0 rx 1 && ethtool -L rxt0 rx 4")
      try bench.set("channels.rx", "3")
      let others = Culprit.channelChange(device: "rxt0", .remade(.rx, CPUSet([1, 2, 3])))
      #expect(try Self.culprits(bench) == [Self.masks[1]: others, Self.masks[2]: others])
    }
    try VethBench.run { bench in
      try bench.set("queue.rps-cpus", "0-1")
      try bench.set("channels.rx", "3")
      try bench.namespace.shell("ethtool -L rxt0 rx 1 && ethtool -L rxt0 rx 3")
      let others = Culprit.channelChange(device: "rxt0", .remade(.rx, CPUSet([1, 2])))
      #expect(try Self.culprits(bench) == [Self.masks[1]: others, Self.masks[2]: others])
    }
  }

  @Test func tellsAChannelChangeByTheQueuesOfNow() throws {
    try VethBench.run { bench in
      try bench.set("queue.rps-cpus", "0-1")
      try bench.namespace.shell("ethtool -L rxt0 rx 3")
      let fewer = Culprit.channelChange(device: "rxt0", .counts(.rx, then: 4, now: 3))
      #expect(try Self.culprits(bench) == [Self.masks[3]: fewer])
      try bench.namespace.shell("ethtool -L rxt0 rx 4")
      let again = Culprit.channelChange(device: "rxt0", .remade(.rx, CPUSet([3])))
      #expect(try Self.culprits(bench) == [Self.masks[3]: again])
      // A value that no new queue has was written.
      try bench.namespace.shell("echo 2 > /sys/class/net/rxt0/queues/rx-3/rps_cpus")
      #expect(try Self.culprits(bench)[Self.masks[3]]??.kind == .otherProgram)
    }
  }

  /// RPS masks outlive it: who finds one changed after it looks for a writer.
  @Test func tellsALinkThatWentDown() throws {
    let instances = (0..<4).map { "rxt0 napi \($0) napi.defer-hard-irqs" }
    func all(_ culprit: Culprit) -> [String: Culprit?] {
      Dictionary(instances.map { ($0, culprit) }) { first, _ in first }
    }
    try VethBench.run { bench in
      try bench.set("napi.defer-hard-irqs", "3")
      try bench.set("queue.rps-cpus", "0-1")
      try bench.namespace.shell("ip link set rxt0 down")
      #expect(try Self.culprits(bench) == all(.linkDown(device: "rxt0")))
      try bench.namespace.shell("ip link set rxt0 up")
      #expect(try Self.culprits(bench) == all(.linkBounce(device: "rxt0")))
      try bench.namespace.shell("echo 0 > /sys/class/net/rxt0/queues/rx-3/rps_cpus")
      #expect(try Self.culprits(bench)[Self.masks[3]]??.kind == .otherProgram)
    }
    try VethBench.run { bench in
      try bench.set("napi.defer-hard-irqs", "3")
      try bench.namespace.shell("ethtool -K rxt0 gro off")
      let off = Culprit.settingChange(knob: "features.rx-gro", then: "on", now: "off")
      #expect(try Self.culprits(bench) == all(off))
      try bench.namespace.shell("ethtool -K rxt0 gro on")
      #expect(
        try Self.culprits(bench) == all(.queuesReopened(device: "rxt0", isCarrierLost: false)))
    }
  }

  @Test func tellsADeviceFileThatOverwritesItsInstances() throws {
    try VethBench.run { bench in
      try bench.set("napi.defer-hard-irqs", "3")
      try bench.namespace.shell("echo 7 > /sys/class/net/rxt0/napi_defer_hard_irqs")
      let file = Culprit.settingChange(
        knob: "device.napi-defer-hard-irqs", then: "0", now: "7")
      #expect(try Set(Self.culprits(bench).values) == [file])
    }
  }

  /// A watch knows more than the end of the change: what it saw, and when.
  @Test func aWatchNamesWhatItSaw() throws {
    try VethBench.run { bench in
      try bench.set("queue.rps-cpus", "0-1")
      let monitor = try EventMonitor(LiveKernel())
      let watch = DriftWatch(bench.settings, evidence: bench.evidence, archive: bench.tuner.archive)
      {
        () throws(TuningError) in try bench.tuner.entries()
      }
      func look(repairs: Bool = false) throws -> [Verification.Row] {
        let events = try monitor.wait(timeoutMilliseconds: 0)
        return try watch.look(devices: [], repairs: repairs, events: events, now: 0).compactMap {
          if case .drifted(let row) = $0.kind { row } else { nil }
        }
      }
      #expect(try look() == [])
      try bench.namespace.shell("ethtool -L rxt0 rx 3 && ethtool -L rxt0 rx 4")
      let announced = Culprit.channelChange(device: "rxt0", .announced)
      #expect(try Self.byPlace(look(repairs: true)) == [Self.masks[3]: announced])
      #expect(try Self.culprits(bench) == [:])
      // What the repair mended is not named again: neither by the watch, nor by a verification.
      try bench.namespace.shell("echo 0 > /sys/class/net/rxt0/queues/rx-3/rps_cpus")
      #expect(try look().map(\.culprit?.kind) == [.otherProgram])
      #expect(try Self.culprits(bench)[Self.masks[3]]??.kind == .otherProgram)
    }
  }
}

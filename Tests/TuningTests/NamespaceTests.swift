import KernelIO
import Knobs
import ReceivePath
import TestSupport
import TestTraits
import Testing

@testable import Tuning

/// Changes on the running kernel: a veth pair of four queues in a namespace of its own.
@Suite(
  .ownThread, .enabled(if: NetworkNamespace.isAvailable, "needs root for a network namespace"))
struct NamespaceTests {
  struct Value: Sendable, CustomStringConvertible {
    var knob: String
    var value: String
    var found: String?
    var description: String { "\(knob)=\(value)" }
  }

  static let values: [Value] = [
    .init(knob: "channels.rx", value: "2"), .init(knob: "channels.tx", value: "1"),
    .init(knob: "features.rx-gro", value: "off"),
    .init(knob: "features.rx-gro-list", value: "on"),
    .init(knob: "link.mtu", value: "1400"), .init(knob: "link.gro-max-size", value: "65000"),
    .init(knob: "link.gro-ipv4-max-size", value: "60000"),
    .init(knob: "link.tx-queue-len", value: "500"),
    .init(knob: "device.napi-defer-hard-irqs", value: "5"),
    .init(knob: "device.gro-flush-timeout", value: "20000"),
    .init(knob: "device.threaded", value: "1"),
    .init(knob: "napi.defer-hard-irqs", value: "3"),
    .init(knob: "napi.gro-flush-timeout", value: "30000"),
    .init(knob: "napi.irq-suspend-timeout", value: "5000000"),
    .init(knob: "napi.threaded", value: "1"),
    .init(knob: "queue.rps-cpus", value: "0-1"),
    .init(knob: "queue.rps-flow-cnt", value: "1000", found: "1024"),
    .init(knob: "queue.xps-cpus", value: "1"), .init(knob: "queue.xps-rxqs", value: "0,2"),
    .init(knob: "net.core.somaxconn", value: "1234"),
    .init(knob: "net.core.rps_default_mask", value: "1"),
    .init(knob: "net.ipv4.tcp_rmem", value: "4096 65536 1000000"),
    .init(knob: "net.ipv4.tcp_syncookies", value: "2"),
    .init(knob: "net.ipv4.tcp_migrate_req", value: "on"),
  ]

  @Test(arguments: values)
  func setsReadsBackAndUndoes(_ value: Value) throws {
    try VethBench.run { bench in
      let knob = try #require(Knob.named(value.knob))
      let before = bench.state()
      let plan = try bench.plan([(value.knob, value.value)])
      #expect(plan.blockers.isEmpty, "\(plan.caveats)")
      #expect(!plan.changes.isEmpty)
      _ = try bench.tuner.apply(plan, command: "test")
      bench.settings.refresh()
      for change in plan.changes {
        let found = try bench.settings.read(knob, at: change.setting.place)
        #expect(found.description == value.found ?? value.value)
      }
      #expect(bench.state() != before)
      #expect(try bench.tuner.rollBack(nil).allSatisfy(\.unrestored.isEmpty))
      #expect(bench.state() == before)
    }
  }

  /// A shrink and a growth zero the masks of the queues between: nothing may be lost of it.
  @Test func keepsMasksThroughAChangeOfChannels() throws {
    try VethBench.run { bench in
      _ = try bench.tuner.apply(
        try bench.plan([
          ("queue.rps-cpus", "1"), ("queue.rps-flow-cnt", "64"), ("napi.defer-hard-irqs", "9"),
        ]), command: "test")
      let before = bench.state()
      _ = try bench.tuner.apply(
        try bench.plan([("channels.rx", "1"), ("channels.tx", "1")]), command: "test")
      _ = try bench.tuner.rollBack(nil)
      #expect(bench.state() == before)
    }
  }

  /// All settings of an instance go in one request.
  @Test func writesEachNAPIInstanceOnce() throws {
    try VethBench.run { bench in
      let before = bench.state()
      let report = try bench.tuner.apply(
        try bench.plan([
          ("napi.defer-hard-irqs", "9"), ("napi.gro-flush-timeout", "5000000000"),
          ("napi.irq-suspend-timeout", "5000000"), ("napi.threaded", "1"),
        ]), command: "test")
      #expect(report.outcome.writes == 16)
      #expect(report.outcome.requests == 4)
      #expect(try bench.tuner.rollBack(nil).allSatisfy(\.unrestored.isEmpty))
      #expect(bench.state() == before)
    }
  }

  /// GRO off and on makes the NAPI instances anew, with the device's values.
  @Test func keepsNAPISettingsThroughAToggleOfGRO() throws {
    try VethBench.run { bench in
      try bench.namespace.shell("echo 2 > /sys/class/net/rxt0/napi_defer_hard_irqs")
      _ = try bench.tuner.apply(
        try bench.plan([
          ("napi.defer-hard-irqs", "9"), ("napi.gro-flush-timeout", "30000"),
          ("napi.irq-suspend-timeout", "5000000"), ("napi.threaded", "1"),
        ]), command: "test")
      let before = bench.state()
      #expect(before.keys.contains { $0.knob.id == "napi.defer-hard-irqs" })
      _ = try bench.tuner.apply(try bench.plan([("features.rx-gro", "off")]), command: "test")
      #expect(!bench.state().keys.contains { $0.knob.id == "napi.defer-hard-irqs" })
      #expect(try bench.tuner.rollBack(nil).allSatisfy(\.unrestored.isEmpty))
      let after = bench.state()
      #expect(before.filter { after[$0.key] != $0.value } == [:])
      #expect(after == before)
    }
  }

  /// rps_cpus and the like cannot be had of queues that are not there.
  @Test func refusesPlacesThatAreNotThere() throws {
    try VethBench.run { bench in
      let plan = try bench.plan([("queue.rps-cpus", "1")], [.queue(.rx, 4)])
      #expect(plan.caveats.map(\.severity) == [.impossible])
      #expect(plan.caveats.map(\.knob?.id) == ["queue.rps-cpus"])
      #expect(plan.changes.isEmpty)
    }
  }

  /// A queue that is not there is refused by the kernel last: what it took before is undone.
  @Test func undoesWhatTheKernelAccepted() throws {
    try VethBench.run { bench in
      let before = bench.state()
      var plan = try bench.plan([("queue.rps-cpus", "1"), ("link.mtu", "1300")])
      let gone = Place.queue(device: "rxt0", .rx, 9)
      let knob = try #require(Knob.named("queue.rps-cpus"))
      plan.changes.append(Change(Setting(knob, at: gone, .cpus(CPUSet([0]))), old: nil))
      #expect(throws: TuningError.self) { try bench.tuner.apply(plan, command: "test") }
      #expect(bench.state() == before)
      #expect(try bench.tuner.archive.journals().last?.state == .rolledBack)
    }
  }

  @Test func verifiesAndNamesTheCulprit() throws {
    try VethBench.run { bench in
      _ = try bench.tuner.apply(
        try bench.plan([("queue.rps-cpus", "1"), ("napi.defer-hard-irqs", "4")]), command: "test")
      #expect(try bench.verification().isGood)
      #expect(try bench.verification().rows.count == 8)

      try bench.namespace.shell("echo 0 > /sys/class/net/rxt0/queues/rx-2/rps_cpus")
      let written = try bench.verification()
      #expect(written.failures.map(\.setting.place) == [.queue(device: "rxt0", .rx, 2)])
      #expect(written.failures.first?.culprit?.kind == .otherProgram)

      try bench.namespace.shell("ip link set rxt0 down && ip link set rxt0 up")
      let reopened = try bench.verification()
      #expect(!reopened.isGood)
      #expect(
        reopened.failures.contains { $0.culprit == .linkBounce(device: "rxt0") },
        "\(reopened.failures)")

      try bench.namespace.shell("ip link del rxt0")
      #expect(try !bench.verification().isGood)
      #expect(try bench.verification().problems == ["rxt0 is gone"])
    }
  }

  /// What a change set of queues that a later change took away is not missed.
  @Test func doesNotMissWhatALaterChangeTookAway() throws {
    try VethBench.run { bench in
      _ = try bench.tuner.apply(try bench.plan([("queue.rps-cpus", "1")]), command: "test")
      _ = try bench.tuner.apply(
        try bench.plan([("channels.rx", "2"), ("channels.tx", "2")]), command: "test")
      let whole = try bench.verification()
      #expect(whole.isGood, "\(whole.failures)")
      #expect(whole.rows.count == 4)
      try bench.namespace.shell("ethtool -L rxt0 rx 1")
      #expect(try bench.verification().failures.map(\.setting.knob.id) == ["channels.rx"])
    }
  }

  @Test func aVerificationOfNothingIsNotGood() {
    #expect(!Verification(inForce: [], SimulatedHost(.oneQueue), evidence: .none).isGood)
  }
}

extension Evidence {
  static var none: Evidence {
    Evidence(identities: .none, irqbalance: nil)
  }
}

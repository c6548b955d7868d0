import KernelIO
import Knobs
import ReceivePath
import TestSupport
import TestTraits
import Testing

@testable import Tuning

/// A device is its index: under another name it is the same, and another one under its name is not.
@Suite("Renamed devices") struct RenameTests {
  private let shape = SimulatedHost.Shape(
    name: "4 of 8 queues", cpus: 8, channels: 4, maxChannels: 8)

  private func apply(_ host: SimulatedHost, _ id: String, _ value: String) throws {
    let request = Request(try #require(Knob.named(id)), .literal(value))
    _ = try host.tuner().apply(
      host.planner.plan([request], devices: [host.name]), command: "test \(id)")
  }

  private func verify(_ host: SimulatedHost) throws -> Verification {
    Verification(
      inForce: try host.tuner().entries(), host,
      evidence: Evidence(identities: host.identities, irqbalance: nil))
  }

  @Test func changesOfBothNamesAreVerifiedAndRolledBack() throws {
    let host = SimulatedHost(shape)
    let before = host.state
    try apply(host, "coalesce.rx-usecs", "5")
    try apply(host, "irq.smp-affinity", "6")
    host.name = "web0"
    let first = try verify(host)
    #expect(first.isGood, "\(first.failures) \(first.problems)")
    #expect(first.notes == ["eth0 is web0 now"])
    // The newest word on a value counts, whatever the name was.
    try apply(host, "coalesce.rx-usecs", "7")
    let second = try verify(host)
    #expect(second.isGood, "\(second.failures)")
    #expect(second.rows.count == 5)
    let restored = try host.tuner().rollBack(try Archive(host).ids().first)
    #expect(restored.count == 3 && restored.allSatisfy(\.isComplete))
    #expect(restored.map(\.notes) == [[], ["eth0 is web0 now"], ["eth0 is web0 now"]])
    #expect(host.state.differences(from: before) == [])
  }

  @Test func aWatchRepairsUnderTheNameOfNow() throws {
    let host = SimulatedHost(shape)
    try apply(host, "coalesce.rx-usecs", "5")
    let watched = try #require(host.identities.named(SimulatedHost.device))
    let watch = DriftWatch(
      host, evidence: Evidence(identities: host.identities, irqbalance: nil)
    ) { () throws(TuningError) in try host.tuner().entries() }
    #expect(try watch.look(devices: [watched], repairs: true, now: 0).isEmpty)
    host.name = "web0"
    let knob = try #require(Knob.named("coalesce.rx-usecs"))
    try host.write([(knob, .number(99))], at: .device("web0"))
    let kinds = try watch.look(devices: [watched], repairs: true, now: 1_000).map(\.kind)
    #expect(kinds.first == .note("eth0 is web0 now"))
    #expect(kinds.last == .repaired(Setting(knob, at: .device("web0"), .number(5))))
    #expect(try watch.look(devices: [watched], repairs: true, now: 2_000).map(\.kind).isEmpty)
  }

  /// What is owed is known by the name of then, and waits under that of now.
  @Test func aDebtFollowsTheDevice() throws {
    let host = SimulatedHost(shape)
    try apply(host, "rings.rx", "512")
    host.name = "web0"
    host.fault = .stuck("rings.rx")
    let restored = try #require(try host.tuner().rollBack(nil).first)
    #expect(restored.unrestored.map(\.key?.place) == [.device("web0")])
    guard case .incomplete(let debts)? = try Archive(host).journals().last?.state else {
      Issue.record("nothing is owed")
      return
    }
    #expect(debts.map(\.key?.place) == [.device("eth0")])
    host.fault = .none
    host.name = "lan0"
    let request = Request(try #require(Knob.named("rings.rx")), .literal("1024"))
    let plan = host.planner.plan([request], devices: ["lan0"])
    #expect(try host.tuner().objections(to: plan).map(\.subject) == ["lan0 rings.rx"])
    #expect(try host.tuner().recover().map(\.unrestored) == [[]])
  }

  /// Nothing is there to be restored, and that is not called rolled back; if the device comes
  /// back, its change can still be undone by its id.
  @Test func aDeviceThatIsGoneIsSaidAndBlocksNothing() throws {
    let host = SimulatedHost(shape)
    let before = host.state
    try apply(host, "rings.rx", "512")
    let id = try #require(try Archive(host).ids().last)
    host.ifindex = nil
    let restored = try #require(try host.tuner().rollBack(nil).first)
    #expect(restored.notes == ["eth0 is gone"] && !restored.isComplete)
    #expect(restored.journal.state == .deviceGone && restored.outcome.writes == 0)
    let length = try host.read(id + ".journal").count
    #expect(try host.tuner().recover().isEmpty)
    #expect(try host.tuner().rollBack(nil).isEmpty)
    #expect(try host.tuner().rollBack(id).first?.journal.state == .deviceGone)
    #expect(try host.read(id + ".journal").count == length)
    host.ifindex = "2"
    #expect(try host.tuner().rollBack(id).first?.isComplete == true)
    #expect(host.state.differences(from: before) == [])
  }

  /// Interrupts keep their name until a driver requests them again.
  @Test func anInterruptIsKnownByWhatIsNotTheDevicesName() {
    for (old, new, device, isSame) in [
      ("eth0-TxRx-3", "web0-TxRx-3", "web0", true),
      ("eth0-TxRx-3", "web0-TxRx-13", "web0", false),
      ("eth0-TxRx-3", "web0", "web0", false),
      ("eth0", "web0", "web0", true),
      ("eth0", "web0-TxRx-0", "web0", false),
      ("eth0-TxRx-3", "web0-3", "web0", false),
      ("ice-eth0-TxRx-1", "ice-web0-TxRx-1", "web0", true),
      ("i40e-eth0-TxRx-1", "ice-web0-TxRx-1", "web0", false),
      ("web0 (queue 1)", "eth0 (queue 1)", "eth0", true),
      ("mlx5_comp1@pci:0000:03:00.0", "mlx5_comp2@pci:0000:03:00.0", "web0", false),
      ("-TxRx-3", "web0-TxRx-3", "web0", false), ("", "web0", "web0", false),
      ("eth0", "eth0", "", false),
    ] {
      #expect(InterruptName.isRenamed(old, new, of: device) == isSame, "\(old) \(new)")
    }
  }
}

/// The same by the program itself, on the running kernel.
@Suite(
  "Renamed devices of the running kernel", .ownThread,
  .enabled(if: NetworkNamespace.isAvailable, "needs root for a network namespace"))
struct LiveRenameTests {
  private struct Bench {
    let namespace: NetworkNamespace
    let options: String

    func rxtune(_ words: String) throws -> Shell.Result {
      try Shell.result("timeout 30 '\(Program.rxtune)' \(words) \(options)")
    }

    /// RPS masks of all queues, in their order.
    func masks(_ device: String) throws -> [String] {
      try namespace.shell("cat /sys/class/net/\(device)/queues/rx-*/rps_cpus")
        .split(separator: "\n").map(String.init)
    }

    func mtu(_ device: String) throws -> String {
      try namespace.shell("cat /sys/class/net/\(device)/mtu").filter { $0 != "\n" }
    }
  }

  private func onVeth(_ body: (Bench) throws -> Void) throws {
    let state = try Shell.run("mktemp -d").filter { $0 != "\n" }
    defer { _ = try? Shell.run("rm -rf '\(state)'") }
    try NetworkNamespace.run { namespace in
      for pair in 0...1 {
        try namespace.shell(
          """
          ip link add v\(pair) numrxqueues 4 numtxqueues 4 type veth \
          peer name p\(pair) numrxqueues 4 numtxqueues 4 && \
          ip link set v\(pair) up && ip link set p\(pair) up
          """)
      }
      try body(Bench(namespace: namespace, options: "--state-dir '\(state)'"))
    }
  }

  private static func rename(_ old: String, _ new: String) -> String {
    "ip link set \(old) down && ip link set \(old) name \(new) && ip link set \(new) up"
  }

  @Test func aRenamedDeviceIsRolledBack() throws {
    try onVeth { bench in
      #expect(try bench.rxtune("set queue.rps-cpus=0-1 v0").status == 0)
      try bench.namespace.shell(Self.rename("v0", "web0"))
      let verification = try bench.rxtune("verify")
      #expect(verification.status == 0, "\(verification.output)")
      #expect(verification.output.contains("v0 is web0 now"))
      let back = try bench.rxtune("rollback")
      #expect(back.status == 0, "\(back.output)")
      #expect(back.output.contains("v0 is web0 now"))
      #expect(back.output.contains("4 values restored"))
      #expect(try Set(bench.masks("web0")) == ["0"])
      #expect(try bench.rxtune("history").output.contains("rolled back"))
    }
  }

  /// A new device bears the old name: not one of its values is touched.
  @Test func aNamesakeIsLeftAlone() throws {
    try onVeth { bench in
      #expect(try bench.rxtune("set queue.rps-cpus=0-1 v0").status == 0)
      try bench.namespace.shell(
        Self.rename("v0", "web0") + " && " + Self.rename("v1", "v0")
          + " && echo 2 >/sys/class/net/v0/queues/rx-1/rps_cpus")
      #expect(try bench.rxtune("verify").status == 0)
      #expect(try bench.rxtune("rollback").status == 0)
      #expect(try bench.masks("v0") == ["0", "2", "0", "0"])
      #expect(try Set(bench.masks("web0")) == ["0"])
    }
  }

  @Test func twoThatSwapNamesKeepTheirSettings() throws {
    try onVeth { bench in
      #expect(try bench.rxtune("set link.mtu=1400 queue.rps-cpus=0 v0").status == 0)
      #expect(try bench.rxtune("set link.mtu=1300 queue.rps-cpus=1 v1").status == 0)
      try bench.namespace.shell(
        [("v0", "x"), ("v1", "v0"), ("x", "v1")].map(Self.rename).joined(separator: " && "))
      let verification = try bench.rxtune("verify")
      #expect(verification.status == 0, "\(verification.output)")
      // A later change of the device under its new name is the newer word.
      #expect(try bench.rxtune("set link.mtu=1250 v1").status == 0)
      #expect(try bench.rxtune("verify").status == 0)
      #expect(try bench.rxtune("rollback").status == 0)
      #expect(try [bench.mtu("v0"), bench.mtu("v1")] == ["1300", "1400"])
      #expect(try bench.rxtune("rollback").status == 0)
      #expect(try [bench.mtu("v0"), bench.mtu("v1")] == ["1500", "1400"])
      #expect(try [bench.masks("v0"), bench.masks("v1")].map(Set.init) == [["0"], ["1"]])
      #expect(try bench.rxtune("rollback").status == 0)
      #expect(try [bench.mtu("v0"), bench.mtu("v1")] == ["1500", "1500"])
    }
  }

  @Test func aDeviceInAnotherNamespaceIsGone() throws {
    try onVeth { bench in
      #expect(try bench.rxtune("set queue.rps-cpus=0-1 v0").status == 0)
      try bench.namespace.shell(
        """
        unshare -n sleep 60 >/dev/null 2>&1 & child=$!; sleep 0.3
        ip link set v0 netns $child; kill $child
        """)
      let verification = try bench.rxtune("verify")
      #expect(verification.status == 2 && verification.output.contains("v0 is gone"))
      let back = try bench.rxtune("rollback")
      #expect(back.status == 1 && back.output.contains("v0 is gone"), "\(back.output)")
      #expect(!back.output.contains(" restored, "))
      #expect(try bench.rxtune("history").output.contains("device gone"))
      #expect(try bench.rxtune("history --json").output.contains("\"device-gone\""))
      // Nothing waits for it.
      let next = try bench.rxtune("set queue.rps-cpus=0-1 v1")
      #expect(next.status == 0 && !next.output.contains("v0"), "\(next.output)")
    }
  }

  @Test func anUnconfirmedChangeIsTakenBackUnderTheNewName() throws {
    try onVeth { bench in
      #expect(try bench.rxtune("set link.mtu=1300 v0 --confirm-within 2s").status == 0)
      try bench.namespace.shell(Self.rename("v0", "web0") + " && " + Self.rename("v1", "v0"))
      try bench.namespace.shell("ip link set v0 mtu 1300; sleep 5")
      #expect(try bench.mtu("web0") == "1500")
      #expect(try bench.mtu("v0") == "1300")
    }
  }

  @Test func aWatchFollowsARename() throws {
    try onVeth { bench in
      #expect(try bench.rxtune("set queue.rps-cpus=0-1 v0").status == 0)
      let output = try bench.namespace.shell(
        """
        timeout -s KILL 5 '\(Program.rxtune)' watch v0 --repair --interval 200ms \(bench.options) 2>&1 &
        sleep 1; \(Self.rename("v0", "web0")) && \(Self.rename("v1", "v0"))
        for queue in 0 1 2 3; do echo 0 >/sys/class/net/web0/queues/rx-$queue/rps_cpus; done
        wait || true
        """)
      #expect(try Set(bench.masks("web0")) == ["3"], "\(output)")
      #expect(try Set(bench.masks("v0")) == ["0"])
      #expect(output.contains("v0 is web0 now"))
    }
  }
}

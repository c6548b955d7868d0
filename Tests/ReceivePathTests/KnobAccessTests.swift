import KernelIO
import Knobs
import Netlink
import TestSupport
import TestTraits
import Testing

@testable import ReceivePath

/// Knobs against the live kernel, on devices made for it.
@Suite(
  "Knob access in a namespace", .ownThread,
  .enabled(if: NetworkNamespace.isAvailable, "needs root, for a network namespace"))
struct KnobAccessTests {
  /// A veth pair of 4 queues a side, up, with GRO on so that NAPI instances exist.
  private static func inNamespace<Value>(_ body: @escaping (Host) throws -> Value) throws -> Value {
    try NetworkNamespace.run { namespace in
      try namespace.addVeth("v0", "v1")
      return try body(Host(LiveKernel()))
    }
  }

  private static func knob(_ id: String) throws -> Knob { try #require(Knob.named(id)) }

  /// Sets `text`, reads it back, undoes it, and reads that back.
  private static func roundTrip(
    _ host: Host, _ id: String, _ text: String, at target: Place
  ) throws {
    let knob = try knob(id)
    let before = try host.read(knob, at: target)
    let wanted = try KnobValue.parse(text, for: knob, maximum: before.maximum)
    try #require(before.value != wanted, "\(id) is already \(text)")
    try host.write(knob, wanted, at: target)
    #expect(try host.read(knob, at: target).value == wanted, "\(id)")
    try host.write(knob, before.value, at: target)
    #expect(try host.read(knob, at: target) == before, "\(id)")
  }

  @Test func everyMechanismWritesReadsBackAndUndoes() throws {
    try Self.inNamespace { host in
      let device = Place.device("v0")
      for (id, text) in [
        ("link.mtu", "1400"), ("link.tx-queue-len", "500"), ("link.gro-max-size", "40000"),
        ("link.gro-ipv4-max-size", "40000"), ("features.rx-gro-list", "on"),
        ("features.rx-udp-gro-forwarding", "on"), ("channels.rx", "2"),
        ("device.gro-flush-timeout", "20000"), ("device.napi-defer-hard-irqs", "2"),
        ("device.threaded", "1"),
      ] { try Self.roundTrip(host, id, text, at: device) }
      for (id, text) in [
        ("queue.rps-cpus", "0-1"), ("queue.rps-flow-cnt", "4096"),
      ] { try Self.roundTrip(host, id, text, at: .queue(device: "v0", .rx, 1)) }
      for (id, text) in [("queue.xps-cpus", "1"), ("queue.xps-rxqs", "0,2")] {
        try Self.roundTrip(host, id, text, at: .queue(device: "v0", .tx, 2))
      }
      for (id, text) in [
        ("net.core.somaxconn", "8192"), ("net.core.rps_default_mask", "0-1"),
        ("net.ipv4.tcp_migrate_req", "on"), ("net.ipv4.tcp_rmem", "4096 131072 1048576"),
        ("net.ipv4.tcp_syncookies", "0"), ("net.ipv4.tcp_max_syn_backlog", "77"),
      ] { try Self.roundTrip(host, id, text, at: .host) }
    }
  }

  @Test func napiInstancesAreSetOneByOne() throws {
    try Self.inNamespace { host in
      let knob = try Self.knob("napi.defer-hard-irqs")
      let targets = try host.places(of: knob, on: ["v0"])
      try #require(targets.count == 4)
      for (id, text) in [
        ("napi.defer-hard-irqs", "3"), ("napi.gro-flush-timeout", "30000"),
        ("napi.irq-suspend-timeout", "5000000000"), ("napi.threaded", "1"),
      ] { try Self.roundTrip(host, id, text, at: targets[2]) }
      try host.write(knob, .number(7), at: targets[0])
      #expect(try host.read(knob, at: targets[0]).value == .number(7))
      #expect(try host.read(knob, at: targets[1]).value == .number(0))
    }
  }

  @Test func coalescingOfATunIsClampedAndReadBack() throws {
    try NetworkNamespace.run { namespace in
      try namespace.shell("ip tuntap add t0 mode tap multi_queue && ip link set t0 up")
      let host = Host(LiveKernel())
      let knob = try Self.knob("coalesce.rx-frames")
      try host.write(knob, .number(1_000_000), at: .device("t0"))
      #expect(try host.read(knob, at: .device("t0")).value == .number(64))
      let other = try Self.knob("coalesce.rx-usecs")
      let error = #expect(throws: KernelError.self) {
        try host.write(other, .number(10), at: .device("t0"))
      }
      #expect(error?.extendedAck?.message == "cannot modify an unsupported parameter")
    }
  }

  @Test func targetsAreThePartsOfADevice() throws {
    try Self.inNamespace { host in
      func targets(_ id: String, _ devices: String...) throws -> [Place] {
        try host.places(of: try Self.knob(id), on: devices)
      }
      let queues = try targets("queue.rps-cpus", "v0")
      #expect(queues == (0..<4).map { .queue(device: "v0", .rx, $0) })
      #expect(try targets("queue.xps-cpus", "v0", "v1").count == 8)
      #expect(try targets("irq.smp-affinity", "v0") == [])
      #expect(try targets("net.core.somaxconn") == [.host])
      #expect(try targets("SO_REUSEPORT", "v0") == [])
      #expect(throws: KernelError.self) { try targets("queue.rps-cpus", "nosuch") }
    }
  }

  @Test func whatIsOfTheHostSaysSoInANamespace() throws {
    try Self.inNamespace { host in
      let budget = host.reading(of: try Self.knob("net.core.netdev_budget"), at: .host)
      #expect(budget.absence?.reason == .notInNamespace)
      let rings = host.reading(of: try Self.knob("rings.rx"), at: .device("v0"))
      #expect(rings.absence?.reason == .notSupported)
      let gone = host.reading(of: try Self.knob("rings.rx"), at: .device("nosuch"))
      #expect(gone.absence?.reason == .gone)
    }
  }

  @Test func refusedFeaturesAreErrorsDespiteTheAcknowledgement() throws {
    try Self.inNamespace { host in
      let error = #expect(throws: KernelError.self) {
        try host.write(try Self.knob("features.rx-lro"), .flag(true), at: .device("v0"))
      }
      #expect(error?.kind == .notSupported)
      #expect(error?.extendedAck?.message == "acknowledged, and refused: rx-lro")
    }
  }

  @Test func reportedMaximaComeWithTheValue() throws {
    try Self.inNamespace { host in
      let channels = try host.read(try Self.knob("channels.rx"), at: .device("v0"))
      #expect(channels.maximum == 4 && channels.origin == "ethtool channels-get")
      let mtu = try host.read(try Self.knob("link.mtu"), at: .device("v0"))
      #expect(mtu.minimum == 68 && mtu.maximum == 65_535 && mtu.value == .number(1500))
      let error = #expect(throws: KernelError.self) {
        try host.write(try Self.knob("channels.rx"), .number(5), at: .device("v0"))
      }
      #expect(
        error?.description.contains("requested channel count exceeds maximum") == true)
    }
  }
}

@Suite("Knob access on this host, read only") struct KnobReadTests {
  /// Whatever this machine is, each knob has a value or a reason at each of its places.
  @Test(arguments: Knob.catalogue)
  func everyKnobAnswersWithoutATrap(knob: Knob) throws {
    let host = Host(LiveKernel())
    let devices = try host.links().map(\.name)
    let answers = SharedAnswers()
    for target in try host.places(of: knob, on: devices, sharing: answers) {
      switch host.reading(of: knob, at: target, sharing: answers) {
      case .value(let reading): #expect(!reading.origin.isEmpty)
      case .absent(let absence):
        #expect(absence.detail != nil)
        #expect(absence.reason != .unreadable, "\(knob.id) \(target): \(absence)")
      }
    }
  }

  /// A knob at a place of another kind is an error, not another knob's value.
  @Test(arguments: Knob.catalogue)
  func misplacedKnobsAreRefused(knob: Knob) {
    let host = Host(LiveKernel())
    let places: [(Place, Knob.Scope)] = [
      (.host, .host), (.device("lo"), .device), (.queue(device: "lo", .rx, 0), .rxQueue),
      (.napi(device: "lo", id: 1), .napi), (.irq(1), .irq), (.cpu(0), .cpu),
      (.device("../../../etc"), .socket), (.device(""), .socket),
      (.queue(device: "..", .rx, 0), .socket),
    ]
    for (target, scope) in places {
      let fits =
        scope == knob.scope || (scope == .host && knob.scope == .namespace)
        || (scope == .rxQueue && knob.scope == .txQueue)
      if fits { continue }
      #expect(throws: KernelError.self) { try host.read(knob, at: target) }
    }
  }
}

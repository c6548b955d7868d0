import Knobs
import Testing

@testable import Tuning

@Suite struct DriftTests {
  private let knob = Knob.named("net.core.somaxconn")

  private func inForce() throws -> (SimulatedHost, DriftWatch, Knob) {
    let host = SimulatedHost(.oneOfEight)
    let knob = try #require(knob)
    let plan = host.planner.plan([Request(knob, .literal("4096"))], devices: [])
    _ = try host.tuner().apply(plan, command: "test")
    let watch = DriftWatch(host, evidence: .none) { () throws(TuningError) in
      try host.tuner().entries()
    }
    return (host, watch, knob)
  }

  private func kinds(_ events: [DriftWatch.Event]) -> [String] {
    events.map { event in
      switch event.kind {
      case .drifted: "drifted"
      case .healed: "healed"
      case .repaired: "repaired"
      case .notRepaired: "not repaired"
      case .contested: "contested"
      case .problem(let text), .note(let text): text
      }
    }
  }

  @Test func saysOnceWhatDriftedAndThatItHealed() throws {
    let (host, watch, knob) = try inForce()
    func look() throws -> [String] {
      kinds(try watch.look(devices: [], repairs: false, now: 0))
    }
    #expect(try look().isEmpty)
    try host.write([(knob, .number(5))], at: .host)
    #expect(try look() == ["drifted"])
    #expect(try look().isEmpty)
    try host.write([(knob, .number(6))], at: .host)
    #expect(try look() == ["drifted"])
    try host.write([(knob, .number(4096))], at: .host)
    #expect(try look() == ["healed"])
  }

  @Test func putsBackAndLeavesTheContestedAlone() throws {
    let (host, watch, knob) = try inForce()
    var seen: [String] = []
    for step in 0..<8 {
      try host.write([(knob, .number(Int64(step)))], at: .host)
      seen += kinds(try watch.look(devices: [], repairs: true, now: Int64(step) * 1_000))
    }
    #expect(seen.filter { $0 == "repaired" }.count == 5)
    #expect(seen.filter { $0 == "contested" }.count == 1)
    #expect(try host.read(knob, at: .host) == .number(7))
    // A minute later it is tried again.
    #expect(
      kinds(try watch.look(devices: [], repairs: true, now: 120_000)).contains("repaired"))
    #expect(try host.read(knob, at: .host) == .number(4096))
  }

  @Test func saysThatNothingIsInForce() throws {
    let (host, watch, _) = try inForce()
    _ = try host.tuner().rollBack(nil)
    #expect(
      kinds(try watch.look(devices: [], repairs: true, now: 0)) == [
        "Nothing to verify: no change is in force."
      ])
  }

  private static func evidence(_ identity: DeviceIdentity?) -> Evidence {
    Evidence(identities: .one { identity }, irqbalance: nil)
  }

  private static func identity(_ ifindex: String, _ address: String) -> DeviceIdentity {
    DeviceIdentity(name: SimulatedHost.device, ifindex: ifindex, address: address)
  }

  private func apply(_ id: String, _ value: String, on host: SimulatedHost) throws {
    let request = Request(try #require(Knob.named(id)), .literal(value))
    let plan = host.planner.plan([request], devices: [SimulatedHost.device])
    _ = try host.tuner().apply(plan, command: "test")
  }

  /// Another device that bears the name is left alone; so is one that is gone. Each is said once.
  @Test(arguments: [
    (identity("7", "02:00:00:00:00:01"), "eth0 is another device now (index 7, was 2)"),
    (
      identity("2", "02:00:00:00:00:99"),
      "eth0 is another device now (address 02:00:00:00:00:99, was 02:00:00:00:00:01)"
    ),
    (nil, "eth0 is gone"),
  ])
  func leavesAnotherDeviceOfTheNameAlone(
    _ now: DeviceIdentity?, _ problem: String
  ) throws {
    let host = SimulatedHost(.igb)
    try apply("coalesce.rx-usecs", "5", on: host)
    try apply("rings.rx", "512", on: host)
    let usecs = try #require(Knob.named("coalesce.rx-usecs"))
    try host.write([(usecs, .number(99))], at: .device(SimulatedHost.device))
    let before = host.state
    let watch = DriftWatch(host, evidence: Self.evidence(now)) { () throws(TuningError) in
      try host.tuner().entries()
    }
    #expect(kinds(try watch.look(devices: [], repairs: true, now: 0)) == [problem])
    #expect(kinds(try watch.look(devices: [], repairs: true, now: 5_000)) == [])
    #expect(host.state.differences(from: before) == [])
  }

  /// What a repair resets is put back, also where nobody but the administrator set it.
  @Test func aRepairKeepsWhatItResets() throws {
    let host = SimulatedHost(.twoNodes)
    try apply("channels.combined", "8", on: host)
    try apply("napi.gro-flush-timeout", "20000", on: host)
    let device = Place.device(SimulatedHost.device)
    try host.write([(try #require(Knob.named("channels.combined")), .number(6))], at: device)
    let byHand = try #require(Knob.named("napi.defer-hard-irqs"))
    let napi = Place.napi(device: SimulatedHost.device, rank: 2)
    try host.write([(byHand, .number(9))], at: napi)
    let watch = DriftWatch(host, evidence: Self.evidence(Self.identity("2", ""))) {
      () throws(TuningError) in
      try host.tuner().entries()
    }
    let seen = kinds(try watch.look(devices: [], repairs: true, now: 0))
    #expect(!seen.contains("not repaired"), "\(seen)")
    #expect(host.queueCount == 8)
    #expect(try host.read(byHand, at: napi) == .number(9))
    #expect(
      try host.read(try #require(Knob.named("napi.gro-flush-timeout")), at: napi) == .number(20_000)
    )
    #expect(
      kinds(try watch.look(devices: [], repairs: true, now: 1_000)).allSatisfy { $0 == "healed" })
  }

  /// A tug-of-war that takes the link down each time ends for good, until the other gives in.
  @Test func aContestThatFlapsTheLinkIsNotTakenUpAgain() throws {
    let host = SimulatedHost(.igb)
    try apply("rings.rx", "512", on: host)
    let knob = try #require(Knob.named("rings.rx"))
    let watch = DriftWatch(host, evidence: Self.evidence(Self.identity("2", ""))) {
      () throws(TuningError) in
      try host.tuner().entries()
    }
    func write(_ value: Int64, _ now: Int64) throws -> [String] {
      try host.write([(knob, .number(value))], at: .device(SimulatedHost.device))
      return kinds(try watch.look(devices: [], repairs: true, now: now))
    }
    var seen: [String] = []
    for step in 0..<8 { seen += try write(256, Int64(step) * 1_000) }
    #expect(seen.filter { $0 == "repaired" }.count == 5)
    #expect(seen.filter { $0 == "contested" }.count == 1)
    #expect(try !write(256, 120_000).contains("repaired"))
    #expect(try write(512, 121_000) == ["healed"])
    #expect(try write(256, 122_000).contains("repaired"))
  }

  /// irqbalance may have been started since the watch was.
  @Test func asksForIRQBalanceAtEachBlame() throws {
    let host = SimulatedHost(.igb)
    try apply("irq.smp-affinity", "1", on: host)
    let knob = try #require(Knob.named("irq.smp-affinity"))
    var pid: Int?
    let watch = DriftWatch(
      host,
      evidence: Evidence(
        identities: .one { Self.identity("2", "") }, irqbalance: pid)
    ) { () throws(TuningError) in try host.tuner().entries() }
    #expect(try watch.look(devices: [], repairs: false, now: 0) == [])
    pid = 77
    try host.write(
      [(knob, .cpus(CPUSet([2])))],
      at: .interrupt(device: SimulatedHost.device, name: "eth0-TxRx-0"))
    guard case .drifted(let row)? = try watch.look(devices: [], repairs: false, now: 0).first?.kind
    else {
      Issue.record("nothing drifted")
      return
    }
    #expect(row.culprit == .irqbalance(pid: 77))
  }
}

import Knobs
import Testing

@testable import Tuning

/// Of several changes in force, the newest word on a value counts, however its place is spelled
/// and whichever knob wrote it.
@Suite("Superseded settings") struct SupersededTests {
  private static var evidence: Evidence {
    Evidence(
      identities: .one { .init(name: SimulatedHost.device, ifindex: "2", address: "") },
      irqbalance: nil)
  }

  private func apply(_ id: String, _ value: Request.Value, _ host: SimulatedHost) throws {
    try apply([(id, value)], host)
  }

  private func apply(_ wanted: [(String, Request.Value)], _ host: SimulatedHost) throws {
    let requests = try wanted.map { Request(try #require(Knob.named($0.0)), $0.1) }
    let plan = host.planner.plan(requests, devices: [SimulatedHost.device])
    _ = try host.tuner().apply(plan, command: "test")
  }

  /// All is as wanted, and a watch that repairs has nothing to do.
  private func expectGood(_ host: SimulatedHost, rows: Int) throws {
    let verification = Verification(
      inForce: try host.tuner().entries(), host, evidence: Self.evidence)
    #expect(verification.isGood, "\(verification.failures) \(verification.problems)")
    #expect(verification.rows.count == rows)
    let before = host.state
    let watch = DriftWatch(host, evidence: Self.evidence) { () throws(TuningError) in
      try host.tuner().entries()
    }
    #expect(try watch.look(devices: [], repairs: true, now: 0) == [])
    #expect(host.state.differences(from: before) == [])
  }

  private let shape = SimulatedHost.Shape(
    name: "4 of 8 queues", cpus: 8, channels: 4, maxChannels: 8)

  /// A vector that was planned before its queue was there, and the interrupt of its name.
  @Test func aVectorIsTheInterruptOfItsName() throws {
    let host = SimulatedHost(shape)
    try apply(
      [("channels.combined", .literal("8")), ("irq.smp-affinity", .literal("1"))], host)
    try expectGood(host, rows: 9)
    try apply("irq.smp-affinity", .each([.queue(.rx, 0): "5"]), host)
    try expectGood(host, rows: 9)
  }

  /// The device's value overwrites those of its instances.
  @Test func aDeviceOverwritesItsInstances() throws {
    let host = SimulatedHost(shape)
    try apply("napi.defer-hard-irqs", .literal("3"), host)
    try expectGood(host, rows: 4)
    try apply("device.napi-defer-hard-irqs", .literal("10"), host)
    try expectGood(host, rows: 1)
    // Once that is rolled back, what was set before is wanted again.
    _ = try host.tuner().rollBack(nil)
    try expectGood(host, rows: 4)
  }

  /// Interrupts are left as the driver lays them out for another number of queues.
  @Test func whatIsLeftToTheDriverIsNoLongerWanted() throws {
    let host = SimulatedHost(shape)
    try apply("irq.smp-affinity", .literal("6"), host)
    try expectGood(host, rows: 4)
    try apply("channels.combined", .literal("3"), host)
    try expectGood(host, rows: 1)
    try apply("irq.smp-affinity", .literal("7"), host)
    try expectGood(host, rows: 4)
  }
}

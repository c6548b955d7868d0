import Knobs
import Testing

@testable import Tuning

@Suite struct DriftTests {
  private let knob = Knob.named("net.core.somaxconn")

  private func inForce() throws -> (SimulatedHost, DriftWatch, Knob) {
    let host = SimulatedHost(SimulatedHost.Shape.all[1])
    let knob = try #require(knob)
    let plan = host.planner.plan([Request(knob, .literal("4096"))], devices: [])
    _ = try host.tuner().apply(plan, command: "test")
    let watch = DriftWatch(host, traces: .none) { () throws(TuningError) in
      try host.tuner().entries()
    }
    return (host, watch, knob)
  }

  private func kinds(_ findings: [DriftWatch.Finding]) -> [String] {
    findings.map { finding in
      switch finding.kind {
      case .drifted: "drifted"
      case .healed: "healed"
      case .repaired: "repaired"
      case .notRepaired: "not repaired"
      case .contested: "contested"
      case .problem(let text): text
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
    #expect(kinds(try watch.look(devices: [], repairs: true, now: 0)) == ["no change is in force"])
  }
}

import Knobs
import ReceivePath
import Testing

@testable import Tuning

/// The table of flow rules is a setting like others: on record, read back, and put back.
@Suite("Flow rules as settings") struct FlowRuleTests {
  static let shape = SimulatedHost.Shape(
    name: "2 of 8 queues with rules", cpus: 4, channels: 2, maxChannels: 8, hasRules: true)

  struct Case: Sendable, CustomStringConvertible {
    var settings: [(knob: String, value: String)]
    var description: String { settings.map { "\($0.knob)=\($0.value)" }.joined(separator: " ") }
  }

  static let cases: [Case] = [
    Case(settings: [("flow-rules", SimulatedHost.rules + "; @11 tcp4 dst-port 80 queue 1")]),
    Case(settings: [("flow-rules", "@3 tcp4 dst-port 23 queue 1; @4 ip4 l4proto 47 drop")]),
    Case(settings: [("flow-rules", "none")]),
    Case(settings: [("features.rx-ntuple-filter", "off")]),
    Case(settings: [("channels.combined", "4")]),
    Case(settings: [("channels.combined", "4"), ("flow-rules", "@1 tcp4 dst-port 80 queue 3")]),
    Case(settings: [("features.rx-ntuple-filter", "off"), ("channels.combined", "1")]),
  ]

  private func plan(_ one: Case, on host: SimulatedHost) throws -> Plan {
    let requests = try one.settings.map { setting in
      Request(try #require(Knob.named(setting.knob)), .literal(setting.value))
    }
    return host.planner.plan(requests, devices: [SimulatedHost.device])
  }

  private func rules(_ host: SimulatedHost) throws -> KnobValue {
    try host.read(try #require(Knob.named("flow-rules")), at: .device(SimulatedHost.device))
  }

  @Test(arguments: cases)
  func appliesAndRollsBack(_ one: Case) throws {
    let host = SimulatedHost(Self.shape)
    let before = host.state
    let plan = try plan(one, on: host)
    #expect(plan.blockers.isEmpty)
    // Whatever touches the rules has them on record.
    #expect(plan.before.contains { $0.value == .typed(SimulatedHost.rules, of: "flow-rules") })
    _ = try host.tuner().apply(plan, command: "test")
    let wanted = one.settings.last { $0.knob == "flow-rules" }?.value
    let isOff = one.settings.contains { $0.value == "off" }
    let text = isOff ? "none" : wanted ?? SimulatedHost.rules
    #expect(try rules(host) == .typed(text, of: "flow-rules"))
    #expect(try host.tuner().rollBack(nil).allSatisfy(\.unrestored.isEmpty))
    #expect(host.state.differences(from: before) == [])
  }

  @Test(arguments: cases)
  func survivesAKillAnywhere(_ one: Case) throws {
    let rehearsal = SimulatedHost(Self.shape)
    let before = rehearsal.state
    _ = try rehearsal.tuner().apply(try plan(one, on: rehearsal), command: "test")
    let after = rehearsal.state
    for number in 1...rehearsal.operations {
      for fault in [SimulatedHost.Fault.killBefore(number), .killAfter(number)] {
        let host = SimulatedHost(Self.shape)
        host.fault = fault
        let plan = try plan(one, on: host)
        #expect(throws: (any Error).self) { try host.tuner().apply(plan, command: "test") }
        host.revive()
        let committed = try host.tuner().archive.journals().last?.state == .committed
        #expect(try host.tuner().recover().allSatisfy(\.unrestored.isEmpty))
        #expect(host.state.differences(from: committed ? after : before) == [], "\(fault)")
      }
    }
  }

  @Test(arguments: cases)
  func undoesWhatCameBeforeARefusal(_ one: Case) throws {
    let rehearsal = SimulatedHost(Self.shape)
    let before = rehearsal.state
    _ = try rehearsal.tuner().apply(try plan(one, on: rehearsal), command: "test")
    for number in 1...rehearsal.writes {
      for fault in [SimulatedHost.Fault.refuse(number), .swallow(number)] {
        let host = SimulatedHost(Self.shape)
        host.fault = fault
        let plan = try plan(one, on: host)
        #expect(throws: TuningError.self) { try host.tuner().apply(plan, command: "test") }
        #expect(host.state.differences(from: before) == [], "\(fault)")
        #expect(try host.tuner().archive.journals().last?.state == .rolledBack)
      }
    }
  }

  @Test(arguments: [
    ("tcp4 dst-port 80", "it has no action"),
    ("@1 tcp4 dst-port 80 queue 2", "the device has 2 receive queues"),
    ("@1 tcp4 drop; @1 udp4 drop", "holds one rule"),
  ])
  func whatCannotBeIsAFinding(_ table: String, _ problem: String) throws {
    let host = SimulatedHost(Self.shape)
    let plan = try plan(Case(settings: [("flow-rules", table)]), on: host)
    #expect(plan.changes.isEmpty)
    #expect(plan.blockers.map(\.severity) == [.impossible])
    #expect(plan.blockers.first?.text.contains(problem) == true, "\(plan.blockers)")
  }

  @Test func theFilterIsNotTurnedOffInSilence() throws {
    let host = SimulatedHost(Self.shape)
    let plan = try plan(Case(settings: [("features.rx-ntuple-filter", "off")]), on: host)
    #expect(plan.caveats.contains { $0.text.contains("dst-port 22") && $0.severity == .note })
  }
}

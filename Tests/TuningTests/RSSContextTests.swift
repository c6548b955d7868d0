import Knobs
import ReceivePath
import Testing

@testable import Tuning

/// The RSS contexts are a setting like others, and hang together with the rules that use them.
@Suite("RSS contexts as settings") struct RSSContextTests {
  static let shape = SimulatedHost.Shape(
    name: "4 of 8 queues with contexts", cpus: 4, channels: 4, maxChannels: 8, hasRules: true,
    hasContexts: true)

  struct Case: Sendable, CustomStringConvertible {
    var settings: [(knob: String, value: String)]
    /// The contexts afterwards.
    var contexts: String
    var description: String { settings.map { "\($0.knob)=\($0.value)" }.joined(separator: " ") }
  }

  static let cases: [Case] = [
    Case(
      settings: [("rss.contexts", "1 equal 2; 2 equal 1; new equal 2 from 2")],
      contexts: "1 equal 2; 2 equal 1; 3 equal 2 from 2"),
    Case(settings: [("rss.contexts", "1 0*3,3; 2 equal 4")], contexts: "1 0*3,3; 2 equal 4"),
    // The unused one goes, and another one comes and may have its number.
    Case(settings: [("rss.contexts", "1 equal 2")], contexts: "1 equal 2"),
    Case(settings: [("rss.contexts", "1 equal 2; new equal 4")], contexts: "1 equal 2; 2 equal 4"),
    Case(
      settings: [
        ("rss.contexts", "1 equal 2; 2 equal 1; 7 equal 3"),
        ("flow-rules", "@3 tcp4 dst-port 22 queue 0; @5 udp4 dst-port 53 context 7"),
      ], contexts: "1 equal 2; 2 equal 1; 7 equal 3"),
    // The contexts are made smaller before the channels are fewer.
    Case(
      settings: [("channels.combined", "1"), ("rss.contexts", "1 equal 1; 2 equal 1")],
      contexts: "1 equal 1; 2 equal 1"),
    // A change of channels drops all of it, which comes back.
    Case(settings: [("channels.combined", "6")], contexts: SimulatedHost.contexts),
  ]

  private func plan(_ settings: [(knob: String, value: String)], _ host: SimulatedHost) throws
    -> Plan
  {
    let requests = try settings.map { setting in
      Request(try #require(Knob.named(setting.knob)), .literal(setting.value))
    }
    return host.planner.plan(requests, devices: [SimulatedHost.device])
  }

  @Test(arguments: cases)
  func appliesAndRollsBack(_ one: Case) throws {
    let host = SimulatedHost(Self.shape)
    let before = host.state
    let plan = try plan(one.settings, host)
    #expect(plan.blockers.isEmpty, "\(plan.blockers)")
    _ = try host.tuner().apply(plan, command: "test")
    let knob = try #require(Knob.named("rss.contexts"))
    #expect(try host.read(knob, at: .device("eth0")) == .typed(one.contexts, of: "rss.contexts"))
    let verification = Verification(
      inForce: try host.tuner().entries(), host,
      evidence: Evidence(
        identities: .one { .init(name: SimulatedHost.device, ifindex: "2", address: "") },
        irqbalance: nil))
    #expect(verification.isGood, "\(verification.failures)")
    #expect(try host.tuner().rollBack(nil).allSatisfy(\.unrestored.isEmpty))
    #expect(host.state.differences(from: before) == [])
  }

  @Test(arguments: cases)
  func comesBackWholeWhateverHappens(_ one: Case) throws {
    let rehearsal = SimulatedHost(Self.shape)
    let before = rehearsal.state
    _ = try rehearsal.tuner().apply(try plan(one.settings, rehearsal), command: "test")
    let after = rehearsal.state
    for number in 1...rehearsal.operations {
      for fault in [SimulatedHost.Fault.killBefore(number), .killAfter(number)] {
        let host = SimulatedHost(Self.shape)
        host.fault = fault
        let plan = try plan(one.settings, host)
        #expect(throws: (any Error).self) { try host.tuner().apply(plan, command: "test") }
        host.revive()
        let committed = try host.tuner().archive.journals().last?.state == .committed
        #expect(try host.tuner().recover().allSatisfy(\.unrestored.isEmpty))
        #expect(host.state.differences(from: committed ? after : before) == [], "\(fault)")
      }
    }
    for number in 1...rehearsal.writes {
      for fault in [SimulatedHost.Fault.refuse(number), .swallow(number)] {
        let host = SimulatedHost(Self.shape)
        host.fault = fault
        let plan = try plan(one.settings, host)
        #expect(throws: TuningError.self) { try host.tuner().apply(plan, command: "test") }
        #expect(host.state.differences(from: before) == [], "\(fault)")
      }
    }
  }

  @Test(arguments: [
    ([("rss.contexts", "2 equal 1")], "a rule sends packets to context 1: @5 tcp4"),
    // Contexts are written before rules are.
    ([("rss.contexts", "2 equal 1"), ("flow-rules", "none")], "a rule sends packets to context 1"),
    ([("rss.contexts", "1 equal 2; 2 equal 9")], "context 2 leads to queue 8"),
    ([("rss.contexts", "1 equal 2; new equal 2 from 3")], "context new leads to queue 4"),
    ([("rss.contexts", "1 equal")], "is not a table"),
    ([("channels.combined", "1"), ("flow-rules", "none")], "an RSS context uses queue 1"),
  ])
  func whatCannotBeIsAFinding(_ settings: [(String, String)], _ problem: String) throws {
    let host = SimulatedHost(Self.shape)
    let plan = try plan(settings.map { (knob: $0.0, value: $0.1) }, host)
    #expect(
      plan.blockers.contains { $0.severity == .impossible && $0.text.contains(problem) },
      "\(plan.blockers)")
    #expect(throws: TuningError.self) {
      try host.tuner().apply(plan, command: "test", force: true)
    }
    #expect(host.writes == 0)
  }
}

import Knobs
import ReceivePath
import TestSupport
import Testing

@testable import Tuning

/// State that a value does not show, and that a rollback restores all the same.
@Suite("State beyond the value") struct StateBeyondValueTests {
  private func plan(_ settings: [(knob: String, value: String)], _ host: SimulatedHost) throws
    -> Plan
  {
    let requests = try settings.map { setting in
      Request(try #require(Knob.named(setting.knob)), .literal(setting.value))
    }
    return host.planner.plan(requests, devices: [SimulatedHost.device])
  }

  private func change(_ host: SimulatedHost, _ settings: [(knob: String, value: String)]) throws {
    let plan = try plan(settings, host)
    #expect(plan.blockers.isEmpty, "\(plan.blockers)")
    _ = try host.tuner().apply(plan, command: "test")
  }

  private static func evidence(_ host: SimulatedHost) -> Evidence {
    Evidence(identities: host.identities, irqbalance: nil)
  }

  // MARK: - The driver's own RSS table

  struct Tables: Sendable, CustomTestStringConvertible {
    var forgetsTable: Bool
    var changes: [[(knob: String, value: String)]]
    var testDescription: String {
      (forgetsTable ? "igb: " : "")
        + changes.map { $0.map { "\($0.knob)=\($0.value)" }.joined(separator: " ") }
        .joined(separator: ", then ")
    }
  }

  static let tables: [Tables] = [false, true].flatMap { forgetsTable in
    [
      [[("rss.indirection", "equal 2")]],
      [[("rss.indirection", "equal 2")], [("rss.indirection", "equal 3")]],
      [[("channels.combined", "2"), ("rss.indirection", "equal 2")]],
      [[("rss.indirection", "equal 2")], [("channels.combined", "2")]],
      [[("channels.combined", "2")], [("rss.indirection", "equal 1")]],
      [[("rss.indirection", "equal 3"), ("channels.combined", "8")]],
      [[("rings.rx", "512"), ("rss.indirection", "equal 2")]],
    ].map { Tables(forgetsTable: forgetsTable, changes: $0) }
  }

  private func shape(_ tables: Tables) -> SimulatedHost.Shape {
    .init(
      name: "4 of 8 queues", cpus: 4, channels: 4, maxChannels: 8,
      forgetsTable: tables.forgetsTable)
  }

  /// Else the kernel would refuse fewer channels from then on.
  @Test(arguments: tables)
  func aTableOfTheDriversGoesBackToIt(_ tables: Tables) throws {
    let host = SimulatedHost(shape(tables))
    let before = host.state
    for settings in tables.changes { try change(host, settings) }
    for _ in tables.changes {
      #expect(try host.tuner().rollBack(nil).allSatisfy(\.unrestored.isEmpty))
    }
    #expect(host.state.differences(from: before) == [])
    try change(host, [("channels.combined", "1")])
  }

  @Test(arguments: tables)
  func aKilledChangeLeavesTheTableToTheDriver(_ tables: Tables) throws {
    let rehearsal = SimulatedHost(shape(tables))
    let before = rehearsal.state
    // The last word on each knob.
    let settings = tables.changes.flatMap(\.self).enumerated().filter { index, setting in
      !tables.changes.flatMap(\.self)[(index + 1)...].contains { $0.knob == setting.knob }
    }.map(\.element)
    try change(rehearsal, settings)
    for number in 1...rehearsal.operations {
      let host = SimulatedHost(shape(tables))
      let plan = try plan(settings, host)
      host.fault = .killAfter(number)
      _ = try? host.tuner().apply(plan, command: "test")
      host.revive()
      if try host.tuner().archive.journals().last?.state == .committed {
        _ = try host.tuner().rollBack(nil)
      }
      #expect(try host.tuner().recover().allSatisfy(\.unrestored.isEmpty))
      #expect(host.state.differences(from: before) == [], "operation \(number)")
    }
  }

  /// What was made smaller for fewer channels is all of them then.
  @Test(arguments: [false, true])
  func aTableOverAllQueuesPinsNone(_ forgetsTable: Bool) throws {
    let host = SimulatedHost(shape(Tables(forgetsTable: forgetsTable, changes: [])))
    try change(host, [("rss.indirection", "equal 3")])
    try change(host, [("channels.combined", "2"), ("rss.indirection", "equal 2")])
    try change(host, [("channels.combined", "1")])
  }

  @Test func knowsWhatDriversLayOut() {
    func isDefault(_ text: String, _ queues: Int, _ driver: String?) -> Bool {
      IndirectionTable(text)?.isDefault(queues: queues) { driver } ?? false
    }
    #expect(isDefault("equal 4", 4, nil))
    #expect(isDefault("equal 4", 4, "igb"))
    #expect(!isDefault("equal 4", 8, "igb"))
    #expect(isDefault("0*32,1*32,2*32,3*32", 4, "igb"))
    #expect(isDefault("0*43,1*43,2*42", 3, "igc"))
    // A user's weights, elsewhere.
    #expect(!isDefault("0*32,1*32,2*32,3*32", 4, "virtio_net"))
    #expect(!isDefault("0*32,1*32,2*32,3*32", 4, nil))
    #expect(!isDefault("0*32,1*32,2*32,3*32", 8, "igb"))
    #expect(!isDefault("0*64,1*32,2*16,3*16", 4, "igb"))
    #expect(!isDefault("0*9999999999,1*9223372036854775807", 2, "igb"))
  }

  // MARK: - Tables that are others', too

  private static let rules = FlowRuleTests.shape
  private static let another = "@1 udp4 dst-port 8001 queue 0"

  private func rules(_ host: SimulatedHost) throws -> String {
    try host.read(try #require(Knob.named("flow-rules")), at: .device("eth0")).description
  }

  @Test func anotherProgramsRuleStaysAndIsNamed() throws {
    let host = SimulatedHost(Self.rules)
    let before = try rules(host)
    try change(host, [("flow-rules", "@3 tcp4 dst-port 22 queue 0; @20 tcp4 dst-port 80 queue 1")])
    // Ours is on record, theirs comes in.
    host.meddle("flow-rules", .typed("\(Self.another); \(try rules(host))", of: "flow-rules"))
    let restored = try host.tuner().rollBack(nil)
    #expect(restored.flatMap(\.unrestored).isEmpty)
    #expect(
      restored.flatMap(\.notes) == [
        "eth0 flow-rules: \(Self.another) stays: it is another program's"
      ])
    #expect(try rules(host) == "\(Self.another); \(before)")
    #expect(restored.first?.journal.state == .rolledBack)
  }

  @Test func anotherProgramsRuleIsNoDriftAndSurvivesARepair() throws {
    let host = SimulatedHost(Self.rules)
    let ours = "@20 tcp4 dst-port 80 queue 1"
    try change(host, [("flow-rules", "\(SimulatedHost.rules); \(ours)")])
    let whole = try rules(host)
    func verification() throws -> Verification {
      Verification(inForce: try host.tuner().entries(), host, evidence: Self.evidence(host))
    }
    host.meddle("flow-rules", .typed("\(Self.another); \(whole)", of: "flow-rules"))
    #expect(try verification().isGood)
    // Ours is lost.
    host.meddle("flow-rules", .typed("\(Self.another); \(SimulatedHost.rules)", of: "flow-rules"))
    #expect(try verification().isGood == false)
    let watch = DriftWatch(host, evidence: Self.evidence(host)) { () throws(TuningError) in
      try host.tuner().entries()
    }
    _ = try watch.look(devices: [], repairs: true, now: 0)
    #expect(try rules(host) == "\(Self.another); \(whole)")
    #expect(try verification().isGood)
    // Those that we took away are back.
    try change(host, [("flow-rules", ours)])
    host.meddle(
      "flow-rules", .typed("@2 tcp4 drop; \(SimulatedHost.rules); \(ours)", of: "flow-rules"))
    #expect(try verification().isGood == false)
    _ = try watch.look(devices: [], repairs: true, now: 100_000)
    #expect(try rules(host) == "@2 tcp4 drop; \(ours)")
  }

  /// What a change only had on record is put back without taking anything away.
  @Test func rulesThatAChannelChangeLostComeBackBesideOthers() throws {
    let host = SimulatedHost(Self.rules)
    try change(host, [("channels.combined", "4")])
    host.meddle("flow-rules", .typed(Self.another, of: "flow-rules"))
    #expect(try host.tuner().rollBack(nil).allSatisfy(\.unrestored.isEmpty))
    // The simulated driver drops all with the channels.
    #expect(try rules(host) == SimulatedHost.rules)
  }

  @Test func aPlaceThatAnotherRuleHasByNowIsLeftToIt() throws {
    let host = SimulatedHost(Self.rules)
    try change(host, [("flow-rules", "@9 udp4 src-ip 192.0.2.0/24 drop")])
    let theirs = "@3 tcp4 dst-port 99 queue 1"
    host.meddle("flow-rules", .typed("\(theirs); \(try rules(host))", of: "flow-rules"))
    let restored = try host.tuner().rollBack(nil)
    #expect(restored.contains { !$0.unrestored.isEmpty })
    #expect(try rules(host).contains(theirs))
    // Gone, its place is free, and the rollback is finished.
    host.meddle("flow-rules", .typed("@9 udp4 src-ip 192.0.2.0/24 drop", of: "flow-rules"))
    #expect(try host.tuner().rollBack(nil).allSatisfy(\.unrestored.isEmpty))
    #expect(try rules(host) == SimulatedHost.rules)
  }

  @Test func anotherProgramsContextStaysAndIsNamed() throws {
    let host = SimulatedHost(RSSContextTests.shape)
    try change(host, [("rss.contexts", "1 equal 2; new equal 4")])
    host.meddle("rss.contexts", .typed("1 equal 2; 2 equal 4; 3 equal 3", of: "rss.contexts"))
    let restored = try host.tuner().rollBack(nil)
    // Number 2 was given back and taken again by us: it is ours to change.
    #expect(restored.flatMap(\.unrestored).isEmpty, "\(restored)")
    #expect(
      restored.flatMap(\.notes) == [
        "eth0 rss.contexts: context 3 equal 3 stays: it is another program's"
      ])
    let knob = try #require(Knob.named("rss.contexts"))
    #expect(
      try host.read(knob, at: .device("eth0"))
        == .typed("1 equal 2; 2 equal 1; 3 equal 3", of: "rss.contexts"))
  }

  @Test func aContextsNumberThatAnotherHasByNowIsLeftToIt() throws {
    let host = SimulatedHost(RSSContextTests.shape)
    try change(host, [("rss.contexts", "1 equal 2")])
    host.meddle("rss.contexts", .typed("1 equal 2; 2 equal 4", of: "rss.contexts"))
    #expect(try host.tuner().rollBack(nil).contains { !$0.unrestored.isEmpty })
    let knob = try #require(Knob.named("rss.contexts"))
    #expect(
      try host.read(knob, at: .device("eth0")) == .typed("1 equal 2; 2 equal 4", of: "rss.contexts")
    )
  }
}

import Testing

@testable import Diagnosis

/// A fault that a patient gets, and what is to be found then.
struct Fault: Sendable, CustomTestStringConvertible {
  let rule: String
  /// In a few words: a rule may have several.
  let name: String
  var fixture = "igb"
  /// Rules whose findings come with it, told as consequences.
  var explained: [String] = []
  let inflict: @Sendable (inout Patient) throws -> Void

  init(
    _ rule: String, _ name: String, fixture: String = "igb", explaining: [String] = [],
    _ inflict: @escaping @Sendable (inout Patient) throws -> Void
  ) {
    self.rule = rule
    self.name = name
    self.fixture = fixture
    explained = explaining
    self.inflict = inflict
  }

  var testDescription: String { "\(rule): \(name)" }

  func patient() throws -> Patient {
    var patient = try Patient(fixture)
    try inflict(&patient)
    return patient
  }

  static let all = queueFaults + hostFaults + steeringFaults + socketFaults + linkFaults
}

/// What looks like a fault of a rule and is none: nothing is to be found.
struct FalseAlarm: Sendable, CustomTestStringConvertible {
  let rule: String
  let name: String
  var fixture = "igb"
  let inflict: @Sendable (inout Patient) throws -> Void

  init(
    _ rule: String, _ name: String, fixture: String = "igb",
    _ inflict: @escaping @Sendable (inout Patient) throws -> Void
  ) {
    self.rule = rule
    self.name = name
    self.fixture = fixture
    self.inflict = inflict
  }

  var testDescription: String { "\(rule): \(name)" }

  static let all =
    queueFalseAlarms + hostFalseAlarms + steeringFalseAlarms + socketFalseAlarms
    + linkFalseAlarms
}

@Suite("Faults of recorded hosts") struct FaultTests {
  @Test(arguments: ["igb", "igb-6.12", "igb-7.3", "virtio-4q-7.3"])
  func aHealthyBusyHostHasNone(_ fixture: String) throws {
    let checkup = try Patient(fixture).checkup
    #expect(checkup.found.map(\.rule.id) == [])
    // Green is never by omission.
    let told =
      checkup.found.count + checkup.clean.count
      + Set(checkup.unchecked.map(\.rule.id) + checkup.notes.map(\.rule.id)).count
    #expect(told >= Rule.all.count)
  }

  /// What a fix runs: rxtune, and what does what it cannot.
  private static let programs = ["rxtune", "sysctl", "taskset"]

  @Test(arguments: Fault.all) func isFoundAndNothingElse(_ fault: Fault) throws {
    let checkup = try fault.patient().checkup
    #expect(checkup.found.map(\.rule.id) == [fault.rule])
    #expect(
      checkup.found.first?.consequences.map(\.rule.id).sorted() == fault.explained.sorted())
    let finding = try #require(checkup.found.first?.finding)
    #expect(!finding.evidence.isEmpty && finding.evidence.allSatisfy { !$0.source.isEmpty })
    #expect(!finding.fix.commands.isEmpty || finding.fix.remark != nil)
    #expect(finding.fix.commands.allSatisfy { Self.programs.contains($0.first ?? "") })
    #expect(finding.summary.hasSuffix(".") && finding.consequence.hasSuffix("."))
  }

  @Test(arguments: FalseAlarm.all) func isNoFinding(_ alarm: FalseAlarm) throws {
    var patient = try Patient(alarm.fixture)
    try alarm.inflict(&patient)
    #expect(patient.found == [])
  }

  @Test(arguments: Fault.harmless) func isANote(_ fault: Fault) throws {
    let checkup = try fault.patient().checkup
    #expect(checkup.found.map(\.rule.id) == [])
    #expect(checkup.notes.contains { $0.rule.id == fault.rule })
  }

  /// Each rule has a host with its fault, or is never a finding.
  @Test func everyRuleHasAFault() {
    let known = (Fault.all + Fault.harmless).map(\.rule)
    let missing = Set(Rule.all.map(\.id)).subtracting(known)
    #expect(missing.sorted() == [])
  }

  /// One snapshot gives no rate: what grows is not checked, and said so.
  @Test(arguments: Fault.all) func oneSnapshotGivesNoRates(_ fault: Fault) throws {
    let patient = try fault.patient()
    let examination = Examination(
      patient.now, settings: patient.settings, surroundings: patient.surroundings)
    let checkup = Checkup(examination)
    for found in checkup.found { #expect(found.rule.kind != .rate, "\(found.rule.id)") }
    let rule = try #require(Rule.named(fault.rule))
    if rule.kind != .state {
      #expect(checkup.unchecked.contains { $0.rule.id == rule.id }, "\(rule.id)")
    } else {
      #expect(checkup.found.map(\.rule.id) == [fault.rule])
    }
  }
}

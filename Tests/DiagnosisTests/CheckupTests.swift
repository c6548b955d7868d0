import Knobs
import Testing

@testable import Diagnosis
@testable import ReceivePath

/// How counters are compared, and findings joined.
@Suite("Checkup") struct CheckupTests {
  private static func rule(
    _ id: String, explains: [String] = [], _ verdicts: [Diagnosis.Verdict]
  ) -> Rule {
    Rule(id, "Title", .state, document: "none", explains: explains) { _ in verdicts }
  }

  private static func finding(
    _ severity: Diagnosis.Severity, _ subject: Diagnosis.Subject,
    _ confidence: Diagnosis.Confidence = .measured
  ) -> Diagnosis.Verdict {
    .finding(
      Diagnosis.Finding(
        severity, at: subject, "It is.", evidence: [], consequence: "So.", fix: .advice("Do."),
        confidence))
  }

  private static func ids(_ rules: [Rule]) throws -> [String] {
    Checkup(try Patient().examination, rules: rules).found.map(\.rule.id)
  }

  @Test func theWorstComesFirst() throws {
    let (eth0, eth1) = (Diagnosis.Subject.device("eth0"), Diagnosis.Subject.device("eth1"))
    let rules = [
      Self.rule("risk", [Self.finding(.risk, eth0)]),
      Self.rule("guess", [Self.finding(.loss, eth0, .guessed)]),
      Self.rule("cost", [Self.finding(.cost, eth0)]),
      Self.rule("loss", [Self.finding(.loss, eth0), Self.finding(.loss, eth1)]),
    ]
    #expect(try Self.ids(rules) == ["loss", "loss", "guess", "cost", "risk"])
  }

  @Test func oneFindingACause() throws {
    let (eth0, eth1) = (Diagnosis.Subject.device("eth0"), Diagnosis.Subject.device("eth1"))
    let cause = Self.rule("a", explains: ["b"], [Self.finding(.cost, eth0)])
    let effect = Self.rule(
      "b", explains: ["c"], [Self.finding(.loss, .host), Self.finding(.loss, eth1)])
    let last = Self.rule("c", [Self.finding(.loss, eth0)])
    let checkup = Checkup(try Patient().examination, rules: [cause, effect, last])
    // What is seen at another device has another cause.
    #expect(checkup.found.map(\.rule.id) == ["b", "a"])
    #expect(checkup.found.first?.finding.subject == eth1)
    #expect(checkup.found.last?.consequences.map(\.rule.id) == ["b", "c"])
  }

  @Test func rulesThatExplainEachOtherAreNotBothSilent() throws {
    let rules = [
      Self.rule("a", explains: ["b"], [Self.finding(.cost, .host)]),
      Self.rule("b", explains: ["c"], [Self.finding(.cost, .host)]),
      Self.rule("c", explains: ["a"], [Self.finding(.cost, .host)]),
    ]
    for order in [[0, 1, 2], [1, 2, 0], [2, 1, 0]] {
      #expect(try !Self.ids(order.map { rules[$0] }).isEmpty, "\(order)")
    }
  }

  @Test func countersThatGrowStandStillWrapAndGoBack() throws {
    let examination = try Patient().examination
    #expect(examination.trend(of: "c", from: UInt64(5), to: 105).perSecond == 10)
    #expect(examination.trend(of: "c", from: UInt64(5), to: 5) == .still(total: 5))
    #expect(examination.trend(of: "c", from: UInt32.max - 4, to: UInt32(5)).rate?.count == 10)
    for trend in [
      examination.trend(of: "c", from: UInt64(6), to: 5),
      examination.trend(of: "c", from: UInt32(6), to: 5),
      examination.trend(of: "c", from: UInt64?.none, to: 5),
      examination.trend(of: "c", from: UInt64(6), to: UInt64?.none),
    ] {
      guard case .unknown(let reason) = trend else {
        Issue.record("\(trend)")
        continue
      }
      #expect(reason.hasPrefix("c "))
    }
  }

  @Test func momentsThatGiveNoRates() throws {
    var patient = try Patient()
    #expect(patient.examination.interval == Patient.interval)
    patient.now.readings?.uptime = .value(1000.5)
    #expect(patient.examination.withoutRates?.contains("less than 1 s") == true)
    patient.now.readings?.uptime = .value(30)
    #expect(patient.examination.withoutRates?.contains("not later") == true)
    patient.now.readings = nil
    #expect(patient.examination.withoutRates?.contains("when they were taken") == true)
    #expect(patient.examination.trend(of: "c", from: UInt64(5), to: 105).perSecond == nil)
  }

  /// A device that has another name is the same; one with another index is not.
  @Test func devicesAreKnownByTheirIndex() throws {
    var patient = try Patient()
    patient.now.devices[0].link.name = "web0"
    #expect(patient.examination.devices.first?.packetsPerSecond == 40_000)
    patient.now.devices[0].link.index = 99
    #expect(patient.examination.devices.first?.packetsPerSecond == nil)
    let checkup = patient.checkup
    #expect(checkup.found.isEmpty && checkup.unchecked.contains { $0.rule.id == "irq-one-cpu" })
  }

  @Test func stolenTimeIsSaid() throws {
    var patient = try Patient()
    #expect(patient.checkup.remarks == [])
    for cpu in 0..<4 { patient.now.spend(softirq: 100, idle: 800, steal: 100, onCPU: cpu) }
    #expect(patient.checkup.remarks.first?.contains("10%") == true)
  }

  /// Counters that stood still are notes, with since when.
  @Test func whatWasCountedBeforeIsANote() throws {
    var patient = try Patient()
    try patient.both { try $0.count("UdpRcvbufErrors", 4_000) }
    let notes = patient.checkup.notes.map(\.note.text)
    #expect(
      notes.contains("UdpRcvbufErrors: 4000 since boot (up 16 min), none in the last 10 s."),
      "\(notes)")
  }

  /// A bond's rings and interrupts are its ports'.
  @Test func devicesBelowAreNamed() throws {
    var patient = try Patient()
    patient.both { host in
      let port = host.devices[0].link
      host.devices[0].link.kind = "bond"
      host.devices[0].link.parentDevice = nil
      host.devices[0].below = DevicesBelow(.ports, [port])
    }
    let reasons = patient.checkup.unchecked.filter { $0.rule.id == "ring-overrun" }.map(\.reason)
    #expect(reasons == ["packets arrive at other devices, which were not examined (eth0)"])
  }

  /// Whatever of it is missing, rules say so and go on.
  @Test func absentReadingsAreNotGreen() throws {
    var patient = try Patient()
    let absent = Absence(.notRecorded)
    patient.both { host in
      host.readings = nil
      host.sockets = nil
      host.softnet = .absent(absent)
      host.rpsSockFlowEntries = .absent(absent)
      host.devices[0].offloads = .absent(absent)
      host.devices[0].numaNode = .absent(absent)
      host.devices[0].napis = .absent(absent)
      host.devices[0].napiDefaults = NAPIDefaults(
        deferHardIRQs: .absent(absent), groFlushTimeout: .absent(absent),
        threaded: .absent(absent))
      host.devices[0].link.statistics = nil
      host.devices[0].rss = .absent(absent)
      host.devices[0].channels = .absent(absent)
      for queue in host.devices[0].transmitQueues.indices {
        host.devices[0].transmitQueues[queue].steering.cpus = .absent(absent)
      }
      for queue in host.devices[0].paths.indices {
        host.devices[0].paths[queue].interruptCounts = nil
        host.devices[0].paths[queue].statistics = nil
        host.devices[0].paths[queue].rpsFlowCount = .absent(absent)
        host.devices[0].paths[queue].rpsCPUs = .absent(absent)
      }
    }
    patient.settings = Settings()
    let checkup = patient.checkup
    #expect(checkup.found.isEmpty)
    // These look at what is not missing.
    let looked = ["irqbalance-undoes", "cloud-limit", "idle-states", "rps-remote"]
    #expect(Set(checkup.clean.map(\.id)).subtracting(looked).sorted() == [])
  }
}

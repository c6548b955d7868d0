import KernelIO
import Knobs
import ReceivePath
import TestSupport
import TestTraits
import Testing

@testable import Tuning

/// What a rollback could not restore is owed, and stands in the way of its own knob alone.
@Suite("Debts") struct DebtTests {
  private let shape = SimulatedHost.Shape(
    name: "4 of 8 queues", cpus: 8, channels: 4, maxChannels: 8)

  private func plan(_ host: SimulatedHost, _ wanted: [(String, String)]) throws -> Plan {
    let requests = try wanted.map { Request(try #require(Knob.named($0.0)), .literal($0.1)) }
    return host.planner.plan(requests, devices: [SimulatedHost.device])
  }

  @discardableResult
  private func apply(_ host: SimulatedHost, _ wanted: (String, String)...) throws -> String {
    try host.tuner().apply(try plan(host, wanted), command: "test").journal.id
  }

  private func write(_ host: SimulatedHost, _ id: String, _ value: KnobValue) throws {
    try host.write(
      [(try #require(Knob.named(id)), value)], at: .device(SimulatedHost.device))
  }

  private func read(_ host: SimulatedHost, _ id: String, _ place: Place) throws -> KnobValue {
    try host.read(try #require(Knob.named(id)), at: place)
  }

  /// Another program takes queues away: what a change of the rings had only recorded of them is no
  /// debt.
  @Test func whatWasOnlyRecordedAndIsGoneIsNotOwed() throws {
    let host = SimulatedHost(shape)
    try apply(host, ("rings.rx", "512"))
    try write(host, "channels.combined", .number(2))
    let restored = try #require(try host.tuner().rollBack(nil).first)
    #expect(restored.unrestored == [])
    #expect(restored.journal.state == .rolledBack && restored.isComplete)
    #expect(restored.notes.contains { $0.contains("not there now") }, "\(restored.notes)")
    #expect(try host.tuner().recover().isEmpty)
    #expect(try read(host, "rings.rx", .device(SimulatedHost.device)) == .number(256))
  }

  /// What was written and is gone is owed, in words and by its key; once it is there again, the
  /// next change pays.
  @Test func whatWasWrittenAndIsGoneIsOwedUntilItIsThere() throws {
    let host = SimulatedHost(shape)
    let id = try apply(host, ("queue.rps-cpus", "2"))
    try write(host, "channels.combined", .number(3))
    let queue = Place.queue(device: SimulatedHost.device, .rx, 3)
    let restored = try #require(try host.tuner().rollBack(nil).first)
    let debt = try #require(restored.unrestored.first)
    #expect(restored.unrestored.count == 1)
    #expect(debt.key == Setting.Key(.rpsCPUs, at: queue))
    #expect(debt.description.hasPrefix("eth0 rx-3 queue.rps-cpus was none, is not there"))
    #expect(try Archive(host).journal(id).state == .incomplete([debt]))

    // Elsewhere, changes go on, and are not undone by the next try.
    #expect(try host.tuner().recover().map(\.unrestored) == [[debt]])
    try apply(host, ("coalesce.rx-usecs", "5"), ("net.core.somaxconn", "999"))
    #expect(try host.tuner().recover().map(\.unrestored) == [[debt]])

    // The knob itself waits, on all of the device's queues.
    let blocked = try plan(host, [("queue.rps-cpus", "1")])
    let objection = try #require(try host.tuner().objections(to: blocked).first)
    #expect(objection.severity == .impossible && objection.subject == "eth0 queue.rps-cpus")
    #expect(objection.text.contains("change \(id) (test) was not fully rolled back"))
    #expect(objection.remedy?.contains("rxtune rollback --forget \(id)") == true)
    let state = host.state
    #expect(throws: TuningError.self) {
      try host.tuner().apply(blocked, command: "test", force: true)
    }
    #expect(host.state == state)

    try write(host, "channels.combined", .number(4))
    try host.write(
      [(try #require(Knob.named("queue.rps-cpus")), .cpus(CPUSet([7])))], at: queue)
    #expect(try host.tuner().recover().map(\.unrestored) == [[]])
    #expect(try read(host, "queue.rps-cpus", queue) == .cpus(CPUSet()))
    #expect(
      try read(host, "coalesce.rx-usecs", .device(SimulatedHost.device)) == .number(5))
    #expect(try host.tuner().recover().isEmpty)
    #expect(try host.tuner().objections(to: blocked).isEmpty)
  }

  /// Named by its id, a change that owes something is tried again alone.
  @Test func aRetryLeavesLaterChangesAlone() throws {
    let host = SimulatedHost(shape)
    let id = try apply(host, ("queue.rps-cpus", "2"), ("rings.rx", "512"))
    try write(host, "channels.combined", .number(3))
    _ = try host.tuner().rollBack(nil)
    let later = try apply(host, ("rings.rx", "1024"), ("napi.defer-hard-irqs", "3"))
    try write(host, "channels.combined", .number(4))
    let restored = try host.tuner().rollBack(id)
    #expect(restored.map(\.journal.id) == [id] && restored.allSatisfy(\.isComplete))
    #expect(try Archive(host).journal(later).state == .committed)
    #expect(try read(host, "rings.rx", .device(SimulatedHost.device)) == .number(1024))
  }

  /// A late payment that resets others' values brings them back.
  @Test func aLatePaymentKeepsWhatItResets() throws {
    let host = SimulatedHost(shape)
    let id = try apply(host, ("rings.rx", "512"))
    host.fault = .stuck("rings.rx")
    let restored = try #require(try host.tuner().rollBack(id).first)
    #expect(
      restored.unrestored.map(\.description) == [
        "eth0 rings.rx was 256, is 512 (write eth0 rings.rx: invalid argument (EINVAL))"
      ])
    try apply(host, ("napi.defer-hard-irqs", "3"), ("irq.smp-affinity", "6"))
    host.fault = .none
    #expect(try host.tuner().recover().map(\.unrestored) == [[]])
    #expect(try read(host, "rings.rx", .device(SimulatedHost.device)) == .number(256))
    let verification = Verification(
      inForce: try host.tuner().entries(), host,
      evidence: Evidence(identities: host.identities, irqbalance: nil))
    #expect(verification.isGood, "\(verification.failures)")
  }

  /// CPUs that went offline meanwhile: masks come back as far as can be, and nothing is owed.
  @Test func masksComeBackLessTheOfflineCPUs() throws {
    let host = SimulatedHost(shape)
    let queue = Place.queue(device: SimulatedHost.device, .rx, 1)
    let knob = try #require(Knob.named("queue.rps-cpus"))
    try host.write([(knob, .cpus(CPUSet([1, 5])))], at: queue)
    try apply(host, ("queue.rps-cpus", "2"))
    host.offline = CPUSet([5])
    let restored = try #require(try host.tuner().rollBack(nil).first)
    #expect(restored.unrestored == [] && restored.isComplete)
    #expect(
      restored.notes == [
        "eth0 rx-1 queue.rps-cpus was 1,5, is 1: CPU 5 is offline; restored as far as possible"
      ])
    #expect(try host.read(knob, at: queue) == .cpus(CPUSet([1])))
  }

  /// A change that resets queues keeps their masks as far as can be, too.
  @Test func aChangeKeepsMasksLessTheOfflineCPUs() throws {
    let host = SimulatedHost(shape)
    let queue = Place.queue(device: SimulatedHost.device, .rx, 3)
    let knob = try #require(Knob.named("queue.rps-cpus"))
    try host.write([(knob, .cpus(CPUSet([1, 5])))], at: queue)
    host.offline = CPUSet([5])
    try apply(host, ("channels.combined", "5"))
    #expect(try host.tuner().rollBack(nil).allSatisfy(\.isComplete))
  }

  /// An interrupt whose CPUs are all offline: recorded only, it is told; set by the change, owed.
  @Test(arguments: [false, true])
  func anInterruptWithoutItsCPUsIsOwedWhereItWasSet(_ isSet: Bool) throws {
    let host = SimulatedHost(shape)
    if isSet {
      try apply(host, ("irq.smp-affinity", "6"))
    } else {
      try apply(host, ("rings.rx", "512"))
    }
    host.offline = CPUSet([3])
    // As the kernel does once the last CPU of an interrupt goes.
    try host.write(
      [(try #require(Knob.named("irq.smp-affinity")), .cpus(host.online))],
      at: .interrupt(device: SimulatedHost.device, name: "eth0-TxRx-3"))
    let restored = try #require(try host.tuner().rollBack(nil).first)
    // The driver lays them out anew with the ring.
    let now = isSet ? "0-2,4-7" : "4"
    let text = "eth0 irq eth0-TxRx-3 irq.smp-affinity was 3, is \(now): CPU 3 is offline"
    #expect(restored.unrestored.map(\.description) == (isSet ? [text] : []))
    #expect(restored.notes == (isSet ? [] : [text]))
  }

  /// Journals of releases that wrote sentences alone.
  @Test func sentencesOfOlderReleasesAreRead() throws {
    let host = SimulatedHost(shape)
    let id = try apply(host, ("coalesce.rx-usecs", "5"), ("rings.rx", "512"))
    let sentence = "eth0 coalesce.rx-usecs was 20, is 5"
    for words in [["incomplete", sentence], ["incomplete", "of another kind"]] {
      try host.append(
        id + ".journal", Array(("\n" + JournalText.line(["event", "9"] + words)).utf8))
      let journal = try Archive(host).journal(id)
      #expect(journal.owed.map(\.description) == Array(words.dropFirst()))
      #expect(journal.due.count == (words[1] == sentence ? 1 : journal.before.count))
    }
    #expect(try host.tuner().recover().map(\.unrestored) == [[]])
    #expect(try read(host, "rings.rx", .device(SimulatedHost.device)) == .number(256))
  }

  @Test func debtsOfOneKindAreOneLine() throws {
    func debt(_ id: String, _ place: Place, _ reason: String) throws -> Journal.Debt {
      Journal.Debt(Setting.Key(try #require(Knob.named(id)), at: place), reason)
    }
    let masks = try (0..<4).map {
      try debt("queue.rps-cpus", .queue(device: "v0", .rx, $0), $0 == 2 ? "b" : "a")
    }
    let debts =
      try masks + [0, 1].map { try debt("napi.threaded", .napi(device: "v0", rank: $0), "a") } + [
        debt("link.mtu", .device("v0"), "a"), debt("link.mtu", .device("v1"), "a"),
        debt("net.core.somaxconn", .host, "a"), Journal.Debt(nil, "older"),
        debt("irq.smp-affinity", .interrupt(device: "v0", name: "x"), "a"),
      ]
    #expect(
      Journal.lines(debts) == [
        "older", "v0 rx-0 to rx-1, rx-3 queue.rps-cpus a", "v0 rx-2 queue.rps-cpus b",
        "v0 napi 0-1 napi.threaded a", "v0 link.mtu a", "v1 link.mtu a",
        "netns net.core.somaxconn a", "v0 irq x irq.smp-affinity a",
      ])
  }

  @Test func debtsAreReadAsTheyWereWritten() throws {
    let host = SimulatedHost(shape)
    let id = try apply(host, ("coalesce.rx-usecs", "5"))
    var journal = try Archive(host).journal(id)
    let debts: [Journal.Debt] = [
      .init(.init(try #require(Knob.named("net.core.somaxconn")), at: .host), "was 1, is 2"),
      .init(.init(.rpsCPUs, at: .queue(device: "eth0", .rx, 3)), ""),
      .init(.init(.irqAffinity, at: .interrupt(device: "owed", name: "a\tb%")), "owed"),
      .init(nil, "eth9 a was b, is c"),
    ]
    try Archive(host).append([.incomplete(debts)], to: &journal)
    #expect(try Archive(host).journal(id).state == .incomplete(debts))
    // A place that is cut, a knob that there is not.
    for words in [
      ["owed"], ["owed", "coalesce.rx-usecs", "2", "device", "eth0"],
      ["owed", "coalesce.rx-usecs", "9999999999999999999", "host", "x"],
      ["owed", "coalesce.rx-usecs", "-1", "x"], ["owed", "no.knob", "1", "host", "x"],
    ] {
      try host.append(
        id + ".journal",
        Array(("\n" + JournalText.line(["event", "9", "incomplete"] + words) + "\n").utf8))
      #expect(throws: TuningError.self) { try Archive(host).journal(id) }
      try host.remove(id + ".journal")
      try Archive(host).begin(journal)
    }
  }
}

/// The same by the program itself, on the running kernel.
@Suite(
  "Debts on the running kernel", .ownThread,
  .enabled(
    if: NetworkNamespace.isAvailable && Shell.has("ethtool"),
    "needs root for a network namespace, and ethtool"))
struct LiveDebtTests {
  /// - Parameter body: runs shell commands, in which "$rxtune" and "$state" stand for the program
  ///   and its option.
  private func onVeth(_ body: ((String) throws -> Shell.Result) throws -> Void) throws {
    let state = try Shell.run("mktemp -d").filter { $0 != "\n" }
    defer { _ = try? Shell.run("rm -rf '\(state)'") }
    try NetworkNamespace.run { namespace in
      try namespace.addVeth("v0", "v1")
      try body { command in
        try Shell.result(
          "rxtune() { timeout 30 '\(Program.rxtune)' \"$@\" --state-dir '\(state)'; }; \(command)")
      }
    }
  }

  /// The link is down by the time of the rollback, so that there is no NAPI instance: what a change
  /// of the MTU had recorded of them is no debt.
  @Test func aLinkThatIsDownBlocksNothing() throws {
    try onVeth { run in
      #expect(try run("rxtune set link.mtu=1400 v0 && ip link set v0 down").status == 0)
      let back = try run("rxtune rollback")
      #expect(back.status == 0, "\(back.output)")
      #expect(back.output.contains("napi.threaded: recorded, but not there now"))
      #expect(try run("cat /sys/class/net/v0/mtu").output == "1500\n")
      #expect(try run("rxtune history").output.contains("rolled back "))
      let next = try run("rxtune set link.mtu=1300 v1 && rxtune set link.mtu=1300 v0")
      #expect(next.status == 0 && !next.output.contains("note:"), "\(next.output)")
    }
  }

  /// What was set of NAPI instances that GRO took away is owed, and in the way of itself alone.
  @Test func whatWasSetWaitsForItsPlace() throws {
    try onVeth { run in
      #expect(try run("rxtune set napi.defer-hard-irqs=7 v0 && ethtool -K v0 gro off").status == 0)
      let back = try run("rxtune rollback")
      #expect(back.status == 1)
      #expect(
        back.output.contains(
          "not restored: v0 napi 0-3 napi.defer-hard-irqs was 0, is not there now (ENOENT)"),
        "\(back.output)")
      #expect(!back.output.contains("interrupted"))
      let other = try run("rxtune set queue.rps-cpus=0 link.mtu=1400 v0")
      #expect(other.status == 0 && other.output.contains("was not fully rolled back"))
      #expect(!other.output.contains("interrupted"), "\(other.output)")
      let verification = try run("rxtune verify")
      #expect(verification.status == 2 && verification.output.contains("not fully rolled back"))
      let json = try run("rxtune history --json")
      #expect(json.output.contains("\"rolled-back-in-part\""))

      // There again, and with values of their own: they are put back before the next change.
      #expect(
        try run(
          "echo 7 >/sys/class/net/v0/napi_defer_hard_irqs && ethtool -K v0 gro on"
        ).status == 0)
      let paid = try run("rxtune set napi.defer-hard-irqs=8 v0")
      #expect(paid.status == 0 && paid.output.contains("is fully rolled back now"))
      #expect(try run("rxtune rollback").status == 0)
      let found = try run("rxtune get napi.defer-hard-irqs v0 --json").output
      #expect(!found.contains(": 7") && !found.contains(": 8"), "\(found)")
      #expect(try run("rxtune verify").status == 0)
    }
  }

  /// A setting that is owed is refused to other changes, with the ways out.
  @Test func theKnobThatIsOwedIsRefused() throws {
    try onVeth { run in
      #expect(try run("rxtune set queue.rps-cpus=0-1 v0 && ethtool -L v0 rx 3").status == 0)
      #expect(try run("rxtune rollback").status == 1)
      let refused = try run("rxtune set queue.rps-cpus=1 v0")
      #expect(refused.status == 1 && refused.output.contains("was not fully rolled back"))
      let id = try run("rxtune history | tail -n 1 | cut -d ' ' -f 1").output.filter { $0 != "\n" }
      #expect(refused.output.contains("rxtune rollback --forget \(id)"), "\(refused.output)")
      #expect(try run("rxtune set queue.rps-cpus=1 v0 --dry-run").status == 1)
      #expect(try run("rxtune set queue.rps-cpus=1 v0 --force").status == 1)
      #expect(try run("cat /sys/class/net/v0/queues/rx-0/rps_cpus").output == "0\n")
      #expect(try run("rxtune set queue.rps-cpus=1 v1").status == 0)
      #expect(try run("rxtune rollback --forget \(id)").status == 0)
      #expect(try run("rxtune set queue.rps-cpus=1 v0").status == 0)
    }
  }
}

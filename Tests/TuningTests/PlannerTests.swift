import Knobs
import Testing

@testable import Tuning

/// Placement on machines of all kinds: which CPU gets which vector, and what follows from it.
@Suite struct PlannerTests {
  private func plan(_ text: [(String, String)], on host: SimulatedHost) throws -> Plan {
    let requests = try text.map { id, value in
      let knob = try #require(Knob.named(id))
      return Request(knob, Request.Value(value, for: knob))
    }
    return host.planner.plan(requests, devices: [SimulatedHost.device])
  }

  private func lines(_ plan: Plan) -> [String] {
    plan.changes.map {
      "\($0.setting.place) \($0.setting.knob.id): \($0.old?.description ?? "–") → "
        + $0.setting.value.description
    } + plan.caveats.map { "\($0.severity.rawValue) \($0.subject): \($0.text)" }
  }

  private func shape(_ edit: (inout SimulatedHost.Shape) -> Void) -> SimulatedHost.Shape {
    var shape = SimulatedHost.Shape(name: "test", cpus: 8, channels: 4, maxChannels: 8)
    edit(&shape)
    return shape
  }

  @Test func spreadsOverCoresOfTheNearNodeFirst() throws {
    // CPUs 0-7 are node 0 with threads (0,1), (2,3)…; 8-15 node 1.
    let host = SimulatedHost(.twoNodes)
    let plan = try plan(
      [("channels.combined", "spread"), ("irq.smp-affinity", "spread")], on: host)
    let cpus = (plan.satisfied + plan.changes.map(\.setting))
      .filter { $0.knob.id == "irq.smp-affinity" }.map(\.value.description)
    // Eight cores, so eight queues, though the NIC has sixteen: hyperthreads stay free.
    #expect(plan.changes.first?.setting.value == .number(8))
    #expect(cpus == ["0", "2", "4", "6", "8", "10", "12", "14"])
  }

  @Test func packsCoresWithAllTheirThreads() throws {
    let host = SimulatedHost(.twoNodes)
    _ = try host.tuner().apply(
      try plan([("irq.smp-affinity", "spread")], on: host), command: "test")
    let plan = try plan([("irq.smp-affinity", "pack")], on: host)
    #expect(
      lines(plan) == [
        "eth0 irq eth0-TxRx-1 irq.smp-affinity: 2 → 1",
        "eth0 irq eth0-TxRx-2 irq.smp-affinity: 4 → 2",
        "eth0 irq eth0-TxRx-3 irq.smp-affinity: 6 → 3",
      ])
  }

  @Test func avoidsIsolatedAndOfflineCPUs() throws {
    let host = SimulatedHost(.isolated)
    let plan = try plan(
      [("irq.smp-affinity", "spread"), ("queue.rps-cpus", "complement")], on: host)
    let used = (plan.changes.map(\.setting) + plan.satisfied).compactMap { setting -> [Int]? in
      guard case .cpus(let cpus) = setting.value else { return nil }
      return cpus.cpus
    }.flatMap { $0 }
    #expect(Set(used).isDisjoint(with: [2, 3, 5]))
    #expect(Set(used).isSuperset(of: [0, 1, 4, 6, 7]))
  }

  @Test func tellsManagedInterruptsBeforeAnythingIsWritten() throws {
    let host = SimulatedHost(
      shape { ($0.cpus, $0.channels, $0.maxChannels, $0.managed) = (4, 4, 4, [2]) })
    _ = try host.tuner().apply(try plan([("queue.rps-cpus", "off")], on: host), command: "test")
    let before = host.writes
    let knob = try #require(Knob.named("irq.smp-affinity"))
    let all = Request(knob, .literal("1"))
    let plan = host.planner.plan([all], devices: [SimulatedHost.device])
    #expect(
      plan.changes.map(\.setting.place)
        == [0, 3].map { .interrupt(device: "eth0", name: "eth0-TxRx-\($0)") })
    #expect(plan.blockers.map(\.subject) == ["eth0 irq eth0-TxRx-2 irq.smp-affinity"])
    #expect(plan.blockers.first?.text.hasPrefix("stays at 2: the kernel manages") == true)
    #expect(throws: TuningError.self) { try host.tuner().apply(plan, command: "test", force: true) }
    #expect(host.writes == before)

    // A profile does without it, and what follows from the vector's CPU follows where it is.
    let pack = Request(knob, .literal("3"), isRequired: false)
    let xps = Request(try #require(Knob.named("queue.xps-cpus")), .policy(.oneToOne))
    let lenient = host.planner.plan([pack, xps], devices: [SimulatedHost.device])
    #expect(lenient.blockers.isEmpty)
    #expect(lenient.caveats.map(\.severity) == [.note])
    #expect(
      lines(lenient).contains("eth0 tx-2 queue.xps-cpus: none → 2"), "\(lines(lenient))")
    _ = try host.tuner().apply(lenient, command: "test")
  }

  /// A value is read for the plan, after its write, and once more at the end; one that stays, for
  /// the plan and at the end. What a change of channels may reset is looked at once more.
  @Test func readsNoValueMoreOftenThanItMust() throws {
    let steering = [("queue.rps-cpus", "1"), ("irq.smp-affinity", "2")]
    let host = SimulatedHost(shape { ($0.cpus, $0.channels, $0.maxChannels) = (4, 8, 8) })
    _ = try host.tuner().apply(try plan(steering, on: host), command: "test")
    func most(_ knobs: [String], on host: SimulatedHost) -> Int {
      host.reads.filter { knobs.contains($0.key.knob.id) }.values.max() ?? 0
    }
    #expect(most(["queue.rps-cpus", "irq.smp-affinity"], on: host) == 3)

    let resized = SimulatedHost(shape { ($0.cpus, $0.channels, $0.maxChannels) = (4, 4, 8) })
    _ = try resized.tuner().apply(
      try plan([("channels.combined", "8")] + steering, on: resized), command: "test")
    #expect(most(["queue.rps-cpus", "queue.rps-flow-cnt", "queue.tx-maxrate"], on: resized) <= 4)
  }

  @Test func givesMoreQueuesThanCPUsToTheCPUsInTurn() throws {
    let host = SimulatedHost(shape { ($0.cpus, $0.channels) = (2, 8) })
    _ = try host.tuner().apply(
      try plan([("irq.smp-affinity", "spread")], on: host), command: "test")
    let cpus = try host.places(of: #require(Knob.named("irq.smp-affinity")), on: "eth0").map {
      try host.read(#require(Knob.named("irq.smp-affinity")), at: $0).description
    }
    #expect(cpus == ["0", "1", "0", "1", "0", "1", "0", "1"])
  }

  @Test func helpsWithCPUsThatHaveNoVector() throws {
    let host = SimulatedHost(shape { ($0.cpus, $0.channels, $0.maxChannels) = (8, 2, 2) })
    let plan = try plan(
      [("irq.smp-affinity", "spread"), ("queue.rps-cpus", "complement")], on: host)
    #expect(
      lines(plan) == [
        "eth0 rx-0 queue.rps-cpus: 0 → 2-7", "eth0 rx-1 queue.rps-cpus: none → 2-7",
      ])
  }

  /// scaling.rst: with a queue a CPU, RPS only adds an interrupt between processors. perftune
  /// sets it all the same (its compute_cpu_mask_for_mode has no such case).
  @Test func leavesRPSOffWhereEachCPUHasAQueue() throws {
    let host = SimulatedHost(shape { ($0.cpus, $0.channels) = (8, 8) })
    let plan = try plan(
      [("irq.smp-affinity", "spread"), ("queue.rps-cpus", "complement")], on: host)
    #expect(lines(plan) == ["eth0 rx-0 queue.rps-cpus: 0 → none"])
  }

  @Test func sendsOnTheQueueOfTheNearestVector() throws {
    let host = SimulatedHost(
      shape { ($0.cpus, $0.threadsPerCore, $0.nodes, $0.channels) = (16, 2, 2, 4) })
    let plan = try plan(
      [("irq.smp-affinity", "spread"), ("queue.xps-cpus", "one-to-one")], on: host)
    #expect(
      plan.changes.filter { $0.setting.knob.id == "queue.xps-cpus" }
        .map { $0.setting.value.description } == [
          // Each core with both threads, and the far node's CPUs dealt out in turn.
          "0-1,8,12", "2-3,9,13", "4-5,10,14", "6-7,11,15",
        ])
  }

  @Test func sharesTheFlowsOfRFSAmongQueues() throws {
    let host = SimulatedHost(.oneOfEight)
    let plan = try plan(
      [
        ("channels.combined", "4"), ("net.core.rps_sock_flow_entries", "32768"),
        ("queue.rps-flow-cnt", "equal"),
      ], on: host)
    #expect(
      lines(plan) == [
        "eth0 channels.combined: 1 → 4", "eth0 rx-0 queue.rps-flow-cnt: 2048 → 8192",
        "eth0 rx-1 queue.rps-flow-cnt: – → 8192", "eth0 rx-2 queue.rps-flow-cnt: – → 8192",
        "eth0 rx-3 queue.rps-flow-cnt: – → 8192",
        "host net.core.rps_sock_flow_entries: 0 → 32768",
      ])
  }

  struct Danger: Sendable, CustomStringConvertible {
    var knob: String
    var value: String
    var severity: Caveat.Severity
    var description: String { "\(knob)=\(value)" }
  }

  @Test(arguments: [
    Danger(knob: "net.core.netdev_budget", value: "0", severity: .danger),
    Danger(knob: "net.core.netdev_budget", value: "-1", severity: .danger),
    Danger(knob: "net.core.netdev_max_backlog", value: "-1", severity: .danger),
    Danger(knob: "queue.rps-flow-cnt", value: "1073741824", severity: .danger),
    Danger(knob: "irq.smp-affinity", value: "none", severity: .impossible),
    Danger(knob: "irq.smp-affinity", value: "5", severity: .impossible),
    Danger(knob: "queue.rps-cpus", value: "0,5", severity: .impossible),
    Danger(knob: "queue.rps-cpus", value: "999", severity: .impossible),
    Danger(knob: "channels.combined", value: "9", severity: .impossible),
    Danger(knob: "channels.combined", value: "0", severity: .impossible),
    Danger(knob: "channels.combined", value: "-1", severity: .impossible),
    Danger(knob: "rings.rx", value: "-1", severity: .impossible),
    Danger(knob: "coalesce.rx-usecs", value: "-1", severity: .impossible),
    Danger(knob: "napi.defer-hard-irqs", value: "-1", severity: .impossible),
    Danger(knob: "rss.indirection", value: "equal 16", severity: .impossible),
    Danger(knob: "rss.indirection", value: "0*4,8*4", severity: .impossible),
    Danger(knob: "rings.rx", value: "8192", severity: .impossible),
    Danger(knob: "irq.effective-affinity", value: "0", severity: .impossible),
    Danger(knob: "rings.tx-push", value: "on", severity: .impossible),
  ])
  func refusesWhatIsDangerous(_ danger: Danger) throws {
    let host = SimulatedHost(.isolated)
    let before = host.state
    let plan = try plan([(danger.knob, danger.value)], on: host)
    let about = plan.caveats.filter { $0.knob?.id == danger.knob }.map(\.severity)
    #expect(about.contains(danger.severity), "\(plan.caveats)")
    #expect(throws: TuningError.self) { try host.tuner().apply(plan, command: "test") }
    #expect(host.state == before)
    #expect(try Archive(host).ids().isEmpty)
    if danger.severity == .danger {
      _ = try host.tuner().apply(plan, command: "test", force: true)
      #expect(host.state != before)
    } else {
      #expect(throws: TuningError.self) {
        try host.tuner().apply(plan, command: "test", force: true)
      }
    }
  }

  /// A table that a user set pins its queues.
  @Test func refusesChannelsBelowATable() throws {
    let host = SimulatedHost(.isolated)
    _ = try host.tuner().apply(
      try plan([("rss.indirection", "equal 6")], on: host), command: "test")
    let plan = try plan([("channels.combined", "4")], on: host)
    #expect(plan.caveats.contains { $0.text.contains("RSS table uses queue 5") })
    #expect(throws: TuningError.self) { try host.tuner().apply(plan, command: "test") }
  }

  /// No count of channels, however wrong, ends the program.
  @Test(arguments: ["-1", "-9223372036854775808", "9223372036854775807"])
  func countsNoQueuesBelowNone(_ count: String) throws {
    for host in SimulatedHost.Shape.all.map(SimulatedHost.init) {
      for knob in ["channels.combined", "channels.rx"] {
        let plan = try plan(
          [(knob, count), ("channels.tx", count), ("queue.rps-cpus", "1")], on: host)
        #expect(!plan.blockers.isEmpty)
      }
    }
    var queues = Queues(SimulatedHost(.oneOfEight), SimulatedHost.device)
    let changes = try ["combined", "rx"].map { name in
      Change(
        Setting(
          try #require(Knob.named("channels.\(name)")), at: .device(SimulatedHost.device),
          .number(try #require(Int64(count)))), old: nil)
    }
    queues.count(changes, SimulatedHost.device)
    // As many as a message can carry; combined ones are both.
    let counted = Int(UInt32(clamping: try #require(Int64(count))))
    #expect(queues.rx == 2 * counted && queues.tx == counted)
  }

  static let shrinks: [(shape: SimulatedHost.Shape, settings: [(String, String)], table: String)] =
    [
      (SimulatedHost.Shape.isolated, [("rss.indirection", "equal 4")], "equal 4"),
      (SimulatedHost.Shape.igb, [("rss.indirection", "equal 3")], "equal 3"),
      // As the built-in profiles do.
      (SimulatedHost.Shape.isolated, [("rss.indirection", "equal")], "equal 4"),
    ]

  /// A table that a user set must be smaller before the channels can be fewer.
  @Test(arguments: shrinks.indices)
  func makesATableSmallerBeforeTheChannels(_ index: Int) throws {
    let (shape, settings, table) = Self.shrinks[index]
    func prepared() throws -> SimulatedHost {
      let host = SimulatedHost(shape)
      _ = try host.tuner().apply(
        try self.plan([("rss.indirection", "equal 6")], on: host), command: "test")
      return host
    }
    let rehearsal = try prepared()
    let before = rehearsal.state
    let wanted = [("channels.combined", "4")] + settings
    let plan = try self.plan(wanted, on: rehearsal)
    #expect(plan.blockers.isEmpty, "\(plan.caveats)")
    #expect(
      plan.changes.map(\.setting.knob.id).prefix(2) == ["rss.indirection", "channels.combined"])
    let operations = rehearsal.operations
    _ = try rehearsal.tuner().apply(plan, command: "test")
    let knob = try #require(Knob.named("rss.indirection"))
    #expect(try rehearsal.read(knob, at: .device("eth0")) == .typed(table, of: "rss.indirection"))
    #expect(rehearsal.queueCount == 4)
    let after = rehearsal.state
    let last = rehearsal.operations
    #expect(try rehearsal.tuner().rollBack(nil).allSatisfy(\.unrestored.isEmpty))
    #expect(rehearsal.state.differences(from: before) == [])
    for number in (operations + 1)...last {
      for fault in [SimulatedHost.Fault.killBefore(number), .killAfter(number)] {
        let host = try prepared()
        host.fault = fault
        let plan = try self.plan(wanted, on: host)
        #expect(throws: (any Error).self) { try host.tuner().apply(plan, command: "test") }
        host.revive()
        let journal = try #require(try host.tuner().archive.journals().last)
        let committed =
          journal.command == "test" && journal.wanted.count > 1
          && journal.state == .committed
        #expect(try host.tuner().recover().allSatisfy(\.unrestored.isEmpty))
        #expect(host.state.differences(from: committed ? after : before) == [], "\(fault)")
      }
    }
  }

  /// What an administrator set by hand outlives a change of something else.
  @Test func putsBackWhatAChangeResets() throws {
    let host = SimulatedHost(.isolated)
    let affinity = try #require(Knob.named("irq.smp-affinity"))
    _ = try host.tuner().apply(
      try plan([("irq.smp-affinity", "pack")], on: host), command: "test")
    let packed = try host.places(of: affinity, on: "eth0").map { try host.read(affinity, at: $0) }
    let report = try host.tuner().apply(
      try plan([("rings.rx", "4096")], on: host), command: "test")
    #expect(
      try host.places(of: affinity, on: "eth0").map { try host.read(affinity, at: $0) } == packed)
    #expect(!report.outcome.kept.isEmpty)
  }

  @Test func saysWhichCapabilityIsMissing() throws {
    let host = SimulatedHost(.isolated)
    let plan = try plan(
      [("coalesce.rx-usecs", "5"), ("net.core.netdev_budget", "400")], on: host)
    let nobody = Privileges(effective: 0, isRoot: false).caveats(plan)
    #expect(nobody.map(\.subject) == ["coalesce.rx-usecs", "net.core.netdev_budget"])
    #expect(
      nobody.map(\.text) == [
        "writing it needs CAP_NET_ADMIN", "writing it needs CAP_DAC_OVERRIDE",
      ])
    #expect(Privileges(effective: 1 << 12, isRoot: true).caveats(plan).isEmpty)
  }
}

import Knobs
import Notation
import Testing

@testable import Tuning

/// A change that is killed or refused anywhere leaves the host as it was.
@Suite struct CrashTests {
  struct Case: Sendable, CustomStringConvertible {
    var profile: String
    var shape: SimulatedHost.Shape
    var description: String { "\(profile) on \(shape)" }
  }

  static let cases: [Case] = ProfileLibrary.builtIn.flatMap { entry in
    SimulatedHost.Shape.all.map { Case(profile: entry.name, shape: $0) }
  }

  private func host(_ one: Case) -> SimulatedHost { SimulatedHost(one.shape) }

  private func plan(_ one: Case, on host: SimulatedHost) throws -> Plan {
    let profile = try ProfileLibrary(directory: "/nonexistent").profile(one.profile)
    return host.planner.plan(profile.requests, devices: [SimulatedHost.device])
  }

  @Test(arguments: cases)
  func appliesAndRollsBack(_ one: Case) throws {
    let host = host(one)
    let before = host.state
    let plan = try plan(one, on: host)
    #expect(plan.blockers.isEmpty)
    #expect(!plan.changes.isEmpty)
    _ = try host.tuner().apply(plan, command: "test")
    #expect(host.state.differences(from: before) != [])
    // What was set is so, and a second plan has nothing left to do.
    let again = try self.plan(one, on: host)
    #expect(again.changes.isEmpty)
    #expect(try !host.tuner().rollBack(nil).isEmpty)
    #expect(host.state.differences(from: before) == [])
  }

  /// SIGKILL before and after every single operation, on settings and on the journal alike.
  @Test(arguments: cases)
  func survivesAKillAnywhere(_ one: Case) throws {
    let rehearsal = host(one)
    let before = rehearsal.state
    _ = try rehearsal.tuner().apply(try plan(one, on: rehearsal), command: "test")
    let after = rehearsal.state
    var count = 0
    for number in 1...rehearsal.operations {
      for fault in [SimulatedHost.Fault.killBefore(number), .killAfter(number)] {
        let host = host(one)
        host.fault = fault
        let plan = try plan(one, on: host)
        #expect(throws: (any Error).self) { try host.tuner().apply(plan, command: "test") }
        #expect(host.isDead)
        host.revive()
        // The last word of the journal decides: either the change is whole, or it never was.
        let committed = try host.tuner().archive.journals().last?.state == .committed
        #expect(try host.tuner().recover().allSatisfy(\.unrestored.isEmpty))
        #expect(host.state.differences(from: committed ? after : before) == [], "\(fault)")
        count += 1
      }
    }
    #expect(count == 2 * rehearsal.operations)
  }

  /// Recovery may be killed, too, and be taken up again.
  @Test(arguments: cases.filter { $0.shape.maxChannels > 1 })
  func survivesAKillOfTheRollback(_ one: Case) throws {
    let rehearsal = host(one)
    let before = rehearsal.state
    _ = try rehearsal.tuner().apply(try plan(one, on: rehearsal), command: "test")
    let applied = rehearsal.operations
    _ = try rehearsal.tuner().rollBack(nil)
    var count = 0
    for number in applied + 1...rehearsal.operations {
      for fault in [SimulatedHost.Fault.killBefore(number), .killAfter(number)] {
        let host = host(one)
        _ = try host.tuner().apply(try plan(one, on: host), command: "test")
        host.fault = fault
        _ = try? host.tuner().rollBack(nil)
        #expect(host.isDead)
        host.revive()
        _ = try host.tuner().recover()
        _ = try host.tuner().rollBack(nil)
        #expect(host.state.differences(from: before) == [], "\(fault)")
        count += 1
      }
    }
    #expect(count == 2 * (rehearsal.operations - applied) && count > 0)
  }

  private struct Ended: Error {}

  /// A search for what helps: each setting of a profile alone, then all together, each in force for one
  /// trial, waiting to be confirmed, rolled back and forgotten. It is killed at every operation.
  @Test(arguments: ["throughput", "latency", "spread"], [SimulatedHost.Shape.igb])
  func aSearchThatIsKilledLeavesNothing(_ name: String, _ shape: SimulatedHost.Shape) throws {
    let requests = try ProfileLibrary(directory: "/nonexistent").profile(name).requests
    let trials = requests.map { [$0] } + [requests]
    func search(_ host: SimulatedHost) throws {
      for trial in trials {
        let plan = host.planner.plan(trial, devices: [SimulatedHost.device])
        guard !plan.changes.isEmpty, plan.blockers.isEmpty else { continue }
        let report = try host.tuner().apply(
          plan, command: "improve", deadline: TimeStamp(seconds: TimeStamp.now().seconds + 3600))
        // As a benchmark does, it ends where not all came back.
        let restored = try host.tuner().rollBack(report.journal.id)
        guard restored.allSatisfy(\.unrestored.isEmpty) else { throw Ended() }
        try host.tuner().archive.forget(report.journal.id)
      }
    }
    let rehearsal = SimulatedHost(shape)
    let before = rehearsal.state
    try search(rehearsal)
    #expect(rehearsal.state.differences(from: before) == [])
    #expect(try rehearsal.tuner().archive.journals().isEmpty)
    var count = 0
    for number in 1...rehearsal.operations {
      for fault in [SimulatedHost.Fault.killBefore(number), .killAfter(number)] {
        let host = SimulatedHost(shape)
        host.fault = fault
        #expect(throws: (any Error).self) { try search(host) }
        host.revive()
        _ = try host.tuner().recover()
        _ = try host.tuner().rollBack(nil)
        #expect(host.state.differences(from: before) == [], "\(fault)")
        count += 1
      }
    }
    #expect(count == 2 * rehearsal.operations && rehearsal.operations > trials.count)
    print("\(name): a search killed at \(count) places left nothing")
  }

  @Test(arguments: cases)
  func undoesWhatCameBeforeARefusal(_ one: Case) throws {
    let rehearsal = host(one)
    let before = rehearsal.state
    _ = try rehearsal.tuner().apply(try plan(one, on: rehearsal), command: "test")
    var count = 0
    for number in 1...rehearsal.writes {
      for fault in [SimulatedHost.Fault.refuse(number), .swallow(number)] {
        let host = host(one)
        host.fault = fault
        let plan = try plan(one, on: host)
        let error = #expect(throws: TuningError.self) {
          try host.tuner().apply(plan, command: "test")
        }
        guard case .failed(_, let undo)? = error else {
          Issue.record("\(fault): \(String(describing: error))")
          continue
        }
        if case .incomplete(let left) = undo { Issue.record("\(fault): \(left)") }
        #expect(host.state.differences(from: before) == [], "\(fault)")
        #expect(try host.tuner().archive.journals().last?.state == .rolledBack)
        count += 1
      }
    }
    #expect(count == 2 * rehearsal.writes)
  }

  /// An interrupt that moves tells the CPUs of before for some looks: neither a refusal, nor left behind.
  @Test(arguments: cases)
  func waitsForInterruptsThatMove(_ one: Case) throws {
    let rehearsal = host(one)
    let before = rehearsal.state
    _ = try rehearsal.tuner().apply(try plan(one, on: rehearsal), command: "test")
    #expect(rehearsal.waited == 0)
    let host = host(one)
    host.fault = .moves(3)
    _ = try host.tuner().apply(try plan(one, on: host), command: "test")
    #expect(host.state.differences(from: rehearsal.state) == [])
    // 1, 2 and 4 ms for each.
    #expect(host.waited == 7 * host.moves)
    if one.profile == "latency" && one.shape.name == SimulatedHost.Shape.twoNodes.name {
      #expect(host.moves > 0)
    }
    #expect(try host.tuner().rollBack(nil).allSatisfy(\.unrestored.isEmpty))
    #expect(host.state.differences(from: before) == [])
  }

  /// Where interrupts move while their change is rolled back, they look as they were, and are not.
  @Test func putsBackInterruptsThatMove() throws {
    let host = SimulatedHost(.twoNodes)
    let before = host.state
    let requests = try ProfileLibrary(directory: "/nonexistent").profile("latency").requests
      .filter { $0.knob == .irqAffinity }
    let plan = host.planner.plan(requests, devices: [SimulatedHost.device])
    _ = try host.tuner().apply(plan, command: "test")
    #expect(host.moves > 0 && host.state.differences(from: before) != [])
    host.interrupt()
    #expect(try host.tuner().rollBack(nil).allSatisfy(\.unrestored.isEmpty))
    #expect(host.state.differences(from: before) == [])
  }

  @Test(arguments: cases)
  func changesNothingWhereTheDiskIsFull(_ one: Case) throws {
    let host = host(one)
    let before = host.state
    // The first operation is the journal itself; later ones are its events.
    for from in 1...2 {
      host.fault = .diskFull(from + host.storageOperations)
      let plan = try plan(one, on: host)
      let error = #expect(throws: TuningError.self) {
        try host.tuner().apply(plan, command: "test")
      }
      #expect(error?.description.contains("Nothing was changed.") == (from == 1), "\(from)")
      #expect(error?.description.contains("all is as it was") == (from == 2), "\(from)")
      #expect(host.state.differences(from: before) == [])
      host.fault = .none
      _ = try host.tuner().recover()
    }
  }

  /// What was put back is put back, whether or not there is room to say so.
  @Test(arguments: cases)
  func rollsBackWhereTheDiskIsFull(_ one: Case) throws {
    let host = host(one)
    let before = host.state
    _ = try host.tuner().apply(try plan(one, on: host), command: "test")
    host.fault = .diskFull(0)
    let restored = try host.tuner().rollBack(nil)
    #expect(restored.count == 1 && restored.allSatisfy(\.unrestored.isEmpty))
    #expect(host.state.differences(from: before) == [])
    // Nothing takes the change for one in force: a watch would make it again.
    #expect(try host.tuner().entries().isEmpty)
  }

  /// What could not be undone is told, also where it cannot be put on record.
  @Test func saysWhatStaysWhereTheDiskIsFull() throws {
    let host = SimulatedHost(.oneOfEight)
    let tuner = Tuner(
      host, Archive(host), Circumstances(bootID: "boot", namespace: "net:[1]", pid: 1),
      identities: .one { .init(name: SimulatedHost.device, ifindex: "2", address: "") },
      fingerprint: { _ in
        // At the end of the change: the journal finds no room, and the device does not answer.
        if host.hasJournals { (host.ifindex, host.fault) = (nil, .diskFull(0)) }
        return nil
      })
    let knob = try #require(Knob.named("coalesce.rx-usecs"))
    let plan = host.planner.plan([Request(knob, .literal("5"))], devices: ["eth0"])
    let error = #expect(throws: TuningError.self) { try tuner.apply(plan, command: "test") }
    #expect(
      error?.description == """
        write memory: no space left on device (ENOSPC). Not fully rolled back: eth0 coalesce.rx-usecs was 20, is not there now \
        (ENODEV). Try: rxtune rollback
        """)
  }

  /// What cannot be put back stands in the way of other changes until it is given up.
  @Test func whatCannotBePutBackIsGivenUp() throws {
    let host = SimulatedHost(.oneOfEight)
    let ids = ["net.core.somaxconn", "net.core.netdev_budget"]
    let requests = try ids.map { Request(try #require(Knob.named($0)), .literal("700")) }
    _ = try host.tuner().apply(host.planner.plan(requests, devices: []), command: "test")
    let id = try #require(try Archive(host).ids().first)
    #expect(throws: TuningError.self) { try host.tuner().forget(id) }
    host.fault = .seesaw(ids[0], ids[1])
    let left = try host.tuner().rollBack(nil).flatMap(\.unrestored)
    #expect(left.count == 1)
    // Trying again and again makes no journal grow.
    #expect(try host.tuner().recover().map(\.unrestored) == [left])
    let length = try host.read(id + ".journal").count
    for _ in 0..<3 { #expect(try host.tuner().recover().map(\.unrestored) == [left]) }
    #expect(try host.read(id + ".journal").count == length)
    #expect(try host.tuner().forget(id).unrestored == left)
    #expect(try host.tuner().recover().isEmpty)
    #expect(throws: TuningError.self) { try host.tuner().forget(id) }
  }

  /// Killed, and then the device goes, or another one has its name: the host's own settings come
  /// back, the device's are nobody's, and the next change has a free way.
  @Test(arguments: cases, [nil, "77"])
  func theWayIsFreeOnceTheDeviceIsGone(_ one: Case, _ ifindex: String?) throws {
    let rehearsal = host(one)
    let untouched = rehearsal.state
    _ = try rehearsal.tuner().apply(try plan(one, on: rehearsal), command: "test")
    for number in stride(from: 2, to: rehearsal.operations, by: 7) {
      let host = host(one)
      host.fault = .killAfter(number)
      let plan = try plan(one, on: host)
      #expect(throws: (any Error).self) { try host.tuner().apply(plan, command: "test") }
      host.revive()
      let killed = host.state
      host.ifindex = ifindex
      let restored = try host.tuner().recover()
      #expect(restored.count == 1 && restored.allSatisfy(\.unrestored.isEmpty), "\(number)")
      #expect(try host.tuner().recover().isEmpty)
      for (key, value) in host.state.values {
        let expected = (key.place.device == nil ? untouched : killed).values[key]
        #expect(value == expected, "\(number): \(key)")
      }
    }
  }

  @Test func aRestoreComesToAnEnd() throws {
    let host = SimulatedHost(.oneOfEight)
    let ids = ["net.core.somaxconn", "net.core.netdev_budget"]
    let knobs = try ids.map { try #require(Knob.named($0)) }
    host.fault = .seesaw(ids[0], ids[1])
    var convergence = Convergence(host) { _ in
      if host.writes > 1_000 { host.fault = .none }
    }
    let left = convergence.restore(knobs.map { Setting($0, at: .host, .number(7)) })
    #expect(left.count == 1, "\(left)")
    #expect(host.writes < 40)
  }
}

import KernelIO
import Knobs
import Testing

@testable import Tuning

/// Which journals are kept, and under which names.
@Suite struct ArchiveTests {
  private func apply(
    _ host: SimulatedHost, _ value: Int, knob: String = "net.core.somaxconn"
  ) throws {
    let knob = try #require(Knob.named(knob))
    let plan = host.planner.plan(
      [Request(knob, .literal("\(value)"))], devices: [SimulatedHost.device])
    _ = try host.tuner().apply(plan, command: "test \(value)")
  }

  private func ids(_ host: SimulatedHost) throws -> [String] { try Archive(host).ids() }

  /// A program that tries again and again pushes no change out that is in force.
  @Test func refusedChangesPushNoneOut() throws {
    let host = SimulatedHost(.oneOfEight)
    try apply(host, 5, knob: "coalesce.rx-usecs")
    let first = try #require(try ids(host).first)
    for value in 1001...1150 {
      host.fault = .refuse(host.writes + 1)
      #expect(throws: TuningError.self) { try apply(host, value) }
      host.fault = .none
    }
    #expect(try ids(host).first == first)
    #expect(try ids(host).count == 64)
    #expect(try host.tuner().rollBack(nil).map(\.journal.id) == [first])
  }

  /// Of changes in force, those go whose settings newer ones have all set again.
  @Test func whatNewerOnesHaveSetAgainGoes() throws {
    let host = SimulatedHost(.oneOfEight)
    try apply(host, 5, knob: "coalesce.rx-usecs")
    let first = try #require(try ids(host).first)
    for value in 1000..<1150 { try apply(host, value) }
    let kept = try ids(host)
    #expect(kept.count == 64)
    #expect(kept.first == first)
    #expect(
      Set(try host.tuner().entries().compactMap { try? $0.journal.get().command })
        .isSuperset(of: ["test 5", "test 1149", "test 1100"]))
  }

  /// A change that is refused takes none with it that it would have replaced.
  @Test func whatIsNotYetInForceReplacesNothing() throws {
    let host = SimulatedHost(.oneOfEight)
    try apply(host, 5, knob: "coalesce.rx-usecs")
    let first = try #require(try ids(host).first)
    for value in 1000..<1063 { try apply(host, value) }
    #expect(try ids(host).count == 64)
    host.fault = .refuse(host.writes + 1)
    #expect(throws: TuningError.self) { try apply(host, 6, knob: "coalesce.rx-usecs") }
    #expect(try ids(host).first == first)
  }

  /// Those of another boot, and of devices that are gone, go before any that is in force.
  @Test(arguments: ["boot", "device"])
  func whatIsOverGoesFirst(_ why: String) throws {
    let host = SimulatedHost(.oneOfEight)
    if why == "boot" { try apply(host, 999) }
    try apply(host, 5, knob: "coalesce.rx-usecs")
    let over = try #require(try ids(host).last)
    if why == "boot" {
      let archive = Archive(host)
      var journal = try archive.journal(over)
      journal.bootID = "earlier"
      try host.remove(over + ".journal")
      try archive.begin(journal)
      try archive.append(.committed, to: &journal)
    } else {
      host.ifindex = "77"
    }
    for value in 1000..<(why == "boot" ? 1063 : 1064) { try apply(host, value) }
    #expect(try ids(host).count == 64)
    #expect(try !ids(host).contains(over))
  }

  /// Where the clock was set back, changes share a moment: each has a number of its own, and
  /// they are in the order in which they were made.
  @Test func areInTheOrderOfTheChanges() throws {
    let host = SimulatedHost(.oneOfEight)
    let archive = Archive(host)
    try apply(host, 1)
    var journal = try archive.journal(try #require(try ids(host).first))
    journal.id = "20991231-235959"
    try archive.begin(journal)
    try archive.append(.committed, to: &journal)
    for value in 2...150 {
      try apply(host, value)
      #expect(try archive.journals().last?.command == "test \(value)")
    }
    let numbers = try ids(host).map(\.description)
    #expect(numbers.suffix(2) == ["20991231-235959-149", "20991231-235959-150"])
    #expect(try host.tuner().rollBack(numbers[numbers.count - 60]).count == 60)
  }

  @Test func noneIsWrittenOver() throws {
    let host = SimulatedHost(.oneOfEight)
    try apply(host, 1)
    let archive = Archive(host)
    let journal = try #require(try archive.journals().first)
    #expect(throws: TuningError.self) { try archive.begin(journal) }
    #expect(try archive.journals() == [journal])
  }
}

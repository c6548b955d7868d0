import KernelIO
import Knobs
import ReceivePath
import Testing

@testable import Tuning

/// What a plan's reader is told before it is carried out.
@Suite struct CaveatTests {
  private func plan(
    _ text: [(String, String)], on host: SimulatedHost = SimulatedHost(.isolated)
  ) throws -> Plan {
    let requests = try text.map { id, value in
      let knob = try #require(Knob.named(id))
      return Request(knob, Request.Value(value, for: knob))
    }
    return host.planner.plan(requests, devices: [SimulatedHost.device])
  }

  private func caveats(
    _ text: [(String, String)], on host: SimulatedHost = SimulatedHost(.isolated)
  ) throws -> [String] {
    try plan(text, on: host).caveats.map { "\($0.severity.rawValue): \($0)" }
  }

  @Test func adaptiveModerationChoosesTheDelay() throws {
    // On as it is.
    #expect(
      try caveats([("coalesce.rx-usecs", "8")]) == [
        "note: eth0 coalesce.rx-usecs: has no effect while coalesce.adaptive-rx is on. Turn that "
          + "off as well: rxtune set coalesce.adaptive-rx=off coalesce.rx-usecs=8 eth0"
      ])
    #expect(try caveats([("coalesce.tx-usecs", "8")]).count == 1)
    #expect(try caveats([("coalesce.adaptive-rx", "off"), ("coalesce.rx-usecs", "8")]) == [])
    // On as planned.
    let host = SimulatedHost(.isolated)
    _ = try host.tuner().apply(
      try plan([("coalesce.adaptive-rx", "off")], on: host), command: "test")
    #expect(try caveats([("coalesce.rx-usecs", "8")], on: host) == [])
    #expect(
      try caveats([("coalesce.adaptive-rx", "on"), ("coalesce.rx-usecs", "8")], on: host).count
        == 1)
  }

  @Test(arguments: [
    ([("device.napi-defer-hard-irqs", "10")], "does nothing while device.gro-flush-timeout"),
    (
      [("device.gro-flush-timeout", "20000")],
      "defers no interrupt while device.napi-defer-hard-irqs"
    ),
    ([("napi.defer-hard-irqs", "10")], "does nothing while napi.gro-flush-timeout"),
    ([("queue.rps-flow-cnt", "4096")], "does nothing while net.core.rps_sock_flow_entries"),
    ([("device.napi-defer-hard-irqs", "0")], nil),
    ([("device.napi-defer-hard-irqs", "10"), ("device.gro-flush-timeout", "20000")], nil),
    ([("queue.rps-flow-cnt", "4096"), ("net.core.rps_sock_flow_entries", "32768")], nil),
  ])
  func oneNeedsTheOther(_ settings: [(String, String)], _ text: String?) throws {
    let caveats = try plan(settings).caveats
    #expect(caveats.allSatisfy { $0.severity == .note })
    #expect(Set(caveats.map(\.text)) == Set(text.map { [$0 + " is 0"] } ?? []))
  }

  @Test func oneValueIsGivenOnce() throws {
    let host = SimulatedHost(.isolated)
    let plan = try plan([("queue.rps-cpus", "1"), ("queue.rps-cpus", "0")], on: host)
    #expect(plan.blockers.count == 8)
    #expect(plan.blockers.allSatisfy { $0.text == "given twice: 1 and 0" })
    #expect(throws: TuningError.self) { try host.tuner().apply(plan, command: "test") }
    #expect(host.writes == 0)
  }

  /// Since 5.9 the kernel leaves them out without a word.
  @Test func isolatedCPUsGetNoRPS() throws {
    let caveat = try #require(try plan([("queue.rps-cpus", "1-3")]).caveats.first)
    #expect(caveat.severity == .danger)
    #expect(
      caveat.text
        == "CPU 2-3 is isolated (isolcpus= or nohz_full=): the kernel leaves it out of RPS")
    #expect(caveat.remedy == "Choose from CPUs 0-1,4,6-7.")
    #expect(try caveats([("queue.rps-cpus", "1,4")]) == [])
    // They may send, and take interrupts, if somebody says so.
    #expect(try caveats([("queue.xps-cpus", "2"), ("irq.smp-affinity", "3")]) == [])
  }

  @Test func aNumberBeyondTheCPUsMayBeAMask() throws {
    #expect(
      try plan([("queue.rps-cpus", "11")]).caveats.first?.remedy
        == "Online CPUs: 0-4,6-7. As a mask, 11 is the list 0,4.")
  }

  /// For programs: not only a sentence.
  @Test func findingsTellKnobAndPlace() throws {
    let caveat = try #require(try plan([("channels.combined", "99")]).caveats.first)
    #expect(caveat.knob?.id == "channels.combined")
    #expect(caveat.place == .device("eth0"))
    #expect(caveat.subject == "eth0 channels.combined")
  }

  @Test func aRefusalSaysWhatToTry() throws {
    let knob = try #require(Knob.named("queue.rps-flow-cnt"))
    let place = Place.queue(device: "eth0", .rx, 0)
    var failure = WriteFailure(
      settings: [Setting(knob, at: place, .number(4096))],
      cause: .refused(KernelError("write", "rps_flow_cnt", Errno(rawValue: 12))))
    #expect(
      failure.description
        == "eth0 rx-0 queue.rps-flow-cnt = 4096: the kernel refused it: cannot allocate memory (ENOMEM). "
        + "Each entry takes 12 bytes.")
    failure.notes = [Caveat(.note, knob, at: place, "there is a reason", remedy: "Try this")]
    #expect(failure.description.hasSuffix("bytes. there is a reason. Try this"))
  }

  /// By itself, before there is a device.
  @Test func aProfileTellsWhatIsForNothing() throws {
    func notes(_ settings: String) throws -> [String] {
      Prerequisites(
        try ProfileParser.parse("name: t\nsettings:\n\(settings)", file: "t.yaml")
      ).caveats.map { "\($0.subject): \($0.text)" }
    }
    #expect(
      try notes("  coalesce.adaptive-rx: on\n  coalesce.rx-usecs: 8\n")
        == ["coalesce.rx-usecs: has no effect while coalesce.adaptive-rx is on"])
    #expect(
      try notes("  device.napi-defer-hard-irqs: 10\n") == [
        "device.napi-defer-hard-irqs: does nothing unless device.gro-flush-timeout is set, and the "
          + "profile does not set it"
      ])
    #expect(try notes("  coalesce.rx-usecs: 8\n") == [])
    for builtIn in ProfileLibrary.builtIn {
      let profile = try ProfileParser.parse(try builtIn.text(), file: builtIn.origin)
      #expect(Prerequisites(profile).caveats.isEmpty, "\(builtIn.name)")
    }
  }

  @Test func aProfileRefusesMasks() throws {
    let error = #expect(throws: ProfileError.self) {
      try ProfileParser.parse("settings:\n  queue.rps-cpus: 00ff\n", file: "t.yaml")
    }
    #expect(
      error?.description.hasSuffix("queue.rps-cpus: \"00ff\" is a mask: write the list 0-7") == true
    )
  }
}

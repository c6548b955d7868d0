import Knobs
import Testing

@testable import Tuning

@Suite struct IRQBalanceTests {
  private func plan(_ id: String, _ value: String) throws -> Plan {
    let host = SimulatedHost(.isolated)
    let knob = try #require(Knob.named(id))
    return host.planner.plan(
      [Request(knob, Request.Value(value, for: knob))], devices: [SimulatedHost.device])
  }

  private func caveat(_ plan: Plan, _ handling: IRQBalance.Handling, pid: Int? = 77) -> Caveat? {
    IRQBalance.caveat(plan, pid: pid, interrupts: [41, 40], handling: handling)
  }

  @Test func isSaidBeforeInterruptsArePlaced() throws {
    let plan = try plan("irq.smp-affinity", "pack")
    #expect(caveat(plan, .refuse)?.severity == .danger)
    #expect(caveat(plan, .ignore)?.severity == .note)
    let ban = caveat(plan, .ban)
    #expect(ban?.severity == .note)
    #expect(ban?.remedy?.hasSuffix("--banirq=40 --banirq=41") == true)
    #expect(ban?.text.contains("pid 77") == true)
  }

  @Test func isNoMatterWhereItDoesNotRunOrNothingIsPlaced() throws {
    #expect(caveat(try plan("irq.smp-affinity", "pack"), .refuse, pid: nil) == nil)
    #expect(caveat(try plan("coalesce.rx-usecs", "3"), .refuse) == nil)
  }
}

import Knobs
import Testing

@testable import Tuning

/// Devices that are named in one command share the CPUs.
@Suite("Several devices") struct SeveralDevicesTests {
  /// Two nodes of four cores with two threads each: CPUs 0–7 (0 and 1 a core), 8–15.
  private func locality(home: Int) -> Locality {
    let nodes = [CPUSet(Array(0..<8)), CPUSet(Array(8..<16))]
    return Locality(
      online: CPUSet(Array(0..<16)), cores: (0..<8).map { CPUSet([2 * $0, 2 * $0 + 1]) },
      nodes: home == 0 ? nodes : nodes.reversed())
  }

  /// The vectors' CPUs of devices that have so many queues and such homes, one after the other.
  private func place(_ policy: Policy, _ devices: [(queues: Int, home: Int)]) -> [[Int]] {
    var placed: [[Int]] = []
    for device in devices {
      var placement = Placement(
        locality(home: device.home), rxQueues: device.queues, txQueues: device.queues)
      placement.others = placed.flatMap { $0 }
      for queue in 0..<device.queues { _ = placement.affinity(policy, queue: queue) }
      placed.append(placement.taken)
    }
    return placed
  }

  @Test func theSecondGoesOnWhereTheFirstEnded() {
    #expect(place(.spread, [(2, 0), (2, 0)]) == [[0, 2], [4, 6]])
    // The near node's cores are full: the other node's come before a core has two.
    #expect(place(.spread, [(3, 0), (3, 0)]) == [[0, 2, 4], [6, 8, 10]])
    #expect(place(.spread, [(2, 0), (2, 0), (4, 0)]) == [[0, 2], [4, 6], [8, 10, 12, 14]])
    #expect(place(.pack, [(1, 0), (1, 0), (2, 0)]) == [[0], [1], [2, 3]])
  }

  @Test func eachBeginsOnItsOwnNode() {
    #expect(place(.spread, [(4, 0), (4, 1)]) == [[0, 2, 4, 6], [8, 10, 12, 14]])
    #expect(place(.spread, [(6, 0), (4, 1)]) == [[0, 2, 4, 6, 8, 10], [12, 14, 9, 11]])
  }

  /// However many there are, no core gets a vector more than another.
  @Test func noCoreGetsTwoBeforeEachHasOne() {
    for first in 0...20 {
      for second in 0...20 {
        for home in [0, 1] {
          let cpus = place(.spread, [(first, 0), (second, home)]).flatMap { $0 }
          let cores = (0..<8).map { core in cpus.count { $0 / 2 == core } }
          if cpus.count <= 8 { #expect((cores.max() ?? 0) <= 1, "\(first) \(second) \(home)") }
          let each = (0..<16).map { cpu in cpus.count { $0 == cpu } }
          if cpus.count <= 16 { #expect((each.max() ?? 0) <= 1, "\(first) \(second) \(home)") }
        }
      }
    }
  }

  /// Two recorded NICs on four CPUs: half of the queues each.
  @Test func recordedDevicesShareTheirCPUs() throws {
    let requests = try [
      ("channels.combined", "2"), ("rss.indirection", "equal"), ("irq.smp-affinity", "spread"),
      ("queue.rps-cpus", "complement"),
      ("queue.xps-cpus", "one-to-one"),
    ].map { id, value in
      let knob = try #require(Knob.named(id))
      return Request(knob, Request.Value(value, for: knob))
    }
    func vectors(_ devices: [String]) throws -> [String] {
      let settings = try RecordedPlanTests.settings("two-igb")
      let plan = Planner(settings).plan(requests, devices: devices)
      #expect(plan.blockers.isEmpty, "\(plan.blockers)")
      let order = plan.changes.map { WriteOrder($0.setting, tablesFirst: plan.tablesFirst) }
      #expect(order == order.sorted(), "not in the order of the writes")
      let settled = plan.changes.map(\.setting) + plan.satisfied
      // Each CPU has a vector of one of two devices; and beside one, the two that are free would only
      // take over the work of the two that are not.
      let steered = settled.filter { $0.knob.id == "queue.rps-cpus" }.map(\.value.description)
      #expect(Set(steered) == ["none"])
      return settled.filter { $0.knob.id == "irq.smp-affinity" }
        .map { "\($0.place): \($0.value.description)" }
    }
    let eth0 = ["eth0 irq of rx-0: 0", "eth0 irq of rx-1: 1"]
    #expect(try vectors(["eth0"]) == eth0)
    #expect(
      try vectors(["eth0", "eth1"]) == eth0 + ["eth1 irq of rx-0: 2", "eth1 irq of rx-1: 3"])
    #expect(
      try vectors(["eth1", "eth0"]) == [
        "eth1 irq of rx-0: 0", "eth1 irq of rx-1: 1", "eth0 irq of rx-0: 2", "eth0 irq of rx-1: 3",
      ])
  }
}

import KernelIO
import Knobs
import ReceivePath
import Testing

@testable import Tuning

/// Policies stand on what is known of interrupts: what is not known is not none.
@Suite struct PlacementTests {
  private static func locality(
    cpus: Int = 8, vectors: [Int: Locality.Vector] = [:], nodes: [CPUSet]? = nil
  ) -> Locality {
    let online = CPUSet(0..<cpus)
    var locality = Locality(
      online: online, cores: online.cpus.map { CPUSet([$0]) }, nodes: nodes ?? [online])
    locality.vectors = vectors
    return locality
  }

  private static func vector(_ cpus: String, thread: String? = nil) -> Locality.Vector {
    Locality.Vector(affinity: CPUSet(list: cpus), thread: thread.flatMap { CPUSet(list: $0) })
  }

  private func knob(_ id: String) throws -> Knob { try #require(Knob.named(id)) }

  private func plan(_ text: [(String, String)], on host: SimulatedHost) throws -> Plan {
    let requests = try text.map { id, value in
      let knob = try knob(id)
      return Request(knob, Request.Value(value, for: knob), isRequired: false)
    }
    return host.planner.plan(requests, devices: [SimulatedHost.device])
  }

  struct Undecided: Sendable, CustomStringConvertible {
    var knob: String
    var policy: Policy
    /// Of a device whose rx-2 interrupts nobody knows where.
    var unknown: String?
    var description: String { "\(knob)=\(policy.name)" }
  }

  @Test(arguments: [
    Undecided(
      knob: "queue.rps-cpus", policy: .complement, unknown: "the interrupt of rx-2 is not known"),
    Undecided(
      knob: "queue.xps-cpus", policy: .oneToOne, unknown: "the interrupt of rx-2 is not known"),
    Undecided(knob: "queue.rps-cpus", policy: .sameNode),
    Undecided(knob: "queue.xps-cpus", policy: .sameNode),
    Undecided(knob: "queue.rps-cpus", policy: .node),
    Undecided(knob: "queue.rps-cpus", policy: .off),
    Undecided(knob: "queue.xps-cpus", policy: .off),
    Undecided(knob: "queue.xps-rxqs", policy: .oneToOne),
    Undecided(knob: "queue.rps-flow-cnt", policy: .equal),
  ])
  func knowsWhatAPolicyNeeds(_ row: Undecided) throws {
    let vectors = [0, 1, 3].map { ($0, Self.vector("\($0)")) }
    let placement = Placement(
      Self.locality(vectors: Dictionary(uniqueKeysWithValues: vectors)), rxQueues: 4, txQueues: 4)
    let knob = try knob(row.knob)
    #expect(placement.unknown(row.policy, of: knob, queue: 0) == row.unknown)
    // same-node needs the queue's own, and nobody has it of rx-2.
    let own = placement.unknown(row.policy, of: knob, queue: 2)
    #expect((own == nil) == (row.unknown == nil && row.policy != .sameNode))
    // A virtual device is known to have no interrupts.
    var virtual = Self.locality()
    virtual.isInterrupted = false
    #expect(
      Placement(virtual, rxQueues: 4, txQueues: 4).unknown(row.policy, of: knob, queue: 2) == nil)
  }

  @Test func leavesRPSAndXPSAloneWhereAVectorIsNotKnown() throws {
    var shape = SimulatedHost.Shape(name: "test", cpus: 8, channels: 4, maxChannels: 4)
    shape.hidden = [2, 3]
    let plan = try plan(
      [
        ("irq.smp-affinity", "spread"), ("queue.rps-cpus", "complement"),
        ("queue.xps-cpus", "one-to-one"),
      ], on: SimulatedHost(shape))
    #expect(!(plan.changes.map(\.setting) + plan.satisfied).contains { $0.knob.group == .queue })
    #expect(
      plan.caveats.map(\.description) == [
        "eth0 irq.smp-affinity: the interrupt of rx-2 to rx-3 is not known. Find them in "
          + "/proc/interrupts: rxtune set irq.smp-affinity=LIST eth0 irq-N",
        "eth0 queue.rps-cpus: left alone: the interrupt of rx-2 to rx-3 is not known. "
          + "Find the interrupts in /proc/interrupts and set it by hand: rxtune set queue.rps-cpus=LIST eth0",
        "eth0 queue.xps-cpus: left alone: the interrupt of rx-2 to rx-3 is not known. "
          + "Find the interrupts in /proc/interrupts and set it by hand: rxtune set queue.xps-cpus=LIST eth0",
      ])
    #expect(plan.caveats.allSatisfy { $0.severity == .note })
  }

  /// Of new channels only the plan's own placement is known.
  @Test func aChangeOfChannelsLaysVectorsOutAnew() throws {
    let shape = SimulatedHost.Shape(name: "test", cpus: 12, channels: 2, maxChannels: 4)
    let alone = try plan(
      [("channels.combined", "4"), ("queue.rps-cpus", "complement")], on: SimulatedHost(shape))
    #expect(alone.changes.map(\.setting.knob.id) == ["channels.combined"])
    #expect(
      alone.caveats.map(\.text) == [
        "left alone: the driver will choose which CPUs rx-0 to rx-3 will interrupt"
      ])
    let placed = try plan(
      [
        ("channels.combined", "4"), ("irq.smp-affinity", "spread"),
        ("queue.rps-cpus", "complement"),
      ], on: SimulatedHost(shape))
    #expect(placed.caveats.isEmpty)
    #expect(
      placed.changes.filter { $0.setting.knob.id == "queue.rps-cpus" }
        .map(\.setting.value.description) == ["4-11", "4-11", "4-11", "4-11"])
  }

  /// An interrupt that may hit several CPUs takes all of them, unless its controller chose.
  @Test func countsAllCPUsThatAVectorMayHit() {
    let vague = Placement(
      Self.locality(vectors: [0: Self.vector("0-2")]), rxQueues: 1, txQueues: 1)
    #expect(vague.rps(.complement, queue: 0)?.list == "3-7")
    var vector = Self.vector("0-2")
    vector.effectiveAffinity = CPUSet([2])
    let chosen = Placement(Self.locality(vectors: [0: vector]), rxQueues: 1, txQueues: 1)
    #expect(chosen.rps(.complement, queue: 0)?.list == "0-1,3-7")
    // What was effective before a change says nothing of it.
    vector.effectiveAffinity = CPUSet([7])
    let stale = Placement(Self.locality(vectors: [0: vector]), rxQueues: 1, txQueues: 1)
    #expect(stale.rps(.complement, queue: 0)?.list == "3-7")
  }

  @Test func sharesOutQueuesWhoseVectorsMayHitTheSameCPUs() {
    let vectors = (0..<4).map { ($0, Self.vector("0-3")) }
    let placement = Placement(
      Self.locality(cpus: 4, vectors: Dictionary(uniqueKeysWithValues: vectors)), rxQueues: 4,
      txQueues: 4)
    #expect((0..<4).map { placement.xps(.oneToOne, queue: $0)?.list } == ["0", "1", "2", "3"])
  }

  /// With threaded NAPI the thread's CPUs do the work.
  @Test func countsCPUsOfNAPIThreads() throws {
    let pinned = Placement(
      Self.locality(vectors: [0: Self.vector("0", thread: "5")]), rxQueues: 1, txQueues: 1)
    #expect(pinned.rps(.complement, queue: 0)?.list == "1-4,6-7")
    let roaming = Placement(
      Self.locality(vectors: [0: Self.vector("0", thread: "0-7")]), rxQueues: 1, txQueues: 1)
    #expect(
      roaming.unknown(.complement, of: try knob("queue.rps-cpus"), queue: 0)
        == "the NAPI threads of rx-0 may run on any CPU")
    // Threads of a virtual device are all that there is to know of it.
    var virtual = Self.locality(vectors: [0: Locality.Vector(thread: CPUSet([1]))])
    virtual.isInterrupted = false
    let veth = Placement(virtual, rxQueues: 1, txQueues: 1)
    #expect(veth.rps(.complement, queue: 0)?.list == "0,2-7")
  }

  /// The few free CPUs do not get the packets of all.
  @Test func pilesNotManyQueuesOnFewCPUs() {
    let seven = (0..<7).map { ($0, Self.vector("\($0)")) }
    let crowded = Placement(
      Self.locality(vectors: Dictionary(uniqueKeysWithValues: seven)), rxQueues: 7, txQueues: 7)
    #expect(crowded.rps(.complement, queue: 0) == CPUSet())
    let half = (0..<4).map { ($0, Self.vector("\($0)")) }
    let even = Placement(
      Self.locality(vectors: Dictionary(uniqueKeysWithValues: half)), rxQueues: 4, txQueues: 4)
    #expect(even.rps(.complement, queue: 0) == CPUSet())
    // One of two CPUs helps a single queue all the same.
    let single = Placement(
      Self.locality(cpus: 2, vectors: [0: Self.vector("0")]), rxQueues: 1, txQueues: 1)
    #expect(single.rps(.complement, queue: 0)?.list == "1")
    // All on one CPU: the others have room.
    let one = (0..<7).map { ($0, Self.vector("0")) }
    let piled = Placement(
      Self.locality(vectors: Dictionary(uniqueKeysWithValues: one)), rxQueues: 7, txQueues: 7)
    #expect(piled.rps(.complement, queue: 0)?.list == "1-7")
  }

  @Test func keepsRPSOnTheNodesOfTheVector() throws {
    let nodes = [CPUSet(0..<4), CPUSet(4..<8)]
    let far = Placement(
      Self.locality(vectors: [0: Self.vector("5")], nodes: nodes), rxQueues: 1, txQueues: 1)
    #expect(far.rps(.sameNode, queue: 0)?.list == "4-7")
    #expect(far.rps(.complement, queue: 0)?.list == "4,6-7")
    let both = Placement(
      Self.locality(vectors: [0: Self.vector("3-4")], nodes: nodes), rxQueues: 1, txQueues: 1)
    #expect(
      both.unknown(.sameNode, of: try knob("queue.rps-cpus"), queue: 0)
        == "rx-0 may be handled on several nodes (CPUs 3-4)")
    // A device that belongs to no node is not on the first.
    var homeless = Self.locality(nodes: nodes)
    #expect(Placement(homeless, rxQueues: 1, txQueues: 1).rps(.node, queue: 0)?.list == "0-3")
    homeless.hasNode = false
    #expect(Placement(homeless, rxQueues: 1, txQueues: 1).rps(.node, queue: 0)?.list == "0-7")
  }

  @Test func countsAnotherDevicesUnknownInterrupts() throws {
    var placement = Placement(
      Self.locality(vectors: [0: Self.vector("0")]), rxQueues: 1, txQueues: 1)
    placement.unknownOther = "eth1"
    #expect(
      placement.unknown(.complement, of: try knob("queue.rps-cpus"), queue: 0)
        == "the interrupts of eth1 are not known")
    #expect(placement.unknown(.sameNode, of: try knob("queue.rps-cpus"), queue: 0) == nil)
  }
}

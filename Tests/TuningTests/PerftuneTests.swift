import Knobs
import Testing

@testable import Tuning

/// Where the profiles part from perftune.py of Seastar, and why: the rules are those of its
/// documentation, the machines those that were recorded. A difference that is not listed here, or
/// is no more, fails.
@Suite("Profiles and perftune") struct PerftuneTests {
  enum Aspect: String, Sendable {
    case interruptCPUs = "CPUs that take interrupts"
    case channels
    case steering = "RPS"
    case flows = "rps_sock_flow_entries"
    /// 4096, which is what kernels since 5.4 have by themselves.
    case acceptQueue = "somaxconn"
    case halfOpen = "tcp_max_syn_backlog"
  }

  struct Comparison: Sendable, CustomStringConvertible {
    var machine: RecordedPlanTests.Machine
    var profile: String
    /// What differs, with the reason.
    var because: [Aspect: String]
    var description: String { "\(profile) on \(machine)" }
  }

  private static let redundant = """
    With a queue on every CPU RPS only adds an interrupt between processors (scaling.rst); \
    perftune sets it to all CPUs anyway.
    """
  private static let noFlows = """
    perftune turns RFS on for every machine. Here it belongs to single-queue: with a queue and a \
    listener on every core the flow is where its program is.
    """
  private static let noBacklog = "Queues of listeners are the business of the profile listener."
  private static let everyCore = """
    perftune gives one core in sixteen to interrupts and keeps it free of shards that it pins \
    itself, so it cuts the channels to as many. Programs that rxtune does not place share their \
    cores with a vector each, and each flow is handled where it lands.
    """

  static let comparisons = [
    // 4 CPUs or fewer: perftune too has interrupts on all of them.
    Comparison(
      machine: .init(capture: "igb", devices: ["eth0"]), profile: "spread",
      because: [
        .steering: redundant, .flows: noFlows, .halfOpen: noBacklog,
      ]),
    Comparison(
      machine: .init(capture: "igb", devices: ["eth0"]), profile: "listener",
      because: [.steering: redundant, .flows: noFlows]),
    Comparison(
      machine: .init(capture: "vmxnet3", devices: ["eth0"]), profile: "throughput",
      because: [
        .steering: redundant, .flows: noFlows, .halfOpen: noBacklog,
      ]),
    // One queue: its vector has one CPU, and RPS has the others.
    Comparison(
      machine: .init(capture: "e1000e", devices: ["eth0"]), profile: "single-queue",
      because: [
        .interruptCPUs: """
        perftune leaves the one vector on any of four CPUs; a vector that stays leaves RPS the \
        others, which is what complement counts on.
        """,
        .halfOpen: noBacklog,
      ]),
    // Sixteen cores a vector for perftune.
    Comparison(
      machine: .init(capture: "virtio-64q", devices: ["eth0"]), profile: "spread",
      because: [
        .interruptCPUs: everyCore, .channels: everyCore, .steering: redundant, .flows: noFlows,
        .halfOpen: noBacklog,
      ]),
  ]

  @Test(arguments: comparisons)
  func differsWhereItIsSaid(_ one: Comparison) throws {
    let settings = try RecordedPlanTests.settings(one.machine.capture)
    let plan = try RecordedPlanTests.plan(one.profile, one.machine)
    let device = try #require(one.machine.devices.first)
    let locality = settings.locality(of: device)
    // What there will be: wanted values, and for the rest those of now.
    let planned = plan.changes.map(\.setting) + plan.satisfied
    func values(_ id: String) throws -> [KnobValue] {
      let wanted = planned.filter { $0.knob.id == id }.map(\.value)
      guard wanted.isEmpty else { return wanted }
      let knob = try #require(Knob.named(id))
      return try settings.places(of: knob, on: device).map { try settings.read(knob, at: $0) }
    }
    func number(_ id: String) throws -> Int64? {
      guard case .number(let number)? = try? values(id).first else { return nil }
      return number
    }
    func union(_ id: String) throws -> CPUSet {
      try values(id).reduce(CPUSet()) { union, value in
        guard case .cpus(let cpus) = value else { return union }
        return union.union(cpus)
      }
    }
    let vectors = planned.filter { $0.knob.id == "irq.smp-affinity" }.map(\.value)
    let interrupted = vectors.reduce(CPUSet()) { union, value in
      guard case .cpus(let cpus) = value else { return union }
      return union.union(cpus)
    }
    let rule = Self.interruptCPUs(cpus: locality.online.count, cores: locality.coreCount)
    let queues = Int64(locality.vectors.count)
    var different: Set<Aspect> = []
    if interrupted.count != rule { different.insert(.interruptCPUs) }
    // It reduces channels to its CPUs, and leaves a device alone that has fewer.
    if try number("channels.combined") ?? queues > Int64(rule) { different.insert(.channels) }
    if try union("queue.rps-cpus").isEmpty { different.insert(.steering) }
    if try number("net.core.rps_sock_flow_entries") != 32768 { different.insert(.flows) }
    if try number("net.core.somaxconn") != 4096 { different.insert(.acceptQueue) }
    if try number("net.ipv4.tcp_max_syn_backlog") != 4096 { different.insert(.halfOpen) }
    #expect(different == Set(one.because.keys))
  }

  /// perftune's irq_cpu_mask: all of up to 4 CPUs, one CPU of up to 4 cores, one core of up to 16,
  /// else one core in 16.
  private static func interruptCPUs(cpus: Int, cores: Int) -> Int {
    if cpus <= 4 { return cpus }
    if cores <= 4 { return 1 }
    let threads = max(1, cpus / max(1, cores))
    return (cores <= 16 ? 1 : (cores + 15) / 16) * threads
  }

  /// The NIC of that guest is on node 1, CPUs 32 to 63: they come first, each with one vector.
  @Test func theDevicesNodeComesFirst() throws {
    let machine = RecordedPlanTests.Machine(capture: "virtio-64q", devices: ["eth0"])
    let plan = try RecordedPlanTests.plan("spread", machine)
    let vectors = (plan.satisfied + plan.changes.map(\.setting))
      .filter { $0.knob.id == "irq.smp-affinity" }.map(\.value.description)
    #expect(vectors == (Array(32..<64) + Array(0..<32)).map(String.init))
  }
}

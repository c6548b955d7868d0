import ArgumentParser
import Glibc
import KernelIO
import Rendering
import Scaling

/// `rxtune bench reuseport`: every listener mode under one load generator.
struct BenchReuseportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reuseport",
    abstract: "Measure SO_REUSEPORT against single-listener servers.",
    discussion: """
      Each run starts a server and a load generator as separate processes, on separate CPUs where \
      there are enough; as root also in fresh network namespaces joined by a veth pair. Runs of \
      all modes are interleaved in random order and repeated until each interval is under 5 %. \
      Results are written as each run ends; Ctrl-C keeps them.

      Modes:
      \(HelpText.items(ListenerMode.all.map { ($0.name, $0.abstract) }))

      Where one listener stops: with --locks, an extra run of each mode counts how often the locks \
      of a listener that workers share were found taken (crr only). An acquisition finds a lock \
      taken for as much of the time as other CPUs hold it, so the count against their rate gives \
      the time S that a connection holds the lock, and one listener accepts 1/S connections per \
      second at most. The interval is the count's, widened where waits come in bursts. The rate is \
      an upper bound: S grows with the distance between CPUs, and in shared-epoll with the number \
      of workers. It needs BTF and two CPUs that share the lock; on bare metal, where the kernel \
      does not trace the first waiter of a spinlock, three.

      CPU time per transaction by workers is the figure to compare on machines with few or \
      emulated CPUs, where throughput shows little.
      """)

  @Option(
    help: "Modes to measure, comma-separated. (default: all that serve the workload)",
    completion: Completions.modes)
  var modes: String?

  @OptionGroup var options: SweepOptions

  @Flag(
    inversion: .prefixedNo,
    help: "Trace lock waits in one extra run of each. (default: on for root)")
  var locks: Bool?

  @Flag(help: "Trace the receive path in one extra run of each, as rxtune trace does.")
  var trace = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws { _ = try options.modes(modes) }

  func run() throws {
    let kernel = LiveKernel()
    let interruption = try Interruption()
    let machine = Machine(kernel)
    var (plan, warnings) = try options.plan(try options.modes(modes), machine)
    plan.tracesLocks = locks ?? (geteuid() == 0)
    if trace {
      try ServerTrace.check()
      plan.tracesStages = true
    }
    try Measurement(plan, warnings, machine, kernel, directory: options.runs.out)
      .run(interruption, json ? { ResultsJSON.json($0) } : nil)
  }
}

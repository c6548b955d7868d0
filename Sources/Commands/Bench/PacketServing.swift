import ArgumentParser
import KernelIO
import Knobs
import Notation
import Rendering
import Scaling

extension PacketBackend: ExpressibleByArgument {
  package init?(argument: String) {
    guard let backend = Self.named(argument) else { return nil }
    self = backend
  }

  package static var allValueStrings: [String] { all.map(\.name) }

  package var defaultValueDescription: String { name }

  static var names: String { all.map { "\($0.name) (\($0.abstract))" }.joined(separator: ", ") }
}

extension XDPAttach: ExpressibleByArgument {
  static var names: String {
    allCases.map { "\($0.rawValue) (\($0.abstract))" }.joined(separator: ", ")
  }
}

/// How a packet backend serves, for `bench serve --backend`.
struct BackendOptions: ParsableArguments {
  @Option(
    help: """
      Serve by a packet backend on DEVICE instead of a listener mode, as root: \
      \(PacketBackend.names).
      """)
  var backend: PacketBackend?

  @Flag(help: "With --backend: poll without sleeping; this keeps a CPU per worker busy.")
  var busy = false

  @OptionGroup var xdp: XDPOptions

  @Option(
    help: """
      With --backend: receive queues to serve, such as 0-3; packets by another go on to the kernel. \
      (default: all in use)
      """, transform: Self.queues)
  var queues: [Int]?

  private static func queues(_ text: String) throws -> [Int] {
    let queues: CPUSet
    do { queues = try CPUSet.typed(text) } catch {
      throw ValidationError("--queues \"\(text)\" \(error.problem("queues"))")
    }
    guard !queues.isEmpty else { throw ValidationError("--queues is empty") }
    return queues.cpus
  }
}

/// Where af-xdp and lwip meet packets.
struct XDPOptions: ParsableArguments {
  @Option(help: "With af-xdp and lwip: where packets are taken, \(XDPAttach.names).")
  var xdp = XDPAttach.native

  @Flag(help: "With af-xdp and lwip: use the next XDP mode of that list if the driver refuses.")
  var fallBack = false
}

/// The serving half with a packet backend.
struct PacketServing {
  let options: PacketServerOptions
  let json: Bool

  func run(until end: (Interruption, Int32) -> Void) throws {
    let interruption = try Interruption()
    let kernel = LiveKernel()
    if options.backend.takesFrames, let device = options.kernelDevice {
      try DeviceCaution.check(device, kernel, state: options.state)
    }
    let server = try PacketServer(options)
    try server.start()
    let facts = server.facts
    for refusal in facts.refusals { Console.report(.note, "falling back: \(refusal)") }
    Console.remark(
      "\(PacketServerText.text(facts)): serving \(options.exchange.workload.rawValue) on "
        + "\(facts.address) port \(facts.port)")
    try BenchServeCommand.announce(
      ReadyDocument(
        mode: facts.backend, workload: options.exchange.workload.rawValue, address: facts.address,
        port: facts.port, workers: facts.threads), json)
    Measurement.showQuotas(CPUQuota.current(kernel))
    let start = MonotonicClock.realtime()
    var use = try server.measure(kernel) { end(interruption, server.failedEvent) }.host
    let failure = server.failure
    let missed = server.missed
    let threads = server.stop()
    use.usage = server.usage
    let warnings = RunCheck.warnings(of: use, threads.total.worker, backlog: (0, 0))
    let failing =
      failure.map { Failure("\($0)") } ?? Failure(losses: server.losses, of: facts.device)
    try show(
      json
        ? PacketServerJSON.shape.encode((server, start, threads, missed, use, warnings))
          .printed(as: .jsonLine, failing: failing)
        : PacketServerText.text(facts, threads, missed: missed, use, options.cpus, warnings) + "\n")
    try failing?.afterItsDocument()
  }
}

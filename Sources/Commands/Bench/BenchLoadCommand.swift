import ArgumentParser
import Glibc
import KernelIO
import Knobs
import Notation
import Rendering
import Scaling

/// `rxtune bench load`: the loading half alone, for two hosts.
struct BenchLoadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Put a benchmark workload on servers that rxtune bench serve started.",
    discussion: """
      Without --rate, each connection starts its next transaction when the last one is done \
      (closed loop). With --rate, transactions are due at fixed times, and latency counts from \
      when they were due (open loop, free of coordinated omission).

      Warns when figures mislead: the load generator is saturated, local ports run out, the \
      hypervisor steals time, a CPU quota throttles it, packets are dropped. It sees listener \
      drops only if the server is in its own network namespace.
      """)

  @Argument(
    help: "Servers, as ADDRESS:PORT or [ADDRESS%ZONE]:PORT; connections go to them in turn.")
  var targets: [String] = []

  @OptionGroup var exchange: ExchangeOptions

  @Option(help: "Concurrent connections.")
  var connections = 32

  @Option(help: "Load threads.")
  var threads = 1

  @Option(
    help: "CPUs of the threads, such as 0-3,8. (default: not pinned)", transform: CPUSet.argument)
  var cpus: CPUSet?

  @Option(help: "Addresses to connect from, comma-separated. (default: left to the kernel)")
  var sources = ""

  @Option(rate: "Transactions to start per second, such as 10k. (default: as many as possible)")
  var rate: Double?

  @Option(time: "How long to measure.")
  var duration = Span(milliseconds: 5_000)

  @Option(time: "How long to run before measuring.")
  var warmUp = Span(milliseconds: 1_000)

  @Option(time: "Time after which an unanswered transaction counts as failed.")
  var timeout = Span(milliseconds: 5_000)

  @Option(help: "Start time, in seconds since 1970, so that several hosts start together.")
  var startAt: Double?

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: ArgumentHelp("Take orders on standard input.", visibility: .private))
  var controlled = false

  func validate() throws {
    guard controlled || !targets.isEmpty else {
      throw ValidationError("name a server: rxtune bench load 192.0.2.7:8080")
    }
    try BenchBounds.check(duration: duration, warmUp: warmUp)
  }

  func run() throws {
    if controlled { throw ExitCode(BenchChild.run()) }
    let interruption = try Interruption()
    let options = LoadOptions(
      exchange.exchange, targets: targets,
      sources: sources.split(separator: ",").map(String.init), connections: connections,
      threads: threads, cpus: cpus?.cpus ?? [], rate: rate, timeout: timeout.seconds)
    let agreed = try agreedStart()
    let kernel = LiveKernel()
    Measurement.showQuotas(CPUQuota.current(kernel))
    try LoadGenerator.probe(options)
    let start = agreed ?? MonotonicClock.now() &+ 50_000_000
    let window = Window(start: start, warmUp: warmUp.seconds, duration: duration.seconds)
    let load = try LoadGenerator.measure(options, window, kernel, interruption)
    let result = load.result
    let warnings =
      Warning.emulation
      + RunCheck.warnings(
        of: result, options, localPorts: SystemLimits.localPorts(kernel),
        isServerHere: options.isServerHere)
    let failure =
      result.counts.measured > 0
      ? nil : Failure(RunCheck.nothing(result.counts), .nothingMeasured)
    try show(
      json
        ? LoadJSON.shape.encode((result, load.start, load.latency, options, warnings))
          .printed(failing: failure)
        : LoadText.text(result, options, warnings) + "\n")
    try failure?.afterItsDocument()
  }

  /// --start-at by this host's own clock.
  private func agreedStart() throws -> UInt64? {
    guard let startAt else { return nil }
    let wait = startAt - MonotonicClock.realtime()
    guard wait > 0 else {
      throw ValidationError("--start-at is \(Format.fixed(-wait, 0)) s ago")
    }
    guard wait < 86_400 else { throw ValidationError("--start-at is more than a day ahead") }
    return MonotonicClock.now() &+ Window.nanoseconds(wait)
  }
}

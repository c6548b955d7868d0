import CKernel
import Glibc
import KernelIO

/// One half of a measurement, in a process of its own: told by messages on standard input what
/// to be, it answers on standard output.
package enum BenchChild {
  /// Puts a variant into force on the device of this process's own namespace; returns what that
  /// changed.
  package typealias Setter = (_ variant: String, _ device: String) throws -> [String]
  /// Begins to follow packets that arrive at a device of this process's namespace for a port.
  package typealias Tracer = (_ device: String, _ port: UInt16) throws -> any StageTracing

  /// 0 where the half came to its end, 1 where it failed.
  package static func run(set: Setter? = nil, trace: Tracer? = nil) -> Int32 {
    let channel = ControlChannel(input: 0, output: 1)
    do {
      let code = rxtune_die_with_parent(getppid())
      guard code == 0 else { throw BenchError("prctl PR_SET_PDEATHSIG", Errno(rawValue: code)) }
      let interruption = try Interruption()
      try obey(channel, interruption, set, trace)
      return 0
    } catch {
      try? channel.send(.failed("\(error)"))
      return 1
    }
  }

  private static func obey(
    _ channel: ControlChannel, _ interruption: Interruption, _ set: Setter?, _ trace: Tracer?
  ) throws(BenchError) {
    let kernel = LiveKernel()
    while let message = try channel.receive() {
      switch message {
      case .isolate:
        try BenchLink.isolate()
        try channel.send(.isolated(process: getpid(), settings: Machine.settings(kernel)))
      case .serve(let options, let end, let variant, let tracesStages):
        if let end { try BenchLink.setUp(end, kernel) }
        var changes: [String]?
        if let variant, let set {
          do { changes = try set(variant, BenchLink.name) } catch {
            return try channel.send(.refused("\(error)"))
          }
        }
        let device = end == nil ? "lo" : BenchLink.name
        let trace = tracesStages ? trace.map { trace in { try trace(device, $0) } } : nil
        return try serve(options, changes, kernel, channel, interruption, trace)
      case .servePackets(let options, let end):
        if let end { try BenchLink.setUp(end, kernel) }
        return try serve(options, kernel, channel, interruption)
      case .load(let options, let end):
        if let end { try BenchLink.setUp(end, kernel) }
        return try load(options, kernel, channel, interruption)
      default: return
      }
    }
  }

  private static func serve(
    _ options: ServerOptions, _ changes: [String]?, _ kernel: LiveKernel, _ channel: ControlChannel,
    _ interruption: Interruption, _ trace: ((UInt16) throws -> any StageTracing)?
  ) throws(BenchError) {
    let server = try Server(options)
    try server.start()
    let tracing = try begin(trace, server.port)
    try channel.send(.listening(port: server.port, backlog: server.backlog, changes: changes))
    try measure(channel, interruption, tracing) { wait throws(BenchError) in
      let measured = try server.measure(kernel, while: wait)
      return { ServerResult(total: server.stop(), measured: measured.counts, host: measured.host) }
    }
  }

  private static func serve(
    _ options: PacketServerOptions, _ kernel: LiveKernel, _ channel: ControlChannel,
    _ interruption: Interruption
  ) throws(BenchError) {
    let server = try PacketServer(options)
    try server.start()
    try channel.send(.takingPackets(server.facts))
    try measure(channel, interruption) { wait throws(BenchError) in
      let measured = try server.measure(kernel, while: wait)
      if let failure = server.failure { throw failure }
      return {
        ServerResult(
          total: server.stop().map(\.worker), measured: measured.counts.map(\.worker),
          host: measured.host)
      }
    }
  }

  /// - Parameter measure: measures while the closure that it is given waits; returns what stops the
  ///   server and adds up.
  private static func measure(
    _ channel: ControlChannel, _ interruption: Interruption,
    _ tracing: (any StageTracing)? = nil,
    _ measure: (() throws(BenchError) -> Void) throws(BenchError) -> () -> ServerResult
  ) throws(BenchError) {
    guard case .go(let window) = try channel.receive() else { return }
    // What is traced has to be fetched in the warm-up, too.
    guard tracing != nil || interruption.sleep(until: window.from, or: channel.descriptor) else {
      return
    }
    var isWhole = true
    var stages: StageSplit?
    func sleep(until moment: UInt64) -> Bool {
      let isFirst = interruption.sleep(until: moment, or: channel.descriptor)
      if !isFirst && MonotonicClock.now() < window.until { isWhole = false }
      return isFirst
    }
    let finish = try measure { () throws(BenchError) in
      guard let tracing else { return _ = sleep(until: window.until) }
      stages = tracing.collect(until: window.until, sleep: sleep)
    }
    guard isWhole, case .stop = try channel.receive() else { return }
    var result = finish()
    result.stages = stages
    try channel.send(.served(result))
  }

  private static func begin(_ trace: ((UInt16) throws -> any StageTracing)?, _ port: UInt16)
    throws(BenchError) -> (any StageTracing)?
  {
    do { return try trace?(port) } catch { throw BenchError("\(error)") }
  }

  private static func load(
    _ options: LoadOptions, _ kernel: LiveKernel, _ channel: ControlChannel,
    _ interruption: Interruption
  ) throws(BenchError) {
    try LoadGenerator.probe(options)
    try channel.send(.ready(localPorts: SystemLimits.localPorts(kernel)))
    guard case .go(let window) = try channel.receive() else { return }
    let load = try LoadGenerator.measure(
      options, window, kernel, interruption, or: channel.descriptor)
    if load.isWhole { try channel.send(.loaded(load.result)) }
  }
}

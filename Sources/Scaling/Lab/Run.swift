import KernelIO

/// One run: two processes of their own, on their own CPUs, for the length of a window.
struct Run {
  let plan: SweepPlan
  let combination: SweepPlan.Combination
  let round: Int
  /// The program to start as the two halves.
  let executable: String
  /// Looks on, from outside of both halves; of runs in namespaces.
  var observer: (any RunObserver)?
  /// Whether the server's packets are followed.
  var tracesStages = false

  /// A server that is ready.
  private struct Started {
    var port: UInt16
    var backlog: Int32
    var changes: [String]?
    var facts: BackendFacts?
  }

  /// Seconds that a half may take to answer what takes no time.
  private static let patience = 10.0

  private var serverCPUs: [Int] {
    let workers = max(1, min(combination.workers, plan.serverCPUs.count))
    return Array(plan.serverCPUs.prefix(workers))
  }

  private var isolates: Bool { plan.network == .namespaces }

  private var window: Window {
    Window(start: MonotonicClock.now() &+ 20_000_000, warmUp: plan.warmUp, duration: plan.duration)
  }

  /// The sysctls of such a namespace as the halves of a run enter.
  static func settings(_ executable: String, _ interruption: Interruption) throws(BenchError)
    -> [String: String]
  {
    let half = try ChildProcess(
      executable, ["bench", "load", "--controlled"], name: "load generator")
    try half.send(.isolate)
    guard case .isolated(_, let settings) = try half.receive(within: patience, interruption)
    else { throw BenchError("the load generator answered out of turn") }
    return settings
  }

  func measure(_ interruption: Interruption) throws(BenchError) -> RunRecord {
    let moment = MonotonicClock.realtime()
    let load = try ChildProcess(
      executable, ["bench", "load", "--controlled"], name: "load generator")
    if plan.network == .remote { return try measureRemote(moment, load, interruption) }
    let server = try ChildProcess(executable, ["bench", "serve", "--controlled"], name: "server")

    let ends = try isolate(server, load, interruption)
    let started = try startServer(server, ends?.server, interruption)
    let options = loadOptions(started.port)
    let localPorts = try prepare(load, options, ends?.client, interruption)
    if let ends { try observer?.prepare(ends.processes) }
    let window = window
    try server.send(.go(window))
    let loadResult = try finish(load, window, interruption)
    try server.send(.stop)
    guard case .served(let serverResult) = try server.receive(within: Self.patience, interruption)
    else { throw BenchError("the server answered out of turn") }

    return record(moment, started, options, localPorts, loadResult, serverResult)
  }

  /// Of a server elsewhere nothing is known but what comes back.
  private func measureRemote(
    _ moment: Double, _ load: ChildProcess, _ interruption: Interruption
  ) throws(BenchError) -> RunRecord {
    let options = LoadOptions(
      plan.exchange, targets: plan.targets ?? [], connections: plan.connections,
      threads: loadThreads, cpus: plan.clientCPUs, rate: plan.rate)
    let localPorts = try prepare(load, options, nil, interruption)
    let result = try finish(load, window, interruption)
    let server = ServerResult(total: [], measured: [], host: result.host)
    let started = Started(port: 0, backlog: plan.backlog)
    return record(moment, started, options, localPorts, result, server)
  }

  /// Returns how many local ports the load has.
  private func prepare(
    _ load: ChildProcess, _ options: LoadOptions, _ end: LinkEnd?, _ interruption: Interruption
  ) throws(BenchError) -> Int? {
    try load.send(.load(options, end))
    guard
      case .ready(let localPorts) = try load.receive(
        within: Self.patience + options.timeout, interruption)
    else { throw BenchError("the load generator answered out of turn") }
    return localPorts
  }

  private func finish(_ load: ChildProcess, _ window: Window, _ interruption: Interruption)
    throws(BenchError) -> LoadResult
  {
    try load.send(.go(window))
    if let observer { try observe(observer, window, load, interruption) }
    let length = plan.warmUp + plan.duration
    guard
      case .loaded(let result) = try load.receive(within: length + Self.patience, interruption)
    else { throw BenchError("the load generator answered out of turn") }
    return result
  }

  /// Until the window ends, or the load has something to say.
  private func observe(
    _ observer: any RunObserver, _ window: Window, _ load: ChildProcess,
    _ interruption: Interruption
  ) throws(BenchError) {
    func sleep(_ moment: UInt64) -> Bool { load.sleep(until: moment, interruption) }
    if sleep(window.from) { try observer.observe(until: window.until, sleep: sleep) }
  }

  private func isolate(
    _ server: ChildProcess, _ load: ChildProcess, _ interruption: Interruption
  ) throws(BenchError) -> (server: LinkEnd, client: LinkEnd, processes: RunProcesses)? {
    guard isolates else { return nil }
    try load.send(.isolate)
    try server.send(.isolate)
    guard case .isolated(let client, _) = try load.receive(within: Self.patience, interruption),
      case .isolated(let serving, _) = try server.receive(within: Self.patience, interruption)
    else { throw BenchError("a half of the benchmark answered out of turn") }
    return (
      LinkEnd(
        peer: client, addresses: [BenchLink.serverAddress], receiveCPUs: serverCPUs,
        queues: plan.bypass?.queues),
      LinkEnd(
        peer: nil, addresses: BenchLink.clientAddresses(plan.sourceCount),
        receiveCPUs: plan.clientCPUs),
      RunProcesses(server: serving, load: client)
    )
  }

  private func startServer(
    _ server: ChildProcess, _ end: LinkEnd?, _ interruption: Interruption
  ) throws(BenchError) -> Started {
    if let backend = combination.mode.backend {
      return try startPackets(backend, server, end, interruption)
    }
    let options = ServerOptions(
      combination.mode, plan.exchange, workers: combination.workers, cpus: serverCPUs,
      host: isolates ? BenchLink.serverAddress : "127.0.0.1", backlog: plan.backlog,
      maxConnections: plan.serverConnections)
    // Without a namespace of its own the state of the host is set by whoever has this run made.
    try server.send(
      .serve(
        options, end, variant: isolates ? combination.variant : nil,
        tracesStages: tracesStages))
    guard
      case .listening(let port, let backlog, let changes) = try server.receive(
        within: Self.patience, interruption)
    else { throw BenchError("the server answered out of turn") }
    return Started(port: port, backlog: backlog, changes: changes)
  }

  private func startPackets(
    _ backend: PacketBackend, _ server: ChildProcess, _ end: LinkEnd?,
    _ interruption: Interruption
  ) throws(BenchError) -> Started {
    guard isolates else {
      throw BenchError("\(backend.name) is measured on a device of its own alone")
    }
    let options = PacketServerOptions(
      backend, plan.exchange, device: BenchLink.name, address: BenchLink.serverAddress,
      threads: combination.workers, cpus: serverCPUs, wait: plan.bypass?.wait ?? .poll,
      attach: plan.bypass?.attach ?? .native, fallsBack: plan.bypass?.fallsBack ?? false)
    try server.send(.servePackets(options, end))
    guard case .takingPackets(let facts) = try server.receive(within: Self.patience, interruption)
    else { throw BenchError("the server answered out of turn") }
    // There is no accept queue to be cut.
    return Started(port: facts.port, backlog: plan.backlog, facts: facts)
  }

  private var loadThreads: Int { max(1, min(plan.clientCPUs.count, plan.connections)) }

  private func loadOptions(_ port: UInt16) -> LoadOptions {
    // All of 127/8 is loopback's.
    let sources =
      isolates
      ? BenchLink.clientAddresses(plan.sourceCount)
      : (1...max(1, min(plan.sourceCount, 250))).map { "127.0.1.\($0)" }
    let host = isolates ? BenchLink.serverAddress : "127.0.0.1"
    return LoadOptions(
      plan.exchange, targets: ["\(host):\(port)"], sources: sources,
      connections: plan.connections, threads: loadThreads, cpus: plan.clientCPUs, rate: plan.rate)
  }

  private func record(
    _ moment: Double, _ started: Started, _ options: LoadOptions, _ localPorts: Int?,
    _ load: LoadResult, _ server: ServerResult
  ) -> RunRecord {
    var record = RunRecord(
      mode: combination.mode, workers: combination.workers, variant: combination.variant,
      changes: started.changes, round: round, started: moment,
      connections: plan.connections, facts: started.facts, backlog: started.backlog,
      serverCPUs: serverCPUs,
      clientCPUs: plan.clientCPUs, load: load, server: server,
      derived: RunRecord.Derived(
        load, server, serverCPUs: serverCPUs, clientCPUs: plan.clientCPUs,
        isAnswered: plan.exchange.workload.isAnswered),
      warnings: [])
    record.warnings = RunCheck.warnings(
      record, wanted: plan.backlog, options: options, localPorts: localPorts,
      isServerHere: plan.network != .remote || options.isServerHere)
    return record
  }
}

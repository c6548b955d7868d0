/// What a server is to be.
package struct ServerOptions: Codable, Sendable {
  package var mode: ListenerMode
  package var exchange: Exchange
  package var workers: Int
  /// Worker i runs on the i-th of them, around; empty leaves it to the scheduler.
  package var cpus: [Int]
  package var host: String
  /// 0 lets the kernel choose.
  package var port: UInt16
  package var backlog: Int32
  package var maxConnections: Int
  /// Sent as it is in place of the exchange's own response, for clients of other protocols.
  package var fixedResponse: [UInt8]?

  package init(
    _ mode: ListenerMode, _ exchange: Exchange, workers: Int = 1, cpus: [Int] = [],
    host: String = "127.0.0.1", port: UInt16 = 0, backlog: Int32 = 4096,
    maxConnections: Int = 4096, fixedResponse: [UInt8]? = nil
  ) {
    self.mode = mode
    self.exchange = exchange
    self.workers = workers
    self.cpus = cpus
    self.host = host
    self.port = port
    self.backlog = backlog
    self.maxConnections = maxConnections
    self.fixedResponse = fixedResponse
    if let fixedResponse { self.exchange.responseBytes = fixedResponse.count }
  }

  package static let workerLimit = 512
  package static let connectionLimit = 1 << 20

  func cpu(of worker: Int) -> Int? { cpus.isEmpty ? nil : cpus[worker % cpus.count] }

  static func check(backlog: Int32) throws(BenchError) {
    guard backlog >= 1 else { throw BenchError("--backlog \(backlog): use 1 or more") }
  }

  /// How they are to be served.
  func check() throws(BenchError) -> Service {
    try exchange.check()
    guard let service = mode.service(exchange.workload) else {
      let modes = ListenerMode.serving(exchange.workload)
      throw BenchError(
        "\(mode.name) does not serve \(exchange.workload.rawValue)",
        hint: "use \(modes.map(\.name).joined(separator: ", "))")
    }
    guard !service.joinsFIN || exchange.serverCloses else {
      throw BenchError("\(mode.name) serves --close rst alone: with fin the client closes first")
    }
    guard (1...Self.workerLimit).contains(workers) else {
      throw BenchError("--workers \(workers): use 1 to \(Self.workerLimit)")
    }
    guard (1...Self.connectionLimit).contains(maxConnections) else {
      throw BenchError(
        "--max-connections \(maxConnections): use 1 to \(Self.connectionLimit)")
    }
    try Self.check(backlog: backlog)
    if fixedResponse != nil && !service.answersFreely {
      throw BenchError(
        "\(mode.name) with \(exchange.workload.rawValue) cannot send a response of its own bytes",
        hint: "use another mode, over TCP")
    }
    if mode.needsPinnedWorkers && cpus.count < workers {
      throw BenchError(
        "\(mode.name) steers by CPU, so each of \(workers) workers needs a CPU of its own",
        hint: "name them with --cpus")
    }
    return service
  }
}

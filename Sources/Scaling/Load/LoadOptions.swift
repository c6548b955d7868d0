/// What load is to be put on which servers.
package struct LoadOptions: Codable, Sendable {
  package var exchange: Exchange
  /// "host:port"; connections go to them in turn.
  package var targets: [String]
  /// Addresses to connect from, in turn; empty leaves it to the kernel.
  package var sources: [String]
  package var connections: Int
  package var threads: Int
  /// Thread i runs on the i-th of them, around; empty leaves it to the scheduler.
  package var cpus: [Int]
  /// Transactions a second that are to begin, over all threads (open loop); nil begins each as
  /// soon as the one before is done (closed loop).
  package var rate: Double?
  /// Seconds after which a transaction counts as failed.
  package var timeout: Double

  package init(
    _ exchange: Exchange, targets: [String], sources: [String] = [], connections: Int = 32,
    threads: Int = 1, cpus: [Int] = [], rate: Double? = nil, timeout: Double = 5
  ) {
    self.exchange = exchange
    self.targets = targets
    self.sources = sources
    self.connections = connections
    self.threads = threads
    self.cpus = cpus
    self.rate = rate
    self.timeout = timeout
  }

  func cpu(of thread: Int) -> Int? { cpus.isEmpty ? nil : cpus[thread % cpus.count] }

  func check() throws(BenchError) {
    try exchange.check()
    guard (1...ServerOptions.workerLimit).contains(threads) else {
      throw BenchError("--threads \(threads): use 1 to \(ServerOptions.workerLimit)")
    }
    guard (threads...ServerOptions.connectionLimit).contains(connections) else {
      throw BenchError(
        "--connections \(connections): use \(threads) (one per load thread) to "
          + "\(ServerOptions.connectionLimit)")
    }
    try Self.check(rate: rate)
    guard timeout >= 0.01 && timeout <= 3600 else {
      throw BenchError("--timeout \(timeout): use 10ms to 1h")
    }
    guard !targets.isEmpty else { throw BenchError("no target is named") }
  }

  /// Is a target of this network namespace?
  package var isServerHere: Bool {
    (try? addresses())?.targets.contains { $0.isLocal } ?? false
  }

  static func check(rate: Double?) throws(BenchError) {
    if let rate, !(rate >= 1 && rate <= 1e9) {
      throw BenchError("--rate \(Format.rate(rate)): use 1 to 1G")
    }
  }

  func addresses() throws(BenchError) -> (targets: [SocketAddress], sources: [SocketAddress]) {
    var parsed: (targets: [SocketAddress], sources: [SocketAddress]) = ([], [])
    for text in targets {
      do throws(BenchError) {
        let address = try SocketAddress(text)
        guard address.port != 0 else { throw BenchError("port 0 cannot be connected to") }
        parsed.targets.append(address)
      } catch { throw error.within("target \(text)") }
    }
    for text in sources {
      do throws(BenchError) { parsed.sources.append(try SocketAddress(host: text, port: 0)) } catch
      {
        throw error.within("source \(text)")
      }
    }
    let families = Set((parsed.targets + parsed.sources).map(\.family))
    guard families.count == 1 else {
      throw BenchError("targets and sources mix IPv4 and IPv6")
    }
    return parsed
  }
}

/// `rxtune bench serve --json`, as soon as it serves: its first line.
package struct ReadyDocument: Document, Sendable {
  private let mode: String
  private let workload: String
  private let address: String
  private let port: UInt16
  private let workers: Int

  /// - Parameter mode: the listener mode, or the packet backend.
  package init(mode: String, workload: String, address: String, port: UInt16, workers: Int) {
    (self.mode, self.workload, self.address) = (mode, workload, address)
    (self.port, self.workers) = (port, workers)
  }

  package var lines: [String] { [sentence] }

  package var sentence: String {
    "\(mode): \(workers == 1 ? "1 worker serves" : "\(workers) workers serve") \(workload) on "
      + "\(address) port \(port)"
  }

  package static let shape = Record<ReadyDocument>([
    Field("ready", "The server listens; its results follow in a second line.", ready) { $0 }
  ]).shape

  private static let ready = Record<ReadyDocument>([
    Field("mode", "Listener mode or packet backend.", .string) { $0.mode },
    Field("workload", "The workload.", .string) { $0.workload },
    Field("address", "Address that it listens on.", .string) { $0.address },
    Field("port", "Port that it listens on.", .integer) { Int($0.port) },
    Field("workers", "Number of workers or threads.", .integer) { $0.workers },
  ]).shape
}

/// What a measurement tells its two halves, and what they answer.
package enum ControlMessage: Codable, Sendable {
  // To a half, in this order.
  case isolate
  case serve(ServerOptions, LinkEnd?, variant: String?)
  case load(LoadOptions, LinkEnd?)
  case go(Window)
  case stop

  // Answers.
  /// The sysctls are those of its own namespace.
  case isolated(process: Int32, settings: [String: String])
  case listening(port: UInt16, backlog: Int32, changes: [String]?)
  /// How many local ports it has for each target and source.
  case ready(localPorts: Int?)
  case served(ServerResult)
  case loaded(LoadResult)
  case failed(String)
  /// The variant cannot be put into force.
  case refused(String)
}

/// What a server did during a window.
package struct ServerResult: Codable, Hashable, Sendable {
  /// From the first to the last connection.
  package var total: [WorkerCounts]
  /// Inside the window.
  package var measured: [WorkerCounts]
  package var host: HostUse
}

/// What load came to.
package struct LoadResult: Codable, Hashable, Sendable {
  package var counts: LoadCounts
  package var seconds: Double
  package var latency: LatencySummary?
  package var host: HostUse

  package init(
    counts: LoadCounts, seconds: Double, latency: LatencySummary?, host: HostUse
  ) {
    self.counts = counts
    self.seconds = seconds
    self.latency = latency
    self.host = host
  }

  /// Transactions a second inside the window.
  package var rate: Double { seconds > 0 ? Double(counts.measured) / seconds : 0 }
}

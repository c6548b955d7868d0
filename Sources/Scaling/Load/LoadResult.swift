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

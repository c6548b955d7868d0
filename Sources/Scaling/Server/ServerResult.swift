/// What a server did during a window.
package struct ServerResult: Codable, Hashable, Sendable {
  /// From the first to the last connection.
  package var total: [WorkerCounts]
  /// Inside the window.
  package var measured: [WorkerCounts]
  package var host: HostUse
  /// Of a run that was traced.
  package var stages: StageSplit?
}

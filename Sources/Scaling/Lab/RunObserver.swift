/// Looks at a run from outside of its two processes.
///
/// What it does takes CPU time on the same machine: a run that is looked at is no measurement of
/// anything else.
package protocol RunObserver {
  /// All is set up, and nothing has begun.
  func prepare(_ processes: RunProcesses) throws(BenchError)
  /// From where what is measured begins to `end`, of CLOCK_MONOTONIC, or until `sleep` returns
  /// false.
  func observe(until end: UInt64, sleep: (UInt64) -> Bool) throws(BenchError)
}

/// The two processes of a run.
package struct RunProcesses: Hashable, Sendable {
  package var server: Int32
  package var load: Int32
}

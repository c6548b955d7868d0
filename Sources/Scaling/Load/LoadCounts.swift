/// What one load thread, or all of them, came to.
package struct LoadCounts: GrowingCounts, Codable, Hashable, Sendable {
  /// Done, from the first to the last.
  package var transactions: UInt64 = 0
  /// Done inside the measured window.
  package var measured: UInt64 = 0
  /// Connections that the server refused or that could not be opened.
  package var refused: UInt64 = 0
  /// Connections that broke before the whole response was there.
  package var broken: UInt64 = 0
  /// Transactions not done in time; for datagrams, lost ones.
  package var timedOut: UInt64 = 0
  /// connect(2) found no free local port (EADDRNOTAVAIL).
  package var portsExhausted: UInt64 = 0
  /// Responses with wrong bytes.
  package var corrupted: UInt64 = 0
  /// Transactions begun and cut off by the end of the run.
  package var unfinished: UInt64 = 0
  /// Open loop: due inside the run, and never begun.
  package var overdue: UInt64 = 0
  /// Latencies beyond what the histogram holds.
  package var unrecorded: UInt64 = 0
  /// The errno of the last failure.
  package var lastError: Int32 = 0

  package init() {}

  package static let fields: [any WritableKeyPath<LoadCounts, UInt64> & Sendable] = [
    \.transactions, \.measured, \.refused, \.broken, \.timedOut, \.portsExhausted, \.corrupted,
    \.unfinished, \.overdue, \.unrecorded,
  ]

  package static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.add(right)
    if right.lastError != 0 { sum.lastError = right.lastError }
    return sum
  }

  /// Transactions that failed.
  package var failed: UInt64 {
    refused &+ broken &+ timedOut &+ portsExhausted &+ corrupted
  }
}

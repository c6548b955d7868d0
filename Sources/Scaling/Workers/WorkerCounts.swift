/// What the workers of a server had counted at one moment, worker by worker.
package struct WorkerCounts: GrowingCounts, Codable, Hashable, Sendable {
  package var accepted: UInt64 = 0
  package var transactions: UInt64 = 0
  package var wakeUps: UInt64 = 0
  package var emptyWakeUps: UInt64 = 0
  package var refused: UInt64 = 0
  package var broken: UInt64 = 0
  package var localitySampled: UInt64 = 0
  package var localityMatched: UInt64 = 0

  init(_ worker: borrowing Worker) {
    accepted = worker.accepted.current
    transactions = worker.transactions.current
    wakeUps = worker.wakeUps.current
    emptyWakeUps = worker.emptyWakeUps.current
    refused = worker.refused.current
    broken = worker.broken.current
    localitySampled = worker.localitySampled.current
    localityMatched = worker.localityMatched.current
  }

  package init() {}

  package static let fields: [any WritableKeyPath<WorkerCounts, UInt64> & Sendable] = [
    \.accepted, \.transactions, \.wakeUps, \.emptyWakeUps, \.refused, \.broken, \.localitySampled,
    \.localityMatched,
  ]
}

/// What a thread of a packet server had counted at one moment.
package struct PacketCounts: GrowingCounts, Codable, Hashable, Sendable {
  /// Packets that it was handed.
  package var received: UInt64 = 0
  package var bursts: UInt64 = 0
  /// Requests that it answered, or counted where none is to be answered.
  package var transactions: UInt64 = 0
  /// Frames whose lengths or header's sum cannot be, and requests of a wrong length.
  package var damaged: UInt64 = 0
  /// Packets of others that came along.
  package var foreign: UInt64 = 0
  /// Answers that could not be sent.
  package var unsent: UInt64 = 0
  /// Packets that came and were lost for want of room.
  package var dropped: UInt64 = 0
  package var systemCalls: UInt64 = 0
  /// Times that it slept until a packet came.
  package var wakeUps: UInt64 = 0

  package init() {}

  package static let fields: [any WritableKeyPath<PacketCounts, UInt64> & Sendable] = [
    \.received, \.bursts, \.transactions, \.damaged, \.foreign, \.unsent, \.dropped,
    \.systemCalls, \.wakeUps,
  ]

  /// As a server with sockets counts.
  package var worker: WorkerCounts {
    var counts = WorkerCounts()
    counts.transactions = transactions
    counts.wakeUps = wakeUps
    counts.broken = damaged &+ unsent
    return counts
  }
}

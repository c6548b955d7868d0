/// What the kernel did for the transactions of one run, which was made for that and is kept out of
/// all other figures.
package struct CountRecord: Codable, Hashable, Sendable {
  package var mode: ListenerMode
  package var workers: Int
  package var counts: TransactionCounts
}

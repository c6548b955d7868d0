/// One transmit queue: who may send through it, and how much it may hold.
package struct TransmitQueue: Hashable, Sendable {
  package var steering: TransmitSteering
  package var byteQueueLimits: Reading<ByteQueueLimits>
  /// nil where it was not asked for.
  package var trafficClass: Reading<Int>?
}
